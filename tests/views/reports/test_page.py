"""The Reports page as a supervisor uses it."""

import csv
import io
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QDate, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QComboBox, QWidget
from pytestqt.qtbot import QtBot

from app.models.domain.access import Actor, Channel, Role
from app.models.domain.issuing import IssueRequest
from app.models.services.devices.creation import NewDevice
from app.models.services.workspace.workspace import Workspace
from app.views.jobs import Jobs
from app.views.reports.page import ReportsPage
from tests.fakes import FakeClock
from tests.views.hands import click, press, texts
from tests.views.soon import soon
from tests.views.station import reached_by_tab, tab_stops

PASSWORD = "a-device-password"
WRONG = "The password is wrong."
DEVICE = Actor("GW-7", Channel.EST, address="10.0.0.9")
RUTH = Actor("ruth.keller", Channel.WINDOW, Role.TENANT_ADMIN, tenant_id=1)
OpenPage = Callable[..., ReportsPage]


@pytest.fixture
def plant(demo: Workspace, admin: Actor) -> Workspace:
    """The demo with two devices of the North plant, one of the South plant, and a refusal."""
    gateway = next(one for one in demo.device_types.all(admin) if one.name == "Gateway 200")
    template = gateway.default_operational_template_id
    assert template is not None
    organizations = {one.name: one for one in demo.tenants.organizations(admin)}
    for name, plant in (("GW-1", "North plant"), ("GW-2", "North plant"), ("GW-3", "South plant")):
        owner = organizations[plant]
        requests = (IssueRequest(template, validity_days=20),) if name != "GW-2" else ()
        new = NewDevice(
            name,
            owner.tenant_id,
            owner.id,
            gateway.id,
            values={"serial_number": "1"},
            operational=requests,
            password=PASSWORD,
            pfx_passphrase=PASSWORD,
        )
        demo.device_creation.create(admin, new)
    demo.audit.record_refusal(DEVICE, "est.refuse", "device", 1, "GW-1", WRONG)
    return demo


@pytest.fixture
def open_page(plant: Workspace, admin: Actor, jobs: Jobs, qtbot: QtBot) -> Iterator[OpenPage]:
    """Opens the page and waits for its first report; it is gone before its jobs are stopped."""
    pages: list[ReportsPage] = []

    def ask(_parent: QWidget, _title: str, _name: str, chosen: Callable[[Path], None]) -> None:
        chosen(plant.folder / "saved")

    def make(actor: Actor = admin) -> ReportsPage:
        page = ReportsPage(plant, actor, jobs, ask=ask)
        qtbot.addWidget(page)
        page.resize(1200, 800)
        page.show()
        page.activateWindow()
        assert QTest.qWaitForWindowActive(page)
        pages.append(page)
        soon(lambda: page.table.rows.columnCount() > 0)
        return page

    yield make
    for page in pages:
        shiboken6.delete(page)


def cells(page: ReportsPage) -> list[tuple[str, ...]]:
    """The table as it is read."""
    model = page.table.rows
    return [
        tuple(str(model.index(row, column).data()) for column in range(model.columnCount()))
        for row in range(model.rowCount())
    ]


def headings(page: ReportsPage) -> list[str]:
    model = page.table.rows
    return [
        str(model.headerData(column, Qt.Orientation.Horizontal))
        for column in range(model.columnCount())
    ]


def pick(box: QComboBox, text: str) -> None:
    """Choose what reads so."""
    assert box.findText(text) >= 0
    box.setCurrentIndex(box.findText(text))


@pytest.mark.req("SYS-03")
def test_what_was_made_and_issued_by_day_and_by_organization(open_page: OpenPage) -> None:
    page = open_page()
    soon(lambda: cells(page) == [("2026-03-02", "3", "2"), ("Total", "3", "2")])
    assert headings(page) == ["Day", "Devices", "Certificates"]
    assert "1 Feb 2026 until 2 Mar 2026, days in UTC" in page.summary.text()
    pick(page.grouping, "By organization")
    soon(
        lambda: (
            cells(page)
            == [
                ("Acme Controls / North plant", "2", "1"),
                ("Acme Controls / South plant", "1", "1"),
                ("Total", "3", "2"),
            ]
        )
    )
    pick(page.grouping, "By kind of certificate")
    soon(lambda: cells(page) == [("Operational", "2"), ("Total", "2")])


