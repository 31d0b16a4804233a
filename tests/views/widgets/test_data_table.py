import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QContextMenuEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from app.views.jobs import Jobs
from app.views.theme.fonts import scaled
from app.views.theme.tokens import Tone
from app.views.widgets.badge import BadgeText
from app.views.widgets.column import Column
from app.views.widgets.data_table import DataTable
from app.views.widgets.page_model import PageModel, PageRequest

LONG = "refused: issuer “Contoso Test Root” is not a factory CA here"


def columns(*extra: Column[int]) -> list[Column[int]]:
    return [
        Column("number", "Number", str),
        Column("state", "State", badge=lambda n: BadgeText("new", Tone.GOOD) if n else None),
        Column("note", "Note", lambda _n: LONG, sortable=False, width=80),
        Column("hidden", "Hidden", str, shown=False),
        *extra,
    ]


class Numbers:
    """Rows that can change between queries."""

    def __init__(self) -> None:
        self.rows = list(range(40))

    def fetch(self, request: PageRequest[str]) -> list[int]:
        rows = sorted(self.rows, reverse=request.descending)
        return rows[request.offset : request.offset + request.limit]

    def count(self, _filter: str) -> int:
        return len(self.rows)


@pytest.fixture
def numbers() -> Numbers:
    return Numbers()


def make_table(
    numbers: Numbers, jobs: Jobs, qtbot: QtBot, described: list[Column[int]]
) -> DataTable[int]:
    model = PageModel(
        described,
        numbers.fetch,
        numbers.count,
        identity=lambda number: number,
        first_filter="",
        jobs=jobs,
        parent=jobs,
    )
    table = DataTable(model, "Numbers")
    qtbot.addWidget(table)
    table.resize(600, 400)
    table.show()
    table.activateWindow()
    assert QTest.qWaitForWindowActive(table)
    with qtbot.waitSignal(model.counted):
        model.reload()
    return table


@pytest.fixture
def table(numbers: Numbers, jobs: Jobs, qtbot: QtBot) -> DataTable[int]:
    return make_table(numbers, jobs, qtbot, columns())


def model_of(table: DataTable[int]) -> PageModel[int, str]:
    model = table.model()
    assert isinstance(model, PageModel)
    return model


def test_arrows_choose_a_row_and_enter_opens_it(table: DataTable[int], qtbot: QtBot) -> None:
    table.setCurrentIndex(model_of(table).index(0, 0))
    with qtbot.waitSignal(table.chosen) as chosen:
        QTest.keyClick(table, Qt.Key.Key_Down)
    assert chosen.args == [1]
    with qtbot.waitSignal(table.opened) as opened:
        QTest.keyClick(table, Qt.Key.Key_Return)
    assert opened.args == [1]


