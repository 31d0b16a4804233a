from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.views.widgets.page import Page
from app.views.widgets.side_panel import SidePanel


@pytest.fixture
def page(qtbot: QtBot) -> Iterator[Page]:
    made = Page("Devices")
    qtbot.addWidget(made)
    made.add_search("Filter…")
    made.show()
    made.activateWindow()
    assert QTest.qWaitForWindowActive(made)
    yield made
    made.close()


def test_typing_searches_after_a_pause_and_once(page: Page, qtbot: QtBot) -> None:
    assert page.search is not None
    seen: list[str] = []
    page.search_changed.connect(seen.append)
    QTest.keyClicks(page.search, "gw-2 ")
    assert seen == []
    qtbot.waitUntil(lambda: seen == ["gw-2"])


def test_enter_searches_at_once(page: Page) -> None:
    assert page.search is not None
    seen: list[str] = []
    page.search_changed.connect(seen.append)
    QTest.keyClicks(page.search, "x")
    QTest.keyClick(page.search, Qt.Key.Key_Return)
    assert seen == ["x"]


def test_ctrl_f_goes_to_the_search_and_escape_empties_it(page: Page) -> None:
    assert page.search is not None
    page.search.setText("old")
    button = page.add_action(QAction("Import", page))
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.focusWidget() is page.search
    QTest.keyClicks(page.search, "new")
    assert page.search.text() == "new"
    QTest.keyClick(page.search, Qt.Key.Key_Escape)
    assert page.search.text() == ""


def test_the_primary_action_is_last_and_follows_its_action(page: Page) -> None:
    done: list[str] = []
    action = QAction("New device", page)
    action.triggered.connect(lambda: done.append("new"))
    action.setShortcut("Ctrl+N")
    primary = page.set_primary(action)
    other = page.add_action(QAction("Import", page))
    QApplication.processEvents()
    assert primary.x() > other.x()
    assert primary.property("role") == "primary"
    QTest.mouseClick(primary, Qt.MouseButton.LeftButton)
    QTest.keyClick(page, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert done == ["new", "new"]
    action.setText("New R&D device")
    action.setEnabled(False)
    assert primary.text() == "New R&&D device"
    assert not primary.isEnabled()


@pytest.mark.parametrize("direction", list(Qt.LayoutDirection)[:2])
def test_a_side_panel_stands_at_the_end(qtbot: QtBot, direction: Qt.LayoutDirection) -> None:
    page = Page("Devices")
    qtbot.addWidget(page)
    page.setLayoutDirection(direction)
    panel = SidePanel()
    page.set_side(panel)
    page.resize(1200, 500)
    page.show()
    QApplication.processEvents()
    centre = panel.mapTo(page, panel.rect().center()).x()
    at_the_right = direction is Qt.LayoutDirection.LeftToRight
    assert (centre > page.width() // 2) is at_the_right
    assert panel.width() < page.width() // 2


def test_the_page_says_its_title(page: Page) -> None:
    assert page.title() == "Devices"
    assert page.accessibleName() == "Devices"
