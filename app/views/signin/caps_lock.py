"""Notices that Caps Lock is on while somebody types a password."""

from typing import cast

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from app.core.language import _


class CapsLockHint(QLabel):
    """Says so below the inputs it watches; hidden otherwise.

    Qt does not tell the state of the key: a letter of the wrong case gives it away.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_("Caps Lock is on."), parent)
        self.setProperty("role", "dim")
        self.hide()

    def watch(self, box: QLineEdit) -> None:
        """Look at what is typed into `box`."""
        box.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Look at each key; never keeps one from the input."""
        if event.type() == QEvent.Type.KeyPress:
            self._look(cast("QKeyEvent", event))
        elif event.type() == QEvent.Type.FocusOut:
            self.hide()
        return False

    def _look(self, event: QKeyEvent) -> None:
        letter = event.text()
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.key() == Qt.Key.Key_CapsLock:
            self.hide()
        elif letter.isupper() or letter.islower():  # other scripts have no case
            self.setVisible(letter.isupper() != shifted)
