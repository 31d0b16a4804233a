"""Issuing: who may have which certificate for which key, and what is kept of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Table, func, select, update

from app.core.errors import AccessDeniedError, ConflictError, InvalidInputError, NotFoundError
from app.models.db import tables
from app.models.domain.access import SYSTEM, Actor, Channel, Role
from app.models.domain.device_types import DEVICE_NAME
from app.models.domain.devices import Device, DeviceMode
from app.models.domain.issuing import IssueRequest
from app.models.services.certificates.issuance import IssuedToDevice
from app.models.services.secrets import read_secret
from app.models.services.workspace.workspace import Workspace
from app.pki import keys
from app.pki.certificates import read_certificate
from app.pki.csr import build_csr, parse_csr
from app.pki.keys import KeyAlgorithm
from app.pki.names import ATTRIBUTE_TYPES, Attribute
from app.pki.pkcs12 import unpack
from app.pki.revocation import RevocationReason
from app.pki.sign import SoftwareKey
from tests.fakes import FakeClock
from tests.models.services.gateways import (
    PASSPHRASE,
    device_type,
    factory,
    gateway,
    new_csr,
    operational,
    plant,
)


@pytest.fixture
def device(demo: Workspace) -> Device:
    """A gateway with a password."""
    return gateway(demo, "GW-1").device


def issue(
    demo: Workspace, device: Device, request: IssueRequest, actor: Actor = SYSTEM
) -> IssuedToDevice:
    with demo.store.change(actor) as change:
        return demo.issuance.issue(change, device, request)


def itself(device: Device) -> Actor:
    """The device as an EST server lets it in."""
    return Actor(
        device.name,
        Channel.EST,
        tenant_id=device.tenant_id,
        organization_id=device.organization_id,
        device_id=device.id,
    )


@pytest.mark.req("FAC-14", "FAC-18", "OPC-02", "DTC-05")
def test_what_was_planned_is_issued(demo: Workspace, device: Device, admin: Actor) -> None:
    request = operational(demo, csr=new_csr(), typed={"san.dns": "gw-1.example"})
    values = {DEVICE_NAME: device.name, **device.values}
    plan = demo.issuance.plan(admin, device.type_id, values, request)
    assert plan.problems == {}
    info = read_certificate(issue(demo, device, request).certificate.der)
    assert [a.value for a in info.subject] == [f.value for f in plan.fields[:3]]
    assert [n.value for n in info.san] == ["gw-1.example"]
    assert (info.not_before, info.not_after) == (plan.not_before, plan.not_after)
    assert info.extended_key_usage == plan.template.extended_key_usage


def test_what_is_out_of_sight_is_not_planned_with(demo: Workspace, device: Device) -> None:
    south = plant(demo, "South plant")
    stranger = Actor(
        "eve", Channel.WINDOW, Role.TENANT_ADMIN, tenant_id=south.tenant_id + 1, organization_id=1
    )
    texts = set()
    for type_id in (device.type_id, 999_999):
        with pytest.raises(NotFoundError) as hidden:
            demo.issuance.plan(stranger, type_id, {}, operational(demo))
        texts.add(hidden.value.text())
    other = device_type(demo, "Flow sensor").operational_template_ids[0]
    for template_id in (other, 999_999):
        with pytest.raises(AccessDeniedError) as refused:
            demo.issuance.plan(SYSTEM, device.type_id, {}, IssueRequest(template_id))
        texts.add(refused.value.text())
    assert len(texts) == 2


@pytest.mark.req("MODE-03", "DT-12")
def test_a_device_issues_for_itself_only(demo: Workspace, device: Device) -> None:
    issued = issue(demo, device, operational(demo, csr=new_csr()), itself(device))
    assert issued.device.mode is DeviceMode.OPERATIONAL
    assert issued.certificate.issued_through is Channel.EST
    assert issued.private_key_der is None
    stranger = replace(itself(device), organization_id=plant(demo, "South plant").id)
    with pytest.raises(AccessDeniedError):
        issue(demo, device, operational(demo, csr=new_csr()), stranger)
    auditor = Actor("ivan", Channel.WINDOW, Role.AUDITOR)
    with pytest.raises(AccessDeniedError):
        issue(demo, device, operational(demo, csr=new_csr()), auditor)


def test_a_template_of_another_type_is_refused(demo: Workspace, device: Device) -> None:
    other = device_type(demo, "Flow sensor").default_operational_template_id
    assert other is not None
    with pytest.raises(AccessDeniedError, match="Gateway 200"):
        issue(demo, device, IssueRequest(other, new_csr()))


@pytest.mark.parametrize(
    ("table", "error"), [(tables.template, ConflictError), (tables.authority, ConflictError)]
)
def test_what_is_inactive_issues_nothing(
    demo: Workspace, device: Device, table: Table, error: type[Exception]
) -> None:
    with demo.store.change(SYSTEM) as change:
        change.connection.execute(update(table).values(active=False))
    with pytest.raises(error):
        issue(demo, device, operational(demo, csr=new_csr()))


def test_a_template_no_longer_offered_is_refused(demo: Workspace, device: Device) -> None:
    south = plant(demo, "South plant")
    with demo.store.change(SYSTEM) as change:
        change.connection.execute(
            update(tables.template).values(
                access="organization", tenant_id=south.tenant_id, organization_id=south.id
            )
        )
    with pytest.raises(AccessDeniedError, match="may not have"):
        issue(demo, device, operational(demo, csr=new_csr()))


def test_the_key_of_another_device_is_refused(demo: Workspace, device: Device) -> None:
    key = keys.generate(KeyAlgorithm.EC_P256)
    other = gateway(demo, "GW-2", operational=(operational(demo, csr=new_csr(key)),)).device
    with pytest.raises(AccessDeniedError, match="somebody else"):
        issue(demo, device, operational(demo, csr=new_csr(key)))
    assert issue(demo, other, operational(demo, csr=new_csr(key))).certificate.device_id == other.id


@pytest.mark.parametrize("reason", [RevocationReason.KEY_COMPROMISE, RevocationReason.SUPERSEDED])
def test_a_key_that_got_into_wrong_hands_is_never_certified_again(
    demo: Workspace, device: Device, reason: RevocationReason
) -> None:
    request = operational(demo, csr=new_csr(keys.generate(KeyAlgorithm.EC_P256)))
    lost, same_key = (issue(demo, device, request).certificate for _time in range(2))
    demo.revocation.revoke(SYSTEM, lost.id, reason)
    if reason is RevocationReason.SUPERSEDED:
        assert issue(demo, device, request).certificate.device_id == device.id
        return
    with pytest.raises(AccessDeniedError, match="must not be used") as refused:
        issue(demo, device, request)
    assert refused.value.field == "csr"
    with pytest.raises(AccessDeniedError, match="must not be used"):
        demo.certificate_renewal.renew(SYSTEM, same_key.id)


@pytest.mark.parametrize("owner", ["authority", "server"])
def test_a_key_of_this_workspace_is_refused(demo: Workspace, device: Device, owner: str) -> None:
    if owner == "server":
        key = keys.private_key_from_der(demo.est_endpoints.tls_identity().private_key_der)
    else:
        with demo.store.database.read() as connection:
            secret_id = connection.execute(select(tables.authority.c.key_secret_id)).scalars().all()
            der = read_secret(connection, demo.store.vault, secret_id[-1])
        key = keys.private_key_from_der(der)
    before = demo.audit.page(SYSTEM, 0, 1)
    for _again in range(2):  # the second time from what was remembered
        with pytest.raises(AccessDeniedError, match="somebody else"):
            issue(demo, device, operational(demo, csr=new_csr(key)))
    assert demo.audit.page(SYSTEM, 0, 1) == before


@pytest.mark.req("DEC-18")
def test_names_are_reissued_as_they_were(demo: Workspace, device: Device) -> None:
    first = issue(
        demo, device, operational(demo, csr=new_csr(), typed={"san.dns": "gw-1.example"})
    ).certificate
    with demo.store.change(SYSTEM) as change:
        second = demo.issuance.issue(
            change, device, operational(demo, csr=new_csr()), names_of=first.der
        ).certificate
    old, new = read_certificate(first.der), read_certificate(second.der)
    assert (new.subject_der, new.san) == (old.subject_der, old.san)
    assert second.subject == first.subject
    assert new.public_key != old.public_key


@pytest.mark.req("FAC-08", "DEV-87")
def test_a_key_made_here_is_kept_for_a_while(
    demo: Workspace, admin: Actor, clock: FakeClock
) -> None:
    issued = gateway(demo, "GW-1", factory=factory(demo)).factory
    assert issued is not None
    record = issued.certificate
    assert record.key_until == datetime(2026, 3, 9, 23, 59, 59, 999_999, UTC)
    bundle = unpack(demo.certificates.download_pfx(admin, record.id), PASSPHRASE)
    assert bundle.certificate == record.der
    assert tuple(bundle.chain) == issued.chain
    assert bundle.private_key is not None
    assert issued.private_key_der == keys.private_key_to_der(bundle.private_key)
    clock.set(record.key_until + timedelta(seconds=1))
    with pytest.raises(NotFoundError):
        demo.certificates.download_pfx(admin, record.id)


def test_a_key_without_a_passphrase_is_handed_over_only(demo: Workspace, device: Device) -> None:
    with demo.store.database.read() as connection:
        before = connection.execute(select(func.count()).select_from(tables.secret)).scalar_one()
    issued = issue(demo, device, operational(demo))
    assert issued.private_key_der is not None
    key = keys.private_key_from_der(issued.private_key_der)
    assert read_certificate(issued.certificate.der).public_key == keys.public_key_der(
        key.public_key()
    )
    assert issued.certificate.key_until is None
    with demo.store.database.read() as connection:
        after = connection.execute(select(func.count()).select_from(tables.secret)).scalar_one()
    assert after == before


@pytest.mark.req("FAC-15", "FAC-19")
def test_a_csr_cannot_name_what_it_is_not_asked(demo: Workspace, device: Device) -> None:
    subject = tuple(
        Attribute(ATTRIBUTE_TYPES[kind].oid, value)
        for kind, value in (("CN", "root"), ("O", "Evil"), ("L", "Nowhere"), ("OU", "Lab"))
    )
    csr = parse_csr(build_csr(SoftwareKey(keys.generate(KeyAlgorithm.EC_P256)), subject))
    issued = issue(demo, device, operational(demo, csr=csr)).certificate
    info = read_certificate(issued.der)
    assert [a.value for a in info.subject] == ["GW-1", "Acme Controls", "Lab"]
    assert not info.is_ca


@pytest.mark.req("FAC-07")
def test_a_key_the_template_does_not_take(demo: Workspace, device: Device) -> None:
    csr = new_csr(keys.generate(KeyAlgorithm.ED25519))
    with pytest.raises(InvalidInputError) as caught:
        issue(demo, device, operational(demo, csr=csr))
    assert caught.value.field == "csr"


def test_the_audit_event_says_what_was_issued(demo: Workspace, device: Device) -> None:
    record = issue(demo, device, operational(demo, csr=new_csr()), itself(device)).certificate
    (event,) = demo.audit.of_object(SYSTEM, "device", device.id, 1)
    assert (event.action, event.actor, event.channel) == ("certificate.issue", "GW-1", "est")
    assert event.after["serial"] == record.serial
    assert event.after["subject"] == record.subject
    assert event.after["template"] == "Gateway mTLS client"


@pytest.mark.req("DEC-18")
def test_a_renewal_says_what_it_renews(demo: Workspace, device: Device) -> None:
    first = issue(demo, device, operational(demo, csr=new_csr())).certificate
    with demo.store.change(SYSTEM) as change:
        second = demo.issuance.issue(
            change,
            device,
            operational(demo, csr=new_csr()),
            names_of=first.der,
            previous_id=first.id,
        ).certificate
    assert (first.previous_id, second.previous_id) == (None, first.id)
    assert demo.certificates.get(SYSTEM, second.id) == second
    assert (second.issued_by, second.name) == (SYSTEM.name, device.name)


def test_keys_are_made_before_anything_is_locked(demo: Workspace) -> None:
    assert demo.issuance.make_key(operational(demo, csr=new_csr())) is None
    assert demo.issuance.make_key(IssueRequest(999_999)) is None
    key = demo.issuance.make_key(operational(demo))
    assert key is not None
    assert keys.algorithm_of(key.public_key()) is KeyAlgorithm.EC_P256
