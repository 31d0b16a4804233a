"""Authorities that nobody may rely on any more, and the chains of clients judged by that.

Such are those that were revoked, and those below them.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, ColumnElement, Connection, Row, select

from app.core.errors import ConflictError
from app.core.language import _
from app.models.db.tables import authority
from app.pki.chains import validate_client_chain


def with_those_below(roots: ColumnElement[bool]) -> CTE:
    """The ids of the authorities that meet the condition `roots`, and of all below them."""
    found = select(authority.c.id).where(roots).cte("found", recursive=True)
    below = authority.alias("below")
    return found.union(select(below.c.id).join(found, below.c.issuer_id == found.c.id))


# Made once: building a statement costs as much as running it.
_REVOKED = with_those_below(authority.c.revoked_at.is_not(None))
_CERTIFICATES = select(authority.c.certificate).join(_REVOKED, _REVOKED.c.id == authority.c.id)


def revoked_certificates(connection: Connection) -> frozenset[bytes]:
    """The certificates (DER) of the authorities that are revoked, or below one that is."""
    return frozenset(connection.scalars(_CERTIFICATES))


def check_not_revoked(connection: Connection, row: Row[Any]) -> None:
    """Raise `ConflictError` when the authority in `row` is revoked, or one above it."""
    if row.revoked_at is not None:
        problem = _("The authority {name} is revoked.")
    elif row.certificate in revoked_certificates(connection):
        problem = _("An authority above {name} is revoked.")
    else:
        return
    raise ConflictError(
        problem.format(name=row.name),
        cause=_("Certificates of it are refused."),
        remedy=_("Roll over the revoked one, or use another authority."),
    )


def client_chain(
    connection: Connection,
    leaf: bytes,
    candidates: Collection[bytes],
    anchors: Collection[bytes],
    now: datetime,
) -> tuple[bytes, ...]:
    """What `validate_client_chain` returns and raises, with what is revoked here by now.

    Whoever lets clients in by their certificates asks here.
    """
    revoked = revoked_certificates(connection)
    return validate_client_chain(leaf, candidates, anchors, now, revoked)
