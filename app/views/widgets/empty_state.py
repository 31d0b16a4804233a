"""What a list shows when it has nothing: what belongs here, and how to begin."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.views.theme.fonts import scaled
from app.views.widgets.icon_label import IconLabel
from app.views.widgets.page import ActionButton


class EmptyState(QWidget):
    """An icon, a sentence and the action that ends the emptiness."""

    def __init__(
        self, icon: str, sentence: str, action: QAction | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        text = QLabel(sentence, self)
        text.setTextFormat(Qt.TextFormat.PlainText)
        text.setProperty("role", "dim")
        text.setWordWrap(True)
        text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(scaled(16))
        self._column.addStretch(2)
        self._column.addWidget(IconLabel(icon, "dim", 40, self), 0, Qt.AlignmentFlag.AlignHCenter)
        self._column.addWidget(text)
        self._column.addStretch(3)
        if action is not None:
            self.set_action(action)

    def set_action(self, action: QAction) -> None:
        """Offer what ends the emptiness; once."""
        button = ActionButton(action, "primary", self)
        centre = Qt.AlignmentFlag.AlignHCenter
        self._column.insertWidget(self._column.count() - 1, button, 0, centre)
