"""The list of devices: searched, filtered, sorted and counted at a million rows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, column, false, func, or_, select, table

from app.models.db.tables import device, device_type, organization
from app.models.domain.access import Actor, Operation, require
from app.models.domain.devices import DeviceMode
from app.models.services.devices.records import in_reach
from app.models.services.listing import (
    FEW,
    any_of,
    count_up_to,
    is_few,
    looked_up,
    starts_with,
    walked,
)
from app.models.services.store import Store

_SEARCHED = (device.c.name, device.c.serial_number)
_TRIGRAM = 3
_WITHOUT_END = (DeviceMode.NEW, DeviceMode.FACTORY, DeviceMode.DISABLED)
_search = table("device_search", column("rowid"), column("device_search"))


class DeviceSort(StrEnum):
    """What the list can be sorted by."""

    NAME = "name"
    SERIAL_NUMBER = "serial_number"
    TYPE = "type"
    ORGANIZATION = "organization"
    MODE = "mode"
    OPERATIONAL_UNTIL = "operational_until"
    CHANGED_AT = "changed_at"


@dataclass(frozen=True)
class DeviceQuery:
    """Which devices are wanted, in which order.

    `text` of three characters or more is looked for anywhere in name and serial number, shorter
    text at their beginning; letter case does not matter. `expiring_days` keeps devices whose
    newest operational certificate ends within so many days from now.
    """

    text: str = ""
    mode: DeviceMode | None = None
    expiring_days: int | None = None
    sort: DeviceSort = DeviceSort.NAME
    descending: bool = False


@dataclass(frozen=True)
class DeviceRow:
    """A device as the list shows it."""

    id: int
    name: str
    serial_number: str
    type_name: str
    organization_name: str
    mode: DeviceMode
    operational_until: datetime | None
    changed_at: datetime


# Each ends in the device's id, so that every sort has one order, and follows one index.
_ORDERS: dict[DeviceSort, tuple[ColumnElement[Any], ...]] = {
    DeviceSort.NAME: (device.c.name, device.c.id),
    DeviceSort.SERIAL_NUMBER: (device.c.serial_number, device.c.id),
    DeviceSort.TYPE: (device_type.c.name, device_type.c.id, device.c.mode, device.c.id),
    DeviceSort.ORGANIZATION: (
        organization.c.name,
        organization.c.id,
        device.c.mode,
        device.c.id,
    ),
    DeviceSort.MODE: (device.c.mode, device.c.changed_at, device.c.id),
    DeviceSort.OPERATIONAL_UNTIL: (device.c.operational_until, device.c.id),
    DeviceSort.CHANGED_AT: (device.c.changed_at, device.c.id),
}
_ROWS = (
    select(
        device.c.id,
        device.c.name,
        device.c.serial_number,
        device_type.c.name.label("type_name"),
        organization.c.name.label("organization_name"),
        device.c.mode,
        device.c.operational_until,
        device.c.changed_at,
    )
    .join(device_type, device_type.c.id == device.c.type_id)
    .join(organization, organization.c.id == device.c.organization_id)
)


class DeviceList:
    """Pages of devices for the window. Safe to share by threads."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def page(
        self, actor: Actor, query: DeviceQuery, offset: int, limit: int
    ) -> tuple[DeviceRow, ...]:
        """The devices within reach from `offset` on, at most `limit` of them.

        A text that more than `FEW` devices contain finds only some of them; see `count`.
        """
        require(actor, Operation.DEVICE_VIEW)
        order = _order(query)
        with self._store.read(actor) as connection:
            ids = self._ids(connection, actor, query)
            ids = ids.order_by(*order).offset(offset).limit(limit)
            rows = connection.execute(_ROWS.where(device.c.id.in_(ids)).order_by(*order))
            return tuple(
                DeviceRow(**row._asdict() | {"mode": DeviceMode(row.mode)}) for row in rows
            )

    def count(self, actor: Actor, query: DeviceQuery) -> int:
        """How many devices match. Of a text never more than `FEW` + 1: more means refine it."""
        require(actor, Operation.DEVICE_VIEW)
        with self._store.read(actor) as connection:
            if query.text.strip():
                return count_up_to(connection, self._candidates(connection, actor, query), FEW + 1)
            conditions = self._conditions(actor, query, looked_up)
            counted = select(func.count()).select_from(device).where(*conditions)
            return connection.execute(counted).scalar_one()

    def mode_counts(self, actor: Actor) -> dict[DeviceMode, int]:
        """How many devices within reach are in each mode."""
        require(actor, Operation.DEVICE_VIEW)
        counted = (
            select(device.c.mode, func.count())
            .where(*in_reach(actor, Operation.DEVICE_VIEW))
            .group_by(device.c.mode)
        )
        with self._store.read(actor) as connection:
            found: dict[str, int] = dict(connection.execute(counted).all())
        return {mode: found.get(mode.value, 0) for mode in DeviceMode}

    def _ids(self, connection: Connection, actor: Actor, query: DeviceQuery) -> Select[tuple[int]]:
        ids = select(device.c.id)
        if query.sort is DeviceSort.TYPE:
            ids = ids.join(device_type, device_type.c.id == device.c.type_id)
        if query.sort is DeviceSort.ORGANIZATION:
            ids = ids.join(organization, organization.c.id == device.c.organization_id)
        if query.text.strip():
            return ids.where(device.c.id.in_(self._candidates(connection, actor, query)))
        conditions = self._conditions(actor, query, looked_up)
        # Only operational devices have an end to sort by: along it, others come all at one side.
        apart = query.sort is DeviceSort.OPERATIONAL_UNTIL and query.mode in _WITHOUT_END
        if not apart and not is_few(connection, select(device.c.id).where(*conditions)):
            conditions = self._conditions(actor, query, walked)
        return ids.where(*conditions)

    def _conditions(
        self,
        actor: Actor,
        query: DeviceQuery,
        see: Callable[[ColumnElement[Any]], ColumnElement[Any]],
    ) -> list[ColumnElement[bool]]:
        conditions = list(in_reach(actor, Operation.DEVICE_VIEW, see(device.c.organization_id)))
        if query.mode is not None:
            conditions.append(see(device.c.mode) == query.mode.value)
        if query.expiring_days is not None:
            now = self._store.clock.now()
            until = see(device.c.operational_until)
            conditions.append(until > now)
            conditions.append(until <= now + timedelta(days=query.expiring_days))
        return conditions

    def _candidates(
        self, connection: Connection, actor: Actor, query: DeviceQuery
    ) -> Select[tuple[int]]:
        """Ids of at most `FEW` + 1 devices that match a query with a text."""
        text = query.text.strip()
        ids = select(device.c.id)
        if not text.isprintable():  # no name is like that, and SQLite stumbles over some
            return ids.where(false())
        filters = self._conditions(actor, query, looked_up)
        if filters and is_few(connection, ids.where(*filters)):
            return ids.where(_has(text), *filters)
        filters = self._conditions(actor, query, walked)
        if len(text) < _TRIGRAM:
            return any_of([ids.where(starts_with(one, text), *filters) for one in _SEARCHED])
        return (
            ids.join(_search, _search.c.rowid == device.c.id)
            .where(_search.c.device_search.op("MATCH")(_trigrams(text)), _has(text), *filters)
            .limit(FEW + 1)
        )


def _has(text: str) -> ColumnElement[bool]:
    """The text as it is looked for, asked of one device after the other."""
    if len(text) < _TRIGRAM:
        return or_(*(one.startswith(text, autoescape=True) for one in _SEARCHED))
    return or_(*(one.contains(text, autoescape=True) for one in _SEARCHED))


def _trigrams(text: str) -> str:
    """The FTS5 query for rows that have every three letters in a row of `text` somewhere."""
    starts = range(len(text) - _TRIGRAM + 1)
    trigrams = {text[start : start + _TRIGRAM].replace('"', '""') for start in starts}
    return " AND ".join(f'"{trigram}"' for trigram in sorted(trigrams))


def _order(query: DeviceQuery) -> list[ColumnElement[Any]]:
    order = _ORDERS[query.sort]
    return [part.desc() for part in order] if query.descending else list(order)
