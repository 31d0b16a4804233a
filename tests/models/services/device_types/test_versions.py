"""Device types are edited and deleted; devices go on by the version they were made with."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from app.core.errors import ConflictError, InvalidInputError, NotFoundError
from app.models.db.tables import device_type, device_type_version, secret
from app.models.domain.access import SYSTEM, Access, Actor, Sharing
from app.models.domain.authorities import KeyChoice
from app.models.domain.device_types import DeviceField, DeviceType, FieldKind
from app.models.domain.devices import Device
from app.models.domain.est_servers import EstServer
from app.models.domain.events import EntityChanged
from app.models.domain.issuing import IssueRequest
from app.models.services.devices.creation import NewDevice
from app.models.services.listing import ListQuery
from app.models.services.workspace.workspace import Workspace
from app.pki.keys import KeyAlgorithm
from app.pki.names import ATTRIBUTE_TYPES, Attribute
from tests.manufacturer import Manufacturer
from tests.models.services.people import person

PASSWORD = "three green apples"
GATEWAY = "Gateway 200"


def stored(workspace: Workspace, name: str = GATEWAY) -> DeviceType:
    return next(one for one in workspace.device_types.all(SYSTEM) if one.name == name)


def make_device(workspace: Workspace, name: str, type_id: int | None = None) -> Device:
    wanted = NewDevice(
        name,
        tenant_id=1,
        organization_id=1,
        type_id=type_id or stored(workspace).id,
        values={"serial_number": name},
        password=PASSWORD,
    )
    return workspace.device_creation.create(SYSTEM, wanted).device


def type_of(workspace: Workspace, device: Device) -> DeviceType:
    with workspace.store.database.read() as connection:
        return workspace.device_types.of_device(connection, device)


def kept_versions(workspace: Workspace) -> list[tuple[int, int]]:
    columns = device_type_version.c.type_id, device_type_version.c.version
    with workspace.store.database.read() as connection:
        return [(one[0], one[1]) for one in connection.execute(select(*columns))]


@pytest.mark.req("DTL-05")
def test_everything_but_the_id_is_edited_and_kept_apart(demo: Workspace, admin: Actor) -> None:
    before = stored(demo)
    old = make_device(demo, "gw-old")
    attribute = DeviceField("line", "Line", kind=FieldKind.CHOICE, choices=("A", "B"), default="A")
    changed = replace(
        before,
        name="Gateway 300",
        description="Another one.",
        fields=(*before.fields, attribute, DeviceField("day", "Day", kind=FieldKind.DATE)),
        operational_mapping={},
        factory_template_id=None,
        factory_mapping={},
        enforce_factory_mode=True,
        password_retention_hours=2,
        operational_renewal_hours=1,
        factory_renewal_hours=3,
        sharing=Sharing(Access.ORGANIZATION, 1, 1),
    )
    seen: list[EntityChanged] = []
    stop = demo.store.events.subscribe(EntityChanged, seen.append)
    edited = demo.device_types.edit(admin, changed)
    stop()
    assert edited == replace(changed, version=2)
    assert stored(demo, "Gateway 300") == edited
    assert EntityChanged("device-type", before.id) in seen
    new = make_device(demo, "gw-new", before.id)
    assert (old.type_version, new.type_version) == (1, 2)
    # What was made before goes by what was said then, under the name of today.
    assert type_of(demo, old) == replace(
        before, name=edited.name, description=edited.description, sharing=edited.sharing
    )
    assert type_of(demo, new) == edited
    assert demo.device_types.followers(admin, before.id) == {2: 1, 1: 1}
    event = demo.audit.of_object(admin, "device-type", before.id, 1)[0]
    assert event.action == "device-type.edit"
    assert (event.before["version"], event.after["version"]) == (1, 2)
    assert "active" not in event.after


def test_what_a_version_says_decides_for_its_devices(demo: Workspace, admin: Actor) -> None:
    before = stored(demo)
    old = make_device(demo, "gw-old")
    other = stored(demo, "Flow sensor").operational_template_ids
    demo.device_types.edit(
        admin, replace(before, operational_template_ids=other, password_enabled=False)
    )
    # Issuing follows the version ...
    (template_id,) = before.operational_template_ids
    with demo.store.change(admin) as change:
        issued = demo.issuance.issue(change, old, IssueRequest(template_id))
    assert issued.certificate.template_id == template_id
    # ... and so do passwords.
    assert demo.credentials.reset_password(admin, old.id, PASSWORD) == PASSWORD
    with demo.store.database.read() as connection:
        until = connection.execute(select(secret.c.destroy_after).order_by(secret.c.id.desc()))
        hours = timedelta(hours=before.password_retention_hours)
        assert until.scalars().first() == demo.store.clock.now() + hours
    new = demo.device_creation.create(
        admin, NewDevice("gw-new", 1, 1, before.id, values={"serial_number": "1"})
    ).device
    with pytest.raises(ConflictError, match="have no password"):
        demo.credentials.reset_password(admin, new.id, PASSWORD)


def test_an_edit_of_words_alone_makes_no_version(demo: Workspace, admin: Actor) -> None:
    before = stored(demo)
    assert demo.device_types.edit(admin, before) == before
    renamed = demo.device_types.edit(admin, replace(before, name="Other", description=""))
    assert renamed.version == 1
    assert kept_versions(demo) == []
    actions = [one.action for one in demo.audit.of_object(admin, "device-type", before.id, 9)]
    assert actions == ["device-type.edit", "device-type.create"]
    hours = replace(renamed, operational_renewal_hours=5)
    assert demo.device_types.edit(admin, hours).version == 2
    assert demo.device_types.edit(admin, replace(hours, factory_renewal_hours=5)).version == 3
    assert kept_versions(demo) == [(before.id, 1), (before.id, 2)]


def test_versions_in_use_are_those_some_device_goes_by(demo: Workspace, admin: Actor) -> None:
    before = stored(demo)
    make_device(demo, "gw-1")
    for hours in (1, 2, 3):
        demo.device_types.edit(admin, replace(before, factory_renewal_hours=hours))
    with demo.store.database.read() as connection:
        used = demo.device_types.in_use(connection, before.id)
        assert [one.version for one in used] == [4, 1]
        assert [one.factory_renewal_hours for one in used] == [3, before.factory_renewal_hours]
        assert demo.device_types.get(connection, before.id, 3).factory_renewal_hours == 2


def test_the_rules_hold_for_an_edit_too(demo: Workspace, admin: Actor) -> None:
    before = stored(demo)
    with pytest.raises(InvalidInputError, match="cannot be mapped"):
        demo.device_types.edit(admin, replace(before, factory_mapping={"subject.O": "name"}))
    with pytest.raises(ConflictError, match="taken"):
        demo.device_types.edit(admin, replace(before, name="Flow sensor"))
    with pytest.raises(NotFoundError):
        demo.device_types.edit(admin, replace(before, id=99))
    assert stored(demo) == before


@pytest.mark.req("DTL-02", "DTL-04", "DTL-06")
def test_only_an_inactive_type_that_nothing_needs_is_deleted(demo: Workspace, admin: Actor) -> None:
    made = demo.device_types.create(admin, DeviceType(id=0, name="Cable", password_enabled=False))
    with pytest.raises(ConflictError, match="Cable is active"):
        demo.device_types.delete(admin, made.id)
    demo.device_types.set_active(admin, made.id, active=False)
    with pytest.raises(ConflictError, match="inactive"):
        demo.device_creation.create(admin, NewDevice("c-1", 1, 1, made.id))
    demo.device_types.set_active(admin, made.id, active=True)
    demo.device_creation.create(admin, NewDevice("c-1", 1, 1, made.id))
    demo.device_types.set_active(admin, made.id, active=False)
    with pytest.raises(ConflictError, match="still in use") as caught:
        demo.device_types.delete(admin, made.id)
    assert "1 device." in caught.value.cause
    unused = demo.device_types.create(admin, DeviceType(id=0, name="Plug"))
    changed = demo.device_types.edit(admin, replace(unused, factory_renewal_hours=4))
    demo.device_types.set_active(admin, changed.id, active=False)
    demo.device_types.delete(admin, changed.id)
    with pytest.raises(NotFoundError):
        demo.device_types.read(admin, unused.id)
    assert kept_versions(demo) == []
    following = demo.device_types.create(admin, DeviceType(id=0, name="Socket"))
    assert following.id == unused.id + 1  # the audit log knows the old one by its number


def test_a_template_stays_while_devices_go_by_a_version_that_names_it(
    demo: Workspace, admin: Actor
) -> None:
    sensor = stored(demo, "Flow sensor")
    assert sensor.factory_template_id is not None
    bare = replace(sensor, factory_template_id=None, factory_mapping={}, use_mapping=False)
    demo.device_types.edit(admin, bare)
    demo.templates.set_active(admin, sensor.factory_template_id, active=False)
    demo.templates.delete(admin, sensor.factory_template_id)  # no device goes by it
    before = stored(demo)
    make_device(demo, "gw-old")
    changed = replace(before, factory_template_id=None, factory_mapping={})
    demo.device_types.edit(admin, changed)
    assert before.factory_template_id is not None
    demo.templates.set_active(admin, before.factory_template_id, active=False)
    with pytest.raises(ConflictError, match="still in use"):
        demo.templates.delete(admin, before.factory_template_id)


@pytest.mark.req("DTL-01")
def test_rows_say_what_a_type_is_made_of(demo: Workspace, admin: Actor) -> None:
    make_device(demo, "gw-1")
    (row,) = demo.device_types.page(admin, ListQuery("gateway"), 0, 10)
    assert (row.name, row.devices, row.active) == (GATEWAY, 1, True)
    assert row.factory_template == "Gateway IDevID"
    assert row.operational_templates == ("Gateway mTLS client",)
    assert (row.external_ca, row.auto_registration) == ("", False)
    by_devices = demo.device_types.page(admin, ListQuery(sort="devices", descending=True), 0, 10)
    assert [one.name for one in by_devices] == [GATEWAY, "Flow sensor"]
    assert demo.device_types.count(admin, ListQuery("idevid")) == 2
    # An operator is told of the devices within reach alone.
    demo.tenants.create_organization(admin, 1, "West plant")
    of_south = demo.device_types.page(person(demo, "nora.lind"), ListQuery("gateway"), 0, 10)
    assert [one.devices for one in of_south] == [1]


@pytest.mark.req("DTC-07", "DTC-08", "DT-18", "DT-22", "DT-25")
def test_an_external_ca_is_verified_and_apart_from_the_operational_one(
    demo: Workspace, admin: Actor, tmp_path: Path
) -> None:
    data = Manufacturer(tmp_path / "maker").certificate
    outside = demo.external_cas.register(admin, "Maker", data, 1, verified=False)
    kind = replace(
        stored(demo),
        id=0,
        name="Bought gateway",
        factory_template_id=None,
        factory_mapping={},
        external_ca_id=outside.id,
        auto_registration=True,
        use_mapping=True,
    )
    with pytest.raises(ConflictError, match="not verified") as caught:
        demo.device_types.create(admin, kind)
    assert caught.value.field == "external_ca_id"
    demo.external_ca_proof.verify_by_override(admin, outside.id)
    made = demo.device_types.create(admin, kind)
    assert demo.device_types.read(admin, made.id).external_ca_id == outside.id
    # The root above the operational authority vouches for what that one issues.
    top = next(one for one in demo.authorities.all(admin) if one.issuer_id is None)
    own = demo.external_cas.register(admin, "Own root", top.certificate, 1, verified=True)
    with pytest.raises(InvalidInputError, match="from the same CA") as refused:
        demo.device_types.edit(admin, replace(made, external_ca_id=own.id))
    assert "Own root" in refused.value.cause
    assert refused.value.field == "auto_registration"


@pytest.mark.req("DT-22")
def test_one_authority_for_both_is_refused_with_auto_registration(
    demo: Workspace, admin: Actor
) -> None:
    before = stored(demo)
    assert before.factory_template_id is not None
    demo.device_types.edit(admin, replace(before, auto_registration=True))
    template = demo.templates.read(admin, before.operational_template_ids[0])
    factory = demo.templates.read(admin, before.factory_template_id)
    same = demo.templates.create(
        admin, replace(template, id=0, name="Same CA", authority_id=factory.authority_id)
    )
    wrong = replace(before, operational_template_ids=(same.id,), auto_registration=True)
    with pytest.raises(InvalidInputError, match="from the same CA") as caught:
        demo.device_types.edit(admin, wrong)
    assert caught.value.cause.count("Acme Factory CA 1") == 2
    demo.device_types.edit(admin, replace(wrong, auto_registration=False))


def test_a_row_of_before_the_kinds_is_read(demo: Workspace) -> None:
    plain = [{"key": "mac", "title": "MAC", "required": False, "fixed": False, "default": ""}]
    with demo.store.change(SYSTEM) as change:
        change.connection.execute(update(device_type).values(fields=plain))
    assert stored(demo).fields == (DeviceField("mac", "MAC"),)


def test_ca_certificates_are_for_the_devices_of_every_version(
    demo: Workspace, admin: Actor
) -> None:
    before = stored(demo)
    device = make_device(demo, "gw-old")
    server = demo.est_servers.create(admin, EstServer(0, "Line 9", "", 1, 1, before.id))
    (old,) = (demo.templates.read(admin, id_) for id_ in before.operational_template_ids)
    alone = demo.enrolment_terms.ca_certificates((server,))
    subject = (Attribute(ATTRIBUTE_TYPES["CN"].oid, "New CA"),)
    other = demo.authority_making.create_root(
        admin, "New CA", subject, KeyChoice(KeyAlgorithm.EC_P256), sharing=before.sharing
    )
    new = demo.templates.create(
        admin, replace(old, id=0, name="By the new CA", authority_id=other.id)
    )
    edited = demo.device_types.edit(admin, replace(before, operational_template_ids=(new.id,)))
    assert demo.enrolment_terms.ca_certificates((server,)) == (other.certificate, *alone)
    assert (edited.version, type_of(demo, device).version) == (2, 1)
