"""An icon that is no button; it follows the theme by itself."""

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QLabel, QWidget

from app.views.theme.fonts import scaled
from app.views.theme.icons import pixmap
from app.views.theme.tokens import tokens_of


class IconLabel(QLabel):
    """The icon `name` in the colour token `colour`, `size` pixels at normal text size.

    It says nothing to a screen reader: the text beside it does.
    """

    def __init__(
        self, name: str, colour: str, size: int = 20, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._size = size
        self.set_icon(name, colour)

    def set_icon(self, name: str, colour: str) -> None:
        """Show another icon."""
        self._name = name
        self._colour = colour
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        """Draw anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()

    def _draw(self) -> None:
        colour = getattr(tokens_of(self.palette()), self._colour)
        ratio = self.devicePixelRatioF()
        drawn = pixmap(self._name, colour, round(scaled(self._size) * ratio))
        drawn.setDevicePixelRatio(ratio)
        self.setPixmap(drawn)
