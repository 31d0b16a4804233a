"""One's own profile: role, password, certificate, language, and where one is signed in."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.config.paths import resources_folder
from app.core.language import _, languages
from app.models.domain.access import Actor
from app.models.services.owners.users import Users
from app.models.services.workspace.workspace import Workspace
from app.views.jobs import Jobs
from app.views.language import language_name
from app.views.profile.facts import Facts, place_text, read_facts, scope_text
from app.views.profile.forms import certificate_form, no_certificate_form, password_form
from app.views.role_words import role_explained, role_text
from app.views.theme.fonts import scaled
from app.views.theme.tokens import Tone
from app.views.widgets.badge import BadgeText
from app.views.widgets.banner import Banner
from app.views.widgets.field import ChoiceField
from app.views.widgets.form_dialog import FormDialog
from app.views.widgets.property_list import PropertyList
from app.views.widgets.times import time_text, zone_text

MakeForm = Callable[[Users, Actor, Jobs, QWidget], FormDialog]


class ProfileDialog(QDialog):
    """Shows the acting person's profile; what is changed in it counts at once.

    Signals: `language_chosen(str)` after it was closed, if another language was chosen in it;
    empty for the station's.
    """

    language_chosen = Signal(str)

    def __init__(self, workspace: Workspace, actor: Actor, jobs: Jobs, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Your profile"))
        self._workspace = workspace
        self._actor = actor
        self._jobs = jobs
        self._language: str | None = None
        self.banner = Banner(self)
        self.person = PropertyList()
        self.places = PropertyList()
        self.password = _button(_("Change password…"), self._change_password)
        self.certificate = _button("", self._change_certificate)
        self.certificate_note = QLabel()
        self.certificate_note.setWordWrap(True)
        self.elsewhere = _button(_("Sign out everywhere else"), self._sign_out_elsewhere)
        codes = languages(resources_folder() / "translations")
        self.language: ChoiceField[str] = ChoiceField(
            _("Language"),
            [("", _("As the station")), *((code, language_name(code)) for code in codes)],
        )
        self.close_button = _button(_("Close"), self.accept)
        self.close_button.setDefault(True)
        self._has_certificate = False
        self._lay_out()
        self.finished.connect(self._tell_language)
        self.resize(scaled(560), scaled(640))
        self._read()

    def _read(self) -> None:
        workspace, actor = self._workspace, self._actor
        read = partial(read_facts, workspace, actor)
        self._jobs.run(self, read, self._show, self.banner.show_error)

    def _show(self, facts: Facts) -> None:
        user = facts.user
        person, places = PropertyList(), PropertyList()
        person.add(_("Name"), user.name)
        person.add(_("Role"), role_text(user.role), tip=role_explained(user.role))
        person.add(_("Works in"), scope_text(facts))
        moment = user.last_sign_in_at
        person.add(_("Last sign-in"), time_text(moment), tip=zone_text(moment))
        for session in facts.sessions:
            here = session.id == self._actor.session_id
            places.add(
                place_text(session),
                _("since {time}").format(time=time_text(session.started_at)),
                badge=BadgeText(_("here"), Tone.GOOD) if here else None,
                tip=zone_text(session.started_at),
            )
        self.person = self._replaced(self.person, person)
        self.places = self._replaced(self.places, places)
        self.elsewhere.setEnabled(len(facts.sessions) > 1)
        self._show_certificate(needed=user.certificate is not None)
        if self._language is None:
            self._offer_languages(user.language)

    def _show_certificate(self, *, needed: bool) -> None:
        self._has_certificate = needed
        self.certificate.setText(_("Remove certificate…") if needed else _("Set a certificate…"))
        self.certificate_note.setText(
            _("You sign in with your password and the key of your certificate.")
            if needed
            else _("You sign in with your password alone.")
        )

    def _offer_languages(self, language: str) -> None:
        self._language = language
        self.language.set_value(language)
        self.language.changed.connect(self._change_language)

    def _change_password(self) -> None:
        self._open(password_form, _("Your password was changed; other sessions have ended."))

    def _change_certificate(self) -> None:
        if self._has_certificate:
            self._open(no_certificate_form, _("The certificate was removed."))
        else:
            self._open(certificate_form, _("The certificate is needed from now on."))

    def _open(self, make: MakeForm, success: str) -> None:
        form = make(self._workspace.users, self._actor, self._jobs, self)
        form.saved.connect(lambda _result: self._done(success))
        form.open()

    def _sign_out_elsewhere(self) -> None:
        sessions, actor = self._workspace.sessions, self._actor
        self._jobs.run(
            self,
            lambda: sessions.end_others(actor),
            lambda _nothing: self._done(_("You are signed out everywhere else.")),
            self.banner.show_error,
        )

    def _done(self, success: str) -> None:
        self.banner.show_message(Tone.GOOD, success)
        self._read()

    def _change_language(self) -> None:
        users, actor, language = self._workspace.users, self._actor, self.language.value()
        self._jobs.run(
            self,
            lambda: users.set_language(actor, language),
            lambda _nothing: self._language_kept(),
            self.language.set_error,
        )

    def _language_kept(self) -> None:
        self.language.set_message(_("Counts as soon as you close your profile."), Tone.NEUTRAL)

    def _tell_language(self, _result: int) -> None:
        if self._language is not None and self.language.value() != self._language:
            self.language_chosen.emit(self.language.value())

    def _replaced(self, before: PropertyList, after: PropertyList) -> PropertyList:
        self._column.replaceWidget(before, after)
        before.deleteLater()
        return after

    def _lay_out(self) -> None:
        content = QWidget()
        content.setProperty("role", "plain")
        self._column = column = QVBoxLayout(content)
        column.setContentsMargins(scaled(24), scaled(20), scaled(24), scaled(20))
        column.setSpacing(scaled(10))
        title = QLabel(self.windowTitle())
        title.setProperty("role", "title")
        column.addWidget(title)
        column.addWidget(self.banner)
        column.addWidget(self.person)
        column.addWidget(_heading(_("Signing in")))
        column.addWidget(self.certificate_note)
        column.addLayout(_side_by_side(self.password, self.certificate))
        column.addSpacing(scaled(6))
        column.addWidget(self.language)
        column.addWidget(_heading(_("Where you are signed in")))
        column.addWidget(self.places)
        column.addLayout(_side_by_side(self.elsewhere))
        column.addStretch(1)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # it follows the focus inside
        area.setWidget(content)
        rule = QFrame(self)
        rule.setProperty("role", "rule")
        foot = QHBoxLayout()
        foot.setContentsMargins(scaled(24), scaled(12), scaled(24), scaled(12))
        foot.addStretch(1)
        foot.addWidget(self.close_button)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(area, 1)
        whole.addWidget(rule)
        whole.addLayout(foot)


def _button(text: str, act: Callable[[], None]) -> QPushButton:
    button = QPushButton(text)
    button.setAutoDefault(False)
    button.clicked.connect(act)
    return button


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "heading")
    label.setContentsMargins(0, scaled(8), 0, 0)
    return label


def _side_by_side(*buttons: QPushButton) -> QHBoxLayout:
    line = QHBoxLayout()
    line.setSpacing(scaled(8))
    for button in buttons:
        line.addWidget(button)
    line.addStretch(1)
    return line
