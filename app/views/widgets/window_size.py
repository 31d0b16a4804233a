"""How large a window is at first."""

from PySide6.QtWidgets import QWidget

from app.views.theme.fonts import scaled

_FRAME = 48  # title bar and borders, which the desktop adds


def resize_on_screen(window: QWidget, width: int, height: int) -> None:
    """Give a window this size in pixels of normal text size, or what the screen has room for."""
    room = window.screen().availableGeometry().size()
    window.resize(
        min(scaled(width), room.width()), min(scaled(height), room.height() - scaled(_FRAME))
    )
