import gettext

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from app.models.domain.access import SYSTEM, Actor, Role
from app.models.domain.users import Session
from app.models.services.setup.demo_data import DEMO_PASSWORD
from app.models.services.workspace.workspace import Workspace
from app.views.jobs import Jobs
from app.views.pages import page_entries
from app.views.shell.desk import Desk
from app.views.shell.main_window import MainWindow
from tests.fakes import FakeClock
from tests.views.shell.signing import choose, shown, sign_in, titles
from tests.views.station import FakeListener


def sessions(workspace: Workspace, actor: Actor) -> tuple[Session, ...]:
    assert actor.user_id is not None
    return workspace.sessions.of_user(SYSTEM, actor.user_id)


def read_something(desk: Desk, workspace: Workspace, jobs: Jobs) -> None:
    """Have the page read, as its actor."""
    page, actor = desk.page(), desk.actor
    jobs.run(page, lambda: workspace.users.me(actor), lambda _me: None, page.banner.show_error)


@pytest.mark.req("ROLE-01")
def test_signing_out_ends_the_session_and_leaves_nothing(
    window: MainWindow, qtbot: QtBot, demo: Workspace
) -> None:
    desk = sign_in(window, qtbot)
    actor = desk.actor
    assert len(sessions(demo, actor)) == 1
    with qtbot.waitSignal(desk.destroyed):
        choose(desk, "Sign out")
    assert window.desk is None
    assert window.sign_in.isVisible()
    assert window.sign_in.name.value() == ""
    qtbot.waitUntil(lambda: sessions(demo, actor) == ())
    assert demo.audit.page(SYSTEM, 0, 1)[0].action == "user.sign-out"
    assert not demo.locked


def test_a_session_ended_elsewhere_leads_back_to_signing_in(
    window: MainWindow, qtbot: QtBot, demo: Workspace, *, jobs: Jobs, made: list[str]
) -> None:
    desk = sign_in(window, qtbot)
    desk.navigation.open("users")
    demo.sessions.end_all(SYSTEM, desk.actor.user_id or 0)
    read_something(desk, demo, jobs)
    qtbot.waitUntil(window.sign_in.isVisible)
    assert "admin is signed out." in window.sign_in.banner.text()
    assert "Sign in again." in window.sign_in.banner.text()
    assert window.sign_in.name.value() == "admin"
    qtbot.waitUntil(window.sign_in.password.input.hasFocus)

    again = sign_in(window, qtbot)
    assert again is not desk
    assert again.page().title() == "Users"
    assert made == ["Devices for admin", "Users for admin", "Users for admin"]
    assert [session.id for session in sessions(demo, again.actor)] == [again.actor.session_id]


def test_a_session_that_is_too_old_is_noticed_though_nobody_asks(
    window: MainWindow, qtbot: QtBot, clock: FakeClock
) -> None:
    desk = sign_in(window, qtbot)
    dialog = QDialog(desk.page())
    dialog.open()
    clock.advance(hours=12)
    window._session.look()
    qtbot.waitUntil(window.sign_in.isVisible)
    assert "has expired" in window.sign_in.banner.text()
    assert (desk.isVisible(), dialog.isVisible()) == (False, False)
    assert sign_in(window, qtbot) is desk  # with what was half done
    assert dialog.isVisible()
    dialog.close()


def test_who_comes_back_goes_on_in_the_same_session(
    window: MainWindow, qtbot: QtBot, demo: Workspace, clock: FakeClock
) -> None:
    desk = sign_in(window, qtbot)
    dialog = QDialog(desk.page())
    dialog.open()
    window.lock()
    clock.advance(hours=11)
    assert sign_in(window, qtbot) is desk
    assert dialog.isVisible()
    dialog.close()
    assert [session.id for session in sessions(demo, desk.actor)] == [desk.actor.session_id]
    clock.advance(hours=11)
    assert demo.users.me(desk.actor).name == "admin"


