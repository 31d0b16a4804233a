"""Custom extensions that certificate templates can add."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, select, update

from app.core.errors import NotFoundError
from app.core.language import _
from app.models.db.tables import custom_extension, template
from app.models.domain.access import Actor, Operation, Sharing, require
from app.models.domain.events import EntityChanged
from app.models.domain.extensions import Extension, check_extension
from app.models.services.lifecycle import remove, switch
from app.models.services.listing import ListQuery, count_of, page_of
from app.models.services.names import check_new_name, unused_id
from app.models.services.owners.owned import WORDS
from app.models.services.sharing import scope_of, sharing_columns, sharing_of, visible
from app.models.services.store import Change, Store

_COLUMNS: dict[str, ColumnElement[Any]] = {
    "name": custom_extension.c.name,
    "oid": custom_extension.c.oid,
    "critical": custom_extension.c.critical,
    "access": custom_extension.c.access,
    "active": custom_extension.c.active,
}
_SEARCHED = (custom_extension.c.name, custom_extension.c.oid)


class Extensions:
    """Makes, lists and hands out custom extensions. Safe to share by threads."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def create(self, actor: Actor, extension: Extension) -> Extension:
        """Store an extension; its id is given here.

        Raises `InvalidInputError` for a bad OID or value, `ConflictError` for a taken name.
        """
        with self._store.change(actor) as change:
            return self.create_in(change, extension)

    def create_in(self, change: Change, extension: Extension) -> Extension:
        """As `create`, as a part of a transaction."""
        require(change.actor, Operation.EXTENSION_MANAGE, scope_of(extension.sharing))
        check_extension(extension.content)
        check_new_name(change, custom_extension.c.name, extension.name)
        values = _columns(change.connection, extension)
        id_ = unused_id(change, custom_extension, "extension")
        created = replace(extension, id=change.insert(custom_extension, values | {"id": id_}))
        _audit(change, "extension.create", created, after=values)
        return created

    def edit(self, actor: Actor, extension: Extension) -> Extension:
        """Store an extension anew: everything but its id and whether it is active.

        What is issued from now on carries the new value. Raises as `create` does.
        """
        with self._store.change(actor) as change:
            return self.edit_in(change, extension)

    def edit_in(self, change: Change, extension: Extension) -> Extension:
        """As `edit`, as a part of a transaction."""
        require(change.actor, Operation.EXTENSION_MANAGE, scope_of(extension.sharing))
        check_extension(extension.content)
        row = _managed(change.connection, change.actor, extension.id)
        before = _columns(change.connection, _extension(row))
        check_new_name(change, custom_extension.c.name, extension.name, old=row.name)
        values = _columns(change.connection, replace(extension, active=row.active))
        changed = {key: value for key, value in values.items() if before[key] != value}
        if changed:
            change.connection.execute(
                update(custom_extension).where(custom_extension.c.id == row.id).values(changed)
            )
            old = {key: before[key] for key in changed}
            _audit(change, "extension.edit", extension, before=old, after=changed)
        return replace(extension, active=row.active)

    def set_active(self, actor: Actor, extension_id: int, *, active: bool) -> None:
        """Activate it, or offer it in no choice any more; templates that have it keep it."""
        with self._store.change(actor) as change:
            row = _managed(change.connection, actor, extension_id)
            switch(change, custom_extension, "extension", row, active=active)

    def delete(self, actor: Actor, extension_id: int) -> None:
        """Delete an inactive extension; raises `ConflictError` while a template has it."""
        with self._store.change(actor) as change:
            row = _managed(change.connection, actor, extension_id)
            lists = change.connection.scalars(select(template.c.extension_ids))
            users = sum(row.id in ids for ids in lists)
            remove(change, custom_extension, "extension", row, {WORDS["template"](users): users})

    def get(self, actor: Actor, extension_id: int) -> Extension:
        """One extension; `NotFoundError` when there is none the actor may see."""
        require(actor, Operation.EXTENSION_VIEW)
        with self._store.read(actor) as connection:
            return self.seen(connection, actor, extension_id)

    def seen(self, connection: Connection, actor: Actor, extension_id: int) -> Extension:
        """As `get`, as a part of a transaction."""
        row = connection.execute(_seen(actor).where(_with_id(extension_id))).first()
        if row is None:
            raise _not_found()
        return _extension(row)

    def page(
        self, actor: Actor, query: ListQuery, offset: int, limit: int
    ) -> tuple[Extension, ...]:
        """The extensions within reach that match, from `offset` on."""
        require(actor, Operation.EXTENSION_VIEW)
        with self._store.read(actor) as connection:
            rows = page_of(connection, _seen(actor), query, _COLUMNS, _SEARCHED, offset, limit)
            return tuple(_extension(row) for row in rows)

    def count(self, actor: Actor, query: ListQuery) -> int:
        """How many extensions within reach match."""
        require(actor, Operation.EXTENSION_VIEW)
        with self._store.read(actor) as connection:
            return count_of(connection, _seen(actor), query, _COLUMNS, _SEARCHED)

    def offered(self, actor: Actor, sharing: Sharing) -> tuple[Extension, ...]:
        """The active extensions a template with this sharing can use, by name."""
        found = self.page(actor, ListQuery(active=True), 0, 1000)
        return tuple(one for one in found if one.sharing.covers(sharing))

    def all_of(self, connection: Connection, ids: Collection[int]) -> tuple[Extension, ...]:
        """The extensions with these ids, whoever asks, in the order of the ids.

        Raises `NotFoundError` when one does not exist.
        """
        if not ids:
            return ()
        rows = connection.execute(
            select(custom_extension).where(custom_extension.c.id.in_(ids))
        ).all()
        found = {row.id: _extension(row) for row in rows}
        if found.keys() != set(ids):
            raise _not_found()
        return tuple(found[id_] for id_ in ids)


