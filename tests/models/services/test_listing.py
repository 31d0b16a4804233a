"""The list of a small entity: searched, narrowed down, sorted and paged by SQLite."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Boolean, Column, Connection, Integer, MetaData, Table, Text, select

from app.core.errors import InvalidInputError
from app.models.db.engine import Database, sqlite_url
from app.models.services.listing import ListQuery, count_of, page_of

THINGS = Table(
    "thing",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("active", Boolean, nullable=False),
)
COLUMNS = {"name": THINGS.c.name, "note": THINGS.c.note, "active": THINGS.c.active}
SEARCHED = (THINGS.c.name, THINGS.c.note)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    database = Database(sqlite_url(tmp_path / "things.db"))
    with database.write() as opened:
        THINGS.metadata.create_all(opened)
        yield opened
    database.close()


def add(connection: Connection, *names: str, note: str = "", active: bool = True) -> None:
    rows = [{"name": name, "note": note, "active": active} for name in names]
    connection.execute(THINGS.insert(), rows)


def found(connection: Connection, query: ListQuery, size: int = 2) -> list[str]:
    """The names that match, asked for page by page; their number is what `count_of` says."""
    names: list[str] = []
    for start in itertools.count(0, size):
        rows = page_of(connection, select(THINGS), query, COLUMNS, SEARCHED, start, size)
        names += [row.name for row in rows]
        if len(rows) < size:
            break
    assert count_of(connection, select(THINGS), query, COLUMNS, SEARCHED) == len(names)
    return names


def test_everything_is_listed_by_name(connection: Connection) -> None:
    add(connection, "c", "a", "b")
    assert found(connection, ListQuery()) == ["a", "b", "c"]
    assert found(connection, ListQuery(descending=True)) == ["c", "b", "a"]


def test_equal_values_keep_one_order(connection: Connection) -> None:
    add(connection, "c", "a", "b", "d")
    assert found(connection, ListQuery(sort="note")) == ["c", "a", "b", "d"]
    assert found(connection, ListQuery(sort="note", descending=True)) == ["d", "b", "a", "c"]


def test_active_and_inactive_ones(connection: Connection) -> None:
    add(connection, "in use")
    add(connection, "given up", active=False)
    assert found(connection, ListQuery(active=True)) == ["in use"]
    assert found(connection, ListQuery(active=False)) == ["given up"]


def test_a_text_is_found_anywhere_in_all_that_is_searched(connection: Connection) -> None:
    add(connection, "Gateway 200", note="north")
    add(connection, "Sensor", note="for the gateway")
    add(connection, "Meter")
    assert found(connection, ListQuery(" WAY ")) == ["Gateway 200", "Sensor"]


@pytest.mark.parametrize("text", ["über", "ÜBER", "Über", "BERL"])
def test_case_does_not_matter_in_german_either(connection: Connection, text: str) -> None:
    add(connection, "Überlingen", "ÜBERLINGEN", "überlingen", "Ulm")
    assert len(found(connection, ListQuery(text))) == 3


@pytest.mark.parametrize("text", ["%", "_", "/", "a\x00", "\ud800", "\n\u202e"])
def test_a_text_is_no_pattern(connection: Connection, text: str) -> None:
    add(connection, "abc", "a")
    assert found(connection, ListQuery(text)) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    name=st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1),
    data=st.data(),
)
def test_every_part_of_a_name_finds_it(
    connection: Connection, name: str, data: st.DataObject
) -> None:
    connection.execute(THINGS.delete())
    add(connection, name)
    start = data.draw(st.integers(0, len(name) - 1))
    end = data.draw(st.integers(start + 1, len(name)))
    part = name[start:end]
    wanted = [name] if part.strip().isprintable() else []
    assert found(connection, ListQuery(part)) == wanted


def test_a_whole_file_that_is_pasted_finds_nothing(connection: Connection) -> None:
    add(connection, "Gateway")
    query = ListQuery(text="Gateway" * 20_000)
    assert count_of(connection, select(THINGS), query, COLUMNS, SEARCHED) == 0


def test_an_unknown_sort_key_is_refused(connection: Connection) -> None:
    with pytest.raises(InvalidInputError, match="“size”") as caught:
        page_of(connection, select(THINGS), ListQuery(sort="size"), COLUMNS, SEARCHED, 0, 1)
    assert caught.value.field == "sort"
    assert caught.value.remedy == "Choose one of: active, name, note."
