"""Where the factory certificate comes in that an external CA issued (DEC-03)."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.core.errors import KnownError
from app.core.language import _
from app.models.wizards.steps import MakersCertificate
from app.views.theme.fonts import scaled
from app.views.theme.style import restyle
from app.views.theme.tokens import Tone
from app.views.validity import end_text
from app.views.widgets.badge import BadgeText
from app.views.widgets.drop_zone import DropZone


class MakersCertificateInput(QWidget):
    """A place to drop, paste or choose the certificate, and what is wrong with it below.

    Signals: `received(bytes, str)` with the content of a file and its name.
    """

    received = Signal(bytes, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = _("Factory certificate of the device")
        label = QLabel(_("{label} *").format(label=title))
        label.setProperty("role", "label")
        self.drop = DropZone(title)
        self.drop.received.connect(self.received)
        self.drop.failed.connect(self.show_error)
        self._message = QLabel()
        self._message.setTextFormat(Qt.TextFormat.PlainText)
        self._message.setProperty("role", "error")
        self._message.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(scaled(6))
        for widget in (label, self.drop, self._message):
            layout.addWidget(widget)
        self.set_problem("")

    def show_certificate(self, made: MakersCertificate | None) -> None:
        """Show what was received, or wait for it."""
        if made is None:
            self.drop.clear()
            return
        lines = (
            made.subject,
            _("Issued by {issuer}").format(issuer=made.issuer),
            _("Valid until: {end}").format(end=end_text(made.not_after)),
        )
        good = BadgeText(_("chain good"), Tone.GOOD)
        self.drop.show_received(made.name, "\n".join(line for line in lines if line), good)

    def set_problem(self, text: str) -> None:
        """Say what is wrong; nothing for an empty text."""
        self._message.setText(text)
        self._message.setVisible(bool(text))
        self.drop.setProperty("invalid", bool(text))
        restyle(self.drop)

    def show_error(self, error: KnownError) -> None:
        """Say why what was dropped, pasted or chosen cannot be used."""
        self.set_problem(error.text())

    def problem(self) -> str:
        """The message shown, or an empty text."""
        return self._message.text()
