"""What tests of the window stand in for, and how they move by keyboard."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.core.errors import KnownError, UnavailableError
from app.views.shell.listener_control import ConnectionReport


class FakeListener:
    """A listener without a network; `broken` makes it refuse to start.

    It publishes at `publishes_at`, or cannot for the reason `publication_problem`.
    """

    def __init__(self) -> None:
        self.running = False
        self.address = ""
        self.broken = False
        self.publishes_at = ""
        self.publication_problem: KnownError | None = None

    @property
    def publication_address(self) -> str:
        return self.publishes_at if self.running else ""

    def start(self, host: str, port: int) -> None:
        if self.broken:
            raise UnavailableError("The port is in use.", remedy="Choose another port.")
        self.running = True
        self.address = f"{host}:{port}"

    def test(self, domain: str, label: str = "") -> ConnectionReport:
        raise UnavailableError(f"Nobody answers at {domain}/{label}.")

    def stop(self) -> None:
        self.running = False
        self.address = ""


def tab_stops(root: QWidget) -> set[QWidget]:
    """What a person can use in `root` now, and so must be able to reach."""
    return {
        widget
        for widget in root.findChildren(QWidget)
        if widget.isVisible()
        and widget.isEnabled()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.focusProxy() is None
    }


def reached_by_tab(qtbot: QtBot, root: QWidget) -> set[QWidget]:
    """What Tab reaches from the first control of `root` on, in one round."""
    window = root.window()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    root.setFocus()
    focus = QApplication.focusWidget()
    if focus is None or not root.isAncestorOf(focus):
        next(iter(tab_stops(root))).setFocus()
    reached: set[QWidget] = set()
    while True:
        focus = QApplication.focusWidget()
        assert focus is not None
        if focus in reached:
            return reached
        reached.add(focus)
        QTest.keyClick(focus, Qt.Key.Key_Tab)
