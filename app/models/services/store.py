"""What every service works with, and the one way in which a service changes anything."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, bindparam, func, insert, select

from app.core.clock import Clock
from app.core.errors import SessionEndedError, UnavailableError
from app.core.events import Events
from app.core.language import _
from app.models.db.engine import Database
from app.models.db.tables import audit_event, user_session
from app.models.domain.access import Actor
from app.models.domain.audit import GENESIS, AuditEvent
from app.models.services.vault import Vault

# A clock that is corrected by less than this is not a clock that was set back.
CLOCK_TOLERANCE = timedelta(seconds=5)

# Made once: building a statement costs as much as running it.
_NEWEST = (
    select(audit_event.c.number, audit_event.c.hash).order_by(audit_event.c.number.desc()).limit(1)
)
_NEWEST_TIME = select(func.max(audit_event.c.at))
_SESSION = select(user_session.c.ended_at, user_session.c.expires_at).where(
    user_session.c.id == bindparam("session_id")
)


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

    def publish(self, event: object) -> None:
        """Tell subscribers of `event` once the transaction is committed."""
        self.published.append(event)

    def insert(self, table: Table, values: Mapping[str, Any]) -> int:
        """Add a row and return its `id`."""
        statement = insert(table).returning(table.c.id)
        return int(self.connection.execute(statement, dict(values)).scalar_one())

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
        """Append one event to the hash chain. `before` and `after` must hold no secrets."""
        last = self.connection.execute(_NEWEST).first()
        event = AuditEvent(
            number=last.number + 1 if last else 1,
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
            previous_hash=last.hash if last else GENESIS,
        )
        row = event.canonical() | {"at": event.at, "hash": event.hash}
        self.connection.execute(insert(audit_event), row)

    def check_clock(self) -> None:
        """Raise `UnavailableError` when the clock stands before the newest audit event.

        A certificate dated before what already happened would make the record a lie.
        """
        newest = self.connection.execute(_NEWEST_TIME).scalar()
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
