"""Opens the database and hands out connections for reading and for one writing transaction."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from app.core.errors import UnavailableError
from app.core.language import _

BUSY_TIMEOUT_MS = 15_000


class Database:
    """One database, shared by all threads of a process; a connection never leaves its thread.

    On SQLite: WAL, `synchronous=FULL` so that what was committed survives a power cut, foreign
    keys on, and `BEGIN IMMEDIATE` for writers (a deferred transaction that reads before it
    writes fails under load with "database is locked", whatever the busy timeout).
    """

    def __init__(self, url: str) -> None:
        # What a statement that fails was given stays out of its error, which goes to the log.
        self.engine = create_engine(url, hide_parameters=True, **_engine_options(url))
        self._writing = Lock()
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _prepare_sqlite)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one consistent state and changes nothing."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A connection in the one writing transaction; committed on leaving, undone on error.

        Threads of one process queue up for it; SQLite itself would have them poll, and the
        unlucky one wait for half a second. Raises `UnavailableError` when another process
        keeps the database busy or the disk is full.
        """
        try:
            with self._writing, self.engine.connect() as connection:
                connection.execution_options(writes=True)
                with connection.begin():
                    yield connection
        except OperationalError as error:
            raise UnavailableError(
                _("The database cannot be written now."),
                cause=str(error.orig),
                remedy=_("Check that the disk has room and nothing else holds the file."),
            ) from error

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def sqlite_url(path: Path) -> str:
    """The URL of a SQLite file."""
    return f"sqlite:///{path}"


def _engine_options(url: str) -> dict[str, Any]:
    if make_url(url).get_backend_name() == "sqlite":
        return {"pool_size": 8, "max_overflow": 24}
    return {}


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the transaction is opened by `_begin_sqlite`
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",  # what is destroyed is overwritten, on every build of SQLite
    ):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
