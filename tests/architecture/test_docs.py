import re
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, name

PAGES = [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/**/*.md"))]
PICTURES = ROOT / "docs" / "images"
LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)")
HEADING = re.compile(r"^#+ (?P<title>.+)$", re.MULTILINE)


def anchor(title: str) -> str:
    """The fragment that leads to a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def broken_links(page: Path) -> list[str]:
    """Links of a page that lead to no file or to no heading; addresses are not called."""
    broken = []
    for link in LINK.finditer(page.read_text("utf-8")):
        file, _, fragment = link["target"].partition("#")
        if file.startswith(("https://", "mailto:")):
            continue
        target = (page.parent / file).resolve() if file else page
        # The tour takes the pictures; until it has, there is no folder for them.
        if target.parent == PICTURES and not PICTURES.exists():
            continue
        if not target.exists() or (fragment and fragment not in anchors(target)):
            broken.append(link["target"])
    return broken


def anchors(page: Path) -> set[str]:
    """The fragments of a page."""
    return {anchor(heading["title"]) for heading in HEADING.finditer(page.read_text("utf-8"))}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    assert broken_links(page) == []


def test_broken_links_are_found(tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("# One thing, two\n", "utf-8")
    page = tmp_path / "page.md"
    page.write_text(
        "# Here\n[a](other.md) [b](other.md#one-thing-two) [c](#here) [d](https://example.com/x)\n"
        "[e](gone.md) [f](other.md#three) [g](#there) ![h](gone.png)\n",
        "utf-8",
    )
    assert broken_links(page) == ["gone.md", "other.md#three", "#there", "gone.png"]


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text("utf-8")
    linked = {link["target"] for link in LINK.finditer(index)}
    records = {path.name for path in folder.glob("[0-9]*.md")}
    assert records
    assert records <= linked
