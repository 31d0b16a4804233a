"""What the database tells of its failures."""

from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from app.models.db import tables
from app.models.db.engine import Database, sqlite_url
from app.models.db.schema import create_database


def test_a_failing_statement_tells_no_secret(tmp_path: Path) -> None:
    create_database(tmp_path / "workspace.db")
    database = Database(sqlite_url(tmp_path / "workspace.db"))
    row = {"name": "Plant", "active": True}
    with database.write() as connection:
        connection.execute(insert(tables.tenant).values(row))
    with pytest.raises(IntegrityError) as caught, database.write() as connection:
        connection.execute(insert(tables.tenant).values(row))
    assert "UNIQUE" in str(caught.value)
    assert "Plant" not in str(caught.value)
    database.close()
