"""What commands print: tables and fields for people, JSON with stable keys for programs."""

import json
import unicodedata
from argparse import Namespace
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from app.cli.headings import headings
from app.core.language import _
from app.pki.strings import escape_unsafe

Fields = Mapping[str, object]


def print_rows(options: Namespace, columns: Sequence[str], rows: Iterable[Fields]) -> None:
    """Print objects as a table of these columns or, with `--json`, as a list of objects."""
    picked = [{column: row[column] for column in columns} for row in rows]
    if options.json:
        print_json(picked)
        return
    names = headings()
    texts = [[_text(value) for value in row.values()] for row in picked]
    print(table([names.get(column, column) for column in columns], texts))


def print_fields(options: Namespace, fields: Fields) -> None:
    """Print one object: a field a line or, with `--json`, as an object."""
    if options.json:
        print_json(fields)
        return
    names = headings()
    print(table(None, [[names.get(key, key), _text(value)] for key, value in fields.items()]))


def print_json(value: object) -> None:
    """Print a value as JSON, in ASCII so that every terminal can, times as ISO 8601 in UTC."""
    print(json.dumps(value, indent=2, default=_json_value))


def table(headings: Sequence[str] | None, rows: Sequence[Sequence[str]]) -> str:
    """Lines of cells aligned by their width on a terminal; nothing is cut off."""
    lines = [list(map(escape_unsafe, row)) for row in rows]
    if headings is not None:
        lines.insert(0, list(headings))
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def time_text(moment: datetime) -> str:
    """ISO 8601 in UTC, to the second: 2026-03-02T08:00:00Z."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _json_value(value: Any) -> Any:  # noqa: ANN401  what json asks for
    if isinstance(value, datetime):
        return time_text(value)
    raise TypeError(type(value))


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_text, value))
    return str(value)


def _width(text: str) -> int:
    """Columns on a terminal (Unicode Standard Annex 11): two a wide character, none a mark."""
    return sum(
        0
        if unicodedata.category(character) in ("Mn", "Me", "Cf")
        else 1 + (unicodedata.east_asian_width(character) in "WF")
        for character in text
    )
