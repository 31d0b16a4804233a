"""A serial number, fingerprint or address that can be copied."""

import re

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from app.core.language import _
from app.views.theme.fonts import scaled
from app.views.theme.icons import set_icon

_CONFIRM_MS = 1500
_ONE_LINE = 32
_LONGEST_PIECE = 28
_MAY_BREAK, _JOINED = "\u200b", "\u2060"  # invisible, both


class CopyLabel(QWidget):
    """A monospaced value with a button that copies it; `name` says what the value is."""

    def __init__(self, name: str, value: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._value = value
        self._label = QLabel(self)
        self._label.setProperty("role", "mono")
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._button = QToolButton(self)
        self._button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._button.setAccessibleName(_("Copy {name}").format(name=name))
        self._button.setToolTip(self._button.accessibleName())
        self._button.clicked.connect(self._copy)
        self._back = QTimer(self, singleShot=True, interval=_CONFIRM_MS)
        self._back.timeout.connect(self._offer)
        self._line = layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(scaled(4))
        layout.addWidget(self._label, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(self._button, 0, Qt.AlignmentFlag.AlignTop)
        layout.addStretch(0)
        self.setFocusProxy(self._button)
        self._offer()
        self.set_value(value)

    def value(self) -> str:
        """The value."""
        return self._value

    def set_value(self, value: str) -> None:
        """Show another value; nothing can be copied from an empty one."""
        self._value = value
        long = len(value) > _ONE_LINE or "://" in value
        self._label.setText(_breakable(value) if long else value)
        self._label.setWordWrap(long)
        policy = QSizePolicy.Policy.Expanding if long else QSizePolicy.Policy.Maximum
        self._label.setSizePolicy(policy, QSizePolicy.Policy.Preferred)
        self._line.setStretchFactor(self._label, int(long))
        self._label.setAccessibleName(f"{self._name}: {value}")
        self._button.setEnabled(bool(value))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.value())
        set_icon(self._button, "check", "good")
        self._back.start()
        spoken = _("{name} copied").format(name=self._name)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, spoken))

    def _offer(self) -> None:
        set_icon(self._button, "copy", "dim")


def _breakable(value: str) -> str:
    """The value with the places where it may go on in the next line.

    A fingerprint breaks after its colons, an address before a dot, port or slash, the rest of
    what is long anywhere. A command breaks between its words.
    """
    return " ".join(_breakable_word(word) for word in value.split(" "))


def _breakable_word(word: str) -> str:
    if len(word) <= _LONGEST_PIECE:
        pieces = [word]
    elif "://" in word:
        pieces = re.split(r"(?<![:/])(?=[.:/])(?!://)", word)
    elif ":" in word:
        pieces = re.split(r"(?<=:)", word)
    else:
        pieces = [word]
    return _MAY_BREAK.join(_piece(piece) for piece in pieces)


def _piece(piece: str) -> str:
    """A long one may break anywhere; a short one not even after its hyphens and slashes."""
    if len(piece) > _LONGEST_PIECE:
        return _MAY_BREAK.join(piece)
    return re.sub(r"(?<=[-/])(?=.)", _JOINED, piece)
