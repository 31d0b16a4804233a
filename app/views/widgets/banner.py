"""A message in the page: what happened, and what to do."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from app.core.errors import KnownError
from app.core.language import _
from app.views.theme.fonts import scaled
from app.views.theme.icons import set_icon
from app.views.theme.style import restyle
from app.views.theme.tokens import Tone
from app.views.widgets.icon_label import IconLabel

_ICONS = {
    Tone.GOOD: "circle-check",
    Tone.WARNING: "triangle-alert",
    Tone.BAD: "circle-x",
    Tone.NEUTRAL: "info",
}


class Banner(QFrame):
    """A message that stays until it is dismissed or replaced; hidden while it has none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "banner")
        self._icon = IconLabel("info", Tone.NEUTRAL, parent=self)
        self._problem = _wrapped(self)
        self._remedy = _wrapped(self)
        self._dismiss = QToolButton(self)
        self._dismiss.setAccessibleName(_("Dismiss message"))
        self._dismiss.setToolTip(_("Dismiss message"))
        self._dismiss.clicked.connect(self.clear)
        text = QVBoxLayout()
        text.setSpacing(scaled(2))
        text.addWidget(self._problem)
        text.addWidget(self._remedy)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(scaled(12), scaled(8), scaled(8), scaled(8))
        layout.setSpacing(scaled(10))
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(text, 1)
        layout.addWidget(self._dismiss, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def show_message(self, tone: Tone, problem: str, remedy: str = "") -> None:
        """Say `problem` (or what went well), and below it what to do."""
        self._problem.setText(problem)
        self._remedy.setText(remedy)
        self._remedy.setVisible(bool(remedy))
        self.setProperty("tone", tone.value)
        set_icon(self._dismiss, "x", tone.value)
        self._icon.set_icon(_ICONS[tone], tone.value)
        restyle(self)
        self.show()
        spoken = " ".join(part for part in (problem, remedy) if part)
        self.setAccessibleName(spoken)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, spoken))

    def show_error(self, error: KnownError) -> None:
        """Say what went wrong, why, and what to do."""
        remedy = " ".join(part for part in (error.cause, error.remedy) if part)
        self.show_message(Tone.BAD, error.problem, remedy)

    def clear(self) -> None:
        """Take the message away."""
        self.hide()

    def text(self) -> str:
        """The message shown, or an empty text."""
        return "" if self.isHidden() else self.accessibleName()


def _wrapped(parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label
