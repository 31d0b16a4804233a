"""Tables for people, JSON for programs."""

import json
from argparse import Namespace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cli.output import print_fields, print_rows, table, time_text

WIDE, MARKED = "\u6771\u4eac", "e\u0301a"


def test_cells_are_aligned_by_their_width_on_a_terminal() -> None:
    lines = table(["Name", "Site"], [[WIDE, "1"], [MARKED, "2"], ["long name", "3"]]).split("\n")
    assert lines == ["Name       Site", f"{WIDE}       1", f"{MARKED}         2", "long name  3"]


def test_nothing_is_cut_off() -> None:
    long = "x" * 500
    assert table(None, [[long, "end"]]) == f"{long}  end"


@given(st.lists(st.lists(st.text(), min_size=3, max_size=3)))
def test_a_row_is_a_line_whatever_it_holds(rows: list[list[str]]) -> None:
    printed = table(["a", "b", "c"], rows)
    assert len(printed.split("\n")) == len(rows) + 1
    assert "\x1b" not in printed


def test_times_are_told_in_utc() -> None:
    moment = datetime(2026, 3, 2, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    assert time_text(moment) == "2026-03-01T23:30:00Z"


def test_json_keeps_types_and_keys(capsys: pytest.CaptureFixture[str]) -> None:
    options = Namespace(json=True)
    rows = [{"id": 1, "name": WIDE, "active": True, "more": "left out"}]
    print_rows(options, ("id", "name", "active"), rows)
    assert json.loads(capsys.readouterr().out) == [{"id": 1, "name": WIDE, "active": True}]
    print_rows(options, ("id",), [])
    assert json.loads(capsys.readouterr().out) == []


def test_fields_are_told_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    print_fields(Namespace(json=False), {"active": False, "role": None, "fields": ["a", "b"]})
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines] == [["Active", "no"], ["Role"], ["Fields", "a,", "b"]]
