"""The language of every text a person reads.

`_` marks and translates a text; it takes a constant and the values are filled in after:
`_("Device {name} exists.").format(name=name)`. Catalogues are gettext `.mo` files in
`resources/translations/<language>/LC_MESSAGES/birthmark.mo`.
"""

import gettext
import locale
import os
from pathlib import Path

DOMAIN = "birthmark"

# In the order in which POSIX asks them, after our own.
_VARIABLES = ("BIRTHMARK_LANG", "LC_ALL", "LC_MESSAGES", "LANG")

_translations: gettext.NullTranslations = gettext.NullTranslations()


def use_language(folder: Path, language: str) -> None:
    """Translate into `language` (a code such as `de`) from now on; English needs no catalogue."""
    global _translations  # noqa: PLW0603  one language a process, chosen at start
    _translations = gettext.translation(DOMAIN, folder, [language], fallback=True)


def languages(folder: Path) -> tuple[str, ...]:
    """Codes of the languages the program can speak, English first."""
    found = sorted(path.parent.parent.name for path in folder.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))
    return ("en", *found)


def system_language() -> str:
    """The code of the language that BIRTHMARK_LANG or else the system asks for."""
    told = next(filter(None, map(os.environ.get, _VARIABLES)), None)
    name = told or locale.getlocale()[0] or "C"
    # `de_DE.UTF-8` on most systems, `German_Germany` on Windows, which has names in words.
    code = locale.normalize(name.partition("_")[0].partition(".")[0])[:2].lower()
    return code if code.isalpha() and len(code) == 2 else "en"


def _(text: str) -> str:
    """The text in the chosen language."""
    return _translations.gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    """The singular or plural text for `count` in the chosen language."""
    return _translations.ngettext(one, many, count)
