"""The two shipped typefaces and sizes measured in text.

Sizes are written as the pixels they have at normal text size (14 px body) and grow with it;
the screen's own scale factor comes on top, from Qt.
"""

from pathlib import Path

from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication

TEXT_FAMILY = "Inter"
MONO_FAMILY = "JetBrains Mono"
BODY, LABEL, TITLE = 14, 12, 18


def load_fonts(folder: Path) -> None:
    """Register every font file of `folder`; once a process is enough."""
    for path in sorted(folder.glob("*.[ot]tf")):
        QFontDatabase.addApplicationFont(str(path))


def scaled(pixels: float) -> int:
    """`pixels` of normal text size in pixels of the current one."""
    size = QGuiApplication.font().pixelSize()  # -1 until the theme is applied
    return round(pixels * size / BODY) if size > 0 else round(pixels)


def text_font(pixels: float = BODY, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """The typeface of ordinary text."""
    return _font(TEXT_FAMILY, pixels, weight)


def mono_font(pixels: float = 13, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """The typeface of serial numbers, fingerprints and addresses."""
    font = _font(MONO_FAMILY, pixels, weight)
    font.setStyleHint(QFont.StyleHint.Monospace)
    return font


def _font(family: str, pixels: float, weight: QFont.Weight) -> QFont:
    font = QFont(family)
    font.setPixelSize(scaled(pixels))
    font.setWeight(weight)
    return font
