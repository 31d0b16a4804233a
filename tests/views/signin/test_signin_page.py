from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app.core.errors import SessionEndedError
from app.models.domain.access import SYSTEM, Actor, Channel, Role
from app.models.services.audit.log import AuditFilter
from app.models.services.setup.demo_data import DEMO_PASSWORD
from app.models.services.workspace.workspace import Workspace
from app.pki.keys import KeyAlgorithm, generate
from app.pki.pkcs12 import pack
from app.views.jobs import Jobs
from app.views.signin.signin_page import SignInPage
from app.views.widgets.drop_zone import DropZone
from tests.fakes import FakeClock
from tests.models.services.owners.test_second_factor import own_certificate, signing
from tests.views.station import reached_by_tab, tab_stops
from tests.workspace_fixtures import PASSPHRASE

NEW_PASSWORD = "four purple pears"
CARD_PASSPHRASE = "open the card"
KEY = generate(KeyAlgorithm.EC_P256)


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


@pytest.mark.req("SYS-01", "ROLE-01")
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
    told = demo.audit.page(SYSTEM, 0, 100, AuditFilter(action="workspace.unlock"))
    assert [(one.actor, one.outcome) for one in told] == [("admin", "done"), ("admin", "refused")]
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


@pytest.fixture
def newcomer(demo: Workspace) -> str:
    """The name of somebody whose password an administrator has just reset."""
    mia = next(user for user in demo.users.users(SYSTEM) if user.name == "mia.rossi")
    demo.users.reset_password(SYSTEM, mia.id, DEMO_PASSWORD)
    return mia.name


def type_into(page: SignInPage, name: str, password: str = DEMO_PASSWORD) -> None:
    QTest.keyClicks(page.name.input, name)
    QTest.keyClicks(page.password.input, password)
    QTest.keyClick(page.password.input, Qt.Key.Key_Return)


def signs_in(page: SignInPage, qtbot: QtBot) -> Actor:
    """Press Enter where the focus is, and wait until somebody is in."""
    focus = QApplication.focusWidget()
    assert focus is not None
    with qtbot.waitSignal(page.signed_in) as signed_in:
        QTest.keyClick(focus, Qt.Key.Key_Return)
    actor = signed_in.args[0]
    assert isinstance(actor, Actor)
    return actor


@pytest.mark.req("ROLE-03")
def test_who_signs_in_chooses_a_password_of_their_own(
    page: SignInPage, qtbot: QtBot, demo: Workspace, newcomer: str
) -> None:
    fields = page.credentials
    assert not fields.new_password.isVisible()
    type_into(page, newcomer)
    qtbot.waitUntil(fields.new_password.input.hasFocus)
    assert "Choose a password of your own." in page.banner.text()
    assert (page.name.value(), page.password.value()) == (newcomer, DEMO_PASSWORD)
    assert "At least 12 characters" in fields.new_password.message()

    QTest.keyClicks(fields.new_password.input, "short")
    QTest.keyClick(fields.new_password.input, Qt.Key.Key_Tab)
    QTest.keyClicks(fields.again.input, "shirt")
    QTest.keyClick(fields.again.input, Qt.Key.Key_Return)
    assert fields.again.message() == "The two are not the same."
    fields.again.set_value("short")
    QTest.keyClick(fields.again.input, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "too short" in fields.new_password.message())

    for field in (fields.new_password, fields.again):
        field.input.selectAll()
        QTest.keyClicks(field.input, NEW_PASSWORD)
    assert signs_in(page, qtbot).name == newcomer
    demo.users.sign_in(newcomer, NEW_PASSWORD, Channel.API)
    assert fields.new_password.value() == ""
    assert not fields.new_password.isVisible()


def test_a_new_password_counts_even_if_the_passphrase_is_wrong(
    page: SignInPage, qtbot: QtBot, demo: Workspace, newcomer: str
) -> None:
    demo.lock()
    page.ask()
    fields = page.credentials
    QTest.keyClicks(page.passphrase.input, "something else")
    type_into(page, newcomer)
    qtbot.waitUntil(fields.new_password.isVisible)
    for field in (fields.new_password, fields.again):
        QTest.keyClicks(field.input, NEW_PASSWORD)
    QTest.keyClick(fields.again.input, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "does not open" in page.passphrase.message())
    assert not fields.new_password.isVisible()
    mia = next(user for user in demo.users.users(SYSTEM) if user.name == newcomer)
    assert demo.sessions.of_user(SYSTEM, mia.id) == ()  # nobody stays signed in by half

    QTest.keyClicks(page.passphrase.input, PASSPHRASE)
    assert signs_in(page, qtbot).name == newcomer


