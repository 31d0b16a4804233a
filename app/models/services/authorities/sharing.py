"""Nothing is offered more widely than the authority it comes from (DEC-01)."""

from typing import Any

from sqlalchemy import Connection, Row, select

from app.core.errors import ConflictError, InvalidInputError
from app.core.language import _
from app.models.db.tables import authority, template
from app.models.domain.access import Sharing
from app.models.services.authorities.records import authority_row
from app.models.services.sharing import sharing_of


def check_offer(issuer: Row[Any], sharing: Sharing) -> None:
    """Raise unless an authority below `issuer` can be shared so."""
    if not sharing_of(issuer).covers(sharing):
        raise InvalidInputError(
            _("The authority would be offered more widely than the one above it."),
            remedy=_("Choose the access of {name}, or a narrower one.").format(name=issuer.name),
            field="access",
        )


def check_change(connection: Connection, row: Row[Any], sharing: Sharing) -> None:
    """Raise unless the authority in `row` can be shared so from now on.

    The one above it sets the limit, and it sets that of what comes from it.
    """
    if sharing == sharing_of(row):
        return
    if row.issuer_id is not None:
        check_offer(authority_row(connection, row.issuer_id), sharing)
    below = (
        (authority, authority.c.issuer_id, _("Authorities below it are offered more widely.")),
        (template, template.c.authority_id, _("Templates that use it are offered more widely.")),
    )
    for table, column, problem in below:
        rows = connection.execute(select(table).where(column == row.id))
        if not all(sharing.covers(sharing_of(one)) for one in rows):
            raise ConflictError(
                problem,
                remedy=_("Narrow their access first, or choose a wider one here."),
                field="access",
            )
