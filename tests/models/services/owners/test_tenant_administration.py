"""Changing tenants and organizations: what being inactive means, and what deleting needs."""

import pytest

from app.core.errors import AuthenticationError, ConflictError, NotFoundError, SessionEndedError
from app.models.db import tables
from app.models.domain.access import SYSTEM, Actor, Channel, Role
from app.models.domain.events import EntityChanged
from app.models.domain.tenants import Consequences, OrganizationRow, TenantRow
from app.models.services.listing import ListQuery
from app.models.services.owners.owned import WORDS
from app.models.services.setup.demo_data import DEMO_PASSWORD
from app.models.services.workspace.workspace import Workspace
from tests.models.services.gateways import gateway, plant
from tests.models.services.people import person

GOOD = "three green apples"


def sign_in(workspace: Workspace, name: str) -> Actor:
    return workspace.users.sign_in(name, DEMO_PASSWORD, Channel.WINDOW)


def servers(workspace: Workspace) -> int:
    with workspace.store.database.read() as connection:
        return len(workspace.est_endpoints.active_for(connection, None))


def test_renaming(demo: Workspace, admin: Actor) -> None:
    north = plant(demo)
    heard: list[EntityChanged] = []
    demo.store.events.subscribe(EntityChanged, heard.append)
    demo.tenants.rename_tenant(admin, north.tenant_id, "Acme")
    demo.tenants.rename_organization(admin, north.id, "Plant N")
    assert demo.tenants.tenant(admin, north.tenant_id).name == "Acme"
    assert demo.tenants.organization(admin, north.id).name == "Plant N"
    assert heard == [
        EntityChanged("tenant", north.tenant_id),
        EntityChanged("organization", north.id),
    ]
    event = demo.audit.page(SYSTEM, 0, 1)[0]
    assert (event.before, event.after) == ({"name": "North plant"}, {"name": "Plant N"})
    with pytest.raises(ConflictError):
        demo.tenants.rename_organization(admin, north.id, "South plant")
    demo.tenants.rename_organization(admin, north.id, "Plant N")
    assert len(heard) == 2


@pytest.mark.req("RBAC-06")
def test_nothing_works_below_an_inactive_tenant(demo: Workspace, admin: Actor) -> None:
    north = plant(demo)
    before = [sign_in(demo, name) for name in ("ruth.keller", "nora.lind")]
    whole = sign_in(demo, "ivan.petrov")
    demo.tenants.set_tenant_active(admin, north.tenant_id, active=False)
    for actor in before:
        with pytest.raises(SessionEndedError):
            demo.users.me(actor)
        with pytest.raises(AuthenticationError, match="not active"):
            sign_in(demo, actor.name)
    assert demo.users.me(whole).name == "ivan.petrov"
    assert servers(demo) == 0
    assert demo.device_types.offered(admin, north.tenant_id, north.id) == ()
    assert demo.tenants.tenants(admin, active_only=True) == ()
    assert demo.tenants.organizations(admin, active_only=True) == ()
    assert len(demo.tenants.organizations(admin)) == 2
    for act in (
        lambda: gateway(demo, "GW-1"),
        lambda: demo.tenants.create_organization(admin, north.tenant_id, "West plant"),
        lambda: demo.users.create(admin, "zoe", GOOD, Role.TENANT_ADMIN, tenant_id=north.tenant_id),
    ):
        with pytest.raises(ConflictError, match="not active") as caught:
            act()
        assert caught.value.field == "tenant_id"
    demo.tenants.set_tenant_active(admin, north.tenant_id, active=True)
    assert sign_in(demo, "nora.lind")
    assert servers(demo) == 1
    assert demo.device_types.offered(admin, north.tenant_id, north.id)
    assert gateway(demo, "GW-1")


@pytest.mark.req("RBAC-06")
def test_nothing_works_below_an_inactive_organization(demo: Workspace, admin: Actor) -> None:
    north, south = plant(demo), plant(demo, "South plant")
    nora, ruth = sign_in(demo, "nora.lind"), sign_in(demo, "ruth.keller")
    demo.tenants.set_organization_active(ruth, north.id, active=False)
    with pytest.raises(SessionEndedError):
        demo.users.me(nora)
    with pytest.raises(AuthenticationError, match="not active"):
        sign_in(demo, "nora.lind")
    assert demo.users.me(ruth)
    assert servers(demo) == 0
    assert demo.device_types.offered(admin, north.tenant_id, north.id) == ()
    assert demo.device_types.offered(admin, south.tenant_id, south.id)
    assert demo.tenants.organizations(admin, active_only=True) == (south,)
    with pytest.raises(ConflictError, match="not active") as caught:
        gateway(demo, "GW-1")
    assert caught.value.field == "organization_id"


