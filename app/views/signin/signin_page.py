"""Signing in: user name, password, and the passphrase of the workspace while it is locked."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.core.errors import KnownError
from app.core.language import _
from app.models.domain.access import Actor, Channel
from app.models.services.workspace import Workspace
from app.views.jobs import Jobs
from app.views.theme.fonts import scaled
from app.views.widgets.field import PasswordField, TextField
from app.views.widgets.icon_label import IconLabel


class SignInPage(QWidget):
    """Fills the window until somebody has signed in; Enter signs in.

    Signals: `signed_in(Actor)`; `unlocked()` when `unlock` has opened the keys.
    """

    signed_in = Signal(object)
    unlocked = Signal()

    def __init__(
        self,
        workspace: Workspace,
        jobs: Jobs,
        demo_hint: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(_("Sign in"))
        self._workspace = workspace
        self._jobs = jobs
        self.name = TextField(_("User name"), required=True)
        self.password = PasswordField(_("Password"), required=True)
        self.passphrase = PasswordField(
            _("Passphrase of the workspace"),
            required=True,
            hint=_("The keys are locked; the passphrase opens them."),
        )
        self.button = QPushButton(_("Sign in"))
        self.button.setProperty("role", "primary")
        self.button.setAutoDefault(False)
        self.button.clicked.connect(self._submit)
        self._fields = (self.name, self.password, self.passphrase)
        for field in self._fields:
            field.changed.connect(field.clear_message)
        self._hint = _label(demo_hint, "dim")
        self._hint.setVisible(bool(demo_hint))
        self._hint.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._lay_out()
        self.ask()

    def ask(self, name: str = "") -> None:
        """Begin anew, with the name of the person who is expected back."""
        self.name.set_value(name)
        self._forget()
        self.passphrase.setVisible(self._workspace.locked)
        (self.password if name else self.name).setFocus()

    def unlock(self, passphrase: str) -> None:
        """Open the keys with a passphrase that the person need not type."""
        self.passphrase.hide()
        self.button.setEnabled(False)
        unlock = self._workspace.unlock
        self._jobs.run(self, lambda: unlock(passphrase), self._opened, self._failed)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter signs in, wherever the focus is."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._submit()
        else:
            super().keyPressEvent(event)

    def _submit(self) -> None:
        if not self.button.isEnabled() or not self._complete():
            return
        name, password = self.name.value(), self.password.value()
        passphrase = self.passphrase.value()
        workspace = self._workspace

        def work() -> Actor:
            # The person first: a stranger must not leave the keys open behind them.
            actor = workspace.users.sign_in(name, password, Channel.WINDOW)
            if workspace.locked:
                workspace.unlock(passphrase)
            return actor

        self._set_busy(busy=True)
        self._jobs.run(self, work, self._done, self._failed)

    def _complete(self) -> bool:
        """Whether every field shown is filled in; says which is not, and goes there."""
        missing = [field for field in self._fields if not field.isHidden() and not field.value()]
        for field in missing:
            field.set_message(_("Fill this in."))
        if missing:
            missing[0].setFocus()
        return not missing

    def _opened(self, _nothing: None) -> None:
        self._set_busy(busy=False)
        self.unlocked.emit()

    def _done(self, actor: Actor) -> None:
        self._set_busy(busy=False)
        self._forget()
        self.signed_in.emit(actor)

    def _failed(self, error: KnownError) -> None:
        self._set_busy(busy=False)
        self.passphrase.setVisible(self._workspace.locked)
        by_field: dict[str, TextField] = {"name": self.name, "passphrase": self.passphrase}
        field = by_field.get(error.field or "", self.password)
        field.set_error(error)
        field.input.selectAll()
        field.setFocus()

    def _set_busy(self, *, busy: bool) -> None:
        self.button.setEnabled(not busy)
        self.button.setText(_("Signing in…") if busy else _("Sign in"))

    def _forget(self) -> None:
        """Keep no secret in the inputs."""
        for secret in (self.password, self.passphrase):
            secret.set_value("")
        for field in self._fields:
            field.clear_message()

    def _lay_out(self) -> None:
        card = QFrame(self)
        card.setProperty("role", "card")
        card.setFixedWidth(scaled(400))
        brand = QHBoxLayout()
        brand.setSpacing(scaled(10))
        brand.addWidget(IconLabel("shield-check", "accent", 28, card))
        brand.addWidget(_label(_("Birthmark"), "title"), 1)
        folder = self._workspace.folder
        where = _label(_("Workspace {name}").format(name=folder.name), "dim")
        where.setToolTip(str(folder))
        column = QVBoxLayout(card)
        column.setContentsMargins(scaled(32), scaled(28), scaled(32), scaled(32))
        column.setSpacing(scaled(16))
        column.addLayout(brand)
        column.addWidget(where)
        for field in self._fields:
            column.addWidget(field)
        column.addSpacing(scaled(4))
        column.addWidget(self.button)
        column.addWidget(self._hint)
        grid = QGridLayout(self)
        grid.addWidget(card, 0, 0, Qt.AlignmentFlag.AlignCenter)


def _label(text: str, role: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", role)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label
