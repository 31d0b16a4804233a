"""How tests come to the desk and leave it: by typing and clicking."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.models.services.setup.demo_data import DEMO_PASSWORD
from app.views.shell.desk import Desk
from app.views.shell.main_window import MainWindow
from app.views.shell.page_entry import PageEntry
from tests.workspace_fixtures import PASSPHRASE

Entries = Callable[[], tuple[PageEntry, ...]]


def shown(window: MainWindow, qtbot: QtBot) -> MainWindow:
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.show()
    return window


def sign_in(window: MainWindow, qtbot: QtBot, name: str = "admin") -> Desk:
    page = window.sign_in
    page.name.input.selectAll()
    QTest.keyClicks(page.name.input, name)
    QTest.keyClicks(page.password.input, DEMO_PASSWORD)
    if page.passphrase.isVisible():
        QTest.keyClicks(page.passphrase.input, PASSPHRASE)
    with qtbot.waitSignal(page.signed_in):
        QTest.keyClick(page.password.input, Qt.Key.Key_Return)
    assert window.desk is not None
    qtbot.waitUntil(window.desk.isVisible)
    return window.desk


def choose(desk: Desk, text: str) -> None:
    """Click in the menu of the account."""
    (action,) = (action for action in desk.account.menu().actions() if action.text() == text)
    action.trigger()


def titles(desk: Desk) -> list[str]:
    """Headings and pages of the navigation, from top to bottom."""
    return [desk.navigation.item(row).text() for row in range(desk.navigation.count())]
