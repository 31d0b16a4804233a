"""Devices: created whole or not at all, and found by their exact name."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select, update

from app.core.errors import (
    AccessDeniedError,
    ConflictError,
    InvalidInputError,
    LockedError,
    NotFoundError,
    UnavailableError,
)
from app.models.db import tables
from app.models.domain.access import SYSTEM, Actor
from app.models.domain.devices import DeviceEvent, DeviceMode
from app.models.domain.events import CertificateIssued, DeviceChanged
from app.models.services.devices.records import device_by_name
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import read_certificate
from app.pki.names import subject_text
from tests.fakes import FakeClock
from tests.models.services.gateways import (
    add_operational_template,
    device_type,
    factory,
    gateway,
    new_csr,
    new_gateway,
    operational,
    plant,
)

TOUCHED = (
    tables.device,
    tables.device_transition,
    tables.device_credential,
    tables.certificate,
    tables.secret,
    tables.audit_event,
)


def rows(workspace: Workspace) -> list[int]:
    """How many rows each table has that creating a device writes to."""
    with workspace.store.database.read() as connection:
        return [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in TOUCHED
        ]


def deactivate(workspace: Workspace, table: Any, row_id: int) -> None:
    with workspace.store.change(SYSTEM) as change:
        change.connection.execute(update(table).where(table.c.id == row_id).values(active=False))


@pytest.mark.req("DEV-02", "MODE-01", "MODE-02", "MODE-03", "DEC-08")
def test_create_with_everything(demo: Workspace, admin: Actor, clock: FakeClock) -> None:
    heard: list[object] = []
    demo.store.events.subscribe(DeviceChanged, heard.append)
    demo.store.events.subscribe(CertificateIssued, heard.append)
    created = gateway(
        demo, "GW-1", admin, factory=factory(demo), operational=(operational(demo, csr=new_csr()),)
    )
    device = demo.devices.get(admin, created.device.id)
    assert device == created.device
    assert device.mode is DeviceMode.OPERATIONAL
    assert device.values["serial_number"] == "S-GW-1"
    assert device.values["model"] == "Gateway 200"
    assert device.values["hardware_version"] == "C2"
    assert device.created_at == device.changed_at == clock.now()
    assert device.operational_until == created.operational[0].certificate.not_after
    steps = [(t.before, t.after, t.event) for t in demo.devices.history(admin, device.id)]
    assert steps == [
        (DeviceMode.NEW, DeviceMode.FACTORY, DeviceEvent.CREDENTIAL_SET),
        (DeviceMode.FACTORY, DeviceMode.OPERATIONAL, DeviceEvent.OPERATIONAL_CERTIFICATE_ISSUED),
    ]
    assert {type(event) for event in heard} == {DeviceChanged, CertificateIssued}
    actions = {e.action for e in demo.audit.of_object(admin, "device", device.id, 10)}
    assert actions == {"device.create", "credential.set", "certificate.issue"}


@pytest.mark.req("DTC-06", "DEC-14")
def test_create_with_several_operational_certificates(demo: Workspace, admin: Actor) -> None:
    second = add_operational_template(demo)
    wanted = (
        operational(demo, template_id=second, csr=new_csr()),
        operational(demo, validity_days=10),
        operational(demo, csr=new_csr()),
    )
    created = gateway(demo, "GW-1", admin, operational=wanted)
    issued = [one.certificate for one in created.operational]
    assert [one.template_id for one in issued] == [request.template_id for request in wanted]
    assert [one.key_until is not None for one in issued] == [False, True, False]
    assert len({read_certificate(one.der).public_key for one in issued}) == 3
    assert {one.id for one in issued} == {
        one.id for one in demo.certificates.of_device(admin, created.device.id)
    }
    assert created.device.mode is DeviceMode.OPERATIONAL


@pytest.mark.req("DEC-14")
def test_nothing_remains_when_the_last_certificate_fails(demo: Workspace, admin: Actor) -> None:
    before = rows(demo)
    wanted = (operational(demo, csr=new_csr()), operational(demo, validity_days=-1))
    with pytest.raises(InvalidInputError) as caught:
        gateway(demo, "GW-1", admin, factory=factory(demo, csr=new_csr()), operational=wanted)
    assert caught.value.field == "operational.1.validity_days"
    assert rows(demo) == before


@pytest.mark.parametrize("swapped", ["factory", "operational"])
def test_a_template_is_used_for_what_the_type_says(
    demo: Workspace, admin: Actor, swapped: str
) -> None:
    wanted: dict[str, Any] = {
        "factory": operational(demo, csr=new_csr()),
        "operational": (factory(demo, csr=new_csr()),),
    }
    with pytest.raises(AccessDeniedError):
        gateway(demo, "GW-1", admin, **{swapped: wanted[swapped]})


@pytest.mark.req("MODE-01", "DTP-06")
def test_a_device_without_any_credential_is_new(demo: Workspace, admin: Actor) -> None:
    with demo.store.change(SYSTEM) as change:
        change.connection.execute(update(tables.device_type).values(password_enabled=False))
    created = gateway(demo, "GW-1", admin, password=None)
    assert created.device.mode is DeviceMode.NEW
    with demo.store.database.read() as connection:
        assert demo.credentials.available(connection, created.device.id) is None


@pytest.mark.req("DEC-14")
@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"operational": {"typed": {"subject.OU": "a\u202eb"}}}, InvalidInputError),
        ({"operational": {"validity_days": -1}}, InvalidInputError),
        ({"operational": {"template_id": 999}}, AccessDeniedError),
        ({"values": {"serial_number": ""}}, InvalidInputError),
        ({"values": {"serial_number": "1", "colour": "red"}}, InvalidInputError),
        ({"name": "has:colon"}, InvalidInputError),
        ({"password": "short"}, InvalidInputError),
        ({"password": None}, InvalidInputError),
        ({"pfx_passphrase": None}, InvalidInputError),
        ({"organization_id": 999}, InvalidInputError),
        ({"type_id": 999}, NotFoundError),
    ],
)
def test_nothing_remains_of_what_fails(
    demo: Workspace, admin: Actor, change: dict[str, Any], error: type[Exception]
) -> None:
    before = rows(demo)
    heard: list[object] = []
    demo.store.events.subscribe(DeviceChanged, heard.append)
    request = operational(demo, **change.pop("operational", {}))
    with pytest.raises(error):
        gateway(demo, **{"name": "GW-1"} | change, factory=factory(demo), operational=(request,))
    assert rows(demo) == before
    assert heard == []
    gateway(demo, "GW-1", admin)


@pytest.mark.req("DEC-14")
def test_nothing_remains_when_the_keys_are_locked(demo: Workspace) -> None:
    new = new_gateway(demo, "GW-1", factory=factory(demo, csr=new_csr()))
    before = rows(demo)
    demo.lock()
    with pytest.raises(LockedError):
        demo.device_creation.create(SYSTEM, new)
    assert rows(demo) == before


def test_no_certificate_by_a_clock_that_was_set_back(demo: Workspace, clock: FakeClock) -> None:
    clock.advance(days=-1)
    with pytest.raises(UnavailableError, match="clock"):
        gateway(demo, "GW-1", factory=factory(demo))


@pytest.mark.req("DEV-06", "DEV-13")
def test_names_are_unique_in_the_tenant(demo: Workspace, admin: Actor) -> None:
    gateway(demo, "GW-1")
    owner = plant(demo, "South plant")
    demo.device_creation.check_name_free(admin, owner.tenant_id, "GW-2")
    for name in ("GW-1", "gw-1"):
        with pytest.raises(ConflictError) as caught:
            demo.device_creation.check_name_free(admin, owner.tenant_id, name)
        assert caught.value.field == "name"
        with pytest.raises(ConflictError) as caught:
            gateway(demo, name, organization_id=owner.id)
        assert caught.value.field == "name"


def test_identity_is_matched_letter_by_letter(demo: Workspace) -> None:
    device = gateway(demo, "Kiln-1").device
    tenant_id = device.tenant_id
    with demo.store.database.read() as connection:
        assert device_by_name(connection, tenant_id, "Kiln-1") == device
        for other in ("kiln-1", "KILN-1", "\u212ailn-1", "Kiln-1 ", "Kiln"):
            assert device_by_name(connection, tenant_id, other) is None
        assert device_by_name(connection, tenant_id + 1, "Kiln-1") is None


@pytest.mark.req("DEV-07", "DEV-08", "DEV-09")
@pytest.mark.parametrize(
    ("table", "find", "field"),
    [
        (tables.tenant, lambda demo: plant(demo).tenant_id, "tenant_id"),
        (tables.organization, lambda demo: plant(demo).id, "organization_id"),
        (tables.device_type, lambda demo: device_type(demo).id, "type_id"),
    ],
)
def test_what_is_inactive_gets_no_devices(
    demo: Workspace, table: Any, find: Callable[[Workspace], int], field: str
) -> None:
    deactivate(demo, table, find(demo))
    with pytest.raises(ConflictError) as caught:
        gateway(demo, "GW-1")
    assert caught.value.field == field


@pytest.mark.req("DEV-03", "DEV-09")
def test_the_type_is_offered_to_the_organization(demo: Workspace) -> None:
    tenant = demo.tenants.create_tenant(SYSTEM, "Borealis")
    other = demo.tenants.create_organization(SYSTEM, tenant.id, "Harbour")
    with pytest.raises(InvalidInputError) as caught:
        gateway(demo, "GW-1", tenant_id=tenant.id, organization_id=other.id)
    assert caught.value.field == "type_id"


@pytest.mark.req("DEV-11", "DEV-12", "DTP-12", "DTP-13", "DTP-14")
def test_values_follow_the_type(demo: Workspace) -> None:
    values = {
        "serial_number": " 7 ",
        "model": "forged",
        "hardware_version": "",
        "mac": "020000000001",
    }
    device = gateway(demo, "GW-1", values=values).device
    assert {key: device.values[key] for key in values} == {
        "serial_number": "7",
        "model": "Gateway 200",
        "hardware_version": "",
        "mac": "02:00:00:00:00:01",
    }


@pytest.mark.req("DEC-04", "FAC-04")
def test_a_type_that_names_devices_needs_a_factory_certificate(demo: Workspace) -> None:
    kind = device_type(demo, "Flow sensor")
    assert kind.factory_template_id is not None
    options: dict[str, Any] = {"type_id": kind.id, "values": {}, "password": None}
    with pytest.raises(InvalidInputError) as caught:
        gateway(demo, "FS-1", **options)
    assert caught.value.field == "factory"
    request = factory(demo, template_id=kind.factory_template_id)
    created = gateway(demo, "FS-1", **options, factory=request)
    assert created.factory is not None
    (name,) = read_certificate(created.factory.certificate.der).san
    assert name.value.endswith(":FS-1")


@pytest.mark.req("DTP-01", "DTP-06")
def test_no_password_for_a_type_without(demo: Workspace) -> None:
    kind = device_type(demo, "Flow sensor")
    request = factory(demo, template_id=kind.factory_template_id)
    with pytest.raises(ConflictError) as caught:
        gateway(demo, "FS-1", type_id=kind.id, values={}, factory=request)
    assert caught.value.field == "password"


def test_the_record_is_what_the_certificate_says(demo: Workspace) -> None:
    created = gateway(
        demo, "GW-1", factory=factory(demo), operational=(operational(demo, csr=new_csr()),)
    )
    for issued in (created.factory, *created.operational):
        assert issued is not None
        record, info = issued.certificate, read_certificate(issued.certificate.der)
        assert record.serial == info.serial_hex
        assert record.fingerprint == info.fingerprint
        assert record.subject == subject_text(info.subject)
        assert (record.not_before, record.not_after) == (info.not_before, info.not_after)
        assert read_certificate(issued.chain[0]).subject_der == info.issuer_der
