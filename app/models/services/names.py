"""Names are given once."""

from typing import Any

from sqlalchemy import Column, ColumnElement, select

from app.core.errors import ConflictError
from app.core.language import _
from app.models.domain.naming import check_display_name
from app.models.services.store import Change


def check_new_name(
    change: Change, column: Column[str], name: str, *within: ColumnElement[Any]
) -> None:
    """Raise unless `name` is good and no row has it yet (among those that are `within`).

    `InvalidInputError` for a bad name, `ConflictError` for a taken one.
    """
    check_display_name(name)
    taken = select(column).where(column == name, *within).limit(1)
    if change.connection.execute(taken).first() is not None:
        raise ConflictError(
            _("The name {name} is taken.").format(name=name),
            remedy=_("Choose another name."),
            field="name",
        )
