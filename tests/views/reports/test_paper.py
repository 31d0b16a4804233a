"""A report as PDF, read back by poppler."""

import re
import subprocess
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication

from app.models.domain.reports import Report
from app.views.reports.paper import Heading, pdf_of
from app.views.theme import apply_theme

HEADING = Heading(
    "Workspace Lab (2)", "1 Feb 2026 until 2 Mar 2026", "Made 2 Mar 2026 09:00:00 CET (UTC+01:00)"
)


def pages(content: bytes, folder: Path) -> list[str]:
    """The text of each page, with one blank between words."""
    path = folder / "report.pdf"
    path.write_bytes(content)
    command = ["pdftotext", "-layout", str(path), "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [re.sub(r"\s+", " ", page) for page in text.split("\f")[:-1]]


@pytest.fixture
def long() -> Report:
    """Two hundred rows, and names with what fonts like to swap for other glyphs."""
    rows = tuple((f"Wörks {n} (A): 1+2 → Łódź", n, 2 * n) for n in range(1, 201))
    return Report("Made <b>", ("Name", "Devices", "Certificates"), rows, ("Total", 20_100, 40_200))


@pytest.mark.req("SYS-03")
def test_headings_are_repeated_and_pages_numbered(long: Report, tmp_path: Path) -> None:
    QLocale.setDefault(QLocale("en_US"))
    found = pages(pdf_of(long, HEADING), tmp_path)
    assert len(found) > 2
    for number, page in enumerate(found, start=1):
        assert f"Page {number} of {len(found)}" in page
        assert "Name Devices Certificates" in page
    for line in ("Made <b>", HEADING.workspace, HEADING.period, HEADING.made):
        assert line in found[0]
    assert HEADING.period not in found[1]
    assert "Total 20,100 40,200" in found[-1]


def test_every_row_is_there_once_and_can_be_copied(long: Report, tmp_path: Path) -> None:
    text = " ".join(pages(pdf_of(long, HEADING), tmp_path))
    for name, devices, certificates in long.rows:
        assert text.count(f"{name} {devices} {certificates}") == 1


def test_the_paper_is_a4_and_black_on_white_in_every_theme(
    long: Report, tmp_path: Path, qapp: QApplication
) -> None:
    apply_theme(qapp, "dark")
    path = tmp_path / "report.pdf"
    path.write_bytes(pdf_of(long, HEADING))
    told = subprocess.run(["pdfinfo", path], capture_output=True, text=True, check=True).stdout
    assert "A4" in told
    assert "Made <b>" in told
    command = ["pdftoppm", "-r", "60", "-gray", "-f", "1", "-l", "1", str(path)]
    grey = subprocess.run(command, capture_output=True, check=True).stdout
    header = re.match(rb"P5\s+\d+\s+\d+\s+255\s", grey)
    assert header is not None
    pixels = grey[header.end() :]
    assert min(pixels) < 60
    assert sum(pixel > 240 for pixel in pixels) > len(pixels) // 2
