"""The Certificates page of a person, and certificates to be seen on it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.models.domain.certificates import Certificate
from app.models.services.workspace.workspace import Workspace
from app.views.certificates.page import CertificatesPage
from app.views.jobs import Jobs
from tests.models.services.gateways import gateway, operational
from tests.models.services.people import person
from tests.views.hands import opened_pages

Give = Callable[[str], Certificate]
OpenAs = Callable[..., CertificatesPage]


@pytest.fixture
def give(demo: Workspace) -> Give:
    """Gives a new device of the North plant an operational certificate with a key made here."""

    def make(name: str) -> Certificate:
        (issued,) = gateway(demo, name, operational=(operational(demo),)).operational
        return issued.certificate

    return make


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """Where every file of the page is saved."""
    return tmp_path / "saved"


@pytest.fixture
def open_as(qtbot: QtBot, demo: Workspace, jobs: Jobs, saved: Path) -> Iterator[OpenAs]:
    """Opens the page of a person, by name."""

    def ask(_parent: QWidget, _title: str, _name: str, chosen: Callable[[Path], None]) -> None:
        chosen(saved)

    def make(name: str) -> CertificatesPage:
        return CertificatesPage(demo, person(demo, name), jobs, ask=ask)

    with opened_pages(qtbot, make) as open_one:
        yield open_one
