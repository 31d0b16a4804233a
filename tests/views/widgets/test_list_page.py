"""Lists with details: what they show, and what can be done there."""

from collections.abc import Callable, Iterator

import pytest
import shiboken6
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QLabel,
    QMenu,
    QPushButton,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.core.errors import NotFoundError, UnavailableError
from app.models.domain.access import Actor
from app.models.services.listing import ListQuery
from app.views.jobs import Jobs
from tests.views.soon import soon
from tests.views.widgets.plants_page import Plant, PlantChanged, Plants, PlantsPage

OpenPage = Callable[..., PlantsPage]


@pytest.fixture
def plants() -> Plants:
    return Plants([Plant(1, "North"), Plant(2, "South"), Plant(3, "Old mill", active=False)])


@pytest.fixture
def open_page(qtbot: QtBot, jobs: Jobs, admin: Actor, plants: Plants) -> Iterator[OpenPage]:
    """Opens a page, which is gone before its jobs are stopped."""
    pages: list[PlantsPage] = []

    def make(*, allowed: bool = True) -> PlantsPage:
        page = PlantsPage(plants, admin, jobs, allowed=allowed)
        qtbot.addWidget(page)
        page.resize(1100, 600)
        page.show()
        page.activateWindow()
        assert QTest.qWaitForWindowActive(page)
        pages.append(page)
        return page

    yield make
    for page in pages:
        shiboken6.delete(page)


def names(page: PlantsPage) -> list[str]:
    rows = range(page.model.rowCount())
    return [page.model.index(row, 0).data() for row in rows]


def click(widget: QWidget, at: QPoint | None = None) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=at or widget.rect().center())


def choose(page: PlantsPage, name: str) -> None:
    """Click the row with this name and wait for its details."""
    soon(lambda: name in names(page))
    index = page.model.index(names(page).index(name), 0)
    click(page.table.viewport(), page.table.visualRect(index).center())
    soon(lambda: page.panel.isVisible() and page.described[-1:] == [name])


def visible_button(widget: QWidget, text: str) -> QPushButton:
    def found() -> list[QPushButton]:
        return [b for b in widget.findChildren(QPushButton) if b.text() == text and b.isVisible()]

    soon(lambda: len(found()) == 1)
    return found()[0]


def visible_texts(widget: QWidget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisible()]


def answer(page: PlantsPage, text: str) -> None:
    dialog = page.findChild(QDialog)
    assert isinstance(dialog, QDialog)
    click(visible_button(dialog, text))


def test_rows_come_by_name_with_counts_on_the_chips(open_page: OpenPage) -> None:
    page = open_page()
    soon(lambda: names(page) == ["North", "Old mill", "South"])
    soon(lambda: page.chips.buttons["inactive"].text() == "Inactive 1")
    assert page.chips.buttons["all"].text() == "All 3"
    assert page.chips.buttons["active"].text() == "Active 2"


def test_the_model_is_sound_while_it_is_narrowed_and_sorted(
    open_page: OpenPage, plants: Plants
) -> None:
    page = open_page()
    tester = QAbstractItemModelTester(
        page.model, QAbstractItemModelTester.FailureReportingMode.Fatal
    )
    click(page.chips.buttons["inactive"])
    soon(lambda: names(page) == ["Old mill"])
    click(page.chips.buttons["all"])
    header = page.table.horizontalHeader()
    for _turn in range(2):
        click(header.viewport(), QPoint(header.sectionViewportPosition(0) + 20, 8))
    soon(lambda: len(names(page)) == 3)
    click(header.viewport(), QPoint(header.sectionViewportPosition(1) + 20, 8))
    soon(lambda: names(page)[:1] == ["Old mill"])
    assert plants.asked[-1] == ListQuery(sort="active")
    assert tester.model() is page.model


