"""What the forms of authorities offer, read before they are shown."""

from dataclasses import dataclass

from app.models.domain.access import Actor, Operation
from app.models.domain.authorities import KeyStore
from app.models.services.authorities.authorities import AuthorityRow
from app.models.services.listing import ListQuery
from app.models.services.workspace.workspace import Workspace
from app.views.widgets.sharing_fields import Owners, may_change, read_owners

MANAGE = Operation.AUTHORITY_MANAGE
_MANY = 1000


@dataclass(frozen=True)
class Choices:
    """The authorities that may have others below them, and whom a new one can belong to."""

    issuers: tuple[AuthorityRow, ...]
    owners: Owners


def read_choices(workspace: Workspace, actor: Actor) -> Choices:
    """What `Choices` holds; for a worker thread."""
    active = workspace.authorities.page(actor, ListQuery(active=True), 0, _MANY)
    issuers = tuple(
        row
        for row in active
        if row.key_store is not KeyStore.ELSEWHERE
        and row.path_length != 0
        and may_change(actor, MANAGE, row.sharing)
    )
    return Choices(issuers, read_owners(workspace.tenants, actor))
