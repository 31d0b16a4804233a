"""How the window looks: colours, typefaces, icons and the style sheet made of them."""

from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QStyleFactory

from app.config.paths import resources_folder
from app.views.theme.fonts import BODY, load_fonts, text_font
from app.views.theme.icons import tint_icons
from app.views.theme.palette import palette
from app.views.theme.style import style_sheet
from app.views.theme.tokens import DARK, LIGHT

ThemeMode = Literal["system", "light", "dark"]

_SCHEMES = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}


def apply_theme(app: QApplication, mode: ThemeMode, text_scale: float = 1.0) -> None:
    """Dress the whole program, at any time: `system` follows the desktop from then on.

    `text_scale` enlarges text and everything measured in it; windows made before keep
    their margins until they are opened again.
    """
    first = app.property("themeMode") is None
    app.setProperty("themeMode", mode)
    app.setProperty("textScale", text_scale)
    hints = app.styleHints()
    if first:
        app.setStyle(QStyleFactory.create("Fusion"))
        load_fonts(resources_folder() / "fonts")
        hints.colorSchemeChanged.connect(_follow_system)
    # Title bars and native dialogs follow the hint; unknown means "as the desktop".
    hints.setColorScheme(_SCHEMES.get(mode, Qt.ColorScheme.Unknown))
    _dress(app)


def _follow_system(_scheme: Qt.ColorScheme) -> None:
    app = QApplication.instance()
    if isinstance(app, QApplication) and app.property("themeMode") == "system":
        _dress(app)


def _dress(app: QApplication) -> None:
    mode = app.property("themeMode")
    dark = mode == "dark" or (
        mode == "system" and app.styleHints().colorScheme() == Qt.ColorScheme.Dark
    )
    tokens = DARK if dark else LIGHT
    font = text_font()
    font.setPixelSize(round(BODY * app.property("textScale")))
    app.setFont(font)
    app.setPalette(palette(tokens))
    app.setStyleSheet(style_sheet(tokens, resources_folder() / "styles" / tokens.name))
    tint_icons()
