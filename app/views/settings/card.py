"""A titled card of settings."""

from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from app.views.theme.fonts import scaled


class Card(QFrame):
    """Settings that belong together; build them in `body`."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAccessibleName(title)
        heading = QLabel(title, self)
        heading.setProperty("role", "heading")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(scaled(24), scaled(20), scaled(24), scaled(24))
        self.body.setSpacing(scaled(16))
        self.body.addWidget(heading)
