"""The Audit log page as a supervisor uses it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QDate, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QComboBox, QWidget
from pytestqt.qtbot import QtBot

from app.models.domain.access import Actor, Channel, Role
from app.models.domain.audit import verify_lines
from app.models.services.workspace.workspace import Workspace
from app.views.audit.page import AuditPage
from app.views.jobs import Jobs
from tests.fakes import FakeClock
from tests.views.hands import buttons, check_tab_order, click, press, texts
from tests.views.soon import soon

WRONG = "The password is wrong."
NO_MATCH = "No event matches. Change the filter."
DEVICE = Actor("GW-7", Channel.EST, address="10.0.0.9")
RUTH = Actor("ruth.keller", Channel.WINDOW, Role.TENANT_ADMIN, tenant_id=1)
OpenPage = Callable[..., AuditPage]


@pytest.fixture
def open_page(demo: Workspace, admin: Actor, jobs: Jobs, qtbot: QtBot) -> Iterator[OpenPage]:
    """Opens the page and waits for its first rows; it is gone before its jobs are stopped."""
    pages: list[AuditPage] = []

    def ask(_parent: QWidget, _title: str, _name: str, chosen: Callable[[Path], None]) -> None:
        chosen(demo.folder / "saved")

    def make(actor: Actor = admin) -> AuditPage:
        page = AuditPage(demo, actor, jobs, ask=ask)
        qtbot.addWidget(page)
        page.resize(1200, 800)
        page.show()
        page.activateWindow()
        assert QTest.qWaitForWindowActive(page)
        pages.append(page)
        soon(lambda: page.model.rowCount() > 0)
        return page

    yield make
    for page in pages:
        shiboken6.delete(page)


@pytest.fixture
def refused(demo: Workspace) -> Workspace:
    """The demo, where a device was refused."""
    demo.audit.record_refusal(
        DEVICE, "est.refuse", "device", None, "GW-7", "The password is wrong."
    )
    return demo


def rows(page: AuditPage) -> list[str]:
    """What was done to what, from the top."""
    shown = (page.model.row(number) for number in range(page.model.rowCount()))
    what, object_ = page.model.columns[1:3]
    return [f"{what.words(row)}: {object_.words(row)}" for row in shown if row is not None]


def choose(page: AuditPage, number: int) -> list[str]:
    """Click a row; returns what its details say."""
    at = page.table.visualRect(page.model.index(number, 0)).center()
    QTest.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    soon(page.panel.isVisible)
    return [text.replace("\N{ZERO WIDTH SPACE}", "") for text in texts(page.panel)]


def pick(box: QComboBox, text: str) -> None:
    """Choose what reads so."""
    assert box.findText(text) >= 0
    box.setCurrentIndex(box.findText(text))


@pytest.mark.req("SYS-03")
def test_the_list_is_a_sound_model_and_newest_first(
    refused: Workspace, admin: Actor, open_page: OpenPage
) -> None:
    page = open_page()
    assert rows(page)[0] == "Enrolment refused: Device GW-7"
    assert "Created: EST server North plant bench" in rows(page)
    assert page.model.rowCount() == refused.audit.count(admin)
    tester = QAbstractItemModelTester(
        page.model, QAbstractItemModelTester.FailureReportingMode.Fatal
    )
    page.model.reload()
    soon(lambda: rows(page)[0] == "Enrolment refused: Device GW-7")
    assert tester.model() is page.model


def test_details_tell_everything_of_an_event(
    demo: Workspace, admin: Actor, open_page: OpenPage
) -> None:
    demo.tenants.rename_tenant(admin, 1, "Acme Controls GmbH")
    event = demo.audit.page(admin, 0, 1)[0]
    page = open_page()
    shown = choose(page, 0)
    for part in ("Renamed", "Done", "admin", "Administrator", "Window", "Tenant"):
        assert part in shown
    before = shown.index("Before")
    assert shown[before : before + 5] == [
        "Before",
        "After",
        "name",
        "Acme Controls",
        "Acme Controls GmbH",
    ]
    assert event.hash in shown
    assert event.previous_hash in shown


@pytest.mark.req("SYS-03")
def test_filters_narrow_the_log(refused: Workspace, open_page: OpenPage) -> None:
    page = open_page()
    everything = page.model.rowCount()
    click(page.chips.buttons["refused"])
    soon(lambda: rows(page) == ["Enrolment refused: Device GW-7"])
    assert WRONG in choose(page, 0)
    click(page.chips.buttons[""])
    pick(page.channel, "EST")
    soon(lambda: rows(page) == ["Enrolment refused: Device GW-7"])
    pick(page.channel, "Any way")
    pick(page.action, "Users and signing in")
    soon(lambda: page.model.rowCount() == 6)
    assert all(": User " in row for row in rows(page))
    pick(page.action, "Every action")
    assert page.search is not None
    page.search.setFocus()
    QTest.keyClicks(page.search, "10.0.0.9")
    soon(lambda: page.model.rowCount() == 1)
    QTest.keyClick(page.search, Qt.Key.Key_Escape)
    soon(lambda: page.model.rowCount() == everything)
    assert refused.audit_problem == ""


def test_a_period_takes_whole_days(
    demo: Workspace, admin: Actor, clock: FakeClock, open_page: OpenPage
) -> None:
    clock.advance(hours=72)
    demo.tenants.rename_tenant(admin, 1, "Acme Controls GmbH")
    page = open_page()
    everything = page.model.rowCount()
    pick(page.period.choice, "Today")
    soon(lambda: rows(page) == ["Renamed: Tenant Acme Controls GmbH"])
    pick(page.period.choice, "From … until …")
    assert page.period.first.isVisible()
    page.period.last.setDate(QDate(2026, 3, 4))
    soon(lambda: page.model.rowCount() == everything - 1)
    page.period.first.setDate(QDate(2026, 3, 3))
    soon(lambda: page.model.rowCount() == 0 and NO_MATCH in texts(page))


def test_events_of_one_object_and_back(demo: Workspace, admin: Actor, open_page: OpenPage) -> None:
    demo.tenants.rename_tenant(admin, 1, "Acme Controls GmbH")
    page = open_page()
    everything = page.model.rowCount()
    choose(page, 0)
    press(page.panel, "Events of this object")
    soon(lambda: page.model.rowCount() == 2)
    assert rows(page) == ["Renamed: Tenant Acme Controls GmbH", "Created: Tenant Acme Controls"]
    press(page, "Only Tenant Acme Controls GmbH")
    soon(lambda: page.model.rowCount() == everything)
    assert page.only.isHidden()


def test_an_event_without_an_object_offers_no_others(
    refused: Workspace, open_page: OpenPage
) -> None:
    page = open_page()
    choose(page, 0)
    assert "Events of this object" not in buttons(page.panel)
    assert not refused.locked


def test_refresh_brings_what_happened_meanwhile(
    demo: Workspace, admin: Actor, open_page: OpenPage
) -> None:
    page = open_page()
    demo.tenants.rename_tenant(admin, 1, "Acme Controls GmbH")
    press(page, "Refresh")
    soon(lambda: rows(page)[0] == "Renamed: Tenant Acme Controls GmbH")


def test_the_export_can_be_verified(refused: Workspace, open_page: OpenPage) -> None:
    page = open_page()
    press(page, "Export…")
    soon(lambda: "were saved as" in page.banner.text())
    assert "birthmark audit verify saved" in page.banner.text()
    with (refused.folder / "saved").open(encoding="utf-8") as lines:
        log = verify_lines(lines)
    assert page.banner.text().startswith(f"{log.count} events")
    soon(lambda: page.model.rowCount() == log.count + 1)  # that it was exported


def test_without_keys_nothing_is_exported(refused: Workspace, open_page: OpenPage) -> None:
    page = open_page()
    refused.lock()
    press(page, "Export…")
    soon(lambda: "locked" in page.banner.text())
    assert not (refused.folder / "saved").exists()


def test_a_tenants_supervisor_sees_no_export_and_nothing_of_others(
    refused: Workspace, open_page: OpenPage
) -> None:
    page = open_page(RUTH)
    assert "Export…" not in buttons(page)
    assert not any("Enrolment refused" in row for row in rows(page))
    assert page.model.rowCount() == refused.audit.count(RUTH)


def test_a_log_that_was_cut_is_told_above_the_list(demo: Workspace, open_page: OpenPage) -> None:
    assert open_page().warning.isHidden()
    demo.audit_problem = "The log was cut.\nIt ends at event 3.\nCompare it."
    page = open_page()
    assert page.warning.text() == "The log was cut. It ends at event 3. Compare it."
    click(page.chips.buttons["refused"])
    assert page.warning.isVisible()
    assert open_page(RUTH).warning.text() == "The log was cut. Tell an administrator."


def test_tab_visits_the_filters_the_list_and_the_details(
    demo: Workspace, open_page: OpenPage, qtbot: QtBot
) -> None:
    page = open_page()
    choose(page, 0)
    check_tab_order(qtbot, page)
    assert not demo.locked
