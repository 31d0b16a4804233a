"""When the window locks itself, and the passphrase that opens the keys."""

from PySide6.QtWidgets import QHBoxLayout, QPushButton

from app.core.errors import AuthenticationError, KnownError
from app.core.language import _
from app.models.domain.access import Actor
from app.models.services.workspace.station_settings import StationSettings
from app.views.jobs import Jobs
from app.views.settings.card import Card
from app.views.theme.tokens import Tone
from app.views.widgets.field import NumberField, PasswordField

_A_DAY = 1440


class LockCard(Card):
    """After how many minutes without a touch the window locks."""

    def __init__(self, settings: StationSettings, actor: Actor, jobs: Jobs) -> None:
        super().__init__(_("Locking"))
        self._settings = settings
        self._actor = actor
        self._jobs = jobs
        self.minutes = NumberField(
            _("Lock after (minutes)"),
            0,
            _A_DAY,
            hint=_(
                "Counted from the last key or click; 0 never locks."
                " While the EST listener runs, the keys stay open for devices."
            ),
        )
        self.minutes.set_value(self._settings.current.lock_after_minutes)
        self.minutes.input.editingFinished.connect(self._keep)
        self.body.addWidget(self.minutes)

    def _keep(self) -> None:
        settings, actor, minutes = self._settings, self._actor, self.minutes.value()
        if minutes != settings.current.lock_after_minutes:
            self._jobs.run(
                self,
                lambda: settings.change(actor, lock_after_minutes=minutes),
                lambda _nothing: self.minutes.set_message(_("Saved."), Tone.GOOD),
                self.minutes.set_error,
            )


class PassphraseCard(Card):
    """Another passphrase for the same keys."""

    def __init__(self, settings: StationSettings, actor: Actor, jobs: Jobs) -> None:
        super().__init__(_("Passphrase of the workspace"))
        self._settings = settings
        self._actor = actor
        self._jobs = jobs
        self.old = PasswordField(_("Present passphrase"), required=True)
        self.new = PasswordField(
            _("New passphrase"),
            required=True,
            hint=_("Nobody can recover it: keep a copy where only you find it."),
        )
        self.again = PasswordField(_("New passphrase again"), required=True)
        self.button = QPushButton(_("Change passphrase"))
        self.button.clicked.connect(self._change)
        for field in (self.old, self.new, self.again):
            field.changed.connect(field.clear_message)
            self.body.addWidget(field)
        line = QHBoxLayout()
        line.addWidget(self.button)
        line.addStretch(1)
        self.body.addLayout(line)

    def _change(self) -> None:
        for field in (self.old, self.new, self.again):
            if not field.value():
                field.set_message(_("Fill this in."))
                field.setFocus()
                return
        if self.new.value() != self.again.value():
            self.again.set_message(_("This is not the same as above."))
            self.again.setFocus()
            return
        settings, actor = self._settings, self._actor
        old, new = self.old.value(), self.new.value()
        self.button.setEnabled(False)
        self._jobs.run(
            self, lambda: settings.change_passphrase(actor, old, new), self._done, self._failed
        )

    def _done(self, _nothing: None) -> None:
        self.button.setEnabled(True)
        for field in (self.old, self.new, self.again):
            field.set_value("")
        self.again.set_message(_("The passphrase was changed."), Tone.GOOD)

    def _failed(self, error: KnownError) -> None:
        self.button.setEnabled(True)
        field = self.old if isinstance(error, AuthenticationError) else self.new
        field.set_error(error)
        field.setFocus()
