import gettext
from collections.abc import Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.core.errors import AuthenticationError, SessionEndedError
from app.models.domain.access import Actor, Channel
from app.models.domain.users import CertificateNeededError
from app.models.services.setup.demo_data import DEMO_PASSWORD
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import certificate_to_pem
from app.pki.keys import KeyAlgorithm, generate, private_key_to_pem
from app.pki.pkcs12 import pack
from app.views.jobs import Jobs
from app.views.pages import page_entries
from app.views.profile.dialog import ProfileDialog
from app.views.shell.main_window import MainWindow
from app.views.widgets.field import PasswordField
from app.views.widgets.file_field import FileField
from app.views.widgets.form_dialog import FormDialog
from tests.models.services.owners.test_second_factor import own_certificate
from tests.views.shell.signing import choose, shown, sign_in, titles
from tests.views.station import FakeListener, reached_by_tab, tab_stops

CARD_PASSPHRASE = "open the card"
NEW_PASSWORD = "four purple pears"


@pytest.fixture
def actor(demo: Workspace) -> Actor:
    return demo.users.sign_in("nora.lind", DEMO_PASSWORD, Channel.WINDOW)


@pytest.fixture
def profile(demo: Workspace, actor: Actor, jobs: Jobs, qtbot: QtBot) -> Iterator[ProfileDialog]:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    dialog = ProfileDialog(demo, actor, jobs, window)
    with qtbot.waitActive(dialog):
        dialog.open()
    qtbot.waitUntil(lambda: "nora.lind" in texts(dialog))
    yield dialog
    shiboken6.delete(window)


def texts(dialog: ProfileDialog) -> list[str]:
    return [label.text() for label in dialog.findChildren(QLabel) if label.isVisible()]


def click(button: QWidget) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def form_of(dialog: ProfileDialog, button: QWidget, qtbot: QtBot) -> FormDialog:
    click(button)
    forms = [form for form in dialog.findChildren(FormDialog) if form.isVisible()]
    assert len(forms) == 1
    qtbot.waitUntil(forms[0].isActiveWindow)
    return forms[0]


def type_into(form: FormDialog, key: str, text: str) -> None:
    field = form.fields[key]
    assert isinstance(field, PasswordField)
    field.input.selectAll()
    QTest.keyClicks(field.input, text)


def test_a_profile_says_who_one_is_here(profile: ProfileDialog) -> None:
    seen = texts(profile)
    assert {"nora.lind", "Operator", "Acme Controls · North plant", "Window"} <= set(seen)
    assert "You sign in with your password alone." in seen
    assert "here" in seen
    assert not profile.elsewhere.isEnabled()


def test_a_new_password_needs_the_old_one_and_ends_other_sessions(
    profile: ProfileDialog, qtbot: QtBot, demo: Workspace, actor: Actor
) -> None:
    elsewhere = demo.users.sign_in("nora.lind", DEMO_PASSWORD, Channel.API)
    form = form_of(profile, profile.password, qtbot)
    type_into(form, "password", "not the password")
    type_into(form, "new_password", NEW_PASSWORD)
    type_into(form, "again", "four purple peas")
    click(form.save)
    qtbot.waitUntil(lambda: form.fields["again"].message() == "The two are not the same.")
    type_into(form, "again", NEW_PASSWORD)
    click(form.save)
    qtbot.waitUntil(lambda: "wrong" in form.fields["password"].message())
    type_into(form, "password", DEMO_PASSWORD)
    with qtbot.waitSignal(form.saved):
        click(form.save)
    assert "password was changed" in profile.banner.text()
    with pytest.raises(AuthenticationError):
        demo.users.sign_in("nora.lind", DEMO_PASSWORD, Channel.API)
    with pytest.raises(SessionEndedError):
        demo.users.me(elsewhere)
    assert demo.users.me(actor).name == "nora.lind"


