"""Signing in: user name, password, and whatever else this person or the workspace needs."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.core.errors import KnownError, ThrottledError
from app.core.language import _
from app.models.domain.access import Actor
from app.models.domain.users import CertificateNeededError, PasswordChangeNeededError
from app.models.services.workspace.workspace import Workspace
from app.views.jobs import Jobs
from app.views.signin.attempt import Attempt
from app.views.signin.countdown import Countdown
from app.views.signin.credentials import Credentials
from app.views.theme.fonts import scaled
from app.views.theme.tokens import Tone
from app.views.widgets.banner import Banner
from app.views.widgets.icon_label import IconLabel
from app.views.widgets.plain_label import plain_label


class SignInPage(QWidget):
    """Fills the window until somebody has signed in; Enter signs in.

    `language` is the one that who signed in last has chosen, empty for the station's.

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
        self._former: Actor | None = None
        self.language = ""
        self.banner = Banner()
        self.credentials = Credentials()
        self.credentials.renamed.connect(self.banner.clear)
        self.name = self.credentials.name
        self.password = self.credentials.password
        self.passphrase = self.credentials.passphrase
        self.button = QPushButton(_("Sign in"))
        self.button.setProperty("role", "primary")
        self.button.setAutoDefault(False)
        self.button.clicked.connect(self._submit)
        self.countdown = Countdown()
        self.countdown.over.connect(lambda: self._set_busy(busy=False))
        self._hint = plain_label(demo_hint, "dim")
        if not demo_hint:
            self._hint.hide()
        self._hint.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._area = QScrollArea(self)
        self._lay_out()
        self.ask()

    def ask(
        self, name: str = "", *, former: Actor | None = None, reason: KnownError | None = None
    ) -> None:
        """Begin anew, with the name of the person who is expected back.

        `former` left a session open here, and goes on in it if they come back; `reason` is why
        somebody has to sign in again.
        """
        self._former = former
        self.credentials.begin(name, locked=self._workspace.locked)
        self.banner.clear()
        if reason is not None:
            what_to_do = " ".join(part for part in (reason.cause, reason.remedy) if part)
            self.banner.show_message(Tone.WARNING, reason.problem, what_to_do)

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
        if not self.button.isEnabled() or not self.credentials.complete():
            return
        attempt, workspace = self.credentials.attempt(self._former), self._workspace
        self._set_busy(busy=True)
        self._jobs.run(
            self,
            lambda: attempt.run(workspace),
            lambda actor: self._done(actor, attempt),
            lambda error: self._refused(error, attempt),
        )

    def _opened(self, _nothing: None) -> None:
        self._set_busy(busy=False)
        self.unlocked.emit()

    def _done(self, actor: Actor, attempt: Attempt) -> None:
        self._set_busy(busy=False)
        self.credentials.forget()
        self.language = attempt.language
        self.signed_in.emit(actor)

    def _refused(self, error: KnownError, attempt: Attempt) -> None:
        if attempt.password_changed:
            self.credentials.use_new_password()
        self._failed(error)

    def _failed(self, error: KnownError) -> None:
        self._set_busy(busy=False)
        self.banner.clear()
        self.credentials.clear_messages()
        self.passphrase.setVisible(self._workspace.locked)
        if isinstance(error, ThrottledError):
            self.button.setEnabled(False)
            self.countdown.start(error.retry_after)
            return
        if isinstance(error, PasswordChangeNeededError | CertificateNeededError):
            self.banner.show_message(Tone.NEUTRAL, error.problem, error.cause or error.remedy)
        self.credentials.show_error(error)
        # What was just shown has its place only after the layout had its turn.
        QTimer.singleShot(0, self, self._show_focus)

    def _show_focus(self) -> None:
        focus = self.focusWidget()
        if focus is not None and self._area.isAncestorOf(focus):
            self._area.ensureWidgetVisible(focus)

    def _set_busy(self, *, busy: bool) -> None:
        self.button.setEnabled(not busy)
        self.button.setText(_("Signing in…") if busy else _("Sign in"))

    def _lay_out(self) -> None:
        card = QFrame()
        card.setProperty("role", "card")
        card.setFixedWidth(scaled(440))
        brand = QHBoxLayout()
        brand.setSpacing(scaled(10))
        brand.addWidget(IconLabel("shield-check", "accent", 28, card))
        brand.addWidget(plain_label(_("Birthmark"), "title"), 1)
        folder = self._workspace.folder
        where = plain_label(_("Workspace {name}").format(name=folder.name), "dim")
        where.setToolTip(str(folder))
        column = QVBoxLayout(card)
        column.setContentsMargins(scaled(32), scaled(28), scaled(32), scaled(32))
        column.setSpacing(scaled(16))
        column.addLayout(brand)
        column.addWidget(where)
        column.addWidget(self.banner)
        column.addWidget(self.credentials)
        column.addSpacing(scaled(4))
        column.addWidget(self.button)
        column.addWidget(self.countdown)
        column.addWidget(self._hint)
        ground = QWidget()
        ground.setProperty("role", "plain")
        grid = QGridLayout(ground)
        grid.addWidget(card, 0, 0, Qt.AlignmentFlag.AlignCenter)
        self._area.setWidget(ground)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # it follows the fields' focus
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._area)
