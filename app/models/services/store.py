"""What every service works with, and the one way in which a service changes anything."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, cached_property
from typing import Any

from sqlalchemy import Column, Connection, Row, Select, Table, bindparam, func, insert, select
from sqlalchemy.sql.dml import ReturningInsert

from app.core.clock import Clock
from app.core.errors import SessionEndedError, UnavailableError
from app.core.events import Events
from app.core.language import _
from app.models.db.engine import Database
from app.models.db.tables import audit_event, user_session
from app.models.domain.access import Actor
from app.models.domain.audit import GENESIS, AuditEvent, digest
from app.models.services.vault import Vault

# A clock that is corrected by less than this is not a clock that was set back.
CLOCK_TOLERANCE = timedelta(seconds=5)

# Made once: building a statement costs as much as running it.
_NEWEST = (
    select(
        audit_event.c.number,
        audit_event.c.hash,
        select(func.max(audit_event.c.at)).scalar_subquery().label("latest"),
    )
    .order_by(audit_event.c.number.desc())
    .limit(1)
)
_ADD_EVENT = insert(audit_event)
_SESSION = select(user_session.c.ended_at, user_session.c.expires_at).where(
    user_session.c.id == bindparam("session_id")
)


@cache
def _adding_to(table: Table) -> ReturningInsert[int]:
    return insert(table).returning(table.c.id)


@cache
def _ids_by(key: Column[Any]) -> Select[Any, int]:
    wanted = key.in_(bindparam("keys", expanding=True))
    return select(key, key.table.c.id).where(wanted)


@dataclass
class Change:
    """One writing transaction: its connection, who acts, and the time it began.

    The time is read once the write lock is held, so that events are in the order of their
    times. What is given to `publish` is told to the window only after the commit.
    """

    connection: Connection
    actor: Actor
    now: datetime
    published: list[object] = field(default_factory=list)
    _audited: list[dict[str, Any]] = field(default_factory=list, init=False)

    def publish(self, event: object) -> None:
        """Tell subscribers of `event` once the transaction is committed."""
        self.published.append(event)

    def insert(self, table: Table, values: Mapping[str, Any]) -> int:
        """Add a row and return its `id`."""
        return int(self.connection.execute(_adding_to(table), dict(values)).scalar_one())

    def insert_all(self, table: Table, rows: Sequence[Mapping[str, Any]], key: str) -> list[int]:
        """Add rows that have the same columns and return each `id`, in their order.

        `key` is a column that tells the rows apart: no database promises to answer an insert in
        the order of its rows, and one by one takes longer.
        """
        if len(rows) < 2:
            return [self.insert(table, row) for row in rows]
        self.connection.execute(insert(table), list(rows))
        keys = [row[key] for row in rows]
        ids: dict[Any, int] = dict(
            self.connection.execute(_ids_by(table.c[key]), {"keys": keys}).all()
        )
        return [ids[one] for one in keys]

    def audit(
        self,
        action: str,
        object_kind: str,
        object_id: int | None,
        object_name: str,
        *,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        outcome: str = "done",
        reason: str = "",
    ) -> None:
        """Append one event to the hash chain. `before` and `after` must hold no secrets.

        The events of a transaction are written together when it ends.
        """
        number, previous = self._end_of_chain()
        event = AuditEvent(
            number=number + 1,
            at=self.now,
            actor=self.actor.name,
            channel=self.actor.channel.value,
            address=self.actor.address,
            action=action,
            object_kind=object_kind,
            object_id=object_id,
            object_name=object_name,
            outcome=outcome,
            reason=reason,
            before=dict(before or {}),
            after=dict(after or {}),
            previous_hash=previous,
            role=self.actor.role.value if self.actor.role else None,
        )
        canonical = event.canonical()
        row = canonical | {"at": event.at, "hash": digest(canonical), "role": event.role}
        self._audited.append(row)

    def write_audit(self) -> None:
        """Write the events of this transaction; the last thing done in it."""
        if self._audited:
            self.connection.execute(_ADD_EVENT, self._audited)

    def check_clock(self) -> None:
        """Raise `UnavailableError` when the clock stands before the newest audit event.

        A certificate dated before what already happened would make the record a lie.
        """
        newest = None if self._newest is None else self._newest.latest
        if newest is not None and self.now < newest - CLOCK_TOLERANCE:
            raise UnavailableError(
                _("The clock of this computer stands before the newest audit event."),
                cause=_("The clock says {now}, the newest event is of {newest}.").format(
                    now=self.now.isoformat(timespec="seconds"),
                    newest=newest.isoformat(timespec="seconds"),
                ),
                remedy=_("Set the clock right, then try again."),
                retry_after=60,
            )

    @cached_property
    def _newest(self) -> Row[Any, Any, Any] | None:
        """The end of the hash chain before this transaction, and the latest time in it."""
        return self.connection.execute(_NEWEST).first()

    def _end_of_chain(self) -> tuple[int, str]:
        """Number and hash of the last event."""
        if self._audited:
            return self._audited[-1]["number"], self._audited[-1]["hash"]
        return (self._newest.number, self._newest.hash) if self._newest else (0, GENESIS)


@dataclass(frozen=True)
class Store:
    """The database, the clock, the event bus and the keys of an open workspace."""

    database: Database
    clock: Clock
    events: Events
    vault: Vault

    @contextmanager
    def read(self, actor: Actor) -> Iterator[Connection]:
        """One consistent view for `actor`; raises `SessionEndedError` once they are signed out."""
        with self.database.read() as connection:
            _check_session(connection, actor, self.clock.now())
            yield connection

    @contextmanager
    def change(self, actor: Actor) -> Iterator[Change]:
        """One transaction: commits on leaving, undoes everything on an error.

        Raises `SessionEndedError` once `actor` is signed out.
        """
        with self.database.write() as connection:
            _check_session(connection, actor, self.clock.now())
            change = Change(connection, actor, self.clock.now())
            yield change
            change.write_audit()
        for event in change.published:
            self.events.publish(event)


def _check_session(connection: Connection, actor: Actor, now: datetime) -> None:
    """What a person was let in for ends with the session, wherever it was ended from."""
    if actor.session_id is None:
        return
    row = connection.execute(_SESSION, {"session_id": actor.session_id}).first()
    if row is None or row.ended_at is not None or row.expires_at <= now:
        raise SessionEndedError(
            _("{name} is signed out.").format(name=actor.name),
            cause=_("The session was ended or has expired."),
            remedy=_("Sign in again."),
        )
