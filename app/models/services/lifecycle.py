"""What many kinds of row have in common: they are switched on and off, and deleted at the end."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, Table, delete, update

from app.core.errors import ConflictError
from app.core.language import _
from app.models.domain.events import EntityChanged
from app.models.services.store import Change


def switch(change: Change, table: Table, kind: str, row: Row[Any], *, active: bool) -> None:
    """Activate or deactivate a row; one that is so already is left alone, and not audited."""
    if row.active == active:
        return
    change.connection.execute(update(table).where(table.c.id == row.id).values(active=active))
    action = "activate" if active else "deactivate"
    change.audit(f"{kind}.{action}", kind, row.id, row.name)
    change.publish(EntityChanged(kind, row.id))


def remove(
    change: Change,
    table: Table,
    kind: str,
    row: Row[Any],
    hanging: Mapping[str, int],
    *,
    before: Mapping[str, Any] | None = None,
) -> None:
    """Delete an inactive row. `hanging` counts what refers to it, by what people call that.

    `before` is what the audit log says that it had. Raises `ConflictError` for an active row,
    and for one that something still refers to.
    """
    if row.active:
        raise ConflictError(
            _("{name} is active.").format(name=row.name),
            remedy=_("Deactivate it first; then it can be deleted."),
        )
    in_the_way = [f"{count} {what}" for what, count in hanging.items() if count]
    if in_the_way:
        raise ConflictError(
            _("{name} is still in use.").format(name=row.name),
            cause=_("It is needed by: {what}.").format(what=", ".join(in_the_way)),
            remedy=_("Leave it inactive: then nothing new is made with it."),
        )
    change.connection.execute(delete(table).where(table.c.id == row.id))
    change.audit(f"{kind}.delete", kind, row.id, row.name, before=before)
    change.publish(EntityChanged(kind, row.id))
