"""Which authority took whose place, and what roots certified each other then."""

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from app.models.db.tables import authority, cross_certificate
from app.models.services.authorities.records import authority_row

_MAX_LINEAGE = 20


def lineage(connection: Connection, authority_id: int) -> tuple[int, ...]:
    """An authority and those whose place it took, newest first.

    What they issued is still good, whoever issues now.
    """
    found: list[int] = []
    next_id: int | None = authority_id
    while next_id is not None and len(found) < _MAX_LINEAGE:
        found.append(next_id)
        next_id = authority_row(connection, next_id).predecessor_id
    return tuple(found)


def newest(connection: Connection, authority_id: int) -> int:
    """The authority that has the place of this one by now, itself when no other took it."""
    for _number in range(_MAX_LINEAGE):
        query = select(func.max(authority.c.id)).where(authority.c.predecessor_id == authority_id)
        successor = connection.execute(query).scalar()
        if successor is None:
            break
        authority_id = successor
    return authority_id


def root_of(connection: Connection, authority_id: int) -> int:
    """The authority at the end of the chain."""
    row = authority_row(connection, authority_id)
    while row.issuer_id is not None:
        row = authority_row(connection, row.issuer_id)
    return int(row.id)


def roots_of(connection: Connection, authority_id: int) -> tuple[int, ...]:
    """The root of an authority, those it took over from, and those that took over from it."""
    return lineage(connection, newest(connection, root_of(connection, authority_id)))


def crossed(connection: Connection, root_ids: Sequence[int]) -> Sequence[bytes]:
    """The certificates (DER) of these roots' keys that other roots signed."""
    query = select(cross_certificate.c.certificate)
    query = query.where(cross_certificate.c.authority_id.in_(root_ids))
    return connection.scalars(query.order_by(cross_certificate.c.id)).all()
