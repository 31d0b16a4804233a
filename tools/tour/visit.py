"""One window on the tour: how it is driven, waited for and pictured."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QDeadlineTimer, QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QTableView, QWidget

from app.main import LateListener
from app.models.services.workspace.workspace import Workspace
from app.views.jobs import Jobs
from app.views.pages import page_entries
from app.views.shell.desk import Desk
from app.views.shell.main_window import MainWindow
from tools.tour import guide

PATIENCE_MS = 15_000
SIZE = (1440, 900)
Part = TypeVar("Part", bound=QWidget)


class Camera:
    """Saves numbered pictures in a folder, those of a theme in the order they were taken.

    Those of the user guide go to `guide_folder` as well, if there is one, unnumbered.
    """

    def __init__(self, out: Path, theme: str, guide_folder: Path | None = None) -> None:
        self.theme = theme
        self._out = out
        self._guide = guide_folder
        self._taken = 0

    def take(self, name: str, widget: QWidget) -> None:
        """Picture a widget as it is once it has been painted."""
        pause(120)
        self._taken += 1
        picture = widget.grab()
        picture.save(str(self._out / f"{self.theme}-{self._taken:02}-{name}.png"))
        if self._guide is not None and self.theme == guide.THEME and name in guide.PICTURES:
            guide.save_small(picture.toImage(), self._guide / f"{name}.png")


class Visit:
    """The window on a workspace, until `leave`."""

    def __init__(
        self, workspace: Workspace, listener: LateListener, camera: Camera, hint: str = ""
    ) -> None:
        self.workspace = workspace
        self.listener = listener
        self.camera = camera
        self._jobs = Jobs()
        self.window = MainWindow(workspace, listener, page_entries, self._jobs, hint)
        self.window.resize(*SIZE)
        self.window.show()
        self.window.activateWindow()  # there may be no window manager to do it
        QTest.qWaitForWindowActive(self.window)

    def leave(self) -> None:
        """Close the window and wait for what it has begun."""
        self.listener.stop()
        self.window.close()
        self.window.deleteLater()
        pause(10)  # what is deleted later is deleted here
        self._jobs.stop()

    @property
    def theme(self) -> str:
        """The theme the pictures are in."""
        return self.camera.theme

    @property
    def desk(self) -> Desk:
        """What the person who is signed in has before them."""
        assert self.window.desk is not None  # noqa: S101  signed in before
        return self.window.desk

    def sign_in(self, name: str, password: str) -> None:
        """Type name and password, press Enter."""
        page = self.window.sign_in
        type_text(page.name.input, name)
        type_text(page.password.input, password)
        QTest.keyClick(page.password.input, Qt.Key.Key_Return)
        self.wait(lambda: self.window.desk is not None, f"{name} is signed in")

    def sign_out(self) -> None:
        """Leave the desk to the next person."""
        self.command("account.sign-out")
        self.wait(lambda: self.window.desk is None, "nobody is signed in")

    def go(self, page: str) -> None:
        """Show a page, by its id."""
        self.command(f"go.{page}")
        self.settle()

    def command(self, command_id: str) -> None:
        """Carry out a command as the palette does."""
        self.desk.commands.action(command_id).trigger()

    def choose_row(self, row: int) -> None:
        """Select a row of the page's list and wait for its details."""
        tables = self.desk.page().findChildren(QTableView)
        self.wait(
            lambda: any(table.isVisible() and table.model().rowCount() > row for table in tables),
            "the list is filled",
        )
        next(table for table in tables if table.isVisible()).selectRow(row)
        panel = self.desk.page().panel  # type: ignore[attr-defined]  # pages with a table have one
        self.wait(panel.isVisible, "the details are shown")
        self.settle()

    def dialog(self, kind: type[Part]) -> Part:
        """The open dialog of this kind, once there is one."""
        found: list[Part] = []

        def visible() -> bool:
            found[:] = [one for one in self.window.findChildren(kind) if one.isVisible()]
            return bool(found)

        self.wait(visible, f"{kind.__name__} is open")
        return found[0]

    def settle(self) -> None:
        """Let background work arrive and the window repaint."""
        pause(400)

    def wait(self, happened: Callable[[], bool], what: str) -> None:
        """Go on as soon as something has happened; raises `AssertionError` when it does not."""
        patience = QDeadlineTimer(PATIENCE_MS)
        while not happened():
            if patience.hasExpired():
                self.picture("stuck")
                raise AssertionError(f"{self.theme}: it did not happen that {what}")
            pause(10)
        print(f"{self.theme}: {what}")

    def picture(self, name: str, widget: QWidget | None = None) -> None:
        """Picture a dialog, or else the whole window."""
        self.camera.take(name, widget or self.window)


def part(field: QWidget, kind: type[Part]) -> Part:
    """The control inside a labelled field."""
    return field.findChildren(kind)[0]


def type_text(field: QLineEdit, text: str) -> None:
    """Type a text in place of what is there."""
    field.clear()
    QTest.keyClicks(field, text)


def pause(milliseconds: int) -> None:
    """Let the window live; unlike QTest.qWait this leaves Python to the worker threads, too."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def click(widget: QWidget) -> None:
    """Click in the middle."""
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)
