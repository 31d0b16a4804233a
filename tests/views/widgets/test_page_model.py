import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from app.core.errors import KnownError, UnavailableError
from app.views.jobs import Jobs
from app.views.theme.tokens import Tone
from app.views.widgets.badge import BadgeText
from app.views.widgets.column import Column
from app.views.widgets.page_model import (
    MISSING,
    PAGE_ROWS,
    PAGES_KEPT,
    PageModel,
    PageRequest,
)

COLUMNS: list[Column[int]] = [
    Column("number", "Number", str, align="end"),
    Column("parity", "Parity", badge=lambda n: BadgeText("odd", Tone.BAD) if n % 2 else None),
    Column("note", "Note", lambda n: f"note {n}", tip=lambda n: f"tip {n}", sortable=False),
]


@dataclass
class Table:
    """A database of whole numbers that remembers what it was asked."""

    total: int
    error: KnownError | None = None
    gate: threading.Event | None = None
    asked: list[PageRequest[str]] = field(default_factory=list)

    def fetch(self, request: PageRequest[str]) -> list[int]:
        self.asked.append(request)
        if self.gate and request.filter == "slow":
            self.gate.wait()
        if self.error:
            raise self.error
        numbers = [n for n in range(self.total) if request.filter != "odd" or n % 2]
        if request.descending:
            numbers.reverse()
        return numbers[request.offset : request.offset + request.limit]

    def count(self, wanted: str) -> int:
        return self.total // 2 if wanted == "odd" else self.total


def plain_model(table: Table, jobs: Jobs) -> PageModel[int, str]:
    return PageModel(
        COLUMNS,
        table.fetch,
        table.count,
        identity=lambda number: number,
        first_filter="",
        jobs=jobs,
        parent=jobs,
    )


Make = Callable[[Table], PageModel[int, str]]


@pytest.fixture
def make(jobs: Jobs, qtmodeltester: ModelTester) -> Make:
    def made(table: Table) -> PageModel[int, str]:
        model = plain_model(table, jobs)
        # Checks every signal the model emits from now on, as well as its answers now.
        qtmodeltester.check(model)  # type: ignore[no-untyped-call]
        return model

    return made


def text(model: PageModel[int, str], row: int, column: int = 0) -> object:
    return model.data(model.index(row, column))


def test_the_first_rows_come_at_once_and_the_count_later(make: Make, qtbot: QtBot) -> None:
    model = make(Table(1000))
    with qtbot.waitSignals([model.loaded, model.counted], order="strict"):
        model.reload()
    assert model.rowCount() == 1000
    assert text(model, 0) == "0"


def test_a_short_list_needs_no_count(make: Make, qtbot: QtBot) -> None:
    table = Table(3)
    model = make(table)
    with qtbot.waitSignal(model.counted) as counted:
        model.reload()
    assert counted.args == [3]
    assert model.rowCount() == 3
    assert len(table.asked) == 1


def test_a_row_further_down_is_fetched_when_looked_at_once(make: Make, qtbot: QtBot) -> None:
    table = Table(1000)
    model = make(table)
    with qtbot.waitSignal(model.counted):
        model.reload()
    assert text(model, 700) == MISSING
    assert model.cell(701, 1) == (MISSING, None)
    assert model.row(700) is None
    with qtbot.waitSignal(model.dataChanged) as changed:
        pass
    assert changed.args is not None
    assert (changed.args[0].row(), changed.args[1].row()) == (600, 799)
    assert text(model, 700) == "700"
    assert [request.offset for request in table.asked] == [0, 600]


def test_only_the_pages_used_last_are_kept(jobs: Jobs, qtbot: QtBot) -> None:
    # Without the model tester: it would look at all pages after each.
    model = plain_model(Table((PAGES_KEPT + 2) * PAGE_ROWS), jobs)
    with qtbot.waitSignal(model.counted):
        model.reload()
    for page in range(1, PAGES_KEPT + 1):
        with qtbot.waitSignal(model.dataChanged):
            text(model, page * PAGE_ROWS)
    assert model.row(0) is None
    assert model.row(PAGE_ROWS) == PAGE_ROWS


def test_sorting_happens_in_the_database(make: Make, qtbot: QtBot) -> None:
    table = Table(1000)
    model = make(table)
    with qtbot.waitSignal(model.counted):
        model.sort(0, Qt.SortOrder.DescendingOrder)
    assert (table.asked[-1].sort, table.asked[-1].descending) == ("number", True)
    assert text(model, 0) == "999"


