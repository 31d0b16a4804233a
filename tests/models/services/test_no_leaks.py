"""What is out of reach answers as if it did not exist: the same error, to the letter."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from app.core.errors import KnownError
from app.models.domain.access import Role
from app.models.services.listing import ListQuery
from app.models.services.workspace.workspace import Workspace
from tests.models.services.access_cases import Act, At
from tests.models.services.company import Company, Place, Spot
from tests.models.services.test_access_matrix import ACTS, at, places

NOWHERE = 999_999
# Each with the places that somebody in this role must not learn anything about.
STRANGERS = {
    Role.TENANT_ADMIN: {Place.OTHER_TENANT},
    Role.TENANT_AUDITOR: {Place.OTHER_TENANT},
    Role.TENANT_OPERATOR: {Place.OTHER_TENANT},
    Role.ORGANIZATION_OPERATOR: {Place.OTHER_TENANT, Place.OTHER_ORGANIZATION},
}


def answer(call: Callable[[At], object], attempt: At) -> str:
    """What the actor learns: the error to the letter, or that there was none."""
    try:
        result = call(attempt)
    except KnownError as error:
        return f"{type(error).__name__} {error.field}: {error.text()}"
    return "nothing" if result is not None and not result else "done"


def out_of_reach(company: Company, role: Role, act: Act) -> Iterator[Spot]:
    hidden = STRANGERS[role] - places(role, act.operation, seen=act.seen)
    return (
        spot for spot in company.spots if spot.place in hidden and set(act.needs) <= spot.ids.keys()
    )


def ghost(spot: Spot, kinds: tuple[str, ...]) -> Spot:
    """The same, but that its owner and these things do not exist."""
    sharing = spot.sharing
    return replace(
        spot,
        sharing=replace(
            sharing,
            tenant_id=sharing.tenant_id and NOWHERE,
            organization_id=sharing.organization_id and NOWHERE,
        ),
        ids=spot.ids | dict.fromkeys(kinds, NOWHERE),
    )


@pytest.mark.req("RBAC-06", "ROLE-05", "ROLE-06", "ROLE-07", "ROLE-09")
@pytest.mark.parametrize("method", sorted(ACTS))
def test_what_belongs_to_others_might_as_well_not_exist(
    unchanging: Workspace, company: Company, method: str
) -> None:
    act = ACTS[method]
    for role in STRANGERS:
        for spot in out_of_reach(company, role, act):
            attempt = at(unchanging, company, method, role, spot)
            theirs = answer(act.call, attempt)
            nobodys = answer(act.call, replace(attempt, spot=ghost(spot, act.needs)))
            assert theirs == nobodys, (role, spot.name)


@pytest.mark.parametrize("method", sorted(ACTS))
def test_nothing_of_others_can_be_made_use_of(
    unchanging: Workspace, company: Company, method: str
) -> None:
    act = ACTS[method]
    own = company.spot("Acme" if "tenant" in act.needs else "Acme North")
    for role in (Role.TENANT_ADMIN, Role.ORGANIZATION_OPERATOR):
        for kind in own.ids.keys() & company.spot("Fjord").ids.keys():
            foreign = replace(own, ids=own.ids | {kind: company.spot("Fjord").ids[kind]})
            missing = replace(own, ids=own.ids | {kind: NOWHERE})
            attempt = at(unchanging, company, method, role, foreign)
            theirs = answer(act.call, attempt)
            nobodys = answer(act.call, replace(attempt, spot=missing))
            assert theirs == nobodys, (role, kind)


@pytest.mark.parametrize("role", [Role.TENANT_ADMIN, Role.TENANT_AUDITOR])
def test_searching_finds_nothing_of_others(
    unchanging: Workspace, company: Company, role: Role
) -> None:
    actor = company.actors[role]
    for name, expected in (("Fjord", 0), ("Borealis", 0), ("Acme South", 1)):
        query = ListQuery(name)
        assert unchanging.tenants.count_of_organizations(actor, query) == expected
        assert unchanging.users.count(actor, query) == expected
        assert unchanging.applications.count(actor, query) == expected
        assert unchanging.authorities.count(actor, query) == expected
        assert unchanging.extensions.count(actor, query) == expected
        assert unchanging.templates.count(actor, query) == 2 * expected
        assert len(unchanging.users.page(actor, query, 0, 10)) == expected


@pytest.mark.parametrize("role", [Role.TENANT_ADMIN, Role.TENANT_AUDITOR])
def test_the_audit_log_tells_nothing_of_others(
    unchanging: Workspace, company: Company, role: Role
) -> None:
    names = {spot.name for spot in company.spots if spot.place is Place.OTHER_TENANT}
    events = str(unchanging.audit.page(company.actors[role], 0, 100_000))
    assert "Acme South" in events
    assert not {name for name in names if name in events}
