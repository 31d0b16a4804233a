"""A certificate whole: decoded, as PEM and byte by byte."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.core.language import _
from app.models.domain.certificate_terms import certificate_to_pem, describe_certificate
from app.views.theme.fonts import mono_font, scaled
from app.views.widgets.choice_row import ChoiceRow
from app.views.widgets.decoded_view import DecodedView

_ROW = 16


class CertificateDialog(QDialog):
    """Shows a certificate (DER) that can be read; show it with `open()`."""

    def __init__(self, title: str, certificate: bytes, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        keys = {"decoded": _("Decoded"), "pem": _("PEM"), "bytes": _("Bytes")}
        self.parts = ChoiceRow(_("How it is shown"), list(keys.items()), "chip", self)
        self.decoded = DecodedView(_("The certificate, decoded"))
        self.decoded.show_sections(describe_certificate(certificate))
        self.pem = _mono(_("The certificate as PEM"), certificate_to_pem(certificate).decode())
        self.bytes = _mono(_("The certificate in bytes"), hex_dump(certificate))
        self._stack = QStackedWidget(self)
        for view in (self.decoded, self.pem, self.bytes):
            self._stack.addWidget(view)
        self.parts.chosen.connect(lambda key: self._stack.setCurrentIndex(list(keys).index(key)))
        self.copy = QPushButton(_("Copy"), self)
        self.copy.setAutoDefault(False)
        self.copy.clicked.connect(self._copy)
        close = QPushButton(_("Close"), self)
        close.setDefault(True)
        close.clicked.connect(self.accept)
        self._lay_out(title, close)

    def _copy(self) -> None:
        shown = self._stack.currentWidget()
        if isinstance(shown, QPlainTextEdit | DecodedView):
            QGuiApplication.clipboard().setText(shown.toPlainText())

    def _lay_out(self, title: str, close: QPushButton) -> None:
        heading = QLabel(title, self)
        heading.setProperty("role", "title")
        heading.setTextFormat(Qt.TextFormat.PlainText)
        heading.setWordWrap(True)
        foot = QHBoxLayout()
        foot.setSpacing(scaled(8))
        foot.addWidget(self.copy)
        foot.addStretch(1)
        foot.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(scaled(24), scaled(20), scaled(24), scaled(12))
        layout.setSpacing(scaled(12))
        layout.addWidget(heading)
        layout.addWidget(self.parts)
        layout.addWidget(self._stack, 1)
        layout.addLayout(foot)
        room = self.screen().availableGeometry().size()
        self.resize(min(scaled(760), room.width()), min(scaled(640), room.height()))


def hex_dump(octets: bytes) -> str:
    """Sixteen octets a row, after the offset of the first of them."""
    rows = range(0, len(octets), _ROW)
    return "\n".join(f"{start:06x}  {octets[start : start + _ROW].hex(' ')}" for start in rows)


def _mono(name: str, text: str) -> QPlainTextEdit:
    shown = QPlainTextEdit(text)
    shown.setReadOnly(True)
    shown.setTabChangesFocus(True)
    shown.setAccessibleName(name)
    shown.setFont(mono_font())
    shown.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
    return shown