def test_a_column_that_cannot_be_sorted_by_is_ignored(make: Make) -> None:
    table = Table(1000)
    make(table).sort(2)
    assert table.asked == []


def test_a_newer_filter_wins_over_an_older_slow_one(make: Make, qtbot: QtBot) -> None:
    table = Table(1000, gate=threading.Event())
    assert table.gate is not None
    model = make(table)
    model.set_filter("slow")
    with qtbot.waitSignal(model.counted):
        model.set_filter("odd")
    seen: list[object] = []
    model.modelReset.connect(lambda: seen.append("reset"))
    table.gate.set()
    with qtbot.waitSignal(model.dataChanged):
        text(model, 300)  # runs after the slow query has been dropped
    assert seen == []
    assert text(model, 0) == "1"


def test_refreshing_keeps_the_place_and_follows_the_number_of_rows(
    make: Make, qtbot: QtBot
) -> None:
    table = Table(1000)
    model = make(table)
    with qtbot.waitSignal(model.counted):
        model.reload()
    for total in (1100, 900):
        table.total = total
        resets: list[str] = []
        model.modelReset.connect(lambda resets=resets: resets.append("reset"))
        with qtbot.waitSignals([model.loaded, model.counted]):
            model.refresh()
        assert model.rowCount() == total
        assert resets == []


def test_refreshing_a_short_list_shows_no_row_before_it_is_there(make: Make, qtbot: QtBot) -> None:
    table = Table(3)
    model = make(table)
    with qtbot.waitSignal(model.counted):
        model.reload()
    seen: list[object] = []
    model.rowsInserted.connect(lambda _parent, first, _last: seen.append(text(model, first)))
    table.total = 5
    with qtbot.waitSignal(model.counted) as counted:
        model.refresh()
    assert counted.args == [5]
    assert seen == ["3"]
    table.total = 2
    with qtbot.waitSignal(model.counted):
        model.refresh()
    assert model.rowCount() == 2


def test_refreshing_counts_when_what_was_shown_is_gone(make: Make, qtbot: QtBot) -> None:
    table = Table(1000)
    model = make(table)
    with qtbot.waitSignal(model.counted):
        model.reload()
    with qtbot.waitSignal(model.dataChanged):
        text(model, 900)
    table.total = 300
    with qtbot.waitSignal(model.counted) as counted:
        model.refresh()
    assert counted.args == [300]
    assert model.rowCount() == 300


def test_a_failure_is_told_once_and_not_asked_again_by_painting(make: Make, qtbot: QtBot) -> None:
    table = Table(1000)
    model = make(table)
    with qtbot.waitSignal(model.counted):
        model.reload()
    table.error = UnavailableError("The database is locked.")
    with qtbot.waitSignal(model.failed) as failed:
        text(model, 500)
    assert failed.args == [table.error]
    before = len(table.asked)
    assert text(model, 500) == MISSING
    assert len(table.asked) == before
    table.error = None
    with qtbot.waitSignal(model.counted):
        model.reload()
    assert text(model, 0) == "0"


def test_cells_tell_badge_tip_alignment_and_words(make: Make, qtbot: QtBot) -> None:
    model = make(Table(5))
    with qtbot.waitSignal(model.counted):
        model.reload()
    assert model.cell(1, 1) == ("", BadgeText("odd", Tone.BAD))
    assert model.cell(2, 2) == ("note 2", None)
    assert model.data(model.index(1, 2), Qt.ItemDataRole.ToolTipRole) == "tip 1"
    spoken = model.data(model.index(1, 1), Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Parity: odd"
    align = model.data(model.index(1, 0), Qt.ItemDataRole.TextAlignmentRole)
    assert isinstance(align, Qt.AlignmentFlag)
    assert align & Qt.AlignmentFlag.AlignRight
    header = model.headerData(0, Qt.Orientation.Horizontal)
    assert header == "Number"


def test_a_row_is_found_by_its_identity(make: Make, qtbot: QtBot) -> None:
    model = make(Table(1000))
    with qtbot.waitSignal(model.counted):
        model.sort(0, Qt.SortOrder.DescendingOrder)
    assert model.find(990) == 9
    assert model.find(3) is None
