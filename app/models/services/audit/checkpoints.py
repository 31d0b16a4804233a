"""Signs how long the audit log is, and notices when it has become shorter.

The newest checkpoint is kept in the database and beside it, so that a database put back to an
earlier state shows.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from app.core.errors import InvalidInputError, UnavailableError
from app.core.files import replace_file
from app.core.language import _
from app.models.db.tables import audit_checkpoint, audit_event, audit_key
from app.models.domain.access import SYSTEM
from app.models.domain.audit import GENESIS
from app.models.domain.checkpoints import (
    Checkpoint,
    checkpoint_from_line,
    checkpoint_to_line,
    to_sign,
)
from app.models.services.store import Change, Store
from app.models.services.workspace.key import is_own_key, signing_key
from app.pki.sign import SoftwareKey

FILE = "audit-checkpoint.json"
MOST_EVENTS = 1000
LONGEST_WAIT = timedelta(hours=1)


class Checkpoints:
    """Makes and checks the checkpoints of the audit log. Safe to share by threads."""

    def __init__(self, store: Store, folder: Path) -> None:
        self._store = store
        self._path = folder / FILE

    def keep_up(self) -> None:
        """Sign when there is something new: a thousand events, or any after an hour.

        Does nothing while the keys are locked.
        """
        if self._store.vault.locked:
            return
        with self._store.database.read() as connection:
            number, _hash = _newest_event(connection)
            known = _newest_checkpoint(connection)
        if known is None:
            due = number > 0
        else:
            waited = self._store.clock.now() - known.at >= LONGEST_WAIT
            due = number != known.number and (waited or number - known.number >= MOST_EVENTS)
        if due:
            self.sign()

    def sign(self) -> Checkpoint:
        """The checkpoint of the newest event; made unless it was there.

        What `problem` says is recorded first, since the new checkpoint takes the place of the
        one that shows it. Raises `LockedError` when one has to be made and the keys are locked,
        `UnavailableError` when it cannot be written.
        """
        with self._store.database.read() as connection:
            known = _newest_checkpoint(connection)
            current = known is not None and (known.number, known.hash) == _newest_event(connection)
        if known is not None and current and not self.problem():
            return known
        key_id, key = signing_key(self._store)
        with self._store.change(SYSTEM) as change:
            problem = self._problem(change.connection)
            if problem:
                change.audit("audit.check", "audit", None, "", outcome="failed", reason=problem)
            return self._sign_newest(change, key_id, key)

    def problem(self) -> str:
        """What a checkpoint tells against the log, for people; empty when there is nothing."""
        with self._store.database.read() as connection:
            return self._problem(connection)

    def _sign_newest(self, change: Change, key_id: int, key: SoftwareKey) -> Checkpoint:
        number, event_hash = _newest_event(change.connection)
        signature = key.sign(to_sign(number, event_hash, change.now))
        made = Checkpoint(number, event_hash, change.now, key.public_key, signature)
        table = audit_checkpoint
        # Those of events that are gone; that they are is recorded.
        change.connection.execute(delete(table).where(table.c.number >= number))
        change.connection.execute(
            insert(table).values(
                number=number, hash=event_hash, at=made.at, key_id=key_id, signature=signature
            )
        )
        try:
            replace_file(self._path, checkpoint_to_line(made) + "\n")
        except OSError as error:
            raise UnavailableError(
                _("The checkpoint of the audit log cannot be written."), cause=str(error)
            ) from error
        return made

    def _problem(self, connection: Connection) -> str:
        try:
            for checkpoint in (_newest_checkpoint(connection), self._kept(connection)):
                if checkpoint is not None:
                    _check(connection, checkpoint)
        except InvalidInputError as error:
            return error.text()
        return ""

    def _kept(self, connection: Connection) -> Checkpoint | None:
        """The checkpoint beside the database; raises when it is missing or not ours."""
        try:
            kept = checkpoint_from_line(self._path.read_text("utf-8").removesuffix("\n"))
        except FileNotFoundError:
            if _newest_checkpoint(connection) is None:
                return None
            raise _doubt(_("{file} is missing.").format(file=FILE)) from None
        except (OSError, UnicodeDecodeError) as error:
            raise _doubt(str(error)) from error
        if not is_own_key(connection, kept.public_key):
            raise _doubt(_("{file} is of another workspace.").format(file=FILE))
        return kept


def _newest_event(connection: Connection) -> tuple[int, str]:
    columns = audit_event.c
    query = select(columns.number, columns.hash).order_by(columns.number.desc()).limit(1)
    row = connection.execute(query).first()
    return (0, GENESIS) if row is None else (row.number, row.hash)


def _newest_checkpoint(connection: Connection) -> Checkpoint | None:
    table = audit_checkpoint
    query = (
        select(table, audit_key.c.public_key)
        .join(audit_key, audit_key.c.id == table.c.key_id)
        .order_by(table.c.number.desc())
        .limit(1)
    )
    row: Row[Any] | None = connection.execute(query).first()
    if row is None:
        return None
    return Checkpoint(row.number, row.hash, row.at, row.public_key, row.signature)


def _check(connection: Connection, checkpoint: Checkpoint) -> None:
    checkpoint.check()
    if checkpoint.number == 0:
        return
    columns = audit_event.c
    found = connection.execute(
        select(columns.hash).where(columns.number == checkpoint.number)
    ).scalar()
    if found is None:
        newest, _hash = _newest_event(connection)
        raise _doubt(
            _("The log ends at event {newest}, its checkpoint knows {number}.").format(
                newest=newest, number=checkpoint.number
            )
        )
    if found != checkpoint.hash:
        raise _doubt(
            _("Event {number} is another one than its checkpoint knows.").format(
                number=checkpoint.number
            )
        )


def _doubt(cause: str) -> InvalidInputError:
    return InvalidInputError(
        _("The audit log is not what it was."),
        cause=cause,
        remedy=_("Compare with an export or a backup: events may be missing or changed."),
    )
