import re
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from app.core.errors import ConflictError, InvalidInputError
from app.models.db import schema
from app.models.db.engine import Database, sqlite_url
from app.models.db.tables import metadata

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
HEAD = schema.HEAD
NEXT = f"{int(HEAD) + 1:04}"
ADD_A_COLUMN = f"""
revision = "{NEXT}"
down_revision = "{HEAD}"

import sqlalchemy as sa
from alembic import op


def upgrade():
    with op.batch_alter_table("tenant", recreate="always") as tenant:
        tenant.add_column(sa.Column("note", sa.Text, nullable=False, server_default=""))
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "workspace.db"
    schema.create_database(file)
    return file


@pytest.fixture
def next_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a migration step after the newest; it may be rewritten."""
    folder = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(schema, "MIGRATIONS", folder)
    monkeypatch.setattr(schema, "HEAD", NEXT)
    step = folder / "versions" / f"r{NEXT}_note.py"
    step.write_text(ADD_A_COLUMN, "utf-8")
    return step


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute(sql).fetchall()


def write(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        for sql in statements:
            database.execute(sql)


def fill(path: Path) -> None:
    write(
        path,
        "INSERT INTO tenant VALUES (1, 'Acme Controls', 1)",
        "INSERT INTO organization VALUES (1, 1, 'North plant', 1), (2, 1, 'South plant', 1)",
    )


def definitions(path: Path) -> dict[str, list[str]]:
    """The words of each object's definition; quotes and the order of constraints do not matter."""
    found = rows(path, "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {
        str(name): sorted(re.split(r"[\s,]+", str(sql).replace('"', ""))) for name, sql in found
    }


def test_migrated_schema_is_the_declared_one(path: Path) -> None:
    engine = create_engine(sqlite_url(path))

    def ours(_object: object, name: str | None, *_rest: object) -> bool:
        return not str(name).startswith("device_search")

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": ours})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_migrated_schema_reads_like_the_declared_one(path: Path, tmp_path: Path) -> None:
    declared = tmp_path / "declared.db"
    engine = create_engine(sqlite_url(declared))
    metadata.create_all(engine)
    engine.dispose()
    migrated = definitions(path)
    expected = definitions(declared)
    assert {name: migrated[name] for name in expected} == expected
    extra = migrated.keys() - expected.keys() - {"alembic_version"}
    assert all(name.startswith("device_search") for name in extra)


def test_head_is_the_newest_step() -> None:
    assert ScriptDirectory(str(schema.MIGRATIONS)).get_heads() == [schema.HEAD]


def test_current_database_is_left_alone(path: Path, tmp_path: Path) -> None:
    before = path.read_bytes()
    schema.bring_up_to_date(path, tmp_path / "backups", NOW)
    schema.check_current(path)
    assert path.read_bytes() == before
    assert not (tmp_path / "backups").exists()


def test_migration_keeps_every_row(path: Path, tmp_path: Path, next_step: Path) -> None:
    assert next_step.exists()
    fill(path)
    with pytest.raises(ConflictError, match="older version"):
        schema.check_current(path)
    schema.bring_up_to_date(path, tmp_path / "backups", NOW)
    assert rows(path, "SELECT id, name, note FROM tenant") == [(1, "Acme Controls", "")]
    assert rows(path, "SELECT count(*) FROM organization") == [(2,)]
    assert rows(path, "PRAGMA foreign_key_check") == []


def test_backup_is_made_first(path: Path, tmp_path: Path, next_step: Path) -> None:
    assert next_step.exists()
    fill(path)
    schema.bring_up_to_date(path, tmp_path / "backups", NOW)
    (backup,) = (tmp_path / "backups").iterdir()
    assert backup.name == f"20260302T080000Z-{HEAD}.db"
    assert rows(backup, "SELECT version_num FROM alembic_version") == [(HEAD,)]
    assert rows(backup, "SELECT count(*) FROM organization") == [(2,)]


def test_only_the_newest_backups_stay(path: Path, tmp_path: Path, next_step: Path) -> None:
    original = path.read_bytes()
    assert next_step.exists()
    for day in range(schema.KEPT_BACKUPS + 2):
        path.write_bytes(original)
        schema.bring_up_to_date(path, tmp_path / "backups", NOW + timedelta(days=day))
    names = sorted(backup.name[:8] for backup in (tmp_path / "backups").iterdir())
    assert names == ["20260304", "20260305", "20260306", "20260307", "20260308"]


@pytest.mark.parametrize("failure", ["raise OSError('power cut')", "op.execute('NO SUCH SQL')"])
def test_crash_in_the_middle_leaves_the_original(
    path: Path, tmp_path: Path, next_step: Path, failure: str
) -> None:
    next_step.write_text(f"{ADD_A_COLUMN}    {failure}\n", "utf-8")
    fill(path)
    before = definitions(path)
    with pytest.raises(Exception, match=r"power cut|NO SUCH SQL|syntax error"):
        schema.bring_up_to_date(path, tmp_path / "backups", NOW)
    assert definitions(path) == before
    assert rows(path, "SELECT version_num FROM alembic_version") == [(HEAD,)]
    assert rows(path, "SELECT count(*) FROM organization") == [(2,)]


def test_step_that_breaks_references_is_undone(path: Path, tmp_path: Path, next_step: Path) -> None:
    next_step.write_text(f"{ADD_A_COLUMN}    op.execute('DELETE FROM tenant')\n", "utf-8")
    fill(path)
    with pytest.raises(ConflictError) as caught:
        schema.bring_up_to_date(path, tmp_path / "backups", NOW)
    assert "2 rows" in caught.value.cause
    assert rows(path, "SELECT count(*) FROM tenant") == [(1,)]


def test_newer_database_is_refused_and_untouched(path: Path, tmp_path: Path) -> None:
    write(path, "UPDATE alembic_version SET version_num = '0099'")
    before = path.read_bytes()
    with pytest.raises(ConflictError, match="newer version"):
        schema.bring_up_to_date(path, tmp_path / "backups", NOW)
    assert path.read_bytes() == before
    assert not (tmp_path / "backups").exists()


@pytest.mark.parametrize(
    "content", [b"", b"not a database at all" * 100, b"SQLite format 3\0" + bytes(200)]
)
def test_foreign_file_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "some.db"
    file.write_bytes(content)
    with pytest.raises(InvalidInputError, match="not a database of this program"):
        schema.bring_up_to_date(file, tmp_path / "backups", NOW)
    assert file.read_bytes() == content


def test_database_without_a_version_is_refused(path: Path, tmp_path: Path) -> None:
    write(path, "DELETE FROM alembic_version")
    with pytest.raises(InvalidInputError, match="not a database of this program"):
        schema.bring_up_to_date(path, tmp_path / "backups", NOW)


def test_database_in_use_can_be_backed_up(path: Path, tmp_path: Path) -> None:
    database = Database(sqlite_url(path))
    with database.write() as connection:
        connection.exec_driver_sql("INSERT INTO tenant VALUES (1, 'Acme Controls', 1)")
        schema.back_up(path, tmp_path / "copy.db")
    database.close()
    assert rows(tmp_path / "copy.db", "SELECT count(*) FROM tenant") == [(0,)]
    assert rows(path, "SELECT count(*) FROM tenant") == [(1,)]


DEVICE = (
    "INSERT INTO device VALUES ({id}, '{name}', 1, 1, 1, '', 'new', NULL, '{serial}', '', '', '',"
    " '', '', '', '{{}}', NULL, '2026-03-02', '2026-03-02', 1)"
)


def found(path: Path, text: str) -> list[object]:
    sql = "SELECT rowid FROM device_search WHERE name LIKE '{0}' OR serial_number LIKE '{0}'"
    return sorted(row[0] for row in rows(path, sql.format(f"%{text}%")))  # type: ignore[type-var]


def test_device_search_follows_the_devices(path: Path) -> None:
    write(
        path,
        DEVICE.format(id=1, name="gateway-north-7", serial="SN-00042"),
        DEVICE.format(id=2, name="sensor-9", serial="SN-10042"),
    )
    assert found(path, "NORTH") == [1]
    assert found(path, "0042") == [1, 2]
    write(path, "UPDATE device SET name = 'gateway-south-7' WHERE id = 1")
    assert found(path, "north") == []
    assert found(path, "south") == [1]
    write(path, "DELETE FROM device WHERE id = 2")
    assert found(path, "0042") == [1]
    write(path, "INSERT INTO device_search(device_search) VALUES ('integrity-check')")


def test_second_step_carries_the_owner_of_each_certificate_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "workspace.db"
    with monkeypatch.context() as older:
        folder = tmp_path / "migrations"
        newer = shutil.ignore_patterns("__pycache__", "r000[2-9]*")
        shutil.copytree(schema.MIGRATIONS, folder, ignore=newer)
        older.setattr(schema, "MIGRATIONS", folder)
        schema.create_database(path)
    fill(path)
    columns = (
        "serial_number, model, hardware_version, manufacturer, device_class, firmware, location"
    )
    write(
        path,
        "INSERT INTO device_type VALUES (1, 'Pump', '', 1, 'global', NULL, NULL, '[]', NULL, '{}',"
        " '[]', '{}', 0, 0, 0, 1, 0, 0)",
        "INSERT INTO device (id, name, tenant_id, organization_id, type_id, description, mode,"
        f" attributes, created_at, changed_at, {columns}) VALUES (7, 'pump-7', 1, 2, 1, '',"
        " 'factory', '{}', '2026-03-01', '2026-03-01', '', '', '', '', '', '', '')",
        "INSERT INTO authority VALUES (1, 'CA', x'30', NULL, 1, 1, 'global', NULL, NULL)",
        "INSERT INTO secret VALUES (1, 'authority-key', NULL, NULL, NULL, NULL)",
        "INSERT INTO template VALUES (1, 'T', 'factory', 1, '[]', '[]', '[]', '[]', 1, 365, 5, 7,"
        " '[]', 1, 'global', NULL, NULL)",
        "INSERT INTO certificate VALUES (3, 'factory', 7, 1, 1, 'ab', 'f', 'p', 'CN=Pump', x'30',"
        " '2026-03-01', '2027-03-01', 'issued', '2026-03-01', 'window', NULL)",
    )
    schema.bring_up_to_date(path, tmp_path / "backups", NOW)
    certificate = "SELECT name, tenant_id, organization_id, device_id FROM certificate"
    assert rows(path, certificate) == [("pump-7", 1, 2, 7)]
    assert rows(path, "SELECT id FROM certificate WHERE subject = 'cn=pump'") == [(3,)]
    authority = "SELECT crl_hours, key_secret_id, revoked_at FROM authority"
    assert rows(path, authority) == [(168, 1, None)]
    thumbprint = sha1(b"0", usedforsecurity=False).hexdigest()
    assert rows(path, "SELECT thumbprint FROM certificate") == [(thumbprint,)]
