"""The colours of the window, one set for light and one for dark.

Every text colour is used only on the grounds it was chosen for; `tests/views/theme` holds
each pair to WCAG 2.2 AA: 4.5:1 for text (1.4.3), 3:1 for the outline of an input (1.4.11).
"""

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtGui import QPalette


class Tone(StrEnum):
    """What a coloured word means. The word itself always says it too."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"
    NEUTRAL = "neutral"


@dataclass(frozen=True)
class Tokens:
    """Colours as `#rrggbb`, named for what they are used for."""

    name: str
    background: str
    panel: str
    rail: str
    line: str
    outline: str
    text: str
    dim: str
    accent: str
    accent_hover: str
    soft: str
    on_accent: str
    good: str
    good_ground: str
    warning: str
    warning_ground: str
    bad: str
    bad_ground: str
    neutral: str
    neutral_ground: str

    def tone(self, tone: Tone) -> tuple[str, str]:
        """Text colour and ground of a tone."""
        return getattr(self, tone.value), getattr(self, f"{tone.value}_ground")


LIGHT = Tokens(
    name="light",
    background="#f5f6f8",
    panel="#ffffff",
    rail="#eceff3",
    line="#dfe3e8",
    outline="#7f8a96",
    text="#17202a",
    dim="#5b6673",
    accent="#1f5fd0",
    accent_hover="#1a51b3",
    soft="#e6eefc",
    on_accent="#ffffff",
    good="#136c3a",
    good_ground="#e3f4e9",
    warning="#7a4b00",
    warning_ground="#fdf0d7",
    bad="#a3201d",
    bad_ground="#fbe5e4",
    neutral="#5b6673",
    neutral_ground="#eceff3",
)

DARK = Tokens(
    name="dark",
    background="#15191e",
    panel="#1c2127",
    rail="#181d23",
    line="#323a44",
    outline="#717d8b",
    text="#e8ecf1",
    dim="#9aa6b4",
    accent="#6ea2ff",
    accent_hover="#8db6ff",
    soft="#22324d",
    on_accent="#15191e",
    good="#7fd6a1",
    good_ground="#1b3a29",
    warning="#f1c272",
    warning_ground="#3d2f14",
    bad="#ff9c98",
    bad_ground="#452322",
    neutral="#9aa6b4",
    neutral_ground="#323a44",
)


def tokens_of(palette: QPalette) -> Tokens:
    """The set of colours a palette was made from, told by the brightness of its window."""
    return LIGHT if palette.color(QPalette.ColorRole.Window).lightness() > 127 else DARK
