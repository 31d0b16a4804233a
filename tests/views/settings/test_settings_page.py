import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.errors import UnavailableError
from app.models.domain.access import SYSTEM, Actor, Channel, Role
from app.models.services.workspace.workspace import Workspace
from app.views.jobs import Jobs
from app.views.settings.settings_page import SettingsPage
from app.views.shell.listener_control import ListenerSwitch
from tests.views.station import FakeListener, reached_by_tab, tab_stops
from tests.workspace_fixtures import PASSPHRASE


@pytest.fixture
def listener() -> FakeListener:
    return FakeListener()


@pytest.fixture
def switch(
    workspace: Workspace, listener: FakeListener, jobs: Jobs, qapp: QApplication
) -> ListenerSwitch:
    return ListenerSwitch(listener, workspace.settings, jobs, qapp)


@pytest.fixture
def page(
    workspace: Workspace, admin: Actor, jobs: Jobs, switch: ListenerSwitch, qtbot: QtBot
) -> SettingsPage:
    return shown(SettingsPage(workspace, admin, jobs, switch), qtbot)


def shown(page: SettingsPage, qtbot: QtBot) -> SettingsPage:
    qtbot.addWidget(page)
    page.resize(1100, 900)
    with qtbot.waitActive(page):
        page.show()
    return page


def test_the_theme_changes_at_once(page: SettingsPage, workspace: Workspace) -> None:
    QTest.keyClick(page.appearance.theme.input, Qt.Key.Key_D)
    assert QApplication.palette().color(QPalette.ColorRole.Window).lightness() < 60
    assert workspace.settings.current.theme == "dark"
    workspace.settings.change(theme="light")
    page.hide()
    page.show()
    assert page.appearance.theme.value() == "light"


def test_the_listener_starts_and_stops(
    page: SettingsPage, workspace: Workspace, listener: FakeListener, qtbot: QtBot
) -> None:
    card = page.listener
    card.host.set_value("127.0.0.1")
    card.port.set_value(9443)
    QTest.mouseClick(card.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: card.state.text() == "listening on 127.0.0.1:9443")
    assert listener.running
    assert workspace.settings.current.listener_port == 9443

    card.port.input.selectAll()
    QTest.keyClicks(card.port.input, "9444")
    QTest.keyClick(card.port.input, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "Stop and start" in card.port.message())
    assert workspace.settings.current.listener_port == 9444
    newest, *_older = workspace.audit.page(SYSTEM, 0, 1)
    assert (newest.actor, newest.after) == ("admin", {"listener_port": 9444})

    assert card.button.text() == "Stop listener"
    QTest.mouseClick(card.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: card.state.text() == "stopped")
    assert not listener.running


def test_why_the_listener_cannot_start_is_said(
    page: SettingsPage, listener: FakeListener, qtbot: QtBot
) -> None:
    listener.broken = True
    QTest.mouseClick(page.listener.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.listener.port.message() != "0 lets the system choose.")
    assert page.listener.port.message() == "The port is in use. Choose another port."
    assert page.listener.button.isEnabled()


def test_an_empty_address_is_refused_under_its_input(
    page: SettingsPage, workspace: Workspace, listener: FakeListener
) -> None:
    page.listener.host.input.clear()
    QTest.mouseClick(page.listener.button, Qt.MouseButton.LeftButton)
    assert page.listener.host.message() == "Type the address to listen on."
    assert workspace.settings.current.listener_host == "0.0.0.0"
    assert not listener.running


def test_revocation_addresses_are_kept_and_recorded(
    page: SettingsPage, workspace: Workspace, qtbot: QtBot
) -> None:
    card = page.publication
    QTest.keyClicks(card.url.input, "https://pki.example")
    QTest.keyClick(card.url.input, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "takes an address like http://" in card.url.message())
    assert workspace.settings.current.publication_url == ""
    card.url.input.selectAll()
    QTest.keyClicks(card.url.input, " http://pki.example:8080 ")
    QTest.keyClick(card.url.input, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: card.url.message().startswith("Saved."))
    assert workspace.settings.current.publication_url == "http://pki.example:8080"
    newest, *_older = workspace.audit.page(SYSTEM, 0, 1)
    assert newest.after == {"publication_url": "http://pki.example:8080"}
    card.port.input.selectAll()
    QTest.keyClicks(card.port.input, "8081")
    QTest.keyClick(card.port.input, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: card.port.message().startswith("Saved."))
    card.host.input.clear()
    QTest.keyClick(card.host.input, Qt.Key.Key_Return)
    assert card.host.message() == "Type the address to listen on."
    current = workspace.settings.current
    assert (current.publication_host, current.publication_port) == ("0.0.0.0", 8081)