def test_a_search_without_a_match_says_so_and_escape_brings_all_back(open_page: OpenPage) -> None:
    page = open_page()
    assert page.search is not None
    QTest.keyClick(page, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(page.search, "mill")
    soon(lambda: names(page) == ["Old mill"])
    QTest.keyClicks(page.search, "er")
    soon(lambda: "No plant matches." in visible_texts(page))
    QTest.keyClick(page.search, Qt.Key.Key_Escape)
    soon(lambda: len(names(page)) == 3 and page.table.isVisible())


def test_an_empty_list_offers_the_first_row_to_who_may_make_it(
    open_page: OpenPage, plants: Plants
) -> None:
    plants.rows.clear()
    page = open_page()
    soon(lambda: "No plants yet." in visible_texts(page))
    click(visible_button(page, "Create the first plant"))
    assert page.made == 1
    other = open_page(allowed=False)
    soon(lambda: "No plants yet." in visible_texts(other))
    assert not [b for b in other.findChildren(QPushButton) if "plant" in b.text() and b.isVisible()]


def test_ctrl_n_makes_a_row(open_page: OpenPage) -> None:
    page = open_page()
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert page.made == 1


def test_details_show_the_row_that_is_chosen(open_page: OpenPage) -> None:
    page = open_page()
    choose(page, "South")
    soon(lambda: {"South", "Active", "Plant 2"} <= set(visible_texts(page.panel)))
    choose(page, "North")
    soon(lambda: "Plant 1" in visible_texts(page.panel))


def test_an_action_is_offered_where_it_makes_sense(open_page: OpenPage) -> None:
    page = open_page()
    assert page.deactivate in page.actions()
    assert not page.deactivate.isVisible()
    choose(page, "Old mill")
    assert not page.deactivate.isVisible()
    choose(page, "South")
    assert page.deactivate.isVisible()
    assert visible_button(page.panel, "Deactivate…").isEnabled()
    watcher = open_page(allowed=False)
    choose(watcher, "South")
    assert not watcher.deactivate.isVisible()


def test_the_context_menu_has_the_actions_of_the_row(open_page: OpenPage) -> None:
    page = open_page()
    choose(page, "South")
    at = page.table.visualRect(page.model.index(0, 0)).center()
    reason = QContextMenuEvent.Reason.Mouse
    page.table.contextMenuEvent(QContextMenuEvent(reason, at, page.table.mapToGlobal(at)))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    shown = [action.text() for action in menu.actions() if action.isVisible()]
    menu.close()
    assert shown[:2] == ["New plant", "Deactivate…"]


def test_a_command_asks_does_and_shows_what_became_of_it(
    open_page: OpenPage, plants: Plants
) -> None:
    page = open_page()
    choose(page, "South")
    click(visible_button(page.panel, "Deactivate…"))
    dialog = page.findChild(QDialog)
    assert isinstance(dialog, QDialog)
    assert "Nothing is made there any more." in visible_texts(dialog)
    answer(page, "Deactivate")
    soon(lambda: page.banner.text() == "South is inactive.")
    assert not plants.rows[1].active
    soon(lambda: "Inactive" in visible_texts(page.panel))
    soon(lambda: not page.deactivate.isVisible())
    soon(lambda: page.chips.buttons["inactive"].text() == "Inactive 2")


def test_a_command_that_fails_says_why(open_page: OpenPage, plants: Plants) -> None:
    page = open_page()
    choose(page, "South")
    plants.broken = UnavailableError("The disk is full.", remedy="Make room.")
    click(visible_button(page.panel, "Deactivate…"))
    answer(page, "Deactivate")
    soon(lambda: page.banner.text() == "The disk is full. Make room.")
    assert plants.rows[1].active


def test_a_list_that_cannot_be_read_says_why(open_page: OpenPage, plants: Plants) -> None:
    plants.broken = UnavailableError("The disk is gone.")
    page = open_page()
    soon(lambda: page.banner.text() == "The disk is gone.")


def test_closed_details_stay_closed_until_their_row_is_chosen_again(open_page: OpenPage) -> None:
    page = open_page()
    choose(page, "South")
    close = next(b for b in page.panel.findChildren(QToolButton) if b.isVisible())
    click(close)
    assert page.table.hasFocus()
    page.refresh()
    loaded: list[bool] = []
    page.model.loaded.connect(lambda: loaded.append(True))
    page.model.reload()
    soon(lambda: bool(loaded))
    assert page.panel.isHidden()
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    soon(page.panel.isVisible)


def test_tab_goes_as_one_reads(open_page: OpenPage) -> None:
    page = open_page()
    choose(page, "South")
    soon(lambda: page.chips.buttons["all"].text() == "All 3")
    new = next(one for one in page.findChildren(QPushButton) if one.text() == "New plant")
    new.setFocus()
    come_by: list[str] = []
    while "Deactivate…" not in come_by:
        stop = page.focusWidget()
        assert stop is not None
        come_by.append(stop.accessibleName() or getattr(stop, "text", str)())
        QTest.keyClick(stop, Qt.Key.Key_Tab)
    search, details = "Filter…  Ctrl+F", "Details of South"
    assert come_by == [
        *("New plant", search, "All 3", "Plants", "Close details", details, "Deactivate…")
    ]


def test_a_double_click_opens_details_that_were_closed(open_page: OpenPage) -> None:
    page = open_page()
    choose(page, "South")
    page.panel.hide()
    page.panel.closed.emit()
    at = page.table.visualRect(page.model.index(names(page).index("South"), 0)).center()
    QTest.mouseDClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    soon(page.panel.isVisible)


def test_without_a_selection_there_are_no_details(open_page: OpenPage) -> None:
    page = open_page()
    choose(page, "South")
    click(page.chips.buttons["inactive"])
    soon(lambda: names(page) == ["Old mill"] and page.panel.isHidden())
    assert not page.deactivate.isVisible()


def test_a_burst_of_events_reads_the_list_once(open_page: OpenPage, plants: Plants) -> None:
    page = open_page()
    soon(lambda: len(names(page)) == 3)
    asked = len(plants.asked)
    plants.rows.append(Plant(4, "West"))
    for _event in range(50):
        page.on_event(PlantChanged())
    page.on_event("something else")
    soon(lambda: len(names(page)) == 4)
    assert len(plants.asked) == asked + 1


def test_a_list_nobody_sees_is_read_when_it_is_shown(open_page: OpenPage, plants: Plants) -> None:
    page, other = open_page(), open_page()
    soon(lambda: len(names(page)) == len(names(other)) == 3)
    page.hide()
    plants.rows.append(Plant(4, "West"))
    for one in (page, other):
        one.on_event(PlantChanged())
    soon(lambda: len(names(other)) == 4)
    assert len(names(page)) == 3
    page.show()
    soon(lambda: len(names(page)) == 4)


def test_an_unchanged_row_keeps_its_details_as_they_are(open_page: OpenPage) -> None:
    page = open_page()
    choose(page, "South")
    shown = visible_button(page.panel, "Deactivate…")
    shown.setFocus()
    loaded: list[bool] = []
    page.model.loaded.connect(lambda: loaded.append(True))
    page.refresh()
    soon(lambda: page.chips.buttons["all"].text() == "All 3")
    page.model.reload()
    soon(lambda: bool(loaded))
    assert page.described == ["South"]
    assert shown.hasFocus()
    page.renew()
    soon(lambda: len(page.described) > 1)
    assert page.table.hasFocus()


def test_what_was_deleted_meanwhile_leaves_no_details(open_page: OpenPage) -> None:
    page = open_page()
    choose(page, "South")
    soon(page.panel.isVisible)

    def gone() -> Plant:
        raise NotFoundError("The plant does not exist.")

    page.show_details(gone, page.describe)
    soon(page.panel.isHidden)
    assert page.banner.isHidden()
