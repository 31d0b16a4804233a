"""Who may do what, tried out: each method of each service, in each role, in each place."""

import inspect
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from app.core.errors import AccessDeniedError, KnownError, NotFoundError
from app.models.domain.access import Role
from app.models.services.workspace.workspace import Workspace
from tests.models.matrix import MATRIX, ROLES
from tests.models.services import (
    access_rows_device_types,
    access_rows_devices,
    access_rows_est_servers,
    access_rows_external_cas,
    access_rows_owners,
    access_rows_pki,
    access_rows_setup,
)
from tests.models.services.access_cases import At, Listing
from tests.models.services.access_rows_owners import OWN
from tests.models.services.company import Company, Place, Spot

ACTS = (
    access_rows_owners.ACTS
    | access_rows_pki.ACTS
    | access_rows_est_servers.ACTS
    | access_rows_external_cas.ACTS
    | access_rows_device_types.ACTS
    | access_rows_devices.ACTS
    | access_rows_setup.ACTS
)
LISTS = (
    access_rows_owners.LISTS
    | access_rows_pki.LISTS
    | access_rows_est_servers.LISTS
    | access_rows_external_cas.LISTS
    | access_rows_device_types.LISTS
    | access_rows_devices.LISTS
    | access_rows_setup.LISTS
)
PLACES = {
    "A": set(Place),
    "T": {Place.OWN_TENANT, Place.OWN, Place.OTHER_ORGANIZATION},
    "O": {Place.OWN},
    "-": set(),
}
# What is shared with everybody or with the tenant is seen by those who see such things at all.
SEEN = PLACES | {
    "T": PLACES["T"] | {Place.GLOBAL},
    "O": {Place.OWN, Place.OWN_TENANT, Place.GLOBAL},
}


def places(role: Role, operation: str, *, seen: bool) -> set[Place]:
    """Where the role may do it, by the matrix."""
    letter = MATRIX[operation].split()[ROLES.index(role)]
    return (SEEN if seen else PLACES)[letter]


def methods(workspace: Workspace) -> Iterator[str]:
    """Every public method of a service that is done by an actor."""
    for name, service in vars(workspace).items():
        if name == "store" or not type(service).__module__.startswith("app.models.services."):
            continue
        for method, function in inspect.getmembers(type(service), inspect.isfunction):
            parameters = list(inspect.signature(function).parameters)
            if not method.startswith("_") and parameters[1:2] == ["actor"]:
                yield f"{name}.{method}"


def at(workspace: Workspace, company: Company, method: str, role: Role, spot: Spot) -> At:
    service = getattr(workspace, method.partition(".")[0])
    return At(workspace, service, company.actors[role], spot)


def granted(call: Any, attempt: At) -> bool:
    """Whether the attempt was let through; what it met after that does not matter."""
    try:
        result = call(attempt)
    except (AccessDeniedError, NotFoundError):
        return False
    except KnownError:
        return True
    return result is None or bool(result)


def test_every_method_has_a_row(unchanging: Workspace, company: Company) -> None:
    rows = [*ACTS, *LISTS, *OWN]
    assert len(set(rows)) == len(rows)
    known = set(methods(unchanging))
    assert known - set(rows) == set(), "add rows, see tests/models/services/access_cases.py"
    assert set(rows) - known == set()
    tried = sum(
        set(act.needs) <= spot.ids.keys() for act in ACTS.values() for spot in company.spots
    )
    combinations = len(ROLES) * (tried + len(LISTS) + len(OWN))
    sys.stdout.write(f"\n{len(rows)} methods, {combinations} combinations with role and place\n")
    assert combinations > 2500


@pytest.mark.req(
    "SYS-02",
    "ROLE-04",
    "ROLE-05",
    "ROLE-06",
    "ROLE-07",
    "ROLE-08",
    "ROLE-09",
    "RBAC-04",
    "RBAC-05",
    "RBAC-06",
    "ECA-15",
    "DEC-01",
)
@pytest.mark.parametrize("method", sorted(ACTS))
def test_acts_are_for_whom_the_matrix_says(
    unchanging: Workspace, company: Company, method: str
) -> None:
    act = ACTS[method]
    wrong = []
    tried = 0
    for role in ROLES:
        for spot in company.spots:
            if not set(act.needs) <= spot.ids.keys():
                continue
            tried += 1
            may = spot.place in places(role, act.operation, seen=act.seen)
            if granted(act.call, at(unchanging, company, method, role, spot)) is not may:
                wrong.append(f"{role.value}, {spot.name}: expected {may}")
    assert tried
    assert wrong == []


@pytest.mark.req("SYS-02", "ROLE-04", "ROLE-05", "ROLE-06", "ROLE-07", "ROLE-08", "ROLE-09")
@pytest.mark.parametrize("method", sorted(LISTS))
def test_lists_hold_what_the_matrix_says(
    unchanging: Workspace, company: Company, method: str
) -> None:
    listing = LISTS[method]
    for role in ROLES:
        attempt = at(unchanging, company, method, role, company.spot("Acme North"))
        reached = places(role, listing.operation, seen=listing.seen)
        if not reached:
            with pytest.raises(AccessDeniedError):
                listing.call(attempt)
            continue
        expected = _expected(company, listing, reached)
        assert expected
        found = listing.call(attempt)
        assert found == (len(expected) if isinstance(found, int) else expected), role


def _expected(company: Company, listing: Listing, reached: set[Place]) -> set[int]:
    return {
        object_id
        for spot in company.spots
        if spot.place in reached and spot.place in listing.among
        for object_id in spot.all_ids.get(listing.kind, ())
    }


@pytest.mark.parametrize("method", sorted(OWN))
def test_everybody_does_it_about_themselves(
    unchanging: Workspace, company: Company, method: str
) -> None:
    for role in ROLES:
        assert granted(OWN[method], at(unchanging, company, method, role, company.spots[0]))
