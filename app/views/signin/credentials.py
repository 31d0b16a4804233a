"""The fields of the sign-in page."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.core.errors import KnownError
from app.core.language import _
from app.models.domain.access import Actor
from app.models.domain.passwords import MIN_LENGTH
from app.models.domain.users import CertificateNeededError, PasswordChangeNeededError
from app.views.signin.attempt import Attempt
from app.views.signin.caps_lock import CapsLockHint
from app.views.theme.fonts import scaled
from app.views.widgets.field import PasswordField, TextField
from app.views.widgets.file_field import FileField

AnyField = TextField | FileField


class Credentials(QWidget):
    """Name and password for everybody; what only some need appears when it is asked for.

    Signals: `renamed()` when the person typed at the name, and may be another one.
    """

    renamed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = TextField(_("User name"), required=True)
        self.password = PasswordField(_("Password"), required=True)
        self.caps_lock = CapsLockHint()
        rule = _("At least {count} characters; several unrelated words are good.")
        self.new_password = PasswordField(
            _("New password"), required=True, hint=rule.format(count=MIN_LENGTH)
        )
        self.again = PasswordField(_("New password again"), required=True)
        self.key_file = FileField(
            _("Key of your certificate"), _("PKCS#12 or PEM file"), required=True
        )
        self.key_file.input.setMinimumHeight(scaled(84))  # the page is too narrow for one line
        self.key_passphrase = PasswordField(
            _("Passphrase of the file"), hint=_("Leave it empty if the file has none.")
        )
        self.passphrase = PasswordField(
            _("Passphrase of the workspace"),
            required=True,
            hint=_("The keys are locked; the passphrase opens them."),
        )
        self._secrets = (
            self.password,
            self.new_password,
            self.again,
            self.key_passphrase,
            self.passphrase,
        )
        self._asked_for = (self.new_password, self.again, self.key_file, self.key_passphrase)
        self._fields: tuple[AnyField, ...] = (
            self.name,
            self.password,
            *self._asked_for,
            self.passphrase,
        )
        self._lay_out()
        # What one person was asked for is not the next one's business.
        self.name.input.textEdited.connect(lambda _text: self._ask_no_more())
        self.name.input.textEdited.connect(lambda _text: self.renamed.emit())

    def begin(self, name: str, *, locked: bool) -> None:
        """Begin anew, with the name of the person who is expected back."""
        self.name.set_value(name)
        self.forget()
        self.passphrase.setVisible(locked)
        (self.password if name else self.name).setFocus()

    def forget(self) -> None:
        """Keep no secret in the inputs."""
        for secret in self._secrets:
            secret.set_value("")
        self._ask_no_more()
        self.clear_messages()

    def clear_messages(self) -> None:
        """Say nothing that was wrong before."""
        for field in self._fields:
            field.clear_message()

    def complete(self) -> bool:
        """Whether every field shown is filled in; says which is not, and goes there."""
        wrong = [f for f in self._fields if f.required and not f.isHidden() and f.is_empty()]
        for field in wrong:
            field.set_message(_("Fill this in."))
        if not wrong and self.new_password.value() != self.again.value():
            self.again.set_message(_("The two are not the same."))
            wrong = [self.again]
        if wrong:
            wrong[0].setFocus()
        return not wrong

    def attempt(self, former: Actor | None) -> Attempt:
        """What was filled in."""
        new = None if self.new_password.isHidden() else self.new_password.value()
        return Attempt(
            self.name.value(),
            self.password.value(),
            self.passphrase.value(),
            new,
            self.key_file.value(),
            self.key_passphrase.value(),
            former,
        )

    def show_error(self, error: KnownError) -> None:
        """Say what is wrong at the field, or show the fields that are asked for."""
        if isinstance(error, PasswordChangeNeededError):
            self._ask_for(self.new_password, self.again)
            return
        if isinstance(error, CertificateNeededError):
            self._ask_for(self.key_file, self.key_passphrase)
            return
        by_name: dict[str, AnyField] = {
            "name": self.name,
            "new_password": self.new_password,
            "certificate": self.key_file,
            "key_passphrase": self.key_passphrase,
            "passphrase": self.passphrase,
        }
        field = by_name.get(error.field or "", self.password)
        field.set_message(error.text())
        if isinstance(field, TextField):
            field.input.selectAll()
        field.setFocus()

    def use_new_password(self) -> None:
        """The new password counts from now on: what is still wrong is something else."""
        self.password.set_value(self.new_password.value())
        for field in (self.new_password, self.again):
            field.set_value("")
            field.hide()

    def _ask_for(self, first: AnyField, second: AnyField) -> None:
        first.show()
        second.show()
        first.setFocus()

    def _ask_no_more(self) -> None:
        for field in self._asked_for:
            field.hide()
        for secret in (self.new_password, self.again, self.key_passphrase):
            secret.set_value("")
        self.key_file.set_value(b"")

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(scaled(16))
        for field in self._fields:
            field.changed.connect(field.clear_message)
            column.addWidget(field)
        column.insertWidget(column.indexOf(self.password) + 1, self.caps_lock)
        for secret in self._secrets:
            self.caps_lock.watch(secret.input)
