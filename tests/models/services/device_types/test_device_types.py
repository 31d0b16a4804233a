from dataclasses import replace

import pytest
from sqlalchemy import update

from app.core.errors import AccessDeniedError, ConflictError, InvalidInputError, NotFoundError
from app.models.db import tables
from app.models.domain.access import SYSTEM, Access, Actor, Sharing
from app.models.domain.device_types import DeviceField, DeviceType
from app.models.services.workspace.workspace import Workspace
from tests.models.services.people import person

ACME = Sharing(Access.TENANT, 1)


def meter(name: str = "Meter", sharing: Sharing = ACME) -> DeviceType:
    return DeviceType(
        id=0,
        name=name,
        description="Counts.",
        sharing=sharing,
        fields=(
            DeviceField("serial_number", "Serial number", required=True),
            DeviceField("colour", "Colour", fixed=True, default="grey"),
        ),
        factory_template_id=1,
        factory_mapping={"subject.CN": "name", "subject.serialNumber": "serial_number"},
        operational_template_ids=(4, 2),
        operational_mapping={"subject.CN": "name"},
        use_mapping=True,
        enforce_factory_mode=True,
        password_enabled=False,
        password_retention_hours=5,
        operational_renewal_hours=6,
        factory_renewal_hours=7,
    )


@pytest.mark.req("DT-01", "DT-02", "DTC-01", "DTC-03", "DTC-10", "DTC-17", "DTC-18", "DTP-15")
def test_what_is_stored_comes_back(demo: Workspace, admin: Actor) -> None:
    created = demo.device_types.create(admin, meter())
    assert created == replace(meter(), id=created.id)
    with demo.store.database.read() as connection:
        assert demo.device_types.get(connection, created.id) == created
    assert created in demo.device_types.all(admin)


@pytest.mark.req("DTC-04")
def test_first_operational_template_is_the_default(demo: Workspace, admin: Actor) -> None:
    assert demo.device_types.create(admin, meter()).default_operational_template_id == 4


@pytest.mark.req("DT-09", "DT-10", "DTP-08", "DTP-11")
def test_what_is_unset_by_default(workspace: Workspace, admin: Actor) -> None:
    created = workspace.device_types.create(admin, DeviceType(id=0, name="Cable"))
    assert created.description == ""
    assert not created.enforce_factory_mode
    assert created.password_retention_hours == 1
    assert not DeviceField("model", "Model").required


@pytest.mark.req("DT-03")
def test_name_is_required_and_unique(demo: Workspace, admin: Actor) -> None:
    with pytest.raises(InvalidInputError) as caught:
        demo.device_types.create(admin, meter(""))
    assert caught.value.field == "name"
    with pytest.raises(ConflictError, match="taken"):
        demo.device_types.create(admin, meter("Gateway 200"))


def test_missing_type(demo: Workspace) -> None:
    with demo.store.database.read() as connection, pytest.raises(NotFoundError):
        demo.device_types.get(connection, 99)


def test_rules_are_checked(demo: Workspace, admin: Actor) -> None:
    before = demo.device_types.all(admin)
    with pytest.raises(InvalidInputError, match="cannot be mapped"):
        demo.device_types.create(admin, replace(meter(), factory_mapping={"subject.O": "name"}))
    with pytest.raises(NotFoundError):
        demo.device_types.create(admin, replace(meter(), factory_template_id=99))
    with pytest.raises(InvalidInputError, match="another kind"):
        demo.device_types.create(admin, replace(meter(), operational_template_ids=(1,)))
    with pytest.raises(InvalidInputError, match="cannot be used"):
        demo.device_types.create(admin, meter(sharing=Sharing()))
    assert demo.device_types.all(admin) == before


@pytest.mark.req("RBAC-01", "DT-04", "DEC-01")
def test_who_makes_types(demo: Workspace) -> None:
    demo.device_types.create(person(demo, "ruth.keller"), meter())
    bare = DeviceType(id=0, name="Cable")
    with pytest.raises(AccessDeniedError):
        demo.device_types.create(person(demo, "ruth.keller"), bare)
    demo.device_types.create(person(demo, "admin"), bare)
    for name in ("ivan.petrov", "paul.jensen", "mia.rossi", "nora.lind"):
        with pytest.raises(AccessDeniedError):
            demo.device_types.create(person(demo, name), meter("Mine"))


@pytest.mark.req("DEV-03", "DEV-09", "DT-05", "DT-06")
def test_offered_types_are_active_and_for_the_organization(demo: Workspace, admin: Actor) -> None:
    other = demo.tenants.create_tenant(admin, "Borealis")
    fjord = demo.tenants.create_organization(admin, other.id, "Fjord")
    for device_type in (
        DeviceType(id=0, name="Everywhere"),
        DeviceType(id=0, name="Retired", active=False),
        DeviceType(id=0, name="Of North", sharing=Sharing(Access.ORGANIZATION, 1, 1)),
        DeviceType(id=0, name="Of Borealis", sharing=Sharing(Access.TENANT, other.id)),
    ):
        demo.device_types.create(admin, device_type)

    def offered(actor: Actor, tenant_id: int, organization_id: int) -> list[str]:
        types = demo.device_types.offered(actor, tenant_id, organization_id)
        return [device_type.name for device_type in types]

    assert offered(admin, 1, 1) == ["Everywhere", "Flow sensor", "Gateway 200", "Of North"]
    assert offered(admin, 1, 2) == ["Everywhere", "Flow sensor", "Gateway 200"]
    assert offered(admin, other.id, fjord.id) == ["Everywhere", "Of Borealis"]
    assert offered(person(demo, "nora.lind"), 1, 1) == offered(admin, 1, 1)
    assert offered(person(demo, "nora.lind"), other.id, fjord.id) == []


@pytest.mark.req("DTL-01", "RBAC-01")
def test_list_ends_at_the_reach_of_the_role(demo: Workspace, admin: Actor) -> None:
    south = DeviceType(id=0, name="Of South", sharing=Sharing(Access.ORGANIZATION, 1, 2))
    demo.device_types.create(admin, south)
    names = [t.name for t in demo.device_types.all(person(demo, "paul.jensen"))]
    assert names == ["Flow sensor", "Gateway 200", "Of South"]
    names = [t.name for t in demo.device_types.all(person(demo, "nora.lind"))]
    assert names == ["Flow sensor", "Gateway 200"]


def test_inactive_template_cannot_be_chosen(demo: Workspace, admin: Actor) -> None:
    with demo.store.change(SYSTEM) as change:
        change.connection.execute(update(tables.template).values(active=False))
    with pytest.raises(InvalidInputError, match="cannot be used"):
        demo.device_types.create(admin, meter())