@pytest.mark.req("ROLE-02")
def test_a_certificate_is_set_from_a_file_and_removed_again(
    profile: ProfileDialog, qtbot: QtBot, demo: Workspace, *, actor: Actor, tmp_path: Path
) -> None:
    key = generate(KeyAlgorithm.EC_P256)
    certificate = own_certificate(key)
    (tmp_path / "nora.pem").write_bytes(certificate_to_pem(certificate))
    (tmp_path / "nora.p12").write_bytes(pack(key, certificate, (), CARD_PASSPHRASE, "Nora"))
    (tmp_path / "other.pem").write_bytes(
        private_key_to_pem(generate(KeyAlgorithm.EC_P256), CARD_PASSPHRASE)
    )
    (tmp_path / "nora.txt").write_text("not a certificate")
    form = form_of(profile, profile.certificate, qtbot)
    type_into(form, "password", DEMO_PASSWORD)
    file, key_file = form.fields["certificate"], form.fields["key_file"]
    assert isinstance(file, FileField)
    assert isinstance(key_file, FileField)
    file.input.take_file(tmp_path / "nora.txt")
    key_file.input.take_file(tmp_path / "nora.p12")
    click(form.save)
    qtbot.waitUntil(lambda: form.save.isEnabled() and file.message() != "")
    assert demo.users.me(actor).certificate is None
    file.input.take_file(tmp_path / "nora.pem")
    passphrase = form.fields["key_passphrase"]
    click(form.save)
    qtbot.waitUntil(lambda: form.save.isEnabled() and passphrase.message() != "")
    type_into(form, "key_passphrase", CARD_PASSPHRASE)
    key_file.input.take_file(tmp_path / "nora.txt")
    click(form.save)
    qtbot.waitUntil(lambda: form.save.isEnabled() and key_file.message() != "")
    key_file.input.take_file(tmp_path / "other.pem")
    click(form.save)
    qtbot.waitUntil(lambda: "does not belong to this certificate" in key_file.message())
    assert demo.users.me(actor).certificate is None
    key_file.input.take_file(tmp_path / "nora.p12")
    with qtbot.waitSignal(form.saved):
        click(form.save)
    qtbot.waitUntil(lambda: profile.certificate.text() == "Remove certificate…")
    assert "You sign in with your password and the key of your certificate." in texts(profile)
    with pytest.raises(CertificateNeededError):
        demo.users.sign_in("nora.lind", DEMO_PASSWORD, Channel.API)

    form = form_of(profile, profile.certificate, qtbot)
    type_into(form, "password", DEMO_PASSWORD)
    with qtbot.waitSignal(form.saved):
        click(form.save)
    qtbot.waitUntil(lambda: profile.certificate.text() == "Set a certificate…")
    assert demo.users.me(actor).certificate is None


def test_one_signs_out_everywhere_else(
    demo: Workspace, actor: Actor, jobs: Jobs, qtbot: QtBot
) -> None:
    elsewhere = demo.users.sign_in("nora.lind", DEMO_PASSWORD, Channel.API, "10.0.0.7")
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    profile = ProfileDialog(demo, actor, jobs, window)
    profile.open()
    qtbot.waitUntil(lambda: "REST API from 10.0.0.7" in texts(profile))
    click(profile.elsewhere)
    qtbot.waitUntil(lambda: "REST API from 10.0.0.7" not in texts(profile))
    assert profile.banner.text() == "You are signed out everywhere else."
    assert [s.id for s in demo.sessions.of_user(actor, actor.user_id or 0)] == [actor.session_id]
    with pytest.raises(SessionEndedError):
        demo.users.me(elsewhere)
    shiboken6.delete(window)


def test_tab_reaches_everything_and_each_has_a_name(profile: ProfileDialog, qtbot: QtBot) -> None:
    stops = tab_stops(profile)
    assert {
        profile.password,
        profile.certificate,
        profile.language.input,
        profile.close_button,
    } <= stops
    assert stops <= reached_by_tab(qtbot, profile)
    assert profile.language.input.accessibleName() == "Language"


def test_another_language_counts_when_the_profile_is_closed(
    demo: Workspace, jobs: Jobs, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nobody else hears what this makes the program speak.
    monkeypatch.setattr("app.core.language._translations", gettext.NullTranslations())
    window = shown(MainWindow(demo, FakeListener(), page_entries, jobs), qtbot)
    desk = sign_in(window, qtbot)
    actor = desk.actor
    desk.navigation.open("settings")
    choose(desk, "Your profile…")
    (profile,) = desk.findChildren(ProfileDialog)
    qtbot.waitUntil(lambda: "admin" in texts(profile))
    profile.language.input.setFocus()
    QTest.keyClick(profile.language.input, Qt.Key.Key_D)
    qtbot.waitUntil(lambda: "as soon as you close" in profile.language.message())
    assert demo.users.me(actor).language == "de"
    assert titles(desk)[1] == "Devices"
    with qtbot.waitSignal(desk.destroyed):
        click(profile.close_button)
    assert window.desk is not None
    assert window.desk.isVisible()
    assert window.desk.page().title() == "Einstellungen"
    assert titles(window.desk)[1] == "Geräte"
    assert window.desk.actor == actor