@pytest.mark.req("ROLE-02")
def test_the_key_of_a_certificate_is_dropped_and_its_passphrase_typed(
    page: SignInPage, qtbot: QtBot, demo: Workspace, tmp_path: Path
) -> None:
    nora = demo.users.sign_in("nora.lind", DEMO_PASSWORD, Channel.WINDOW)
    demo.users.set_certificate(nora, DEMO_PASSWORD, own_certificate(KEY), signing(KEY))
    card = tmp_path / "nora.p12"
    card.write_bytes(pack(KEY, own_certificate(KEY), (), CARD_PASSPHRASE, "Nora"))
    fields = page.credentials
    type_into(page, "nora.lind")
    qtbot.waitUntil(fields.key_file.input.hasFocus)
    assert "signs in with a certificate" in page.banner.text()
    assert (page.name.value(), page.password.value()) == ("nora.lind", DEMO_PASSWORD)

    QTest.mouseClick(page.button, Qt.MouseButton.LeftButton)
    assert fields.key_file.message() == "Fill this in."
    drop(fields.key_file.input, card)
    assert fields.key_file.message() == ""
    QTest.keyClicks(fields.key_passphrase.input, "wrong")
    QTest.keyClick(fields.key_passphrase.input, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "passphrase is wrong" in fields.key_passphrase.message())
    assert page.passphrase.message() != fields.key_passphrase.message()

    fields.key_passphrase.input.selectAll()
    QTest.keyClicks(fields.key_passphrase.input, CARD_PASSPHRASE)
    assert signs_in(page, qtbot).name == "nora.lind"
    assert fields.key_file.is_empty()


def drop(zone: DropZone, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    point, buttons = QPointF(zone.rect().center()), Qt.MouseButton.LeftButton
    copy, none = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    zone.dropEvent(QDropEvent(point, copy, data, buttons, none))


def test_what_one_person_was_asked_for_the_next_is_not(
    page: SignInPage, qtbot: QtBot, newcomer: str
) -> None:
    type_into(page, newcomer)
    qtbot.waitUntil(page.credentials.new_password.isVisible)
    page.name.input.selectAll()
    QTest.keyClicks(page.name.input, "admin")
    assert not page.credentials.new_password.isVisible()
    assert page.banner.text() == ""
    page.password.input.setFocus()
    assert signs_in(page, qtbot).name == "admin"


def test_the_seconds_to_wait_count_down(page: SignInPage, qtbot: QtBot, clock: FakeClock) -> None:
    for _attempt in range(5):
        page.password.set_value("")
        page.name.set_value("")
        type_into(page, "admin", "not the password")
        qtbot.waitUntil(lambda: "wrong" in page.password.message())
    QTest.keyClick(page.password.input, Qt.Key.Key_Return)
    qtbot.waitUntil(page.countdown.isVisible)
    assert page.countdown.text() == "Too many failed attempts. Try again in 1 second."
    assert not page.button.isEnabled()
    assert page.password.message() == ""  # nobody looked at it this time
    clock.advance(seconds=1)
    qtbot.waitUntil(page.button.isEnabled)
    assert not page.countdown.isVisible()
    page.password.input.selectAll()
    QTest.keyClicks(page.password.input, DEMO_PASSWORD)
    assert signs_in(page, qtbot).name == "admin"


def test_caps_lock_gives_itself_away(page: SignInPage) -> None:
    hint = page.credentials.caps_lock
    box = page.password.input
    QTest.keyClicks(box, "quiet")
    assert not hint.isVisible()
    QTest.keyClicks(box, "Q", Qt.KeyboardModifier.ShiftModifier)
    assert not hint.isVisible()
    QTest.sendKeyEvent(
        QTest.KeyAction.Click, box, Qt.Key.Key_Q, "Q", Qt.KeyboardModifier.NoModifier
    )
    assert hint.isVisible()
    QTest.keyClick(box, Qt.Key.Key_CapsLock)
    assert not hint.isVisible()


def test_the_reason_to_sign_in_again_is_said(page: SignInPage) -> None:
    page.ask("mia.rossi", reason=SessionEndedError("mia.rossi is signed out.", remedy="Sign in."))
    assert page.banner.text() == "mia.rossi is signed out. Sign in."
    assert page.password.input.hasFocus()
    page.ask()
    assert page.banner.text() == ""


def test_the_workspace_is_named_and_its_folder_shown_in_full(
    page: SignInPage, demo: Workspace
) -> None:
    (where,) = (
        label
        for label in page.findChildren(QLabel)
        if label.text() == f"Workspace {demo.folder.name}"
    )
    assert where.toolTip() == str(demo.folder)


def test_tab_reaches_what_was_asked_for(page: SignInPage, qtbot: QtBot, newcomer: str) -> None:
    type_into(page, newcomer)
    fields = page.credentials
    qtbot.waitUntil(fields.new_password.isVisible)
    assert {fields.new_password.input, fields.again.input} <= tab_stops(page)
    assert tab_stops(page) <= reached_by_tab(qtbot, page)
