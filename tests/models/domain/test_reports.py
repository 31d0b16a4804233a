"""A report as CSV is read back as it was, and holds no formulas."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.models.domain.reports import Report, csv_of

CELL = st.one_of(st.integers(), st.text(st.characters(exclude_categories=["Cs"])))
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"]


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@given(st.lists(st.tuples(CELL, CELL), max_size=5))
def test_csv_holds_every_cell(rows: list[tuple[str | int, str | int]]) -> None:
    report = Report("Title", ("A", "B"), tuple(rows), ("Total", 7))
    header, *body, totals = read(csv_of(report))
    assert (header, totals) == (["A", "B"], ["Total", "7"])
    found = [tuple(cell.removeprefix("'") for cell in row) for row in body]
    assert found == [tuple(str(cell).removeprefix("'") for cell in row) for row in rows]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_is_a_formula(text: str) -> None:
    report = Report("Title", (text,), ((text,), (-7,)), (text,))
    assert read(csv_of(report)) == [[f"'{text}"], [f"'{text}"], ["-7"], [f"'{text}"]]


def test_lines_end_as_rfc_4180_says() -> None:
    report = Report("Title", ("A", "B"), (("a,b", 'c"d'),), ("", 0))
    assert csv_of(report) == 'A,B\r\n"a,b","c""d"\r\n,0\r\n'