def test_a_double_click_opens(table: DataTable[int], qtbot: QtBot) -> None:
    at = table.visualRect(model_of(table).index(2, 0)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    with qtbot.waitSignal(table.opened) as opened:
        QTest.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert opened.args == [2]


def test_enter_without_a_row_opens_nothing(table: DataTable[int], qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(table.opened):
        QTest.keyClick(table, Qt.Key.Key_Return)


def test_a_click_on_a_title_sorts(table: DataTable[int], qtbot: QtBot) -> None:
    header = table.horizontalHeader()
    at = QPoint(header.sectionViewportPosition(0) + 10, header.height() // 2)
    with qtbot.waitSignal(model_of(table).modelReset):
        QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert model_of(table).row(0) == 39


def test_a_title_that_cannot_sort_keeps_the_sign_where_it_is(
    table: DataTable[int], qtbot: QtBot
) -> None:
    header = table.horizontalHeader()
    at = QPoint(header.sectionViewportPosition(2) + 10, header.height() // 2)
    with qtbot.assertNotEmitted(model_of(table).modelReset):
        QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert header.sortIndicatorSection() == 0


def test_columns_are_chosen_by_keyboard(table: DataTable[int]) -> None:
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    action = next(action for action in menu.actions() if action.text() == "Hidden")
    assert not action.isChecked()
    menu.setActiveAction(action)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert not table.isColumnHidden(3)


def test_the_last_column_cannot_be_hidden(table: DataTable[int]) -> None:
    for section in (1, 2):
        table.setColumnHidden(section, True)  # noqa: FBT003  Qt's signature
    menu = table.header_menu()
    action = next(action for action in menu.actions() if action.text() == "Number")
    assert not action.isEnabled()


def test_widths_order_and_choice_are_remembered(
    table: DataTable[int], numbers: Numbers, jobs: Jobs, qtbot: QtBot
) -> None:
    table.setColumnWidth(0, 222)
    table.setColumnHidden(1, True)  # noqa: FBT003  Qt's signature
    table.horizontalHeader().moveSection(0, 1)
    state = table.save_state()

    again = make_table(numbers, jobs, qtbot, columns())
    again.restore_state(state)
    assert again.columnWidth(0) == 222
    assert again.isColumnHidden(1)
    assert again.horizontalHeader().visualIndex(0) == 1

    again.reset_columns()
    assert again.columnWidth(0) == scaled(140)
    assert not again.isColumnHidden(1)
    assert again.horizontalHeader().visualIndex(0) == 0


@pytest.mark.parametrize("state", [b"", b"junk", b"number,state,note,hidden\njunk"])
def test_a_state_that_does_not_fit_is_ignored(table: DataTable[int], state: bytes) -> None:
    table.restore_state(state)
    assert table.columnWidth(0) == scaled(140)


def test_a_state_of_other_columns_is_ignored(
    table: DataTable[int], numbers: Numbers, jobs: Jobs, qtbot: QtBot
) -> None:
    table.setColumnWidth(0, 222)
    other = make_table(numbers, jobs, qtbot, columns(Column("more", "More", str)))
    other.restore_state(table.save_state())
    assert other.columnWidth(0) == scaled(140)


def test_a_cell_is_copied_with_its_badge(table: DataTable[int]) -> None:
    table.setCurrentIndex(model_of(table).index(1, 1))
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "new"


def test_the_context_menu_offers_the_page_s_actions_and_what_every_table_can(
    table: DataTable[int],
) -> None:
    renew = QAction("Renew…", table)
    table.addAction(renew)
    at = QPoint(5, 5)
    reason = QContextMenuEvent.Reason.Keyboard
    table.contextMenuEvent(QContextMenuEvent(reason, at, table.mapToGlobal(at)))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    texts = [action.text() for action in menu.actions() if not action.isSeparator()]
    assert texts == ["Renew…", "Copy cell", "Columns"]
    menu.close()


def test_sorting_is_chosen_by_keyboard(table: DataTable[int], qtbot: QtBot) -> None:
    menu = table.header_menu()
    falling = next(action for action in menu.actions() if "falling" in action.text())
    with qtbot.waitSignal(model_of(table).modelReset):
        falling.trigger()
    assert model_of(table).row(0) == 39


def test_the_same_thing_stays_chosen_when_rows_move(
    table: DataTable[int], numbers: Numbers, qtbot: QtBot
) -> None:
    model = model_of(table)
    table.setCurrentIndex(model.index(5, 0))
    numbers.rows.insert(0, -1)
    with qtbot.waitSignals([model.loaded, model.counted]):
        model.refresh()
    assert table.selected_row() == 5
    assert table.currentIndex().row() == 6


def test_a_thing_that_is_gone_is_no_longer_chosen(
    table: DataTable[int], numbers: Numbers, qtbot: QtBot
) -> None:
    model = model_of(table)
    table.setCurrentIndex(model.index(5, 0))
    numbers.rows.remove(5)
    with qtbot.waitSignal(table.chosen) as chosen:
        model.refresh()
    assert chosen.args == [None]
    assert table.selected_row() is None


def test_rows_are_34_pixels_and_grow_with_the_text(table: DataTable[int]) -> None:
    assert table.rowHeight(0) == 34
    assert table.accessibleName() == "Numbers"
