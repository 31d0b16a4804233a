"""The pictures of the user guide, small enough to keep."""

from collections import Counter
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

THEME = "light"
PICTURES = (
    "sign-in",
    "devices",
    "wizard-2-attributes",
    "est-monitor",
    "device-types",
    "est-servers",
    "external-cas",
    "users",
    "role-tenant-operator",
    "profile",
    "applications",
    "audit",
    "reports",
    "pki-publication",
    "pki-root",
    "pki-authorities",
    "pki-template",
    "pki-issue",
    "pki-revoked",
)
_COLOURS = 256
_SMALLEST = 0  # Qt's quality of a PNG file is the effort it saves


def save_small(picture: QImage, path: Path) -> None:
    """Write a PNG file with a palette of the colours that the picture has most of."""
    picture = picture.convertToFormat(QImage.Format.Format_ARGB32)
    pixels = memoryview(picture.constBits()).cast("I")
    palette = [colour for colour, _times in Counter(pixels).most_common(_COLOURS)]
    nearest = Qt.ImageConversionFlag.ThresholdDither
    indexed = picture.convertToFormat(QImage.Format.Format_Indexed8, palette, nearest)
    indexed.save(str(path), quality=_SMALLEST)
