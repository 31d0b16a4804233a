"""The first question of a new authority: how it comes to be."""

from collections.abc import Callable
from enum import StrEnum

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.core.language import _
from app.views.theme.fonts import scaled


class Start(StrEnum):
    """The ways to a new authority."""

    ROOT = "root"
    ISSUING = "issuing"
    REQUEST = "request"
    IMPORT = "import"


class StartDialog(QDialog):
    """Four buttons, each with a line on what it is for; `chosen` gets the way once closed.

    An issuing authority is only offered when there is one that may have others below it.
    """

    def __init__(self, chosen: Callable[[Start], None], parent: QWidget, *, issuing: bool) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("New authority"))
        self.setMinimumWidth(scaled(480))
        self._chosen = chosen
        self.buttons: dict[Start, QPushButton] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(scaled(24), scaled(20), scaled(24), scaled(16))
        layout.setSpacing(scaled(4))
        heading = QLabel(_("New authority"), self)
        heading.setProperty("role", "title")
        layout.addWidget(heading)
        for way, (title, about) in _ways(issuing=issuing).items():
            layout.addSpacing(scaled(10))
            layout.addWidget(self._button(way, title, about))
            told = QLabel(about, self)
            told.setProperty("role", "dim")
            told.setWordWrap(True)
            layout.addWidget(told)
        self.buttons[Start.ISSUING].setEnabled(issuing)
        cancel = QPushButton(_("Cancel"), self)
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        line = QHBoxLayout()
        line.addStretch(1)
        line.addWidget(cancel)
        layout.addSpacing(scaled(12))
        layout.addLayout(line)
        self.buttons[Start.ISSUING if issuing else Start.ROOT].setDefault(True)
        self.buttons[Start.ISSUING if issuing else Start.ROOT].setFocus()

    def _button(self, way: Start, title: str, about: str) -> QPushButton:
        button = QPushButton(title, self)
        button.setAccessibleDescription(about)
        button.clicked.connect(lambda: self._go(way))
        self.buttons[way] = button
        return button

    def _go(self, way: Start) -> None:
        self.accept()
        self._chosen(way)


def _ways(*, issuing: bool) -> dict[Start, tuple[str, str]]:
    below = _("Certified by an authority that is here already; it issues to devices.")
    if not issuing:
        below = _("Needs an authority above it: make or import a root first.")
    return {
        Start.ROOT: (
            _("Root…"),
            _("Certifies itself; whoever trusts it trusts all that is below it."),
        ),
        Start.ISSUING: (_("Issuing authority…"), below),
        Start.REQUEST: (
            _("Request from another CA…"),
            _("Makes the key here, and a request to take to a CA outside of this program."),
        ),
        Start.IMPORT: (
            _("Import…"),
            _("Brings an authority along with its key, or the certificate of one alone."),
        ),
    }
