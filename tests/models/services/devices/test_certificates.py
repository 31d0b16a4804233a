"""Further certificates for devices that exist: which ones, and in which mode of the device."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from app.core.errors import AccessDeniedError, ConflictError, InvalidInputError, NotFoundError
from app.models.db import tables
from app.models.domain.access import SYSTEM, Actor
from app.models.domain.devices import Device, DeviceMode
from app.models.domain.issuing import IssueRequest
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import read_certificate
from app.pki.keys import KeyAlgorithm, generate, public_key_der
from app.pki.pkcs12 import unpack
from app.pki.revocation import RevocationReason
from tests.models.services.gateways import (
    PASSPHRASE,
    add_operational_template,
    device_type,
    factory,
    gateway,
    new_csr,
    operational,
    operational_id,
)


def enforce(workspace: Workspace) -> None:
    """Let the type give new certificates in factory mode alone."""
    kind = device_type(workspace)
    workspace.device_types.edit(SYSTEM, replace(kind, enforce_factory_mode=True))


def held(workspace: Workspace, owner: Device) -> int:
    return len(workspace.certificates.of_device(SYSTEM, owner.id))


@pytest.mark.req("DTC-06", "DT-12", "DT-13")
def test_a_device_gets_one_operational_certificate_after_the_other(
    demo: Workspace, admin: Actor
) -> None:
    second = add_operational_template(demo)
    device = gateway(demo, "GW-1", admin).device
    assert device.mode is DeviceMode.FACTORY
    key = generate(KeyAlgorithm.EC_P256)
    for template_id in (operational_id(demo), second, second):
        request = IssueRequest(template_id, new_csr(key))
        issued = demo.device_certificates.issue(admin, device.id, request)
        assert issued.certificate.template_id == template_id
        assert issued.certificate.device_id == device.id
        assert read_certificate(issued.certificate.der).public_key == public_key_der(
            key.public_key()
        )
        assert issued.device == demo.devices.get(admin, device.id)
        assert issued.device.mode is DeviceMode.OPERATIONAL
    assert held(demo, device) == 3


@pytest.mark.req("DTC-06", "DEV-87")
def test_the_key_is_made_here(demo: Workspace, admin: Actor) -> None:
    device = gateway(demo, "GW-1", admin).device
    for passphrase in (None, "", "short", "schlüsselwort"):
        with pytest.raises(InvalidInputError) as caught:
            demo.device_certificates.issue(
                admin, device.id, operational(demo), pfx_passphrase=passphrase
            )
        assert caught.value.field == "pfx_passphrase"
    issued = demo.device_certificates.issue(
        admin, device.id, operational(demo), pfx_passphrase=PASSPHRASE
    )
    pfx = demo.certificates.download_pfx(admin, issued.certificate.id)
    assert unpack(pfx, PASSPHRASE).certificate == issued.certificate.der


@pytest.mark.req("DT-10", "DT-11", "DT-12", "DTC-06")
def test_factory_mode_is_enforced(demo: Workspace, admin: Actor) -> None:
    enforce(demo)
    device = gateway(demo, "GW-1", admin).device
    request = operational(demo, csr=new_csr())
    demo.device_certificates.issue(admin, device.id, request)
    with pytest.raises(AccessDeniedError) as caught:
        demo.device_certificates.issue(admin, device.id, operational(demo, csr=new_csr()))
    assert caught.value.problem == "The device GW-1 is not in factory mode."
    assert held(demo, device) == 1
    demo.devices.set_as_factory(admin, device.id)
    after = demo.device_certificates.issue(admin, device.id, operational(demo, csr=new_csr()))
    assert after.device.mode is DeviceMode.OPERATIONAL


@pytest.mark.req("DT-11", "MODE-01")
def test_a_new_device_is_not_in_factory_mode(demo: Workspace, admin: Actor) -> None:
    enforce(demo)
    with demo.store.change(SYSTEM) as change:
        change.connection.execute(update(tables.device_type).values(password_enabled=False))
    device = gateway(demo, "GW-1", admin, password=None).device
    assert device.mode is DeviceMode.NEW
    with pytest.raises(AccessDeniedError, match="factory mode"):
        demo.device_certificates.issue(admin, device.id, operational(demo, csr=new_csr()))


@pytest.mark.req("MODE-04", "DEV-84", "DT-13")
@pytest.mark.parametrize("enforced", [False, True])
def test_a_disabled_device_gets_nothing(demo: Workspace, admin: Actor, enforced: bool) -> None:
    if enforced:
        enforce(demo)
    device = gateway(demo, "GW-1", admin).device
    demo.devices.disable(admin, device.id)
    for request in (operational(demo, csr=new_csr()), factory(demo, csr=new_csr())):
        with pytest.raises(ConflictError, match="disabled"):
            demo.device_certificates.issue(admin, device.id, request)
    assert held(demo, device) == 0


def test_an_inactive_organization_gets_nothing(demo: Workspace, admin: Actor) -> None:
    device = gateway(demo, "GW-1", admin).device
    demo.tenants.set_organization_active(admin, device.organization_id, active=False)
    with pytest.raises(ConflictError, match="organization is not active"):
        demo.device_certificates.issue(admin, device.id, operational(demo, csr=new_csr()))
    assert held(demo, device) == 0


def test_there_is_one_factory_certificate(demo: Workspace, admin: Actor) -> None:
    device = gateway(demo, "GW-1", admin, operational=(operational(demo, csr=new_csr()),)).device
    first = demo.device_certificates.issue(admin, device.id, factory(demo, csr=new_csr()))
    assert first.device.mode is DeviceMode.OPERATIONAL
    with pytest.raises(ConflictError, match="factory certificate already"):
        demo.device_certificates.issue(admin, device.id, factory(demo, csr=new_csr()))
    demo.revocation.revoke(admin, first.certificate.id, RevocationReason.KEY_COMPROMISE)
    demo.device_certificates.issue(admin, device.id, factory(demo, csr=new_csr()))


def test_what_does_not_exist_or_does_not_fit(demo: Workspace, admin: Actor) -> None:
    device = gateway(demo, "GW-1", admin).device
    other = gateway(demo, "FS-1", admin, **flow_sensor(demo)).device
    with pytest.raises(NotFoundError):
        demo.device_certificates.issue(admin, 999_999, operational(demo, csr=new_csr()))
    for owner, template_id in ((device, 999_999), (other, operational_id(demo))):
        with pytest.raises(AccessDeniedError, match="template"):
            demo.device_certificates.issue(admin, owner.id, IssueRequest(template_id, new_csr()))


def flow_sensor(workspace: Workspace) -> dict[str, object]:
    """What makes a gateway a device of a type with other templates and no password."""
    kind = device_type(workspace, "Flow sensor")
    assert kind.factory_template_id is not None
    assert operational_id(workspace) not in kind.operational_template_ids
    request = IssueRequest(kind.factory_template_id, new_csr())
    password = "a device password" if kind.password_enabled else None
    return {"type_id": kind.id, "values": {}, "factory": request, "password": password}
