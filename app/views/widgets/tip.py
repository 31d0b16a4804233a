"""Tool tips that show their text as it is."""

from PySide6.QtGui import Qt


def plain_tip(text: str) -> str:
    """A tool tip that says `text`.

    Qt takes for HTML what looks like it, and then fetches the pictures it names: a device
    chooses what its certificate is called.
    """
    return Qt.convertFromPlainText(text) if Qt.mightBeRichText(text) else text
