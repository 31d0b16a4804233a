"""Where a CSR, a certificate or a CSV comes in: dropped, pasted or chosen."""

from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
)
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.core.errors import InvalidInputError, KnownError, UnavailableError
from app.core.language import _
from app.views.theme.fonts import scaled
from app.views.theme.style import restyle
from app.views.widgets.badge import Badge, BadgeText

MAX_BYTES = 16 * 1024 * 1024


class DropZone(QFrame):
    """Takes one file by drop, Ctrl+V or a dialog; what is in it is for others to decide.

    `prompt` says what belongs here. Signals: `received(bytes, str)` with the content and
    its name; `failed(KnownError)` when it could not be read.
    """

    received = Signal(bytes, str)
    failed = Signal(object)

    def __init__(self, prompt: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "drop")
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(prompt)
        self._prompt = prompt
        self._name = QLabel(self)
        self._name.setTextFormat(Qt.TextFormat.PlainText)
        self._badge = Badge(BadgeText(""), self)
        self._detail = QLabel(self)
        self._detail.setTextFormat(Qt.TextFormat.PlainText)
        self._detail.setWordWrap(True)
        self._detail.setProperty("role", "label")
        self._choose = QPushButton(self)
        self._choose.setAutoDefault(False)
        self._choose.clicked.connect(self._ask_file)
        self._lay_out()
        self.clear()

    def show_received(self, name: str, detail: str, badge: BadgeText | None = None) -> None:
        """Show what was received and what was found in it."""
        self._fill(name, detail, _("Replace…"), weight=600)
        self._badge.setVisible(badge is not None)
        if badge is not None:
            self._badge.set_state(badge)

    def clear(self) -> None:
        """Wait for a file again."""
        self._badge.hide()
        detail = _("Drop a file here, paste with Ctrl+V, or choose one.")
        self._fill(self._prompt, detail, _("Choose file…"), weight=400)

    def take_file(self, path: Path) -> None:
        """Read a file and tell its content, or why it cannot be read."""
        try:
            with path.open("rb") as file:
                content = file.read(MAX_BYTES + 1)
        except OSError as error:
            self._refuse(
                UnavailableError(
                    _("The file {name} cannot be read.").format(name=path.name),
                    cause=error.strerror or "",
                    remedy=_("Check that it is there and that you may read it."),
                )
            )
            return
        self._take(content, path.name)

    def paste(self) -> None:
        """Take what is on the clipboard: a copied file, or text."""
        self._take_data(QGuiApplication.clipboard().mimeData(), _("pasted text"))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome a file or a text."""
        data = event.mimeData()
        if data.hasUrls() or data.hasText():
            event.acceptProposedAction()
            self._mark(dropping=True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Look as before."""
        self._mark(dropping=False)
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Take what was dropped."""
        self._mark(dropping=False)
        event.acceptProposedAction()
        self._take_data(event.mimeData(), _("dropped text"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+V pastes, Enter or Space asks for a file."""
        if event.matches(QKeySequence.StandardKey.Paste):
            self.paste()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._ask_file()
        else:
            super().keyPressEvent(event)

    def _take_data(self, data: QMimeData, text_name: str) -> None:
        urls = [url for url in data.urls() if url.isLocalFile()]
        if len(urls) > 1:
            self._refuse(InvalidInputError(_("Only one file fits here."), remedy=_("Choose one.")))
        elif urls:
            self.take_file(Path(urls[0].toLocalFile()))
        elif data.hasText() and data.text().strip():
            self._take(data.text().encode(), text_name)
        else:
            self._refuse(
                InvalidInputError(
                    _("There is no file and no text on the clipboard."),
                    remedy=_("Copy one first, or choose a file."),
                )
            )

    def _take(self, content: bytes, name: str) -> None:
        if len(content) > MAX_BYTES:
            self._refuse(
                InvalidInputError(
                    _("{name} is larger than {size} MiB.").format(
                        name=name, size=MAX_BYTES // 1024**2
                    ),
                    remedy=_("Choose a smaller file."),
                )
            )
        else:
            self.received.emit(content, name)

    def _refuse(self, error: KnownError) -> None:
        self.failed.emit(error)

    def _ask_file(self) -> None:
        dialog = QFileDialog(self, self._prompt)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda path: self.take_file(Path(path)))
        dialog.open()

    def _mark(self, *, dropping: bool) -> None:
        self.setProperty("dropping", dropping)
        restyle(self)

    def _fill(self, name: str, detail: str, button: str, *, weight: int) -> None:
        font = self.font()
        font.setWeight(font.Weight(weight))
        self._name.setFont(font)
        self._name.setText(name)
        self._detail.setText(detail)
        self._choose.setText(button)
        self._choose.setAccessibleName(f"{button.rstrip('…')}: {self._prompt}")
        self.setAccessibleDescription(f"{name}. {detail}")

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(scaled(8))
        top.addWidget(self._name)
        top.addWidget(self._badge)
        top.addStretch(1)
        text = QVBoxLayout()
        text.setSpacing(scaled(4))
        text.addLayout(top)
        text.addWidget(self._detail)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(scaled(14), scaled(12), scaled(14), scaled(12))
        layout.setSpacing(scaled(12))
        layout.addLayout(text, 1)
        layout.addWidget(self._choose)
