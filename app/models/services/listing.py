"""How long lists stay quick: what to search by an index, and what to sort by one.

A query that finds few rows is answered by the index that finds them, and they are sorted. One
that finds many is answered by walking the index that sorts, dropping the rows that do not
match. The database cannot know which of the two it is, so it is asked for a few rows first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    false,
    func,
    or_,
    select,
    true,
    union,
)

from app.core.errors import InvalidInputError
from app.core.language import _

FEW = 10_000
_LONGEST = 2000  # more than anything that is looked for
_AFTER_EVERY_CHARACTER = "\U0010ffff"


def starts_with(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """The column begins with `text`, as a range that an index in the column's order answers."""
    return and_(column >= text, column < text + _AFTER_EVERY_CHARACTER)


def any_of(candidates: Sequence[Select[tuple[int]]]) -> Select[tuple[int]]:
    """The ids that any of the selects finds, at most one more than `FEW` from each."""
    limited = (select(one.limit(FEW + 1).subquery()) for one in candidates)
    return select(union(*limited).subquery())


def is_few(connection: Connection, ids: Select[tuple[int]]) -> bool:
    """Whether the select finds no more than `FEW` rows; it looks at no more than that."""
    return count_up_to(connection, ids, FEW + 1) <= FEW


def count_up_to(connection: Connection, ids: Select[tuple[int]], limit: int) -> int:
    """How many rows the select finds, `limit` if there are more."""
    some = ids.limit(limit).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar_one()


def walked(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The column in a form for which the database does not look for an index."""
    return func.coalesce(column, column)


def looked_up(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The column as it is: an index may find its value."""
    return column


def containing(columns: Sequence[ColumnElement[str]], text: str) -> ColumnElement[bool]:
    """Any of the columns contains the text, whatever its case; every row is looked at."""
    text = text.strip()
    if not text:
        return true()
    # No name is like that, and SQLite stumbles over some.
    if not text.isprintable() or len(text) > _LONGEST:
        return false()
    # SQLite folds the case of ASCII letters only: "über" is to find "ÜBER", too.
    spellings = [text] if text.isascii() else sorted({text, text.lower(), text.upper()})
    return or_(*(one.icontains(t, autoescape=True) for one in columns for t in spellings))


@dataclass(frozen=True)
class ListQuery:
    """Which rows of a small entity's list are wanted, in which order.

    `text` is looked for anywhere in what the service searches, whatever its case; `active` of
    None means all. `sort` is a key the service knows; it raises `InvalidInputError` otherwise.
    """

    text: str = ""
    active: bool | None = None
    sort: str = "name"
    descending: bool = False


def page_of(  # noqa: PLR0917  a connection, what is asked of it, and which part is wanted
    connection: Connection,
    statement: Select[Any],
    query: ListQuery,
    columns: Mapping[str, ColumnElement[Any]],
    searched: Sequence[ColumnElement[str]],
    offset: int,
    limit: int,
) -> Sequence[Row[Any]]:
    """The rows of `statement` that match, from `offset` on, at most `limit` of them.

    `statement` selects a column `id`, which breaks ties. `columns` are what can be sorted by;
    `active` among them is what `query.active` is compared with. Made for some ten thousand
    rows: every row is looked at. Raises `InvalidInputError` for an unknown sort key.
    """
    if query.sort not in columns:
        raise InvalidInputError(
            _("This list cannot be sorted by “{key}”.").format(key=query.sort),
            remedy=_("Choose one of: {keys}.").format(keys=", ".join(sorted(columns))),
            field="sort",
        )
    order = (columns[query.sort], statement.selected_columns.id)
    if query.descending:
        order = (order[0].desc(), order[1].desc())
    wanted = statement.where(*_matches(query, columns, searched))
    return connection.execute(wanted.order_by(*order).offset(offset).limit(limit)).all()


def count_of(
    connection: Connection,
    statement: Select[Any],
    query: ListQuery,
    columns: Mapping[str, ColumnElement[Any]],
    searched: Sequence[ColumnElement[str]],
) -> int:
    """How many rows of `statement` match; the arguments are those of `page_of`."""
    wanted = statement.where(*_matches(query, columns, searched)).subquery()
    return connection.execute(select(func.count()).select_from(wanted)).scalar_one()


def _matches(
    query: ListQuery,
    columns: Mapping[str, ColumnElement[Any]],
    searched: Sequence[ColumnElement[str]],
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if query.active is not None:
        conditions.append(columns["active"] == query.active)
    conditions.append(containing(searched, query.text))
    return conditions
