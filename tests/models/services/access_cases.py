"""How each method of a service is called, for the tests of who may do what.

Every public method of a service whose first parameter is `actor` has one row, in one of the
`access_rows_*.py`:

- in `ACTS`, when it is done to something in one place, or somewhere:
  `"devices.get": Act("device.view", ("device",), lambda at: at.of.get(at.actor, at["device"]))`.
  The operation is one of `MATRIX` in `test_access_matrix.py`. The kinds named are those that
  have to be in a place for the method to be tried there; `at[kind]` is the id of one, `at.of`
  the service. `seen=True`: what is shared with somebody counts as theirs.
- in `LISTS`, when it returns what is within reach, as ids of one kind or as their number:
  `"users.users": Listing("user.view", "user", lambda at: {u.id for u in at.of.users(at.actor)})`.
- in `OWN`, when everybody does it about themselves.

For a new kind of object put one into every spot in `company.py`. An act may do anything: it is
undone. It counts as refused when it raises `AccessDeniedError` or `NotFoundError` or returns
something empty; what else it may raise means that access was granted.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from app.core.errors import NotFoundError
from app.models.domain.access import SYSTEM, Access, Actor, Role
from app.models.domain.issuing import IssueRequest
from app.models.services.listing import ListQuery
from app.models.services.workspace.workspace import Workspace
from tests.models.services.company import Place, Spot

EVERYTHING = ListQuery(), 0, 1000
_HELPERS = {
    Access.GLOBAL: Role.AUDITOR,
    Access.TENANT: Role.TENANT_AUDITOR,
    Access.ORGANIZATION: Role.ORGANIZATION_OPERATOR,
}


@dataclass(frozen=True)
class At:
    """An attempt: who tries, where, and with which service."""

    workspace: Workspace
    of: Any
    actor: Actor
    spot: Spot

    def __getitem__(self, kind: str) -> int:
        return self.spot.ids[kind]

    @property
    def part(self) -> dict[str, Any]:
        """The role of the helper here and the part of the workspace it covers."""
        sharing = self.spot.sharing
        return {
            "role": _HELPERS[sharing.access],
            "tenant_id": sharing.tenant_id,
            "organization_id": sharing.organization_id,
        }

    @property
    def certificate(self) -> bytes:
        """A certificate (DER) that nobody asked for."""
        return self.workspace.authorities.all(SYSTEM)[0].certificate

    def certificate_of(self, certificate_id: int) -> bytes:
        """The certificate (DER) with this id, or one that was never issued."""
        try:
            return self.workspace.certificates.get(SYSTEM, certificate_id).der
        except NotFoundError:
            return self.certificate

    @property
    def request(self) -> IssueRequest:
        """A certificate from the template here."""
        return IssueRequest(self["template"], typed={"subject.CN": "new"})


@dataclass(frozen=True)
class Act:
    """A method that is done to something, or somewhere."""

    operation: str
    needs: tuple[str, ...]
    call: Callable[[At], object]
    seen: bool = False


@dataclass(frozen=True)
class Listing:
    """A method that returns ids of a kind, or how many there are; `among` what is in places."""

    operation: str
    kind: str
    call: Callable[[At], set[int] | int]
    seen: bool = False
    among: Collection[Place] = tuple(Place)


def ids(rows: Collection[Any]) -> set[int]:
    """The ids of rows, none of which comes twice."""
    found = {row.id for row in rows}
    assert len(found) == len(rows)
    return found
