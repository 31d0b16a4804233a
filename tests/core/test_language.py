import locale
from pathlib import Path

import pytest

from app.config.paths import resources_folder
from app.core.language import _, system_language, use_language

VARIABLES = ("BIRTHMARK_LANG", "LC_ALL", "LC_MESSAGES", "LANG")


@pytest.fixture(autouse=True)
def nothing_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(locale, "getlocale", lambda: ("fr_FR", "UTF-8"))


def test_our_own_variable_comes_before_those_of_the_system(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert system_language() == "fr"
    for variable, language in zip(reversed(VARIABLES), ("es", "it", "nl", "de"), strict=True):
        monkeypatch.setenv(variable, f"{language}_XX.UTF-8")
        assert system_language() == language
    monkeypatch.setenv("BIRTHMARK_LANG", "")
    assert system_language() == "nl"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("de", "de"),
        ("de_AT", "de"),
        ("German_Germany", "de"),
        ("English_United States", "en"),
        ("en_GB.UTF-8", "en"),
        ("C.UTF-8", "en"),
        ("POSIX", "en"),
        (None, "en"),
    ],
)
def test_a_locale_has_several_names(
    name: str | None, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locale, "getlocale", lambda: (name, None))
    assert system_language() == code


def test_a_language_without_a_catalogue_is_english(tmp_path: Path) -> None:
    use_language(resources_folder() / "translations", "de")
    assert _("Sign in") == "Anmelden"
    use_language(tmp_path, "de")
    assert _("Sign in") == "Sign in"
