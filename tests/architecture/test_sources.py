import ast
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, name, python_files

LONGEST_FILE = 400
LONGEST_FUNCTION = 60

PRODUCT = python_files("app", "tools")
TEXTS = [
    *python_files("app", "tools", "tests"),
    *sorted(ROOT.glob("*.md")),
    *sorted(ROOT.glob("docs/**/*.md")),
    *sorted(ROOT.glob("tools/*.sh")),
    *(ROOT / file for file in ("Makefile", "pyproject.toml", "build.spec", ".ci/run")),
]


@pytest.mark.parametrize("path", PRODUCT, ids=name)
def test_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


@pytest.mark.parametrize("path", python_files("app", "tools", "tests"), ids=name)
def test_file_can_be_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", PRODUCT, ids=name)
def test_functions_can_be_seen_whole(path: Path) -> None:
    assert [*long_functions(path.read_text("utf-8"))] == []


@pytest.mark.parametrize("path", TEXTS, ids=name)
def test_text_is_what_it_looks_like(path: Path) -> None:
    assert [*deceptive_characters(path.read_text("utf-8"))] == []


def long_functions(source: str) -> Iterator[str]:
    """Names of the functions that are too long."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield f"{node.name}: {length} lines"


def deceptive_characters(source: str) -> Iterator[str]:
    """Invisible, direction-changing and look-alike characters; write them as escapes."""
    for number, line in enumerate(source.splitlines(), start=1):
        for character in line:
            category = unicodedata.category(character)
            looks_latin = category[0] == "L" and not unicodedata.name(character, "").startswith(
                "LATIN "
            )
            if (category[0] in "CZ" and character not in " \t") or looks_latin:
                yield f"line {number}: U+{ord(character):04X}"


def test_a_long_function_is_found() -> None:
    body = "    pass\n" * LONGEST_FUNCTION
    assert [*long_functions(f"def f():\n{body}")] == [f"f: {LONGEST_FUNCTION + 1} lines"]
    assert [*long_functions(f"def f():\n{body[9:]}")] == []


@pytest.mark.parametrize(
    "character",
    ["\u202e", "\u2066", "\u200b", "\ufeff", "\u00a0", "\u0430", "\u03bf", "\uff21", "\0"],
)
def test_a_deceptive_character_is_found(character: str) -> None:
    assert [*deceptive_characters(f"first\na{character}b")] == [f"line 2: U+{ord(character):04X}"]


def test_honest_characters_are_left_alone() -> None:
    assert [*deceptive_characters("\tname = 'Zürich' # § → ≤")] == []
