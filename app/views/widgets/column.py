"""How one column of a table shows a row."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from app.views.widgets.badge import BadgeText

Row = TypeVar("Row")


def _no_text(_row: object) -> str:
    return ""


@dataclass(frozen=True)
class Column(Generic[Row]):
    """A column of a `PageModel`.

    `key` names the column for sorting and in saved states, `width` is in pixels at normal
    text size. A cell shows the badge, then the text; `tip` is shown when the pointer rests
    on it. `align` is `start` or `end` of the reading direction.
    """

    key: str
    title: str
    text: Callable[[Row], str] = _no_text
    badge: Callable[[Row], BadgeText | None] | None = None
    tip: Callable[[Row], str] | None = None
    width: int = 140
    mono: bool = False
    dim: bool = False
    align: Literal["start", "end"] = "start"
    sortable: bool = True
    shown: bool = True

    def words(self, row: Row) -> str:
        """Everything the cell says, as text: for copying and for a screen reader."""
        badge = self.badge(row) if self.badge else None
        parts = (badge.text if badge else "", self.text(row))
        return " ".join(part for part in parts if part)
