"""The start without a workspace: make one, or open one that is elsewhere."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.config.paths import resources_folder
from app.core.clock import Clock
from app.core.errors import InvalidInputError, KnownError, NotFoundError
from app.core.language import _, languages, system_language
from app.models.domain.access import SYSTEM, Role
from app.models.domain.naming import check_display_name
from app.models.domain.passwords import check_password
from app.models.services.workspace.opening import create_workspace, open_workspace
from app.models.services.workspace.workspace import Workspace
from app.views.jobs import Jobs
from app.views.theme.fonts import scaled
from app.views.widgets.field import PasswordField, TextField
from app.views.widgets.icon_label import IconLabel
from app.views.widgets.plain_label import plain_label


class FirstStartPage(QWidget):
    """Says what a workspace is and why none is open; makes or opens one.

    Signals: `opened(Workspace)`.
    """

    opened = Signal(object)

    def __init__(self, folder: Path, reason: KnownError, clock: Clock, jobs: Jobs) -> None:
        super().__init__()
        self.setProperty("role", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(_("Make a workspace"))
        self._clock = clock
        self._jobs = jobs
        self.folder = TextField(_("Folder of the workspace"), required=True, mono=True)
        self.folder.set_value(str(folder))
        self.passphrase = PasswordField(
            _("Passphrase of the workspace"),
            required=True,
            hint=_("Nobody can recover it: keep a copy where only you find it."),
        )
        self.again = PasswordField(_("Passphrase again"), required=True)
        self.name = TextField(
            _("Your user name"), required=True, hint=_("You become its administrator.")
        )
        self.password = PasswordField(_("Your password"), required=True)
        self.make_button = QPushButton(_("Make a new workspace"))
        self.make_button.setProperty("role", "primary")
        self.make_button.setDefault(True)
        self.make_button.clicked.connect(self._make)
        self.open_button = QPushButton(_("Open another folder…"))
        self.open_button.setAutoDefault(False)
        self.open_button.clicked.connect(self._ask_folder)
        self._fields = (self.folder, self.passphrase, self.again, self.name, self.password)
        for field in self._fields:
            field.changed.connect(field.clear_message)
        self._lay_out(reason)
        self.passphrase.setFocus()

    def _make(self) -> None:
        if self._complete():
            folder, clock = Path(self.folder.value()).expanduser().absolute(), self._clock
            passphrase, name = self.passphrase.value(), self.name.value()
            password = self.password.value()
            self._run(lambda: _made(folder, passphrase, name, password, clock))

    def _complete(self) -> bool:
        """Whether all is filled in and the passphrase the same twice; says what is not."""
        wrong = [field for field in self._fields if not field.value()]
        for field in wrong:
            field.set_message(_("Fill this in."))
        if not wrong and self.passphrase.value() != self.again.value():
            self.again.set_message(_("The two are not the same."))
            wrong = [self.again]
        if wrong:
            wrong[0].setFocus()
        return not wrong

    def _ask_folder(self) -> None:
        dialog = QFileDialog(self, _("Open a workspace"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self._open)
        dialog.open()

    def _open(self, path: str) -> None:
        self.folder.set_value(path)
        clock = self._clock
        self._run(lambda: open_workspace(Path(path), clock))

    def _run(self, work: Callable[[], Workspace]) -> None:
        self._set_busy(busy=True)
        self._jobs.run(self, work, self._done, self._failed)

    def _done(self, workspace: Workspace) -> None:
        for secret in (self.passphrase, self.again, self.password):
            secret.set_value("")
        self.opened.emit(workspace)

    def _failed(self, error: KnownError) -> None:
        self._set_busy(busy=False)
        by_field: dict[str, TextField] = {
            "passphrase": self.passphrase,
            "name": self.name,
            "password": self.password,
        }
        field = by_field.get(error.field or "", self.folder)
        field.set_error(error)
        field.setFocus()

    def _set_busy(self, *, busy: bool) -> None:
        self.make_button.setDisabled(busy)
        self.make_button.setText(_("One moment…") if busy else _("Make a new workspace"))
        self.open_button.setDisabled(busy)

    def _lay_out(self, reason: KnownError) -> None:
        card = QFrame(self)
        card.setProperty("role", "card")
        card.setFixedWidth(scaled(600))
        brand = QHBoxLayout()
        brand.setSpacing(scaled(10))
        brand.addWidget(IconLabel("shield-check", "accent", 28, card))
        brand.addWidget(plain_label(_("Birthmark"), "title"), 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self.make_button)
        buttons.addWidget(self.open_button)
        buttons.addStretch(1)
        column = QVBoxLayout(card)
        column.setContentsMargins(scaled(32), scaled(28), scaled(32), scaled(32))
        column.setSpacing(scaled(16))
        column.addLayout(brand)
        if not isinstance(reason, NotFoundError):
            column.addWidget(plain_label(reason.text(), "error"))
        column.addWidget(
            plain_label(
                _(
                    "A workspace is a folder with all that this station knows: its devices,"
                    " certificates and settings, and its keys, which a passphrase protects."
                    " Make one here, or open one that is there already."
                ),
                "dim",
            )
        )
        column.addWidget(self.folder)
        column.addLayout(_side_by_side(self.passphrase, self.again))
        column.addLayout(_side_by_side(self.name, self.password))
        column.addSpacing(scaled(4))
        column.addLayout(buttons)
        grid = QGridLayout(self)
        grid.addWidget(card, 0, 0, Qt.AlignmentFlag.AlignCenter)


def _made(folder: Path, passphrase: str, name: str, password: str, clock: Clock) -> Workspace:
    """A new workspace with its first administrator, open and unlocked."""
    check_display_name(name)  # before there is anything to undo
    check_password(password, name)
    try:
        workspace = create_workspace(folder, passphrase, clock)
    except OSError as error:
        raise InvalidInputError(
            _("The folder cannot be made."),
            cause=error.strerror or "",
            remedy=_("Choose a folder that you may write to and that has room."),
            field="folder",
        ) from error
    workspace.users.create(SYSTEM, name, password, Role.ADMIN, must_change=False)
    language = system_language()
    if language in languages(resources_folder() / "translations"):
        workspace.settings.change(language=language)
    return workspace


def _side_by_side(left: QWidget, right: QWidget) -> QHBoxLayout:
    line = QHBoxLayout()
    line.setSpacing(scaled(16))
    for widget in (left, right):
        line.addWidget(widget, 1, Qt.AlignmentFlag.AlignTop)
    return line
