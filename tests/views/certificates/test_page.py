"""The Certificates page as a person uses it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QLabel, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from app.models.domain.access import Actor
from app.models.domain.certificates import Certificate
from app.models.domain.events import CertificateIssued
from app.models.domain.issuing import IssueRequest
from app.models.services.devices.creation import NewDevice
from app.models.services.workspace.workspace import Workspace
from app.views.certificates.page import CertificatesPage
from app.views.jobs import Jobs
from tests.fakes import FakeClock
from tests.views.soon import soon

PASSWORD = "a-device-password"
Issue = Callable[..., Certificate]
OpenPage = Callable[[], CertificatesPage]


@pytest.fixture
def issue(demo: Workspace, admin: Actor) -> Issue:
    """Issues an operational certificate to a new device."""
    gateway = next(t for t in demo.device_types.all(admin) if t.name == "Gateway 200")
    north = next(o for o in demo.tenants.organizations(admin) if o.name == "North plant")

    def make(name: str, days: int | None = None) -> Certificate:
        template = gateway.default_operational_template_id
        assert template is not None
        new = NewDevice(
            name,
            north.tenant_id,
            north.id,
            gateway.id,
            values={"serial_number": "1"},
            operational=(IssueRequest(template, validity_days=days),),
            password=PASSWORD,
            pfx_passphrase=PASSWORD,
        )
        (issued,) = demo.device_creation.create(admin, new).operational
        return issued.certificate

    return make


@pytest.fixture
def open_page(qtbot: QtBot, demo: Workspace, admin: Actor, jobs: Jobs) -> Iterator[OpenPage]:
    """Opens the page and waits for its first rows; files are saved as `saved` in the workspace.

    The page is gone before its jobs are stopped.
    """
    pages: list[CertificatesPage] = []

    def ask(_parent: QWidget, _title: str, _name: str, chosen: Callable[[Path], None]) -> None:
        chosen(demo.folder / "saved")

    def make() -> CertificatesPage:
        page = CertificatesPage(demo, admin, jobs, ask=ask)
        qtbot.addWidget(page)
        page.resize(1200, 800)
        with qtbot.waitSignal(page.model.loaded):
            page.show()
        pages.append(page)
        return page

    yield make
    for page in pages:
        shiboken6.delete(page)


def devices(page: CertificatesPage) -> list[str]:
    rows = range(page.model.rowCount())
    return [page.model.index(row, 0).data(Qt.ItemDataRole.DisplayRole) for row in rows]


def choose_first(page: CertificatesPage) -> str:
    """Select the first row by keyboard; returns what its details say."""
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_Down)
    soon(page.panel.isVisible)
    return "\n".join(label.text() for label in page.panel.findChildren(QLabel))


def test_the_list_is_a_sound_model_and_newest_first(
    qtbot: QtBot, clock: FakeClock, issue: Issue, open_page: OpenPage
) -> None:
    issue("GW-1")
    clock.advance(minutes=1)
    issue("GW-2")
    page = open_page()
    assert devices(page) == ["GW-2", "GW-1"]
    tester = QAbstractItemModelTester(
        page.model, QAbstractItemModelTester.FailureReportingMode.Fatal
    )
    with qtbot.waitSignal(page.model.loaded):
        page.model.reload()
    assert tester.model() is page.model


def test_an_empty_list_says_where_certificates_come_from(open_page: OpenPage) -> None:
    page = open_page()
    shown = [label.text() for label in page.findChildren(QLabel) if label.isVisible()]
    assert any("No certificates yet" in text for text in shown)


def test_chips_and_search_narrow_the_list(issue: Issue, open_page: OpenPage) -> None:
    long = issue("GW-LONG")
    issue("GW-SHORT", days=9)
    page = open_page()
    QTest.mouseClick(page.chips.buttons["expiring"], Qt.MouseButton.LeftButton)
    soon(lambda: devices(page) == ["GW-SHORT"])
    QTest.mouseClick(page.chips.buttons["all"], Qt.MouseButton.LeftButton)
    assert page.search is not None
    QTest.keyClicks(page.search, long.serial[:12])
    soon(lambda: devices(page) == ["GW-LONG"])


def test_a_new_certificate_appears_by_itself(
    demo: Workspace, issue: Issue, open_page: OpenPage
) -> None:
    page = open_page()
    happened: list[object] = []
    demo.store.events.subscribe(CertificateIssued, happened.append)
    issue("GW-1")
    page.on_event(happened[0])
    soon(lambda: devices(page) == ["GW-1"])


@pytest.mark.req("DEV-82", "DEC-10")
def test_details_show_the_certificate_whole(issue: Issue, open_page: OpenPage) -> None:
    certificate = issue("GW-1")
    page = open_page()
    shown = choose_first(page).replace("\N{ZERO WIDTH SPACE}", "")
    for part in (
        certificate.subject,
        certificate.serial,
        certificate.fingerprint,
        "Gateway mTLS client",
    ):
        assert part in shown
    copy = next(
        button
        for button in page.panel.findChildren(QToolButton)
        if button.accessibleName() == "Copy Fingerprint"
    )
    QTest.mouseClick(copy, Qt.MouseButton.LeftButton)
    assert QApplication.clipboard().text() == certificate.fingerprint


@pytest.mark.req("DEV-81")
def test_details_tell_who_had_the_certificate_issued(issue: Issue, open_page: OpenPage) -> None:
    certificate = issue("GW-1")
    page = open_page()
    choose_first(page)

    def history() -> list[str]:
        shown = [label.text() for label in page.panel.findChildren(QLabel)]
        return [text.replace("\N{ZERO WIDTH SPACE}", "") for text in shown]

    soon(lambda: history().count("Certificate issued") == 1)
    assert f"serial number: {certificate.serial}" in history()
    assert any(text.endswith("· admin") for text in history())
