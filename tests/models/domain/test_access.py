"""The access table against the roles' descriptions."""

import itertools

import pytest

from app.core.errors import AccessDeniedError
from app.models.domain.access import (
    REACH,
    SYSTEM,
    Access,
    Actor,
    Channel,
    Operation,
    Reach,
    Role,
    Scope,
    Sharing,
    reach,
    require,
)
from tests.models.matrix import MATRIX, ROLES

TENANT, OTHER_TENANT = 1, 2
PLANT, OTHER_PLANT, FOREIGN_PLANT = 11, 12, 21
SCOPES = {
    "own organization": Scope(TENANT, PLANT),
    "other organization": Scope(TENANT, OTHER_PLANT),
    "other tenant": Scope(OTHER_TENANT, FOREIGN_PLANT),
    "whole workspace": Scope(),
}


def actor(role: Role) -> Actor:
    whole = role in (Role.ADMIN, Role.AUDITOR)
    plant = PLANT if role is Role.ORGANIZATION_OPERATOR else None
    return Actor("someone", Channel.WINDOW, role, 1, None if whole else TENANT, plant)


def may(who: Actor, operation: Operation, scope: Scope) -> bool:
    try:
        require(who, operation, scope)
    except AccessDeniedError:
        return False
    return True


@pytest.mark.parametrize(("role", "operation"), list(itertools.product(Role, Operation)), ids=str)
def test_reach_is_what_the_scope_allows(role: Role, operation: Operation) -> None:
    extent = REACH[operation].get(role, Reach.NONE)
    allowed = {name for name, scope in SCOPES.items() if may(actor(role), operation, scope)}
    expected = {
        Reach.NONE: set(),
        Reach.ORGANIZATION: {"own organization"},
        Reach.TENANT: {"own organization", "other organization"},
        Reach.ALL: set(SCOPES),
    }[extent]
    assert allowed == expected


@pytest.mark.req("SYS-02", "ROLE-04", "ROLE-05", "ROLE-06", "ROLE-07", "ROLE-08", "ROLE-09")
@pytest.mark.req("RBAC-01", "RBAC-02", "RBAC-03", "RBAC-06", "RBAC-07")
@pytest.mark.parametrize("operation", Operation, ids=str)
def test_the_table_is_the_requirements_matrix(operation: Operation) -> None:
    letters = {"A": Reach.ALL, "T": Reach.TENANT, "O": Reach.ORGANIZATION, "-": Reach.NONE}
    row = dict(zip(ROLES, MATRIX[operation.value].split(), strict=True))
    assert {role: REACH[operation].get(role, Reach.NONE) for role in Role} == {
        role: letters[letter] for role, letter in row.items()
    }


@pytest.mark.req("ROLE-08", "ROLE-09", "SYS-02")
@pytest.mark.parametrize("role", [Role.AUDITOR, Role.TENANT_AUDITOR])
def test_auditors_only_look(role: Role) -> None:
    looks = {operation for operation in Operation if operation.value.endswith(".view")}
    assert {operation for operation in Operation if reach(actor(role), operation)} == looks


@pytest.mark.req("RBAC-01", "RBAC-02", "ROLE-06", "ROLE-07", "DEV-01")
def test_operators_make_devices_and_use_types() -> None:
    for role in (Role.TENANT_OPERATOR, Role.ORGANIZATION_OPERATOR):
        assert may(actor(role), Operation.DEVICE_MANAGE, SCOPES["own organization"])
        assert not reach(actor(role), Operation.DEVICE_TYPE_MANAGE)
        assert reach(actor(role), Operation.DEVICE_TYPE_VIEW)
        assert not reach(actor(role), Operation.EST_SERVER_VIEW)
    assert may(actor(Role.TENANT_OPERATOR), Operation.DEVICE_MANAGE, SCOPES["other organization"])


def test_a_device_may_only_have_certificates_issued_to_itself() -> None:
    device = Actor("GW-1", Channel.EST, None, None, TENANT, PLANT, device_id=7)
    assert {operation for operation in Operation if reach(device, operation)} == {
        Operation.CERTIFICATE_ISSUE
    }
    assert not may(device, Operation.CERTIFICATE_ISSUE, SCOPES["other organization"])


def test_the_program_itself_may_do_everything() -> None:
    assert all(may(SYSTEM, operation, Scope()) for operation in Operation)


@pytest.mark.req("DEC-01", "DT-05", "DT-06")
def test_sharing_offers_to_whom_it_says() -> None:
    assert Sharing().offered_to(OTHER_TENANT, FOREIGN_PLANT)
    tenant = Sharing(Access.TENANT, TENANT)
    assert tenant.offered_to(TENANT, OTHER_PLANT)
    assert not tenant.offered_to(OTHER_TENANT, FOREIGN_PLANT)
    plant = Sharing(Access.ORGANIZATION, TENANT, PLANT)
    assert plant.offered_to(TENANT, PLANT)
    assert not plant.offered_to(TENANT, OTHER_PLANT)
