"""A part of a form that can be collapsed; it then says in a line what it holds (SYS-08)."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from app.core.language import _
from app.views.theme.fonts import scaled
from app.views.theme.icons import set_icon


class _Header(QToolButton):
    """A button that Enter presses, too, instead of saving the form."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)


class FormSection(QWidget):
    """A header with an arrow, which Enter or Space opens and closes, and below it the `body`.

    `summary` says what the fields hold, in a few words, while the section is collapsed.

    Signals: `toggled()` after it was opened or closed.
    """

    toggled = Signal()

    def __init__(
        self, title: str, summary: Callable[[], str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._title = title
        self._summary_text = summary
        self._header = _Header(self)
        self._header.setText(title.replace("&", "&&"))
        self._header.setStyleSheet("font-weight: 600; padding-left: 0;")
        self._header.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._header.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._header.clicked.connect(lambda: self._show(opened=not self.is_open()))
        self._summary = QLabel(self)
        self._summary.setProperty("role", "dim")
        self._summary.setTextFormat(Qt.TextFormat.PlainText)
        self._summary.setWordWrap(True)
        self._content = QWidget(self)
        self.body = QVBoxLayout(self._content)
        self.body.setContentsMargins(0, scaled(4), 0, 0)
        self.body.setSpacing(scaled(14))
        rule = QFrame(self)
        rule.setProperty("role", "rule")
        line = QHBoxLayout()
        line.setSpacing(scaled(12))
        line.addWidget(self._header)
        line.addWidget(self._summary, 1)
        line.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(scaled(6))
        layout.addWidget(rule)
        layout.addLayout(line)
        layout.addWidget(self._content)
        self._show(opened=False)

    def is_open(self) -> bool:
        """Whether the fields are shown."""
        return not self._content.isHidden()

    def open(self) -> None:
        """Show the fields."""
        self._show(opened=True)

    def summarise(self) -> None:
        """Say anew what the fields hold."""
        text = self._summary_text()
        self._summary.setText(text)
        state = _("expanded") if self.is_open() else _("collapsed: {summary}").format(summary=text)
        self._header.setAccessibleName(f"{self._title}, {state}")

    def _show(self, opened: bool) -> None:
        self._content.setVisible(opened)
        self._summary.setVisible(not opened)
        set_icon(self._header, "chevron-up" if opened else "chevron-down", "dim")
        self.summarise()
        self.toggled.emit()
