"""A table model over a million rows: the first page at once, the count later, the rest on demand.

A model asks for pages of 200 rows on a worker thread and keeps the hundred used last. Each
query has a generation number; what an older query still delivers is dropped.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from app.core.errors import KnownError
from app.views.jobs import Jobs
from app.views.widgets.badge import BadgeText
from app.views.widgets.column import Column

Row = TypeVar("Row")
Filter = TypeVar("Filter")

PAGE_ROWS = 200
PAGES_KEPT = 100
MISSING = "…"

_Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()


@dataclass(frozen=True)
class PageRequest(Generic[Filter]):
    """Which rows are wanted: `limit` rows from `offset`, sorted by the column key `sort`."""

    offset: int
    limit: int
    sort: str
    descending: bool
    filter: Filter


class PageModel(QAbstractTableModel, Generic[Row, Filter]):
    """Rows fetched in pages.

    `fetch` and `count` run on worker threads. `identity` tells rows apart when the same
    query is asked again.

    Signals: `loaded()` when the first rows of a query, or a refresh, have arrived;
    `counted(int)` when the number of rows is known; `failed(KnownError)`.
    """

    loaded = Signal()
    counted = Signal(int)
    failed = Signal(object)

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        fetch: Callable[[PageRequest[Filter]], Sequence[Row]],
        count: Callable[[Filter], int],
        *,
        identity: Callable[[Row], Hashable],
        first_filter: Filter,
        jobs: Jobs,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.identity = identity
        self._fetch = fetch
        self._count = count
        self._jobs = jobs
        self._filter = first_filter
        self._sort = self.columns[0].key
        self._descending = False
        self._generation = 0
        self._rows = 0
        self._pages: OrderedDict[int, Sequence[Row]] = OrderedDict()
        self._asked: set[int] = set()

    def set_filter(self, new_filter: Filter) -> None:
        """Ask for other rows, from the top."""
        self._filter = new_filter
        self.reload()

    def reload(self) -> None:
        """Ask from the top; what is shown stays until the first rows arrive."""
        self._generation += 1
        self._asked = {0}
        self._load(0, self._first_rows)

    def refresh(self) -> None:
        """Ask again for what is shown, in place: after something in the database changed."""
        if not self._pages:
            self.reload()
            return
        self._generation += 1
        recent = list(self._pages)[-2:]
        for number in [number for number in self._pages if number not in recent]:
            del self._pages[number]
        self._asked = set(recent)
        for number in recent[:-1]:
            self._load(number, self._more_rows)
        self._load(recent[-1], self._renewed_rows)

    def row(self, number: int) -> Row | None:
        """The row at `number`, or None while it is not loaded."""
        page = self._pages.get(number // PAGE_ROWS)
        place = number % PAGE_ROWS
        return page[place] if page is not None and place < len(page) else None

    def find(self, identity: Hashable) -> int | None:
        """Where the row with this identity is, among the loaded ones."""
        for number, page in self._pages.items():
            for place, row in enumerate(page):
                if self.identity(row) == identity:
                    return number * PAGE_ROWS + place
        return None

    def rowCount(self, parent: _Index = _NO_INDEX) -> int:
        """Rows known so far; none below a cell."""
        return 0 if parent.isValid() else self._rows

    def columnCount(self, parent: _Index = _NO_INDEX) -> int:
        """Columns; none below a cell."""
        return 0 if parent.isValid() else len(self.columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Titles of the columns."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(self.columns[section])
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """One cell; asking for a row that is not loaded has it loaded."""
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.cell(index.row(), index.column())[0]
        column = self.columns[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        row = self._wanted_row(index.row())
        return None if row is None else _more(column, row, role)

    def cell(self, row: int, column: int) -> tuple[str, BadgeText | None]:
        """The text and the badge of a cell, for painting; fetches as `data` does."""
        described, wanted = self.columns[column], self._wanted_row(row)
        if wanted is None:
            return MISSING, None
        badge = described.badge(wanted) if described.badge else None
        return described.text(wanted), badge

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Have the database sort by a column; a column that cannot be sorted by is ignored."""
        if 0 <= column < len(self.columns) and self.columns[column].sortable:
            self._sort = self.columns[column].key
            self._descending = order == Qt.SortOrder.DescendingOrder
            self.reload()

    def _wanted_row(self, number: int) -> Row | None:
        page = number // PAGE_ROWS
        if page in self._pages:
            self._pages.move_to_end(page)
        elif page not in self._asked:
            self._asked.add(page)
            self._load(page, self._more_rows)
        return self.row(number)

    def _load(self, page: int, arrived: Callable[[int, Sequence[Row]], None]) -> None:
        generation = self._generation
        request = PageRequest(
            page * PAGE_ROWS, PAGE_ROWS, self._sort, self._descending, self._filter
        )

        def done(rows: Sequence[Row]) -> None:
            if generation == self._generation:
                arrived(page, rows)

        self._jobs.run(self, lambda: self._fetch(request), done, self._fail(generation))

    def _first_rows(self, _page: int, rows: Sequence[Row]) -> None:
        self.beginResetModel()
        self._pages = OrderedDict({0: rows})
        self._rows = len(rows)
        self._asked.clear()
        self.endResetModel()
        self.loaded.emit()
        self._count_after(0, rows)

    def _renewed_rows(self, page: int, rows: Sequence[Row]) -> None:
        self._more_rows(page, rows)
        self._count_after(page, rows)

    def _count_after(self, page: int, rows: Sequence[Row]) -> None:
        # A page that is not full is the last one; an empty one may lie beyond it.
        if len(rows) == PAGE_ROWS or (page and not rows):
            self._recount()
        else:
            self._resize(page * PAGE_ROWS + len(rows))

    def _more_rows(self, page: int, rows: Sequence[Row]) -> None:
        self._asked.discard(page)
        self._pages[page] = rows
        while len(self._pages) > PAGES_KEPT:
            self._pages.popitem(last=False)
        first = page * PAGE_ROWS
        if first + len(rows) > self._rows:  # rows came before the count that knows of them
            self._set_rows(first + len(rows))
        last = min(first + PAGE_ROWS, self._rows) - 1
        if first <= last:
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(self.columns) - 1))
        self.loaded.emit()

    def _recount(self) -> None:
        generation, wanted = self._generation, self._filter

        def done(total: int) -> None:
            if generation == self._generation:
                self._resize(total)

        self._jobs.run(self, lambda: self._count(wanted), done, self._fail(generation))

    def _resize(self, total: int) -> None:
        self._set_rows(total)
        self.counted.emit(total)

    def _set_rows(self, total: int) -> None:
        if total > self._rows:
            self.beginInsertRows(QModelIndex(), self._rows, total - 1)
            self._rows = total
            self.endInsertRows()
        elif total < self._rows:
            self.beginRemoveRows(QModelIndex(), total, self._rows - 1)
            self._rows = total
            self.endRemoveRows()

    def _fail(self, generation: int) -> Callable[[KnownError], None]:
        # The page stays in `_asked`: painting must not ask for it again and again.
        def failed(error: KnownError) -> None:
            if generation == self._generation:
                self.failed.emit(error)

        return failed


def _alignment(column: Column[Any]) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignLeft if column.align == "start" else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter  # Qt mirrors left and right by itself


def _more(column: Column[Row], row: Row, role: int) -> str | None:
    if role == Qt.ItemDataRole.ToolTipRole:
        return column.tip(row) if column.tip else None
    if role == Qt.ItemDataRole.AccessibleTextRole:
        return f"{column.title}: {column.words(row)}"
    return None
