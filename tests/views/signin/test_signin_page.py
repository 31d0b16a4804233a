import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app.models.domain.access import Actor, Role
from app.models.services.demo_data import DEMO_PASSWORD
from app.models.services.workspace import Workspace
from app.views.jobs import Jobs
from app.views.signin.signin_page import SignInPage
from tests.views.station import reached_by_tab, tab_stops
from tests.workspace_fixtures import PASSPHRASE


@pytest.fixture
def page(demo: Workspace, jobs: Jobs, qtbot: QtBot) -> SignInPage:
    return shown(demo, jobs, qtbot)


def shown(workspace: Workspace, jobs: Jobs, qtbot: QtBot, hint: str = "") -> SignInPage:
    page = SignInPage(workspace, jobs, hint)
    qtbot.addWidget(page)
    page.resize(900, 700)
    with qtbot.waitActive(page):
        page.show()
    return page


def test_a_wrong_password_is_said_under_it_and_the_right_one_signs_in(
    page: SignInPage, qtbot: QtBot
) -> None:
    assert not page.passphrase.isVisible()
    QTest.keyClicks(page.name.input, "admin")
    QTest.keyClicks(page.password.input, "not the password")
    QTest.mouseClick(page.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "wrong" in page.password.message())
    assert page.name.message() == ""
    assert page.button.isEnabled()

    # The wrong password is selected: typing replaces it, and takes the message away.
    qtbot.waitUntil(page.password.input.hasFocus)
    QTest.keyClicks(page.password.input, DEMO_PASSWORD)
    assert page.password.message() == ""
    with qtbot.waitSignal(page.signed_in) as signed_in:
        QTest.keyClick(page.password.input, Qt.Key.Key_Return)
    actor = signed_in.args[0]
    assert isinstance(actor, Actor)
    assert (actor.name, actor.role) == ("admin", Role.ADMIN)
    assert page.password.value() == ""


def test_what_is_missing_is_said_where_it_is_missing(page: SignInPage) -> None:
    QTest.keyClicks(page.name.input, "admin")
    QTest.keyClick(page.name.input, Qt.Key.Key_Return)
    assert page.name.message() == ""
    assert page.password.message() == "Fill this in."
    assert page.password.input.hasFocus()


def test_locked_keys_take_the_passphrase_too(demo: Workspace, jobs: Jobs, qtbot: QtBot) -> None:
    demo.lock()
    page = shown(demo, jobs, qtbot)
    page.name.set_value("admin")
    page.password.set_value(DEMO_PASSWORD)
    QTest.keyClicks(page.passphrase.input, "something else")
    QTest.keyClick(page.passphrase.input, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "does not open" in page.passphrase.message())
    assert demo.locked

    QTest.keyClicks(page.passphrase.input, PASSPHRASE)
    with qtbot.waitSignal(page.signed_in):
        QTest.keyClick(page.passphrase.input, Qt.Key.Key_Return)
    assert not demo.locked


def test_a_stranger_who_knows_the_passphrase_leaves_the_keys_locked(
    demo: Workspace, jobs: Jobs, qtbot: QtBot
) -> None:
    demo.lock()
    page = shown(demo, jobs, qtbot)
    page.name.set_value("admin")
    page.password.set_value("not the password")
    page.passphrase.set_value(PASSPHRASE)
    QTest.mouseClick(page.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "wrong" in page.password.message())
    assert demo.locked


def test_a_given_passphrase_need_not_be_typed(demo: Workspace, jobs: Jobs, qtbot: QtBot) -> None:
    demo.lock()
    page = shown(demo, jobs, qtbot)
    with qtbot.waitSignal(page.unlocked):
        page.unlock(PASSPHRASE)
        assert not page.button.isEnabled()
    assert not demo.locked
    assert not page.passphrase.isVisible()
    assert page.button.isEnabled()


def test_a_given_passphrase_that_is_wrong_is_asked_for(
    demo: Workspace, jobs: Jobs, qtbot: QtBot
) -> None:
    demo.lock()
    page = shown(demo, jobs, qtbot)
    page.unlock("something else")
    qtbot.waitUntil(lambda: "does not open" in page.passphrase.message())
    assert page.passphrase.isVisible()
    assert page.button.isEnabled()


def test_the_hint_of_a_demo_is_shown(demo: Workspace, jobs: Jobs, qtbot: QtBot) -> None:
    page = shown(demo, jobs, qtbot, "Sign in as admin.")
    texts = [label.text() for label in page.findChildren(QLabel) if label.isVisible()]
    assert "Sign in as admin." in texts


def test_tab_reaches_every_control_and_each_has_a_name(
    demo: Workspace, jobs: Jobs, qtbot: QtBot
) -> None:
    demo.lock()
    page = shown(demo, jobs, qtbot)
    assert QApplication.focusWidget() is page.name.input
    assert tab_stops(page) <= reached_by_tab(qtbot, page)
    assert {page.name.input, page.password.input, page.passphrase.input, page.button} <= (
        tab_stops(page)
    )
    assert all(stop.accessibleName() or stop is page.button for stop in tab_stops(page))
