import locale
from pathlib import Path

import pytest

from app.core.language import _, system_language, use_language


def test_the_variable_names_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locale, "getlocale", lambda: ("fr_FR", "UTF-8"))
    monkeypatch.setenv("BIRTHMARK_LANG", "de")
    assert system_language() == "de"
    monkeypatch.setenv("BIRTHMARK_LANG", "")
    assert system_language() == "fr"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("de_DE", "de"),
        ("de_AT", "de"),
        ("German_Germany", "de"),
        ("English_United States", "en"),
        ("en_GB", "en"),
        ("fr", "fr"),
        (None, "en"),
    ],
)
def test_the_system_names_its_locale_in_several_ways(
    name: str | None, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BIRTHMARK_LANG", raising=False)
    monkeypatch.setattr(locale, "getlocale", lambda: (name, None))
    assert system_language() == code


def test_a_language_without_a_catalogue_is_english(tmp_path: Path) -> None:
    use_language(tmp_path, "c")
    assert _("Cancel") == "Cancel"
