"""The Authorities page of the demo workspace."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.models.services.workspace.workspace import Workspace
from app.views.authorities.page import AuthoritiesPage
from app.views.jobs import Jobs
from tests.models.services.people import person
from tests.pki.softhsm import softhsm
from tests.views.hands import opened_pages

__all__ = ["softhsm"]

OpenPage = Callable[..., AuthoritiesPage]


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """The folder in which everything is saved that a page hands out."""
    folder = tmp_path / "saved"
    folder.mkdir()
    return folder


@pytest.fixture
def open_page(qtbot: QtBot, demo: Workspace, jobs: Jobs, saved: Path) -> Iterator[OpenPage]:
    """Opens the page of a person, by name."""

    def ask(_parent: QWidget, _title: str, name: str, chosen: Callable[[Path], None]) -> None:
        chosen(saved / name)

    def make(name: str) -> AuthoritiesPage:
        return AuthoritiesPage(demo, person(demo, name), jobs, ask=ask)

    with opened_pages(qtbot, make) as open_one:
        yield open_one
