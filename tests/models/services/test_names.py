"""A name is given once, whatever its case."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from app.core.errors import ConflictError
from app.models.db.tables import device_type, organization, tenant
from app.models.domain.access import SYSTEM, Actor, Role
from app.models.domain.naming import MAX_NAME_LENGTH
from app.models.services.names import check_new_name
from app.models.services.workspace.workspace import Workspace
from tests.models.services.authority_material import new_root
from tests.models.services.gateways import device_type as gateway_type
from tests.pki.material import root

PASSWORD = "a sentence nobody guesses"


def make_tenant(demo: Workspace, name: str) -> None:
    demo.tenants.create_tenant(SYSTEM, name)


def make_organization(demo: Workspace, name: str) -> None:
    demo.tenants.create_organization(SYSTEM, 1, name)


def make_user(demo: Workspace, name: str) -> None:
    demo.users.create(SYSTEM, name, PASSWORD, Role.AUDITOR)


def make_application(demo: Workspace, name: str) -> None:
    demo.applications.create(SYSTEM, name, 1)


def make_external_ca(demo: Workspace, name: str) -> None:
    demo.external_cas.register(SYSTEM, name, root(name).certificate, 1)


def make_device_type(demo: Workspace, name: str) -> None:
    demo.device_types.create(SYSTEM, replace(gateway_type(demo), id=0, name=name))


def make_template(demo: Workspace, name: str) -> None:
    demo.templates.create(SYSTEM, replace(demo.templates.all(SYSTEM)[0], id=0, name=name))


@pytest.mark.parametrize(
    "make",
    [
        make_tenant,
        make_organization,
        make_user,
        make_application,
        make_external_ca,
        make_device_type,
        make_template,
        new_root,
    ],
)
@pytest.mark.parametrize(("name", "again"), [("Line 4", "LINE 4"), ("Größe", "GRÖSSE")])
def test_case_alone_makes_no_other_name(
    demo: Workspace, make: Callable[[Workspace, str], object], name: str, again: str
) -> None:
    make(demo, name)
    with pytest.raises(ConflictError, match=f"The name {again} is taken") as caught:
        make(demo, again)
    assert caught.value.field == "name"
    assert "case alone" in caught.value.cause


def test_the_case_of_a_name_can_be_changed(demo: Workspace, admin: Actor) -> None:
    demo.tenants.rename_tenant(admin, 1, "ACME controls")
    demo.tenants.rename_organization(admin, 1, "NORTH plant")
    before = gateway_type(demo)
    demo.device_types.edit(admin, replace(before, name="GATEWAY 200"))
    for table, name in (
        (tenant, "ACME controls"),
        (organization, "NORTH plant"),
        (device_type, "GATEWAY 200"),
    ):
        with demo.store.database.read() as connection:
            assert name in connection.scalars(table.select().with_only_columns(table.c.name)).all()


def test_another_one_is_not_renamed_to_it(demo: Workspace, admin: Actor) -> None:
    with pytest.raises(ConflictError, match="The name SOUTH PLANT is taken"):
        demo.tenants.rename_organization(admin, 1, "SOUTH PLANT")
    other = demo.tenants.create_tenant(admin, "Borealis")
    assert demo.tenants.create_organization(admin, other.id, "SOUTH PLANT").name == "SOUTH PLANT"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.text(st.characters(categories=["L"]), min_size=1, max_size=20))
def test_every_spelling_of_a_name_is_that_name(demo: Workspace, name: str) -> None:
    spellings = {name, name.lower(), name.upper(), name.title(), name.swapcase()}
    same = [one for one in spellings if one.casefold() == name.casefold()]
    assume(all(len(one) <= MAX_NAME_LENGTH and one.isprintable() for one in same))
    with demo.store.change(SYSTEM) as change, change.connection.begin_nested() as trial:
        change.connection.execute(tenant.update().values(name=name))
        for one in same:
            with pytest.raises(ConflictError):
                check_new_name(change, tenant.c.name, one)
        trial.rollback()