def test_an_organization_of_another_tenant_offers_no_types(demo: Workspace, admin: Actor) -> None:
    other = demo.tenants.create_tenant(admin, "Borealis")
    assert demo.device_types.offered(admin, other.id, plant(demo).id) == ()


def test_what_is_below_is_told_before(demo: Workspace, admin: Actor) -> None:
    north = plant(demo)
    gateway(demo, "GW-1")
    types = len(demo.device_types.all(admin))
    below = demo.tenants.consequences_of_tenant(admin, north.tenant_id)
    assert below == Consequences(
        organizations=2, users=4, devices=1, est_servers=1, device_types=types, applications=0
    )
    assert demo.tenants.consequences_of_organization(admin, north.id) == Consequences(
        organizations=0, users=1, devices=1, est_servers=1, device_types=0, applications=0
    )


def test_what_is_off_already_does_not_stop(demo: Workspace, admin: Actor) -> None:
    (server,) = demo.est_servers.all(admin)
    demo.est_servers.set_active(admin, server.id, active=False)
    below = demo.tenants.consequences_of_tenant(admin, server.tenant_id)
    assert (below.est_servers, below.organizations) == (0, 2)


def test_lists_count_what_is_below(demo: Workspace) -> None:
    demo.tenants.create_tenant(SYSTEM, "Borealis")
    gateway(demo, "GW-1")
    paul, admin = person(demo, "paul.jensen"), person(demo, "admin")
    acme = TenantRow(1, "Acme Controls", active=True, organizations=2, users=4, devices=1)
    assert demo.tenants.page_of_tenants(paul, ListQuery(), 0, 10) == (acme,)
    assert demo.tenants.count_of_tenants(paul, ListQuery()) == 1
    by_devices = ListQuery(sort="devices", descending=True)
    assert [row.name for row in demo.tenants.page_of_tenants(admin, by_devices, 0, 10)] == [
        "Acme Controls",
        "Borealis",
    ]
    assert demo.tenants.count_of_tenants(admin, ListQuery("BOREAL")) == 1
    north, south = demo.tenants.page_of_organizations(paul, ListQuery(), 0, 10)
    assert north == OrganizationRow(
        plant(demo).id, "North plant", 1, "Acme Controls", active=True, users=1, devices=1
    )
    assert (south.name, south.users, south.devices) == ("South plant", 0, 0)
    assert demo.tenants.count_of_organizations(paul, ListQuery("south")) == 1
    assert demo.tenants.count_of_organizations(paul, ListQuery(active=False)) == 0


def test_only_the_empty_and_inactive_is_deleted(demo: Workspace, admin: Actor) -> None:
    north, south = plant(demo), plant(demo, "South plant")
    gateway(demo, "GW-1")
    with pytest.raises(ConflictError, match="is active"):
        demo.tenants.delete_organization(admin, south.id)
    for one in (north, south):
        demo.tenants.set_organization_active(admin, one.id, active=False)
    with pytest.raises(ConflictError) as caught:
        demo.tenants.delete_organization(admin, north.id)
    assert "1 user, 1 device, 1 EST server" in caught.value.cause
    demo.tenants.delete_organization(admin, south.id)
    with pytest.raises(NotFoundError):
        demo.tenants.organization(admin, south.id)
    demo.tenants.set_tenant_active(admin, north.tenant_id, active=False)
    with pytest.raises(ConflictError) as caught:
        demo.tenants.delete_tenant(admin, north.tenant_id)
    assert "1 organization, 4 users, 1 device" in caught.value.cause
    empty = demo.tenants.create_tenant(admin, "Borealis")
    demo.tenants.set_tenant_active(admin, empty.id, active=False)
    demo.tenants.delete_tenant(admin, empty.id)
    assert demo.tenants.count_of_tenants(admin, ListQuery()) == 1
    assert demo.tenants.create_tenant(admin, "Cirrus").id > empty.id


def test_everything_that_has_an_owner_keeps_it_from_being_deleted() -> None:
    owned = {
        table.name
        for table in tables.metadata.tables.values()
        if {"tenant_id", "organization_id"} & set(table.c.keys())
    }
    assert set(WORDS) == owned
