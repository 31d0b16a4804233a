"""Devices: led through their life, by those who may."""

import pytest

from app.core.errors import AccessDeniedError, ConflictError, NotFoundError
from app.models.domain.access import SYSTEM, Actor, Channel, Role
from app.models.domain.certificates import CertificateStatus
from app.models.domain.devices import DeviceMode
from app.models.domain.templates import CertificateKind
from app.models.services.workspace.workspace import Workspace
from tests.models.services.gateways import factory, gateway, new_csr, operational, plant
from tests.models.services.people import person


@pytest.mark.req("DEC-08")
@pytest.mark.parametrize("revoke", [False, True])
def test_operational_certificates_are_revoked_with_factory_mode_only_when_asked(
    demo: Workspace, admin: Actor, revoke: bool
) -> None:
    made = gateway(demo, "GW-1", factory=factory(demo), operational=(operational(demo),))
    device = made.device
    demo.devices.set_as_factory(admin, device.id, revoke_operational=revoke)
    status = {one.kind: one.status for one in demo.certificates.of_device(admin, device.id)}
    assert status == {
        CertificateKind.FACTORY: CertificateStatus.ISSUED,
        CertificateKind.OPERATIONAL: (
            CertificateStatus.REVOKED if revoke else CertificateStatus.ISSUED
        ),
    }
    actions = {event.action for event in demo.audit.of_object(admin, "device", device.id, 50)}
    assert ("certificate.revoke" in actions) is revoke


@pytest.mark.req("DEV-83", "DEV-84", "DEV-85", "DEV-82", "MODE-04")
def test_through_the_life_of_a_device(demo: Workspace, admin: Actor) -> None:
    device = gateway(demo, "GW-1", operational=(operational(demo),)).device
    assert demo.devices.set_as_factory(admin, device.id).mode is DeviceMode.FACTORY
    with pytest.raises(ConflictError):
        demo.devices.set_as_factory(admin, device.id)
    assert demo.devices.disable(admin, device.id).mode is DeviceMode.DISABLED
    disabled = demo.devices.get(admin, device.id)
    assert disabled.mode_before_disabled is DeviceMode.FACTORY
    with pytest.raises(ConflictError), demo.store.change(SYSTEM) as change:
        demo.issuance.issue(change, disabled, operational(demo, csr=new_csr()))
    enabled = demo.devices.enable(admin, device.id)
    assert (enabled.mode, enabled.mode_before_disabled) == (DeviceMode.FACTORY, None)
    with pytest.raises(ConflictError):
        demo.devices.enable(admin, device.id)
    after = [t.after for t in demo.devices.history(admin, device.id)]
    assert after[-3:] == [DeviceMode.FACTORY, DeviceMode.DISABLED, DeviceMode.FACTORY]
    actions = [e.action for e in demo.audit.of_object(admin, "device", device.id, 3)]
    assert actions == ["device.enable", "device.disable", "device.set-as-factory"]


@pytest.mark.req("DEV-01", "RBAC-02", "ROLE-06", "ROLE-07", "ROLE-08", "ROLE-09")
def test_who_may_do_what(demo: Workspace) -> None:
    north = gateway(demo, "GW-N").device
    south = gateway(demo, "GW-S", organization_id=plant(demo, "South plant").id).device
    nora = person(demo, "nora.lind")  # works in the North plant
    assert gateway(demo, "GW-2", nora).device.organization_id == north.organization_id
    with pytest.raises(AccessDeniedError):
        gateway(demo, "GW-3", nora, organization_id=south.organization_id)
    assert demo.devices.get(nora, north.id) == north
    for act in (demo.devices.get, demo.devices.history, demo.devices.disable):
        with pytest.raises(NotFoundError):
            act(nora, south.id)
    for name in ("ruth.keller", "mia.rossi"):
        actor = person(demo, name)
        assert demo.devices.get(actor, south.id) == south
        gateway(demo, f"GW-{name}", actor)
    for name in ("ivan.petrov", "paul.jensen"):
        actor = person(demo, name)
        assert demo.devices.get(actor, south.id) == south
        with pytest.raises(AccessDeniedError):
            gateway(demo, "GW-4", actor)
        with pytest.raises(AccessDeniedError):
            demo.devices.disable(actor, south.id)
    stranger = Actor("eve", Channel.WINDOW, Role.TENANT_ADMIN, tenant_id=99)
    with pytest.raises(NotFoundError):
        demo.devices.get(stranger, north.id)
