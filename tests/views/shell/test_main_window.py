import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot
from sqlalchemy import delete, func, select

from app.core.errors import UnavailableError
from app.models.db.tables import audit_event
from app.models.domain.access import SYSTEM
from app.models.services.devices.creation import NewDevice
from app.models.services.workspace.workspace import Workspace
from app.views.command_palette import CommandPalette
from app.views.jobs import Jobs
from app.views.shell.main_window import MainWindow
from app.views.theme.tokens import DARK, LIGHT, Tokens
from tests.fakes import FakeClock
from tests.views.shell.signing import Entries, choose, shown, sign_in, titles
from tests.views.soon import soon
from tests.views.station import FakeListener, reached_by_tab, tab_stops


def newest(demo: Workspace) -> tuple[str, str]:
    """What was done last, and by whom."""
    (event,) = demo.audit.page(SYSTEM, 0, 1)
    return event.action, event.actor


def test_nothing_is_seen_before_somebody_signed_in(window: MainWindow, made: list[str]) -> None:
    assert window.sign_in.isVisible()
    assert window.desk is None
    assert made == []


@pytest.mark.req("RBAC-01")
def test_pages_a_role_may_not_see_are_not_there(window: MainWindow, qtbot: QtBot) -> None:
    admin = ["Provision", "Devices", "Administration", "Users", "Station", "Settings"]
    assert titles(sign_in(window, qtbot)) == admin
    window.lock(keys=False)
    operator = ["Provision", "Devices", "Station", "Settings"]
    assert titles(sign_in(window, qtbot, "nora.lind")) == operator


def test_a_page_is_made_when_it_is_first_opened(
    window: MainWindow, qtbot: QtBot, made: list[str]
) -> None:
    desk = sign_in(window, qtbot)
    assert made == ["Devices for admin"]
    QTest.keyClick(desk.navigation, Qt.Key.Key_Down)  # over the heading, to the next page
    assert desk.page().title() == "Users"
    assert made == ["Devices for admin", "Users for admin"]
    QTest.keyClick(desk.navigation, Qt.Key.Key_Up)
    assert desk.page().title() == "Devices"
    assert len(made) == 2


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_the_navigation_is_in_the_colours_of_the_theme(
    window: MainWindow, qtbot: QtBot, tokens: Tokens
) -> None:
    desk = sign_in(window, qtbot)
    desk.commands.action(f"theme.{tokens.name}").trigger()
    image = desk.navigation.viewport().grab().toImage()
    painted = {image.pixelColor(40, y).name() for y in range(image.height())}
    assert tokens.soft in painted
    assert {LIGHT.soft, DARK.soft} - {tokens.soft} - painted


def test_tab_reaches_navigation_and_account(window: MainWindow, qtbot: QtBot) -> None:
    desk = sign_in(window, qtbot)
    assert {desk.navigation, desk.account} <= tab_stops(desk) <= reached_by_tab(qtbot, desk)
    assert desk.navigation.accessibleName() == "Pages"
    assert desk.account.accessibleName() == "Account of admin"


def test_shortcuts_and_the_palette_do_the_same_commands(window: MainWindow, qtbot: QtBot) -> None:
    desk = sign_in(window, qtbot)
    QTest.keySequence(desk, "Ctrl+3")
    assert desk.page().title() == "Settings"
    QTest.keySequence(desk, "Ctrl+Shift+P")
    palette = desk.findChild(CommandPalette)
    assert palette is not None
    QTest.keyClicks(palette.search, "users go")
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert desk.page().title() == "Users"


def test_themes_are_commands_and_are_remembered(
    window: MainWindow, qtbot: QtBot, demo: Workspace
) -> None:
    desk = sign_in(window, qtbot)
    desk.commands.action("theme.dark").trigger()
    assert QApplication.palette().color(QPalette.ColorRole.Window).lightness() < 60
    assert demo.settings.current.theme == "dark"


def test_locking_hides_the_desk_and_its_person_finds_it_as_it_was(
    window: MainWindow, qtbot: QtBot, demo: Workspace, made: list[str]
) -> None:
    desk = sign_in(window, qtbot)
    dialog = QDialog(desk.page())
    dialog.open()
    window.lock()
    assert (desk.isVisible(), dialog.isVisible(), demo.locked) == (False, False, True)
    soon(lambda: newest(demo) == ("workspace.lock", "admin"))
    assert window.sign_in.name.value() == "admin"
    assert sign_in(window, qtbot) is desk
    assert (desk.isVisible(), dialog.isVisible(), demo.locked) == (True, True, False)
    dialog.close()
    assert made == ["Devices for admin"]


def test_another_person_gets_a_desk_of_their_own(
    window: MainWindow, qtbot: QtBot, demo: Workspace, made: list[str]
) -> None:
    desk = sign_in(window, qtbot)
    choose(desk, "Switch user")
    assert not desk.isVisible()
    assert not demo.locked
    assert sign_in(window, qtbot, "nora.lind") is not desk
    assert made == ["Devices for admin", "Devices for nora.lind"]


def test_ctrl_l_locks(window: MainWindow, qtbot: QtBot, demo: Workspace) -> None:
    desk = sign_in(window, qtbot)
    QTest.keySequence(desk, "Ctrl+L")
    assert demo.locked
    assert window.sign_in.passphrase.isVisible()


