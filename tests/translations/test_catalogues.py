"""Every text a person reads exists in every language the program offers."""

import gettext
import string
from pathlib import Path
from typing import cast

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from app.config.paths import resources_folder
from app.core.language import languages

TRANSLATIONS = resources_folder() / "translations"
APP = Path(__file__).parents[2] / "app"


def catalogue(language: str) -> Catalog:
    path = TRANSLATIONS / language / "LC_MESSAGES" / "birthmark.po"
    with path.open("rb") as file:
        return read_po(file)


def placeholders(text: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name}


def forms(text: object) -> tuple[str, ...]:
    """A text, or its singular and plural."""
    return (text,) if isinstance(text, str) else tuple(cast("tuple[str, ...]", text))


LANGUAGES = [language for language in languages(TRANSLATIONS) if language != "en"]


def test_there_is_a_choice() -> None:
    assert LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language: str) -> None:
    known = catalogue(language)
    missing = []
    for _file, _line, message, _comments, _context in extract_from_dir(
        APP, keywords={"_": None, "ngettext": (1, 2)}
    ):
        key = message if isinstance(message, str) else message[0]
        translated = known.get(key)
        if translated is None or not translated.string or not all(translated.string):
            missing.append(key)
    assert not missing


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_name_the_same_values(language: str) -> None:
    for message in catalogue(language):
        originals, texts = forms(message.id), forms(message.string)
        expected = set().union(*map(placeholders, originals))
        for text in texts:
            assert placeholders(text) <= expected, text
        assert set().union(*map(placeholders, texts)) == expected, originals


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    folder = TRANSLATIONS / language / "LC_MESSAGES"
    with (folder / "birthmark.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for message in catalogue(language):
        if message.id and isinstance(message.id, str):
            assert compiled.gettext(message.id) == message.string
