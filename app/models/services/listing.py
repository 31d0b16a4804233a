"""How long lists stay quick: what to search by an index, and what to sort by one.

A query that finds few rows is answered by the index that finds them, and they are sorted. One
that finds many is answered by walking the index that sorts, dropping the rows that do not
match. The database cannot know which of the two it is, so it is asked for a few rows first.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select, union

FEW = 10_000
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
