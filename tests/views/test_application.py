from PySide6.QtCore import QCoreApplication, QEvent, QLocale, QTimer
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from app.models.domain.access import Actor
from app.models.services.workspace.workspace import Workspace
from app.views.application import run_window
from app.views.jobs import Jobs
from app.views.pages import page_entries
from app.views.shell.main_window import MainWindow
from app.views.theme.tokens import DARK, tokens_of
from tests.views.station import FakeListener
from tests.workspace_fixtures import PASSPHRASE


def run(workspace: Workspace, app: QApplication, *, quit_after_start: bool = False) -> int:
    code = run_window(workspace, FakeListener(), quit_after_start=quit_after_start)
    # A window that closes may ask to quit twice; the second would end the loops of other tests.
    app.removePostedEvents(app, QEvent.Type.Quit.value)
    return code


def test_the_window_is_painted_in_the_theme_of_the_workspace(
    demo: Workspace, qapp: QApplication
) -> None:
    demo.settings.change(theme="dark")
    assert run(demo, qapp, quit_after_start=True) == 0
    assert tokens_of(qapp.palette()) is DARK


def test_closing_the_window_ends_the_program(demo: Workspace, qapp: QApplication) -> None:
    seen: list[str] = []

    def close() -> None:
        for window in qapp.topLevelWidgets():
            if isinstance(window, MainWindow) and window.isVisible():
                seen.append(window.windowTitle())
                window.close()

    QTimer.singleShot(0, close)
    assert run(demo, qapp) == 0
    assert seen == [demo.folder.name]


def test_a_known_passphrase_opens_the_keys_behind_the_window(
    demo: Workspace, qapp: QApplication
) -> None:
    demo.lock()
    demo.settings.change(listener_starts=True)
    listener = FakeListener()

    def close_when_started() -> None:
        if listener.running:
            qapp.closeAllWindows()

    timer = QTimer(interval=10)
    timer.timeout.connect(close_when_started)
    timer.start()
    assert run_window(demo, listener, passphrase=PASSPHRASE) == 0
    timer.stop()
    qapp.removePostedEvents(qapp, QEvent.Type.Quit.value)
    assert not demo.locked


def test_qt_speaks_the_language_of_the_workspace(demo: Workspace, qapp: QApplication) -> None:
    demo.settings.change(language="de")
    run(demo, qapp, quit_after_start=True)
    german = QCoreApplication.translate("QPlatformTheme", "Cancel"), QLocale().toString(1.5)
    demo.settings.change(language="en")
    run(demo, qapp, quit_after_start=True)
    english = QCoreApplication.translate("QPlatformTheme", "Cancel")
    assert german == ("Abbrechen", "1,5")
    assert english == "Cancel"


def test_every_page_has_its_place() -> None:
    places = [(entry.group, entry.title) for entry in page_entries()]
    assert places == [
        ("Provision", "Devices"),
        ("Configure", "Device types"),
        ("Configure", "EST servers"),
        ("Configure", "External CAs"),
        ("Certificates", "Certificates"),
        ("Certificates", "Authorities"),
        ("Certificates", "Templates"),
        ("Certificates", "Custom extensions"),
        ("Administration", "Tenants"),
        ("Administration", "Organizations"),
        ("Administration", "Users"),
        ("Administration", "API applications"),
        ("Administration", "Audit log"),
        ("Administration", "Reports"),
        ("Station", "EST monitor"),
        ("Station", "Settings"),
    ]


def test_every_page_opens_and_a_new_device_opens_the_wizard(
    demo: Workspace, admin: Actor, jobs: Jobs, qtbot: QtBot
) -> None:
    window = MainWindow(demo, FakeListener(), page_entries, jobs)
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.show()
    window.sign_in.signed_in.emit(admin)
    desk = window.desk
    assert desk is not None
    for entry in page_entries():
        desk.commands.action(f"go.{entry.id}").trigger()
        assert desk.page().title() == entry.title
    desk.navigation.setFocus()
    desk.navigation.open("devices")
    QTest.keySequence(desk.navigation, QKeySequence(QKeySequence.StandardKey.New))
    wizard = desk.findChild(QDialog)
    assert wizard is not None
    assert wizard.isVisible()
    wizard.close()