def test_who_was_signed_out_while_away_gets_a_new_desk(
    window: MainWindow, qtbot: QtBot, demo: Workspace
) -> None:
    desk = sign_in(window, qtbot)
    window.lock(keys=False)
    demo.sessions.end_all(SYSTEM, desk.actor.user_id or 0)
    again = sign_in(window, qtbot)
    assert again is not desk
    assert demo.users.me(again.actor).name == "admin"


def test_the_session_of_whoever_was_here_before_ends(
    window: MainWindow, qtbot: QtBot, demo: Workspace
) -> None:
    before = sign_in(window, qtbot).actor
    assert window.desk is not None
    choose(window.desk, "Switch user")
    assert len(sessions(demo, before)) == 1
    desk = sign_in(window, qtbot, "nora.lind")
    qtbot.waitUntil(lambda: sessions(demo, before) == ())
    assert len(sessions(demo, desk.actor)) == 1


def test_what_a_former_person_is_refused_does_not_sign_the_next_one_out(
    window: MainWindow, qtbot: QtBot, demo: Workspace, jobs: Jobs
) -> None:
    former = sign_in(window, qtbot).actor
    window.sign_out()
    qtbot.waitUntil(lambda: sessions(demo, former) == ())
    desk = sign_in(window, qtbot, "nora.lind")
    heard: list[object] = []
    jobs.run(window, lambda: demo.users.me(former), heard.append, heard.append)
    qtbot.waitUntil(lambda: len(heard) == 1)
    looked: list[object] = []
    jobs.run(window, lambda: demo.users.me(desk.actor), looked.append, looked.append)
    qtbot.waitUntil(lambda: len(looked) == 1)
    assert desk.isVisible()


def test_closing_the_window_ends_the_session(
    window: MainWindow, qtbot: QtBot, demo: Workspace
) -> None:
    actor = sign_in(window, qtbot).actor
    window.close()
    assert sessions(demo, actor) == ()


@pytest.mark.req("ROLE-07")
def test_what_a_person_may_not_do_is_recorded(
    window: MainWindow, qtbot: QtBot, demo: Workspace, jobs: Jobs
) -> None:
    desk = sign_in(window, qtbot, "nora.lind")
    page, actor = desk.page(), desk.actor
    jobs.run(
        page,
        lambda: demo.users.create(actor, "friend", DEMO_PASSWORD, Role.ADMIN),
        lambda _user: None,
        page.banner.show_error,
    )
    qtbot.waitUntil(lambda: "may not do this" in page.banner.text())

    def recorded() -> bool:
        return demo.audit.page(SYSTEM, 0, 1)[0].action == "access.refuse"

    qtbot.waitUntil(recorded)
    newest = demo.audit.page(SYSTEM, 0, 1)[0]
    assert (newest.actor, newest.object_name) == ("nora.lind", "Users.create")
    assert desk.isVisible()


@pytest.fixture
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else hears what a test makes the program speak."""
    monkeypatch.setattr("app.core.language._translations", gettext.NullTranslations())


@pytest.mark.usefixtures("_english")
def test_each_person_reads_their_own_language_and_the_station_its_own(
    demo: Workspace, jobs: Jobs, qtbot: QtBot
) -> None:
    window = shown(MainWindow(demo, FakeListener(), page_entries, jobs), qtbot)
    english = titles(sign_in(window, qtbot))
    assert window.desk is not None
    demo.users.set_language(window.desk.actor, "de")
    window.sign_out()
    german = titles(sign_in(window, qtbot))
    assert (english[1], german[1]) == ("Devices", "Geräte")
    window.sign_out()
    QTest.keyClicks(window.sign_in.name.input, "nobody")
    QTest.keyClicks(window.sign_in.password.input, "not the password")
    QTest.keyClick(window.sign_in.password.input, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "password is wrong" in window.sign_in.password.message())
    assert titles(sign_in(window, qtbot, "nora.lind"))[1] == "Devices"
