import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from app.core.errors import ConflictError, NotFoundError
from app.models.domain.access import Channel, Role
from app.models.services.workspace.folder import SETTINGS
from app.models.services.workspace.opening import open_workspace
from app.models.services.workspace.workspace import Workspace
from app.views.application import choose_workspace, run_window
from app.views.jobs import Jobs
from app.views.shell.main_window import MainWindow
from app.views.signin.first_start import FirstStartPage
from tests.fakes import FakeClock
from tests.views.soon import soon
from tests.views.station import FakeListener, reached_by_tab, tab_stops

MISSING = NotFoundError("There is no workspace in there.", remedy="Make one.")
PASSPHRASE, PASSWORD = "a long passphrase", "a long password"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the workspace is to be."""
    return tmp_path / "made" / "workspace"


@pytest.fixture
def page(folder: Path, clock: FakeClock, jobs: Jobs, qtbot: QtBot) -> FirstStartPage:
    made = FirstStartPage(folder, MISSING, clock, jobs)
    qtbot.addWidget(made)
    made.resize(960, 700)
    with qtbot.waitActive(made):
        made.show()
    return made


def fill_in(page: FirstStartPage) -> None:
    for field, text in (
        (page.passphrase, PASSPHRASE),
        (page.again, PASSPHRASE),
        (page.name, "grace"),
        (page.password, PASSWORD),
    ):
        field.input.selectAll()
        QTest.keyClicks(field.input, text)


def press_make(page: FirstStartPage) -> None:
    QTest.mouseClick(page.make_button, Qt.MouseButton.LeftButton)


@pytest.mark.req("ROLE-03")
def test_what_is_typed_becomes_a_workspace(
    page: FirstStartPage, folder: Path, clock: FakeClock
) -> None:
    opened: list[Workspace] = []
    page.opened.connect(opened.append)
    fill_in(page)
    press_make(page)
    assert page.make_button.text() == "One moment…"
    soon(lambda: bool(opened))
    assert page.passphrase.value() == page.again.value() == page.password.value() == ""
    assert (folder / SETTINGS).is_file()
    assert not opened[0].locked
    opened[0].close()
    workspace = open_workspace(folder, clock, PASSPHRASE)
    actor = workspace.users.sign_in("grace", PASSWORD, Channel.WINDOW)
    workspace.close()
    assert actor.role is Role.ADMIN


def test_the_workspace_speaks_the_language_of_the_system(
    page: FirstStartPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BIRTHMARK_LANG", "de")
    opened: list[Workspace] = []
    page.opened.connect(opened.append)
    fill_in(page)
    press_make(page)
    soon(lambda: bool(opened))
    language = opened[0].settings.current.language
    opened[0].close()
    assert language == "de"


def test_what_is_missing_or_differs_is_said_under_its_input(
    page: FirstStartPage, folder: Path
) -> None:
    press_make(page)
    assert page.passphrase.message() == "Fill this in."
    assert page.passphrase.input.hasFocus()
    fill_in(page)
    page.again.set_value("another passphrase")
    press_make(page)
    assert page.again.message() == "The two are not the same."
    assert not folder.parent.exists()


def test_what_is_refused_is_said_under_its_input_and_leaves_nothing(
    page: FirstStartPage, folder: Path
) -> None:
    fill_in(page)
    page.password.set_value("short")
    press_make(page)
    soon(lambda: "too short" in page.password.message())
    page.password.set_value(PASSWORD)
    for field in (page.passphrase, page.again):
        field.set_value("short")
    press_make(page)
    soon(lambda: "too short" in page.passphrase.message())
    assert page.make_button.isEnabled()
    assert not folder.exists()


def test_a_folder_that_cannot_be_made_is_said(page: FirstStartPage, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    page.folder.set_value(str(tmp_path / "file" / "workspace"))
    fill_in(page)
    press_make(page)
    soon(lambda: "cannot be made" in page.folder.message())


def test_another_folder_can_be_opened(
    page: FirstStartPage, empty_workspace_folder: Path, tmp_path: Path
) -> None:
    elsewhere = shutil.copytree(empty_workspace_folder, tmp_path / "elsewhere")
    opened: list[Workspace] = []
    page.opened.connect(opened.append)
    open_folder(page, tmp_path)
    soon(lambda: "no workspace" in page.folder.message())
    open_folder(page, elsewhere)
    soon(lambda: bool(opened))
    assert opened[0].folder == elsewhere
    assert opened[0].locked
    opened[0].close()


def open_folder(page: FirstStartPage, folder: Path) -> None:
    """Choose a folder as a person does."""
    QTest.mouseClick(page.open_button, Qt.MouseButton.LeftButton)
    dialog = page.findChild(QFileDialog)
    assert dialog is not None
    path = dialog.findChild(QLineEdit)
    assert path is not None
    path.setText(str(folder))
    QTest.keyClick(path, Qt.Key.Key_Return)
    soon(lambda: page.findChild(QFileDialog) is None)


def test_why_a_workspace_cannot_be_opened_is_said(
    folder: Path, clock: FakeClock, jobs: Jobs, qtbot: QtBot
) -> None:
    page = FirstStartPage(folder, ConflictError("It is open already."), clock, jobs)
    qtbot.addWidget(page)
    assert "It is open already." in [label.text() for label in page.findChildren(QLabel)]


def test_tab_reaches_every_control_and_each_has_a_name(page: FirstStartPage, qtbot: QtBot) -> None:
    assert tab_stops(page) <= reached_by_tab(qtbot, page)
    assert {page.make_button, page.open_button, page.folder.input} <= tab_stops(page)
    buttons = {page.make_button, page.open_button}
    assert all(stop.accessibleName() or stop in buttons for stop in tab_stops(page))


def test_the_window_goes_on_with_the_workspace_made(
    folder: Path, clock: FakeClock, qapp: QApplication
) -> None:
    def fill_in_and_make() -> None:
        for widget in qapp.topLevelWidgets():
            for page in widget.findChildren(FirstStartPage):
                fill_in(page)
                press_make(page)

    QTimer.singleShot(0, fill_in_and_make)
    workspace = choose_workspace(folder, MISSING, clock)
    assert workspace is not None
    seen: list[bool] = []

    def close() -> None:
        for window in qapp.topLevelWidgets():
            if isinstance(window, MainWindow) and window.isVisible():
                seen.append(window.sign_in.passphrase.isVisible())
                window.close()

    QTimer.singleShot(0, lambda: QTimer.singleShot(0, close))
    assert run_window(workspace, FakeListener()) == 0
    qapp.removePostedEvents(qapp, QEvent.Type.Quit.value)
    workspace.close()
    assert seen == [False]


def test_closing_the_window_makes_nothing(folder: Path, clock: FakeClock) -> None:
    assert choose_workspace(folder, MISSING, clock, quit_after_start=True) is None
    assert not folder.parent.exists()