def _seen(actor: Actor) -> Select[Any]:
    return select(custom_extension).where(
        visible(actor, Operation.EXTENSION_VIEW, custom_extension)
    )


def _with_id(extension_id: int) -> ColumnElement[bool]:
    return custom_extension.c.id == extension_id


def _managed(connection: Connection, actor: Actor, extension_id: int) -> Row[Any]:
    """The row, when the actor may change it; what is seen but not owned is refused."""
    require(actor, Operation.EXTENSION_MANAGE)
    row = connection.execute(_seen(actor).where(_with_id(extension_id))).first()
    if row is None:
        raise _not_found()
    require(actor, Operation.EXTENSION_MANAGE, scope_of(sharing_of(row)))
    return row


def _columns(connection: Connection, extension: Extension) -> dict[str, Any]:
    return {
        "name": extension.name,
        "description": extension.description,
        "oid": extension.oid,
        "critical": extension.critical,
        "value": extension.value,
        "active": extension.active,
    } | sharing_columns(connection, extension.sharing)


def _audit(
    change: Change,
    action: str,
    extension: Extension,
    *,
    after: dict[str, Any],
    before: dict[str, Any] | None = None,
) -> None:
    readable = [
        {key: value.hex() if isinstance(value, bytes) else value for key, value in part.items()}
        for part in (before or {}, after)
    ]
    change.audit(
        action, "extension", extension.id, extension.name, before=readable[0], after=readable[1]
    )
    change.publish(EntityChanged("extension", extension.id))


def _not_found() -> NotFoundError:
    return NotFoundError(
        _("The custom extension does not exist."),
        remedy=_("Choose one from the list of custom extensions."),
    )


def _extension(row: Row[Any]) -> Extension:
    return Extension(
        row.id,
        row.name,
        row.oid,
        row.critical,
        row.value,
        row.description,
        row.active,
        sharing_of(row),
    )
