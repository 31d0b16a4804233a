"""A label for a text that is not ours: shown as it is, whatever it looks like."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel


def plain_label(text: str = "", role: str = "", *, wrap: bool = True) -> QLabel:
    """A label without rich text, of a role of the style sheet such as `dim`."""
    label = QLabel(text)
    label.setProperty("role", role)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(wrap)
    return label
