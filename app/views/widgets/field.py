"""Labelled inputs: the label above, the message below, both told to a screen reader."""

from collections.abc import Sequence
from datetime import date
from typing import Generic, TypeVar

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.core.errors import KnownError
from app.core.language import _
from app.views.theme.fonts import mono_font, scaled
from app.views.theme.icons import set_icon
from app.views.theme.style import restyle
from app.views.theme.tokens import Tone
from app.views.widgets.day_edit import DayEdit

T = TypeVar("T")


class Field(QWidget, Generic[T]):
    """A label, an input and the message that belongs to it.

    Signals: `changed()` when the person or the program changed the value.
    """

    changed = Signal()

    def __init__(
        self,
        label: str,
        editor: QWidget,
        *,
        required: bool = False,
        hint: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.editor = editor
        self.required = required
        self._hint = hint
        self._label = QLabel(self)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setProperty("role", "label")
        self._label.setBuddy(editor)
        self._message = QLabel(self)
        self._message.setProperty("role", "error")
        self._message.setTextFormat(Qt.TextFormat.PlainText)
        self._message.setWordWrap(True)
        self._upright = QVBoxLayout(self)
        self._upright.setContentsMargins(0, 0, 0, 0)
        self._upright.setSpacing(scaled(4))
        for widget in (self._label, editor, self._message):
            self._upright.addWidget(widget)
        self.setFocusProxy(editor)
        self.set_label(label, required=required)
        self.clear_message()

    def value(self) -> T:
        """The value as it stands in the input."""
        raise NotImplementedError

    def set_value(self, value: T) -> None:
        """Put `value` into the input."""
        raise NotImplementedError

    def is_empty(self) -> bool:
        """Whether nothing was filled in."""
        return self.value() in ("", None)

    def set_label(self, label: str, *, required: bool = False) -> None:
        """Change the label; `*` marks an input that must be filled in."""
        self.required = required
        shown = label.replace("&", "&&")
        self._label.setText(_("{label} *").format(label=shown) if required else shown)
        name = _("{label}, required").format(label=label) if required else label
        self.editor.setAccessibleName(name)

    def set_message(self, text: str, tone: Tone = Tone.BAD) -> None:
        """Say something about the value; a bad tone marks the input as wrong."""
        self._message.setText(text)
        self._message.setProperty("tone", tone.value)
        self._message.setVisible(bool(text))
        self.editor.setProperty("invalid", bool(text) and tone is Tone.BAD)
        self.editor.setAccessibleDescription(text or self._hint)
        restyle(self._message)
        restyle(self.editor)

    def set_error(self, error: KnownError) -> None:
        """Show what is wrong with the value and what to do about it."""
        self.set_message(" ".join(part for part in (error.problem, error.remedy) if part))

    def clear_message(self) -> None:
        """Show the hint, if there is one, instead of a message."""
        self.set_message(self._hint, Tone.NEUTRAL)

    def message(self) -> str:
        """The message shown, or an empty text."""
        return self._message.text()


class TextField(Field[str]):
    """One line of text."""

    def __init__(
        self,
        label: str,
        *,
        required: bool = False,
        hint: str = "",
        placeholder: str = "",
        mono: bool = False,
        max_length: int = 32767,
        parent: QWidget | None = None,
    ) -> None:
        self.input = QLineEdit()
        self.input.setPlaceholderText(placeholder)
        self.input.setMaxLength(max_length)
        if mono:
            self.input.setFont(mono_font())
        super().__init__(label, self.input, required=required, hint=hint, parent=parent)
        self.input.textChanged.connect(self.changed)

    def value(self) -> str:
        """The text without blanks at its ends."""
        return self.input.text().strip()

    def set_value(self, value: str) -> None:
        """Put a text into the input."""
        self.input.setText(value)


class PasswordField(TextField):
    """A secret; hidden until its eye is pressed. Blanks at its ends are part of it."""

    def __init__(
        self,
        label: str,
        *,
        required: bool = False,
        hint: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(label, required=required, hint=hint, parent=parent)
        self.input.setEchoMode(QLineEdit.EchoMode.Password)
        self._reveal = QAction(self)
        self._reveal.setCheckable(True)
        self._reveal.setShortcut("Alt+R")
        self._reveal.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._reveal.toggled.connect(self._show_secret)
        self.input.addAction(self._reveal, QLineEdit.ActionPosition.TrailingPosition)
        self._show_secret(shown=False)

    def value(self) -> str:
        """The secret exactly as typed."""
        return self.input.text()

    def _show_secret(self, shown: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password
        self.input.setEchoMode(mode)
        set_icon(self._reveal, "eye-off" if shown else "eye", "dim")
        self._reveal.setText(_("Hide (Alt+R)") if shown else _("Show (Alt+R)"))
        self._reveal.setToolTip(self._reveal.text())


class MultilineField(Field[str]):
    """Several lines of text; Tab leaves the input."""

    def __init__(
        self,
        label: str,
        *,
        required: bool = False,
        hint: str = "",
        mono: bool = False,
        rows: int = 4,
        parent: QWidget | None = None,
    ) -> None:
        self.input = QPlainTextEdit()
        self.input.setTabChangesFocus(True)
        if mono:
            self.input.setFont(mono_font())
        self.input.setFixedHeight(scaled(20 * rows + 16))
        super().__init__(label, self.input, required=required, hint=hint, parent=parent)
        self.input.textChanged.connect(self.changed)

    def value(self) -> str:
        """The text without blank lines at its ends."""
        return self.input.toPlainText().strip()

    def set_value(self, value: str) -> None:
        """Put a text into the input."""
        self.input.setPlainText(value)


class ChoiceField(Field[T]):
    """One of several values, each with the text a person reads."""

    def __init__(
        self,
        label: str,
        choices: Sequence[tuple[T, str]],
        *,
        required: bool = False,
        hint: str = "",
        parent: QWidget | None = None,
    ) -> None:
        self.input = QComboBox()
        self.input.setMinimumContentsLength(12)  # a long choice widens no form
        self._values: list[T] = []
        super().__init__(label, self.input, required=required, hint=hint, parent=parent)
        self.set_choices(choices)
        self.input.currentIndexChanged.connect(self.changed)

    def set_choices(self, choices: Sequence[tuple[T, str]]) -> None:
        """Offer other values; the one chosen stays chosen when it is among them."""
        before = self.value() if self._values else None
        self._values = [value for value, _text in choices]
        self.input.clear()
        self.input.addItems([text for _value, text in choices])
        if before in self._values:
            self.set_value(before)

    def is_empty(self) -> bool:
        """Whether there is nothing to choose, or the choice stands for nothing."""
        return not self._values or super().is_empty()

    def value(self) -> T:
        """The value chosen; IndexError when there is nothing to choose."""
        return self._values[max(self.input.currentIndex(), 0)]

    def set_value(self, value: T) -> None:
        """Choose `value`; ValueError when it is not offered."""
        self.input.setCurrentIndex(self._values.index(value))


class CheckField(Field[bool]):
    """Yes or no; the label stands beside the box."""

    def __init__(self, label: str, *, hint: str = "", parent: QWidget | None = None) -> None:
        self.input = QCheckBox()
        super().__init__(label, self.input, hint=hint, parent=parent)
        self._label.hide()
        self.input.toggled.connect(self.changed)

    def set_label(self, label: str, *, required: bool = False) -> None:
        """Change the label; a box needs no mark, it always has a value."""
        super().set_label(label, required=required)
        self.input.setText(label.replace("&", "&&"))

    def value(self) -> bool:
        """Whether the box is ticked."""
        return self.input.isChecked()

    def set_value(self, value: bool) -> None:
        """Tick the box, or not."""
        self.input.setChecked(value)


class DateField(Field[date]):
    """A day, typed or picked from a calendar."""

    def __init__(
        self,
        label: str,
        *,
        required: bool = False,
        hint: str = "",
        parent: QWidget | None = None,
    ) -> None:
        self.input = DayEdit()
        super().__init__(label, self.input, required=required, hint=hint, parent=parent)
        self.input.dateChanged.connect(self.changed)

    def value(self) -> date:
        """The day."""
        day = self.input.date()
        return date(day.year(), day.month(), day.day())

    def set_value(self, value: date) -> None:
        """Show `value`."""
        self.input.setDate(QDate(value.year, value.month, value.day))


class NumberField(Field[int]):
    """A whole number within bounds."""

    def __init__(
        self,
        label: str,
        minimum: int,
        maximum: int,
        *,
        required: bool = False,
        hint: str = "",
        parent: QWidget | None = None,
    ) -> None:
        self.input = QSpinBox()
        self.input.setRange(minimum, maximum)
        self.input.setGroupSeparatorShown(True)
        # Qt gives the text of a spin box no padding of the style sheet.
        self.input.lineEdit().setTextMargins(scaled(10), 0, scaled(10), 0)
        super().__init__(label, self.input, required=required, hint=hint, parent=parent)
        self.input.valueChanged.connect(self.changed)

    def value(self) -> int:
        """The number."""
        return self.input.value()

    def set_value(self, value: int) -> None:
        """Show `value`."""
        self.input.setValue(value)


class ReadOnlyField(TextField):
    """A value that cannot be changed here, but can be reached by Tab and copied."""

    def __init__(
        self,
        label: str,
        value: str = "",
        *,
        hint: str = "",
        mono: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(label, hint=hint, mono=mono, parent=parent)
        self.input.setReadOnly(True)
        self.input.setText(value)
