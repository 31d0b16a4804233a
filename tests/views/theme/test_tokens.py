"""Every pair of colours the style sheet puts together is legible (WCAG 2.2, AA)."""

from pathlib import Path

import pytest

from app.config.paths import resources_folder
from app.views.theme.palette import palette
from app.views.theme.tokens import DARK, LIGHT, Tokens, Tone, tokens_of

THEMES = pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda tokens: tokens.name)

TEXT_PAIRS = [
    ("text", "background"),
    ("text", "panel"),
    ("text", "rail"),
    ("text", "soft"),
    ("text", "line"),  # a pressed button
    ("dim", "background"),
    ("dim", "panel"),
    ("dim", "rail"),
    ("dim", "soft"),
    ("dim", "neutral_ground"),  # a disabled primary button
    ("accent", "panel"),
    ("accent", "soft"),
    ("on_accent", "accent"),
    ("on_accent", "accent_hover"),
    ("on_accent", "bad"),
    ("bad", "panel"),  # messages under fields
    ("bad", "background"),
    ("warning", "panel"),
    ("good", "panel"),
]
SHAPE_PAIRS = [
    ("outline", "panel"),
    ("outline", "background"),
    ("accent", "panel"),
    ("accent", "background"),
    ("accent", "rail"),
    ("bad", "panel"),
]


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def test_contrast_is_measured_as_wcag_defines_it() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)


@THEMES
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_text_is_legible(tokens: Tokens, text: str, ground: str) -> None:
    assert contrast(getattr(tokens, text), getattr(tokens, ground)) >= 4.5


@THEMES
@pytest.mark.parametrize("tone", list(Tone))
def test_tones_are_legible(tokens: Tokens, tone: Tone) -> None:
    assert contrast(*tokens.tone(tone)) >= 4.5


@THEMES
@pytest.mark.parametrize(("shape", "ground"), SHAPE_PAIRS)
def test_outlines_and_focus_rings_are_visible(tokens: Tokens, shape: str, ground: str) -> None:
    assert contrast(getattr(tokens, shape), getattr(tokens, ground)) >= 3


@THEMES
def test_the_palette_tells_its_tokens(tokens: Tokens) -> None:
    assert tokens_of(palette(tokens)) is tokens


@THEMES
def test_the_glyphs_of_the_style_sheet_have_the_colours_of_the_tokens(tokens: Tokens) -> None:
    folder = resources_folder() / "styles" / tokens.name
    glyphs: list[Path] = list(folder.glob("*.svg"))
    assert glyphs
    for glyph in glyphs:
        wanted = tokens.dim if glyph.stem.startswith("chevron") else tokens.on_accent
        assert wanted in glyph.read_text(encoding="utf-8")
