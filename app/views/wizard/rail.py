"""The left rail of the wizard: the six steps, where each stands, and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.core.language import _
from app.models.wizards.steps import StepState
from app.views.theme.fonts import LABEL, scaled, text_font
from app.views.theme.tokens import tokens_of


@dataclass(frozen=True)
class RailEntry:
    """A step with its state; `note` says what was answered, or why the step is left out."""

    title: str
    state: StepState
    note: str = ""


class StepRail(QFrame):
    """Shows the steps; a screen reader gets the state of each as a word."""

    def __init__(self, count: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "rail")
        self.setFixedWidth(scaled(220))
        self.setAccessibleName(_("Steps"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(scaled(8), scaled(16), scaled(8), scaled(16))
        layout.setSpacing(scaled(6))
        self.steps = [_Step(number, self) for number in range(1, count + 1)]
        for step in self.steps:
            layout.addWidget(step)
        layout.addStretch(1)

    def show_entries(self, entries: Sequence[RailEntry]) -> None:
        """Show where the steps stand now."""
        for step, entry in zip(self.steps, entries, strict=True):
            step.show_entry(entry)


class _Step(QFrame):
    def __init__(self, number: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._current = False
        self._mark = _Mark(number, self)
        self._title = QLabel(self)
        self._title.setWordWrap(True)
        self._note = QLabel(self)
        self._note.setProperty("role", "label")
        self._note.setTextFormat(Qt.TextFormat.PlainText)
        self._note.setWordWrap(True)
        text = QVBoxLayout()
        text.setSpacing(scaled(2))
        text.addWidget(self._title)
        text.addWidget(self._note)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(scaled(10), scaled(8), scaled(8), scaled(8))
        layout.setSpacing(scaled(10))
        layout.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(text, 1)

    def show_entry(self, entry: RailEntry) -> None:
        self._current = entry.state is StepState.CURRENT
        self._mark.show_state(entry.state)
        self._title.setText(entry.title)
        font = self._title.font()
        font.setWeight(font.Weight.DemiBold if self._current else font.Weight.Normal)
        self._title.setFont(font)
        self._note.setText(entry.note)
        self._note.setVisible(bool(entry.note))
        name = _("{title}: {state}").format(title=entry.title, state=_word(entry.state))
        self.setAccessibleName(name)
        self.setAccessibleDescription(entry.note)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._current:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens_of(self.palette()).soft))
            painter.drawRoundedRect(self.rect(), scaled(6), scaled(6))
        super().paintEvent(event)


class _Mark(QWidget):
    """The number of a step in a circle, a tick when it is done, a dash when it is left out."""

    def __init__(self, number: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._number = number
        self._state = StepState.TO_DO
        self.setFixedSize(scaled(22), scaled(22))

    def show_state(self, state: StepState) -> None:
        self._state = state
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens = tokens_of(self.palette())
        text, ground, line = {
            StepState.DONE: (tokens.good, tokens.good_ground, tokens.good_ground),
            StepState.CURRENT: (tokens.on_accent, tokens.accent, tokens.accent),
        }.get(self._state, (tokens.dim, tokens.panel, tokens.outline))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(line))
        painter.setBrush(QColor(ground))
        painter.drawEllipse(self.rect().adjusted(1, 1, -1, -1))
        painter.setPen(QColor(text))
        painter.setFont(text_font(LABEL, QFont.Weight.Medium))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._sign())

    def _sign(self) -> str:
        if self._state is StepState.DONE:
            return "✓"
        left_out = self._state in (StepState.SKIPPED, StepState.DOES_NOT_APPLY)
        return "\N{EN DASH}" if left_out else str(self._number)


def _word(state: StepState) -> str:
    return {
        StepState.DONE: _("done"),
        StepState.CURRENT: _("current"),
        StepState.TO_DO: _("to do"),
        StepState.SKIPPED: _("skipped"),
        StepState.DOES_NOT_APPLY: _("does not apply"),
    }[state]
