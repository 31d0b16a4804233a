"""The version of the database schema: checked at each open, migrated on a backed-up file."""

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from app.core.errors import ConflictError, InvalidInputError
from app.core.language import _
from app.models.db.engine import Database, sqlite_url

HEAD = "0005"  # revisions are four-digit numbers, so that their texts compare by age
KEPT_BACKUPS = 5
MIGRATIONS = Path(__file__).parent / "migrations"


def create_database(path: Path) -> None:
    """Make a SQLite file with the newest schema, readable by its owner alone."""
    path.touch(mode=0o600, exist_ok=False)
    _upgrade(path)


def check_current(path: Path) -> None:
    """Raise `ConflictError` unless the schema is the newest this program knows.

    Raises `InvalidInputError` when the file is no database of this program.
    """
    revision = _revision(path)
    if revision > HEAD:
        raise ConflictError(
            _("This workspace was made by a newer version of the program."),
            cause=_("Its database has version {found}; this program knows {known}.").format(
                found=revision, known=HEAD
            ),
            remedy=_("Install the newest version. Nothing was changed."),
        )
    if revision < HEAD:
        raise ConflictError(
            _("The database of this workspace is of an older version."),
            remedy=_("Open the workspace in the program once; that brings it up to date."),
        )


def bring_up_to_date(path: Path, backups: Path, now: datetime) -> None:
    """Migrate to the newest schema when it is behind, after a backup into the folder `backups`.

    All steps and the check of foreign keys are one transaction: a crash leaves the database
    as it was. Raises what `check_current` raises for a newer or foreign file.
    """
    revision = _revision(path)
    if revision < HEAD:
        back_up(path, backups / f"{now:%Y%m%dT%H%M%S}Z-{revision}.db")
        for old in sorted(backups.glob("*.db"))[:-KEPT_BACKUPS]:
            old.unlink()
        _upgrade(path)
    check_current(path)


def back_up(path: Path, target: Path) -> None:
    """Copy a database that may be in use; `target` exists only once the copy is whole."""
    target.parent.mkdir(mode=0o700, exist_ok=True)
    part = target.with_suffix(".part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(part)) as copy:
        source.backup(copy)
    part.replace(target)


def _revision(path: Path) -> str:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            row = database.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError as error:
        raise _foreign_file(path, str(error)) from error
    if row is None:
        raise _foreign_file(path, _("It has no version."))
    return str(row[0])


def _foreign_file(path: Path, cause: str) -> InvalidInputError:
    return InvalidInputError(
        _("{path} is not a database of this program, or it is damaged.").format(path=path),
        cause=cause,
        remedy=_("Choose another workspace, or put back a backup of this one."),
    )


def _upgrade(path: Path) -> None:
    # An up-to-date database need not wait for these imports.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with (
        closing(Database(sqlite_url(path))) as database,
        database.engine.connect() as connection,
    ):
        # Rebuilding a table with foreign keys on deletes the rows that refer to it. SQLite
        # ignores the switch inside a transaction, which SQLAlchemy would begin.
        driver: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]  # SQLite's
        driver.execute("PRAGMA foreign_keys=OFF")
        connection.execution_options(writes=True)
        with connection.begin():
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
            if broken:
                raise ConflictError(
                    _("The database cannot be brought to the newest version."),
                    cause=_("{count} rows refer to rows that do not exist.").format(
                        count=len(broken)
                    ),
                    remedy=_("Nothing was changed. Go on with the version you used before."),
                )
