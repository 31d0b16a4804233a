"""The icons of the window: one family of outline SVG files, tinted when loaded."""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QApplication

from app.config.paths import resources_folder
from app.views.theme.fonts import scaled
from app.views.theme.tokens import tokens_of

_SIZES = (16, 20, 24, 32, 48)
_NAME, _COLOUR = "iconName", "iconColour"


def pixmap(name: str, colour: str, size: int) -> QPixmap:
    """The icon `name` drawn in `colour` (`#rrggbb`) on a transparent square of `size` pixels."""
    drawn = QPixmap(size, size)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    QSvgRenderer(QByteArray(_source(name).replace("currentColor", colour).encode())).render(
        painter, QRectF(0, 0, size, size)
    )
    painter.end()
    return drawn


@lru_cache(maxsize=256)
def icon(name: str, colour: str, disabled: str = "") -> QIcon:
    """The icon `name` in `colour`, and in `disabled` while its button cannot be used."""
    made = QIcon()
    for size in _SIZES:
        made.addPixmap(pixmap(name, colour, size), QIcon.Mode.Normal)
        if disabled:
            made.addPixmap(pixmap(name, disabled, size), QIcon.Mode.Disabled)
    return made


def set_icon(target: QAbstractButton | QAction, name: str, colour: str = "text") -> None:
    """Give `target` an icon in the colour token `colour`, kept right when the theme changes."""
    target.setProperty(_NAME, name)
    target.setProperty(_COLOUR, colour)
    tokens = tokens_of(QApplication.palette())
    target.setIcon(icon(name, getattr(tokens, colour), tokens.outline))
    if isinstance(target, QAbstractButton):
        target.setIconSize(QSize(scaled(16), scaled(16)))


def tint_icons() -> None:
    """Tint every icon given by `set_icon` anew, in the present theme."""
    for widget in QApplication.allWidgets():
        if isinstance(widget, QAbstractButton) and widget.property(_NAME):
            set_icon(widget, widget.property(_NAME), widget.property(_COLOUR))
        for action in widget.actions():
            if action.property(_NAME):
                set_icon(action, action.property(_NAME), action.property(_COLOUR))


@lru_cache(maxsize=128)
def _source(name: str) -> str:
    return (resources_folder() / "icons" / f"{name}.svg").read_text(encoding="utf-8")