def test_an_idle_window_locks_itself_and_the_keys(
    window: MainWindow, qtbot: QtBot, demo: Workspace
) -> None:
    sign_in(window, qtbot)
    window._idle.idle.emit()
    assert window.sign_in.isVisible()
    assert demo.locked
    soon(lambda: newest(demo) == ("workspace.lock", SYSTEM.name))


def test_an_idle_window_leaves_the_keys_to_a_running_listener(
    window: MainWindow, qtbot: QtBot, demo: Workspace, listener: FakeListener
) -> None:
    desk = sign_in(window, qtbot)
    desk.commands.action("listener.start").trigger()
    qtbot.waitUntil(lambda: listener.running)
    window._idle.idle.emit()
    assert window.sign_in.isVisible()
    assert not demo.locked


def test_the_listener_starts_by_itself_once_the_keys_are_open(
    demo: Workspace,
    listener: FakeListener,
    entries: Entries,
    jobs: Jobs,
    qtbot: QtBot,
) -> None:
    demo.settings.change(listener_starts=True, listener_port=9443)
    demo.lock()
    window = shown(MainWindow(demo, listener, entries, jobs), qtbot)
    assert not window.listener.busy
    sign_in(window, qtbot)
    qtbot.waitUntil(lambda: "0.0.0.0:9443" in window.station.listener.text())


def test_the_station_bar_says_how_things_are(
    window: MainWindow, qtbot: QtBot, demo: Workspace, clock: FakeClock
) -> None:
    sign_in(window, qtbot)
    assert window.station.listener.text() == "EST listener stopped"
    assert window.station.keys.text() == "Keys open"
    assert not window.station.audit.isVisible()
    qtbot.waitUntil(lambda: window.station.clock.text() == "Clock good")
    demo.lock()
    qtbot.waitUntil(lambda: window.station.keys.text() == "Keys locked")
    clock.advance(days=-1)
    window.station._check_clock()
    qtbot.waitUntil(lambda: "before the newest audit event" in window.station.clock.text())


def test_the_station_bar_warns_of_an_audit_log_that_was_cut(
    demo: Workspace, listener: FakeListener, entries: Entries, jobs: Jobs, qtbot: QtBot
) -> None:
    demo.checkpoints.sign()
    with demo.store.database.write() as connection:
        newest = select(func.max(audit_event.c.number)).scalar_subquery()
        connection.execute(delete(audit_event).where(audit_event.c.number == newest))
    demo.audit_problem = demo.checkpoints.problem()
    window = shown(MainWindow(demo, listener, entries, jobs), qtbot)
    assert window.station.audit.isVisible()
    assert window.station.audit.text() == "Audit log cut or changed"


def test_the_station_bar_knows_of_revocation_lists(
    window: MainWindow, qtbot: QtBot, listener: FakeListener
) -> None:
    listener.publishes_at = "0.0.0.0:8080"
    desk = sign_in(window, qtbot)
    bar = window.station.listener
    desk.commands.action("listener.start").trigger()
    qtbot.waitUntil(lambda: bar.toolTip() == "Revocation lists and OCSP on 0.0.0.0:8080")
    listener.address = ""
    window.station.look()
    assert bar.text() == "No EST server; revocation lists are published"
    desk.commands.action("listener.stop").trigger()
    qtbot.waitUntil(lambda: bar.text() == "EST listener stopped")
    listener.publishes_at = ""
    listener.publication_problem = UnavailableError("Port 8080 is in use.")
    desk.commands.action("listener.start").trigger()
    qtbot.waitUntil(lambda: "Port 8080 is in use" in desk.page().banner.text())
    assert bar.text().startswith("EST listening on")
    assert "Port 8080 is in use" in bar.toolTip()


def test_a_listener_that_cannot_start_is_said_on_the_page(
    window: MainWindow, qtbot: QtBot, listener: FakeListener
) -> None:
    listener.broken = True
    desk = sign_in(window, qtbot)
    desk.commands.action("listener.start").trigger()
    qtbot.waitUntil(lambda: "port is in use" in desk.page().banner.text())
    assert desk.commands.action("listener.start").isEnabled()
    assert not desk.commands.action("listener.stop").isEnabled()


@pytest.mark.req("DTP-07", "DEV-86")
def test_secrets_past_their_retention_are_destroyed_with_nobody_signed_in(
    demo: Workspace,
    *,
    clock: FakeClock,
    listener: FakeListener,
    entries: Entries,
    jobs: Jobs,
    qtbot: QtBot,
) -> None:
    kind = next(t for t in demo.device_types.all(SYSTEM) if t.name == "Gateway 200")
    plant = next(o for o in demo.tenants.organizations(SYSTEM) if o.name == "North plant")
    device = demo.device_creation.create(
        SYSTEM,
        NewDevice(
            name="GW-1",
            tenant_id=plant.tenant_id,
            organization_id=plant.id,
            type_id=kind.id,
            values={"serial_number": "1"},
            password="a device password",
        ),
    ).device
    assert demo.credentials.available_until(SYSTEM, device.id) is not None
    clock.advance(hours=kind.password_retention_hours, seconds=1)
    shown(MainWindow(demo, listener, entries, jobs), qtbot)

    def destroyed() -> bool:
        newest = demo.audit.page(SYSTEM, 0, 1)[0]
        return newest.action == "secret.destroy"

    soon(destroyed)
    assert demo.audit.page(SYSTEM, 0, 1)[0].after == {"device-credential": 1}
