import pytest

from app.core.errors import AccessDeniedError, ConflictError, InvalidInputError, NotFoundError
from app.models.domain.access import Actor
from app.models.services.workspace.workspace import Workspace
from tests.models.services.people import person


def test_names_are_unique(workspace: Workspace, admin: Actor) -> None:
    acme = workspace.tenants.create_tenant(admin, "Acme")
    other = workspace.tenants.create_tenant(admin, "Borealis")
    with pytest.raises(ConflictError) as caught:
        workspace.tenants.create_tenant(admin, "Acme")
    assert caught.value.field == "name"
    plant = workspace.tenants.create_organization(admin, acme.id, "Plant")
    twin = workspace.tenants.create_organization(admin, other.id, "Plant")
    with pytest.raises(ConflictError):
        workspace.tenants.create_organization(admin, acme.id, "Plant")
    assert workspace.tenants.tenants(admin) == (acme, other)
    assert set(workspace.tenants.organizations(admin)) == {plant, twin}
    assert workspace.tenants.organizations(admin, other.id) == (twin,)


@pytest.mark.parametrize("name", ["", " Acme", "Acme\n", "A" * 101, "Ac\u202eme"])
def test_bad_names_are_refused(workspace: Workspace, admin: Actor, name: str) -> None:
    with pytest.raises(InvalidInputError):
        workspace.tenants.create_tenant(admin, name)
    assert workspace.tenants.tenants(admin) == ()


def test_organization_needs_its_tenant(workspace: Workspace, admin: Actor) -> None:
    with pytest.raises(NotFoundError):
        workspace.tenants.create_organization(admin, 7, "Plant")


@pytest.mark.req("ROLE-04", "ROLE-05", "RBAC-06")
def test_who_manages_what(demo: Workspace) -> None:
    (tenant,) = demo.tenants.tenants(person(demo, "admin"))
    tenant_admin = person(demo, "ruth.keller")
    demo.tenants.create_organization(tenant_admin, tenant.id, "West plant")
    with pytest.raises(AccessDeniedError):
        demo.tenants.create_tenant(tenant_admin, "Another")
    for name in ("ivan.petrov", "paul.jensen", "mia.rossi", "nora.lind"):
        with pytest.raises(AccessDeniedError):
            demo.tenants.create_organization(person(demo, name), tenant.id, "East plant")


@pytest.mark.req("ROLE-05", "ROLE-07", "ROLE-08", "ROLE-09")
def test_lists_end_at_the_reach_of_the_role(demo: Workspace, admin: Actor) -> None:
    other = demo.tenants.create_tenant(admin, "Borealis")
    demo.tenants.create_organization(admin, other.id, "Fjord")
    seen = {
        name: (
            [tenant.name for tenant in demo.tenants.tenants(person(demo, name))],
            [plant.name for plant in demo.tenants.organizations(person(demo, name))],
        )
        for name in ("ivan.petrov", "paul.jensen", "nora.lind")
    }
    assert seen == {
        "ivan.petrov": (["Acme Controls", "Borealis"], ["Fjord", "North plant", "South plant"]),
        "paul.jensen": (["Acme Controls"], ["North plant", "South plant"]),
        "nora.lind": (["Acme Controls"], ["North plant"]),
    }


def test_tenant_admin_does_not_reach_another_tenant(demo: Workspace, admin: Actor) -> None:
    other = demo.tenants.create_tenant(admin, "Borealis")
    with pytest.raises(AccessDeniedError):
        demo.tenants.create_organization(person(demo, "ruth.keller"), other.id, "Fjord")
    assert demo.tenants.organizations(person(demo, "ruth.keller"), other.id) == ()
