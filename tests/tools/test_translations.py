import gettext
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from tools.translations import bring_up_to_date, texts_in

PROGRAM = """
_("Skip")
_("{name} is empty.").format(name="x")
ngettext("{n} device", "{n} devices", 2).format(n=2)
"""
WRITTEN = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"

msgid "Skip"
msgstr "Überspringen"

msgid "Gone"
msgstr "Weg"
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    folder = tmp_path / "program"
    folder.mkdir()
    (folder / "page.py").write_text(PROGRAM, "utf-8")
    return folder


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    path = tmp_path / "de" / "LC_MESSAGES" / "birthmark.po"
    path.parent.mkdir(parents=True)
    path.write_text(WRITTEN, "utf-8")
    return path


def test_texts_are_those_the_program_marks(program: Path) -> None:
    assert texts_in(program) == {"Skip", "{name} is empty.", ("{n} device", "{n} devices")}


def test_what_is_translated_stays_and_what_is_gone_goes(program: Path, catalogue: Path) -> None:
    assert bring_up_to_date(catalogue, texts_in(program), "de") == 1
    with catalogue.open("rb") as file:
        written = {message.id: message.string for message in read_po(file) if message.id}
    assert written == {
        "Skip": "Überspringen",
        "{name} is empty.": "",
        ("{n} device", "{n} devices"): ("", ""),
    }


def test_compiled_texts_keep_their_umlauts(program: Path, catalogue: Path) -> None:
    bring_up_to_date(catalogue, texts_in(program), "de")
    with catalogue.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert compiled.gettext("Skip") == "Überspringen"
    assert compiled.gettext("{name} is empty.") == "{name} is empty."


def test_the_header_declares_utf8_and_nothing_that_changes_by_itself(
    program: Path, catalogue: Path
) -> None:
    bring_up_to_date(catalogue, texts_in(program), "de")
    written = catalogue.read_text("utf-8")
    assert "Content-Type: text/plain; charset=UTF-8" in written
    assert "Date" not in written
    assert "Generated-By" not in written


def test_a_language_begins_with_its_folder(program: Path, tmp_path: Path) -> None:
    path = tmp_path / "fr" / "LC_MESSAGES" / "birthmark.po"
    assert bring_up_to_date(path, texts_in(program), "fr") == 0
    assert "Skip" in path.read_text("utf-8")


def test_a_text_that_is_counted_only_now_is_translated_anew(catalogue: Path) -> None:
    counted = ("Skip", "Skip {n}")
    assert bring_up_to_date(catalogue, {counted}, "de") == 0
    with catalogue.open("rb") as file:
        (message,) = [message for message in read_po(file) if message.id]
    assert message.string == ("", "")


def test_a_text_that_is_counted_too_has_one_translation(catalogue: Path) -> None:
    counted = ("Skip", "Skip {n}")
    bring_up_to_date(catalogue, {counted}, "de")
    catalogue.write_text(catalogue.read_text("utf-8").replace('] ""', '] "Auslassen"'), "utf-8")
    assert bring_up_to_date(catalogue, {"Skip", counted}, "de") == 2
    assert bring_up_to_date(catalogue, {"Skip"}, "de") == 1
    with catalogue.open("rb") as file:
        (message,) = [message for message in read_po(file) if message.id]
    assert message.string == "Auslassen"
