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
        self._sentence = QLabel(sentence, self)
        self._sentence.setProperty("role", "dim")
        self._sentence.setWordWrap(True)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = QVBoxLayout(self)
        layout.setSpacing(scaled(16))
        layout.addStretch(2)
        layout.addWidget(IconLabel(icon, "dim", 40, self), 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self._sentence)
        if action is not None:
            button = ActionButton(action, "primary", self)
            layout.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)

    def set_sentence(self, sentence: str) -> None:
        """Say something else, such as that no row matches the search."""
        self._sentence.setText(sentence)