def test_the_table_is_a_sound_model_whose_bars_are_told_as_numbers(open_page: OpenPage) -> None:
    page = open_page()
    tester = QAbstractItemModelTester(
        page.table.rows, QAbstractItemModelTester.FailureReportingMode.Fatal
    )
    pick(page.grouping, "By organization")
    soon(lambda: len(cells(page)) == 3)
    south = page.table.rows.index(1, 1)
    assert south.data(Qt.ItemDataRole.AccessibleTextRole) == "Devices: 1"
    assert south.data(Qt.ItemDataRole.UserRole) == 0.5
    assert page.table.accessibleName() == "Report: Devices made and certificates issued"
    assert tester.model() is page.table.rows


@pytest.mark.req("SYS-03")
def test_what_expires(open_page: OpenPage) -> None:
    page = open_page()
    click(page.kind.buttons["expiring"])
    soon(lambda: headings(page) == ["Week", "Device type", "Certificates"])
    assert cells(page) == [("2026-W12", "Gateway 200", "2"), ("Total", "", "2")]
    assert page.ahead.isVisible()
    assert not page.period.isVisible()
    assert "2 Mar 2026 until 1 Apr 2026" in page.summary.text()


@pytest.mark.req("SYS-03")
def test_what_was_refused_and_when_nothing_was(
    plant: Workspace, clock: FakeClock, open_page: OpenPage
) -> None:
    page = open_page()
    click(page.kind.buttons["refusals"])
    soon(lambda: cells(page) == [(WRONG, "Enrolment refused", "1"), ("Total", "", "1")])
    clock.advance(hours=24)
    pick(page.period.choice, "Today")
    soon(lambda: "Nothing to count. Choose another period or report." in texts(page))
    assert not page.save_csv.isEnabled()
    pick(page.period.choice, "From … until …")
    page.period.first.setDate(QDate(2026, 3, 2))
    page.period.last.setDate(QDate(2026, 3, 2))
    soon(lambda: len(cells(page)) == 2)
    assert plant.reports is not None


def test_a_tenants_supervisor_counts_the_tenants_only(
    plant: Workspace, admin: Actor, open_page: OpenPage
) -> None:
    rival = plant.tenants.create_tenant(admin, "Rival")
    plant.tenants.create_organization(admin, rival.id, "Rival plant")
    page = open_page(RUTH)
    pick(page.grouping, "By organization")
    soon(lambda: len(cells(page)) == 3)
    assert not any("Rival" in row[0] for row in cells(page))


def test_the_page_counts_anew_when_it_is_shown_again(
    plant: Workspace, admin: Actor, open_page: OpenPage
) -> None:
    page = open_page()
    click(page.kind.buttons["refusals"])
    soon(lambda: cells(page)[-1] == ("Total", "", "1"))
    page.hide()
    plant.audit.record_refusal(admin, "device.create", "device", None, "GW-9", WRONG)
    page.show()
    soon(lambda: cells(page)[-1] == ("Total", "", "2"))


@pytest.mark.req("SYS-03")
def test_saved_as_csv(plant: Workspace, open_page: OpenPage) -> None:
    page = open_page()
    pick(page.grouping, "By organization")
    soon(lambda: len(cells(page)) == 3)
    press(page, "Save as CSV…")
    soon(lambda: "Saved as" in page.banner.text())
    text = (plant.folder / "saved").read_bytes().decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text, newline=""))) == [
        ["Organization", "Devices", "Certificates"],
        ["Acme Controls / North plant", "2", "1"],
        ["Acme Controls / South plant", "1", "1"],
        ["Total", "3", "2"],
    ]


@pytest.mark.req("SYS-03")
def test_saved_as_pdf(plant: Workspace, open_page: OpenPage) -> None:
    page = open_page()
    pick(page.grouping, "By organization")
    soon(lambda: len(cells(page)) == 3)
    press(page, "Save as PDF…")
    soon(lambda: "Saved as" in page.banner.text())
    command = ["pdftotext", "-layout", str(plant.folder / "saved"), "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for part in (
        "Devices made and certificates issued",
        f"Workspace {plant.folder.name}",
        "1 Feb 2026 until 2 Mar 2026, days in UTC",
        "Acme Controls / South plant",
        "Page 1 of 1",
        "(UTC+",
    ):
        assert part in text


def test_tab_visits_everything(open_page: OpenPage, qtbot: QtBot) -> None:
    page = open_page()
    soon(page.save_csv.isEnabled)
    others = {chip for chip in page.kind.buttons.values() if not chip.isChecked()}
    stops = tab_stops(page) - others
    assert {page.table, page.grouping, page.period.choice} <= stops
    assert stops <= reached_by_tab(qtbot, page)
    assert all(widget.accessibleName() or getattr(widget, "text", str)() for widget in stops)
