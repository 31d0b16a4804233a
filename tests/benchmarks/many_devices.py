"""Makes a database of a million believable devices, for measuring what a window asks of it."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.models.db.schema import create_database

NOW = datetime(2030, 1, 1, tzinfo=UTC)
ORGANIZATIONS = ("East works", "North plant", "South plant", "West works")
TYPES = ("Door lock", "Flow sensor", "Gateway 200", "Motor drive", "Smoke alarm")
VENDORS = ("acme", "borealis", "cobalt", "delta")
MODES = ("operational", "factory", "new", "disabled")
SHARES = (0.80, 0.15, 0.049, 0.001)


def make_database(path: Path, count: int) -> None:
    """Write a new SQLite file with `count` devices of four organizations and five types."""
    create_database(path)
    with closing(sqlite3.connect(path)) as database:
        triggers = database.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'device'"
        ).fetchall()
        for name, _sql in triggers:  # the search index is built once, at the end
            database.execute(f"DROP TRIGGER {name}")
        _insert_owners(database)
        columns = [
            "name",
            "tenant_id",
            "organization_id",
            "type_id",
            "description",
            "mode",
            "serial_number",
            "model",
            "hardware_version",
            "manufacturer",
            "device_class",
            "firmware",
            "location",
            "attributes",
            "operational_until",
            "created_at",
            "changed_at",
        ]
        marks = ", ".join("?" * len(columns))
        database.executemany(
            f"INSERT INTO device ({', '.join(columns)}) VALUES ({marks})", _devices(count)
        )
        database.execute("INSERT INTO device_search(device_search) VALUES ('rebuild')")
        for _name, sql in triggers:
            database.execute(sql)
        database.commit()


def _insert_owners(database: sqlite3.Connection) -> None:
    database.execute("INSERT INTO tenant (id, name, active) VALUES (1, 'Acme Controls', 1)")
    database.executemany(
        "INSERT INTO organization (tenant_id, name, active) VALUES (1, ?, 1)",
        [(name,) for name in ORGANIZATIONS],
    )
    database.executemany(
        "INSERT INTO device_type (name, description, active, access, fields, factory_mapping,"
        " operational_template_ids, operational_mapping, use_mapping, enforce_factory_mode,"
        " password_enabled, password_retention_hours, operational_renewal_hours,"
        " factory_renewal_hours)"
        " VALUES (?, '', 1, 'global', '[]', '{}', '[]', '{}', 0, 0, 1, 1, 0, 0)",
        [(name,) for name in TYPES],
    )


def _devices(count: int) -> Iterator[tuple[object, ...]]:
    chance = random.Random(7)  # the same devices each time
    modes = chance.choices(MODES, SHARES, k=count)
    for number, mode in enumerate(modes):
        created = NOW - timedelta(seconds=chance.randrange(100_000_000))
        changed = created + timedelta(seconds=chance.randrange(1_000_000))
        until = NOW + timedelta(seconds=chance.randrange(-5_000_000, 60_000_000))
        yield (
            f"{chance.choice(VENDORS)}-{chance.randrange(16**6):06x}-{number:07d}",
            1,
            chance.randrange(len(ORGANIZATIONS)) + 1,
            chance.randrange(len(TYPES)) + 1,
            "",
            mode,
            f"SN-{chance.randrange(10**8):08d}",
            "",
            "B",
            "Acme Controls",
            "",
            "1.4.2",
            "",
            "{}",
            _text(until) if mode == "operational" else None,
            _text(created),
            _text(changed),
        )


def _text(at: datetime) -> str:
    """A time as the database keeps it."""
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")
