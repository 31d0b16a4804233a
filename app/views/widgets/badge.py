"""A word on a coloured ground, for states."""

from dataclasses import dataclass

from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from app.views.theme.style import restyle
from app.views.theme.tokens import Tone


@dataclass(frozen=True)
class BadgeText:
    """The word of a badge and what its colour means."""

    text: str
    tone: Tone = Tone.NEUTRAL


class Badge(QLabel):
    """Shows a state as a word; the colour only repeats it."""

    def __init__(self, state: BadgeText, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "badge")
        self.setIndent(0)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
        self.set_state(state)

    def set_state(self, state: BadgeText) -> None:
        """Show another state."""
        self.setText(state.text)
        self.setProperty("tone", state.tone.value)
        restyle(self)
