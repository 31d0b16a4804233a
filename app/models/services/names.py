"""Names are given once, and so are the numbers by which the audit log knows things."""

from typing import Any

from sqlalchemy import Column, ColumnElement, Table, func, select

from app.core.errors import ConflictError
from app.core.language import _
from app.models.db.tables import audit_event
from app.models.domain.naming import check_display_name
from app.models.services.store import Change


def check_new_name(
    change: Change,
    column: Column[str],
    name: str,
    *within: ColumnElement[Any],
    old: str | None = None,
) -> None:
    """Raise unless `name` is good and no row has it yet (among those that are `within`).

    A row that is renamed has the name `old` so far, and may change its case. `InvalidInputError`
    for a bad name, `ConflictError` for a taken one.
    """
    if name == old:
        return
    check_display_name(name)
    # Here, as databases differ about letters beyond ASCII.
    others = change.connection.scalars(select(column).where(*within))
    if name.casefold() in {other.casefold() for other in others if other != old}:
        raise ConflictError(
            _("The name {name} is taken.").format(name=name),
            cause=_("Names that differ by case alone count as the same."),
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
