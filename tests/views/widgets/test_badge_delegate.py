from typing import cast

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QColor, QHelpEvent, QImage
from PySide6.QtWidgets import QApplication, QStyleOptionViewItem, QToolTip
from pytestqt.qtbot import QtBot

from app.views.jobs import Jobs
from app.views.theme import apply_theme
from app.views.theme.tokens import DARK, LIGHT, Tone
from app.views.widgets.badge import BadgeText
from app.views.widgets.badge_delegate import BadgeDelegate
from app.views.widgets.column import Column
from app.views.widgets.data_table import DataTable
from app.views.widgets.page_model import PageModel

LONG = "refused: issuer “Contoso Test Root” is not a factory CA here"
COLUMNS: list[Column[int]] = [
    Column("state", "State", badge=lambda n: BadgeText("new", Tone.GOOD) if n else None),
    Column("both", "Both", str, badge=lambda _n: BadgeText("old", Tone.BAD)),
    Column("number", "Number", str, align="end"),
    Column("note", "Note", lambda _n: LONG, width=80, dim=True),
    Column("until", "Until", str, tip=lambda n: f"tip {n}"),
]


@pytest.fixture
def table(jobs: Jobs, qtbot: QtBot) -> DataTable[int]:
    model: PageModel[int, None] = PageModel(
        COLUMNS,
        lambda wanted: range(5)[wanted.offset : wanted.offset + wanted.limit],
        lambda _filter: 5,
        identity=lambda number: number,
        first_filter=None,
        jobs=jobs,
        parent=jobs,
    )
    table: DataTable[int] = DataTable(model, "Numbers")
    qtbot.addWidget(table)
    table.resize(800, 300)
    with qtbot.waitExposed(table), qtbot.waitSignal(model.counted):
        table.show()
        model.reload()
    return table


def cell(table: DataTable[int], row: int, column: int) -> QImage:
    return table.viewport().grab(table.visualRect(table.model().index(row, column))).toImage()


def columns_of(image: QImage, colour: str) -> list[int]:
    """The columns of pixels in which a colour occurs."""
    wanted = QColor(colour)
    return [
        x
        for x in range(image.width())
        if any(image.pixelColor(x, y) == wanted for y in range(image.height()))
    ]


def delegate_of(table: DataTable[int]) -> BadgeDelegate:
    return cast("BadgeDelegate", table.itemDelegate())


def tip_of(table: DataTable[int], column: int, width: int) -> str:
    option = QStyleOptionViewItem()
    table.initViewItemOption(option)
    option.rect.setWidth(width)
    return delegate_of(table).tooltip(option, table.model().index(1, column))


def test_a_badge_has_the_colour_of_its_tone(table: DataTable[int]) -> None:
    assert columns_of(cell(table, 1, 0), LIGHT.good_ground)
    assert not columns_of(cell(table, 0, 0), LIGHT.good_ground)


def test_the_text_follows_the_badge(table: DataTable[int]) -> None:
    image = cell(table, 4, 1)
    assert max(columns_of(image, LIGHT.bad_ground)) < min(columns_of(image, LIGHT.text))


def test_reading_from_the_right_the_text_is_left_of_the_badge(table: DataTable[int]) -> None:
    table.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    image = cell(table, 4, 1)
    assert max(columns_of(image, LIGHT.text)) < min(columns_of(image, LIGHT.bad_ground))
    assert min(columns_of(image, LIGHT.bad_ground)) > image.width() // 2


@pytest.mark.parametrize("direction", Qt.LayoutDirection)
def test_a_column_that_aligns_at_the_end_does(
    table: DataTable[int], direction: Qt.LayoutDirection
) -> None:
    table.setLayoutDirection(direction)
    image = cell(table, 4, 2)
    inked = columns_of(image, LIGHT.text)
    if table.isRightToLeft():
        assert max(inked) < image.width() // 2
    else:
        assert min(inked) > image.width() // 2


def test_cells_follow_the_theme_and_the_size_of_the_text(
    table: DataTable[int], qapp: QApplication
) -> None:
    small = len(columns_of(cell(table, 1, 0), LIGHT.good_ground))
    apply_theme(qapp, "dark", 1.5)
    image = cell(table, 1, 0)
    assert not columns_of(image, LIGHT.good_ground)
    assert len(columns_of(image, DARK.good_ground)) > 1.3 * small


def test_a_chosen_row_is_marked_over_all_its_width(table: DataTable[int]) -> None:
    table.selectRow(2)
    for column in range(len(COLUMNS)):
        assert len(columns_of(cell(table, 2, column), LIGHT.soft)) > 60
    assert not columns_of(cell(table, 1, 0), LIGHT.soft)


def test_a_column_is_made_as_wide_as_its_widest_cell(table: DataTable[int]) -> None:
    table.resizeColumnToContents(3)
    width = table.columnWidth(3)
    assert tip_of(table, 3, width) == ""
    assert tip_of(table, 3, width - 1) == LONG


def test_an_elided_cell_tells_all_of_it(table: DataTable[int]) -> None:
    assert tip_of(table, 3, 80) == LONG
    assert tip_of(table, 3, 2000) == ""
    assert tip_of(table, 1, 30) == "old 1"


def test_a_tip_is_told_whatever_the_width(table: DataTable[int]) -> None:
    assert tip_of(table, 4, 2000) == "tip 1"


def test_resting_on_a_cell_shows_its_tip(table: DataTable[int]) -> None:
    index = table.model().index(1, 4)
    option = QStyleOptionViewItem()
    table.initViewItemOption(option)
    event = QHelpEvent(QHelpEvent.Type.ToolTip, QPoint(5, 5), table.mapToGlobal(QPoint(5, 5)))
    assert delegate_of(table).helpEvent(event, table, option, index)
    assert QToolTip.text() == "tip 1"
    QToolTip.hideText()
    assert not delegate_of(table).helpEvent(event, table, option, QModelIndex())
