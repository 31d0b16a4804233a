"""Collects every text for people and compiles what is translated.

`python -m tools.translations` brings `resources/translations/<language>/LC_MESSAGES/birthmark.po`
up to date with the texts in `app/`, drops the translations of texts that are gone, writes the
`.mo` file beside it and prints how many texts are translated. To begin a language, make its
folder.
"""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from app.config.paths import resources_folder
from app.core.language import DOMAIN

APP = Path(__file__).parent.parent / "app"
KEYWORDS = {"_": None, "ngettext": (1, 2)}

Text = str | tuple[str, str]
"""A text as the program has it; one for one and one for many where it counts."""


class StableCatalog(Catalog):
    """A catalogue that is the same as long as its texts are: its header has no dates, no names."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        """What readers need to know."""
        return [
            ("Language", self.locale_identifier or ""),
            ("Plural-Forms", self.plural_forms),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=UTF-8"),
            ("Content-Transfer-Encoding", "8bit"),
        ]


def texts_in(folder: Path) -> set[Text]:
    """Every text that the Python files in `folder` mark for translation."""
    return {
        text if isinstance(text, str) else (text[0], text[1])
        for _file, _line, text, _comments, _context in extract_from_dir(folder, keywords=KEYWORDS)
    }


def bring_up_to_date(path: Path, texts: set[Text], language: str) -> int:
    """Write the `.po` file `path` and its `.mo` file; returns how many texts are translated."""
    known = Catalog(locale=language)
    if path.exists():
        with path.open("rb") as file:
            known = read_po(file, locale=language)
    comment = "# Texts of Birthmark."
    catalogue = StableCatalog(language, header_comment=comment, charset="utf-8", fuzzy=False)
    translated = 0
    for text in texts:
        message = known.get(text)
        string = message.string if message else ""
        if isinstance(text, tuple) and isinstance(string, str):
            string = ""  # it is counted only now, and has no plural yet
        elif isinstance(text, str) and isinstance(string, tuple):
            string = string[0]
        catalogue.add(text, string)
        translated += bool(string and all(string))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, sort_output=True)
    with path.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalogue)
    return translated


def main() -> None:
    """Bring every language up to date."""
    texts = texts_in(APP)
    for folder in sorted((resources_folder() / "translations").iterdir()):
        path = folder / "LC_MESSAGES" / f"{DOMAIN}.po"
        translated = bring_up_to_date(path, texts, folder.name)
        print(f"{folder.name}: {translated} of {len(texts)} translated")


if __name__ == "__main__":
    main()
