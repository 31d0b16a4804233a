"""Reports: tables of counts, the same on screen, as CSV and on paper (SYS-03)."""

import csv
import io
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

# A spreadsheet takes a cell that begins with one of these for a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class ReportBy(StrEnum):
    """What the rows of a report on what was issued stand for. Days are those of UTC."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    TYPE = "type"
    ORGANIZATION = "organization"
    OPERATOR = "operator"
    KIND = "kind"


@dataclass(frozen=True)
class ReportQuery:
    """What was issued from `since` on, before `until`, by what."""

    since: datetime
    until: datetime
    by: ReportBy


@dataclass(frozen=True)
class Report:
    """A table: a title, a heading a column, rows of as many cells, and a row of totals."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | int, ...], ...]
    totals: tuple[str | int, ...]


def csv_of(report: Report) -> str:
    """The table as CSV (RFC 4180): headings, rows and totals.

    Text that a spreadsheet would take for a formula gets a quote in front.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in (report.columns, *report.rows, report.totals):
        writer.writerow(_safe(cell) for cell in row)
    return out.getvalue()


def _safe(cell: str | int) -> str | int:
    if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS):
        return f"'{cell}"
    return cell