def test_whether_revocation_lists_are_published_is_said(
    page: SettingsPage, listener: FakeListener, switch: ListenerSwitch, qtbot: QtBot
) -> None:
    card = page.publication
    assert card.state.text() == "not published"
    listener.publishes_at = "0.0.0.0:8080"
    switch.start()
    qtbot.waitUntil(lambda: card.state.text() == "published on 0.0.0.0:8080")
    switch.stop()
    qtbot.waitUntil(lambda: card.state.text() == "not published")
    listener.publishes_at = ""
    listener.publication_problem = UnavailableError(
        "Port 8080 is in use.", remedy="Choose another."
    )
    switch.start()
    qtbot.waitUntil(lambda: card.port.message() == "Port 8080 is in use. Choose another.")
    qtbot.waitUntil(lambda: page.listener.state.text().startswith("listening on"))
    assert page.listener.port.message() == "0 lets the system choose."


def test_starting_with_the_program_and_the_time_to_lock_are_kept(
    page: SettingsPage, workspace: Workspace, qtbot: QtBot
) -> None:
    QTest.keyClick(page.listener.starts, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: workspace.settings.current.listener_starts)
    page.locking.minutes.input.selectAll()
    QTest.keyClicks(page.locking.minutes.input, "5")
    QTest.keyClick(page.locking.minutes.input, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.locking.minutes.message() == "Saved.")
    assert workspace.settings.current.lock_after_minutes == 5


def test_the_passphrase_is_changed_only_by_who_knows_it(
    page: SettingsPage, workspace: Workspace, qtbot: QtBot
) -> None:
    card = page.passphrase
    QTest.mouseClick(card.button, Qt.MouseButton.LeftButton)
    assert card.old.message() == "Fill this in."
    card.old.set_value("not it at all")
    card.new.set_value("a better horse")
    card.again.set_value("a bitter horse")
    QTest.mouseClick(card.button, Qt.MouseButton.LeftButton)
    assert card.again.message() == "This is not the same as above."
    card.again.set_value("a better horse")
    QTest.mouseClick(card.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "does not open" in card.old.message())

    card.old.set_value(PASSPHRASE)
    QTest.mouseClick(card.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: card.again.message() == "The passphrase was changed.", timeout=15_000)
    assert card.new.value() == ""
    workspace.lock()
    workspace.unlock("a better horse")


def test_who_does_not_run_the_station_sees_the_looks_only(
    workspace: Workspace, jobs: Jobs, switch: ListenerSwitch, qtbot: QtBot
) -> None:
    operator = Actor("operator", Channel.WINDOW, Role.TENANT_OPERATOR, tenant_id=1)
    page = shown(SettingsPage(workspace, operator, jobs, switch), qtbot)
    assert {stop.accessibleName() for stop in tab_stops(page)} == {"Theme", "Language"}


def test_tab_reaches_every_control_and_each_has_a_name(page: SettingsPage, qtbot: QtBot) -> None:
    assert tab_stops(page) <= reached_by_tab(qtbot, page)
    assert len(tab_stops(page)) >= 10
    unnamed = [
        stop for stop in tab_stops(page) if not (stop.accessibleName() or stop.property("text"))
    ]
    assert unnamed == []


def test_a_switch_does_one_thing_at_a_time(
    switch: ListenerSwitch, listener: FakeListener, qtbot: QtBot
) -> None:
    watcher = QObject()
    seen: list[bool] = []
    switch.changed.connect(lambda: seen.append(switch.busy))
    with qtbot.waitSignals([switch.changed, switch.changed]):
        switch.start()
        switch.start()
    qtbot.waitUntil(lambda: not switch.busy)
    assert seen == [True, False]
    assert listener.running
    watcher.deleteLater()
