"""Names are given once, and so are the numbers by which the audit log knows things."""

from typing import Any

from sqlalchemy import Column, ColumnElement, Table, func, select

from app.core.errors import ConflictError
from app.core.language import _
from app.models.db.tables import audit_event
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


def unused_id(change: Change, table: Table, kind: str) -> int:
    """The id of a new row: one that no row of the table ever had.

    A database may give the id of a deleted row again, and then the audit log would tell the
    new row's owners what befell the old one.
    """
    newest = select(func.max(table.c.id)).union_all(
        select(func.max(audit_event.c.object_id)).where(audit_event.c.object_kind == kind)
    )
    return 1 + max(number or 0 for number in change.connection.scalars(newest))
