from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from app.config.settings import SettingsFile
from app.core.events import Events
from app.models.services.est.monitor import KEPT, EstExchange, EstMonitor
from app.views.est_monitor.page import EstMonitorPage
from app.views.event_bridge import EventBridge
from app.views.jobs import Jobs
from app.views.shell.listener_control import ListenerSwitch
from tests.views.station import FakeListener, reached_by_tab, tab_stops

GOOD = EstExchange(
    at=datetime(2026, 3, 2, 14, 2, 11, tzinfo=UTC),
    address="10.0.4.21",
    operation="simpleenroll",
    status=200,
    outcome="issued 0a:77",
    tls="TLS 1.3",
    showed="factory certificate",
    device="GW-204-000187",
    certificate_subject="CN=GW-204-000187",
    duration_ms=12.34,
)
REFUSED = EstExchange(
    at=datetime(2026, 3, 2, 14, 2, 40, tzinfo=UTC),
    address="10.0.4.22",
    operation="",
    status=0,
    outcome="refused",
    tls="TLS 1.2",
    showed="client certificate",
    problem="The factory certificate is of an issuer that is not known here.",
    cause="It is signed by Contoso Test Root.",
    remedy="Register the issuer, or flash the device with its real identity.",
    certificate_subject="CN=C-0091,O=Contoso",
    duration_ms=3.0,
)


class Counted(EstMonitor):
    """Counts how often the page looks."""

    looks = 0

    def entries(self) -> tuple[EstExchange, ...]:
        self.looks += 1
        return super().entries()


@pytest.fixture
def events() -> Events:
    return Events()


@pytest.fixture
def bridge(events: Events, qapp: QApplication) -> EventBridge:
    return EventBridge(events, qapp)


@pytest.fixture
def monitor(events: Events) -> Counted:
    return Counted(events)


@pytest.fixture
def switch(tmp_path: Path, jobs: Jobs, qapp: QApplication) -> ListenerSwitch:
    return ListenerSwitch(FakeListener(), SettingsFile(tmp_path / "settings.json"), jobs, qapp)


@pytest.fixture
def page(
    monitor: Counted, bridge: EventBridge, switch: ListenerSwitch, jobs: Jobs, qtbot: QtBot
) -> EstMonitorPage:
    page = EstMonitorPage(monitor, bridge, jobs, switch)
    qtbot.addWidget(page)
    page.resize(1100, 700)
    with qtbot.waitActive(page):
        page.show()
    return page


def texts(page: EstMonitorPage) -> list[str]:
    return [label.text() for label in page.findChildren(QLabel) if label.isVisible()]


def column(page: EstMonitorPage, number: int) -> list[str]:
    model = page.model
    role = Qt.ItemDataRole.AccessibleTextRole
    rows = range(model.rowCount())
    return [str(model.index(row, number).data(role)).partition(": ")[2] for row in rows]


def test_an_empty_monitor_says_what_to_do(
    page: EstMonitorPage, switch: ListenerSwitch, qtbot: QtBot
) -> None:
    assert "No device has asked for anything since the program started." in texts(page)
    assert not page.table.isVisible()
    start = next(
        button for button in page.findChildren(QPushButton) if button.text() == "Start EST listener"
    )
    QTest.mouseClick(start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: switch.running)
    qtbot.waitUntil(lambda: not start.isVisible())


def test_a_refusal_appears_and_says_why(
    page: EstMonitorPage, monitor: EstMonitor, qtbot: QtBot
) -> None:
    monitor.record(GOOD)
    thread = Thread(target=monitor.record, args=[REFUSED])
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: page.model.rowCount() == 2)
    qtbot.waitUntil(page.table.isVisible)
    assert column(page, 5) == [
        "refused: The factory certificate is of an issuer that is not known here.",
        "200: issued 0a:77",
    ]
    assert column(page, 2) == ["\N{EN DASH}", "GW-204-000187"]
    assert not page.panel.isVisible()

    page.table.setFocus()
    page.table.selectRow(0)
    qtbot.waitUntil(page.panel.isVisible)
    assert page.panel.heading.text() == "Why it was refused"
    for said in (REFUSED.problem, REFUSED.cause, REFUSED.remedy):
        assert said in page.panel.reason.text()
    assert {"CN=C-0091,O=Contoso", "TLS 1.2", "not known"} <= set(texts(page))

    QTest.mouseClick(page.panel.copy, Qt.MouseButton.LeftButton)
    report = QGuiApplication.clipboard().text()
    assert "2026-03-02T14:02:40.000+00:00" in report
    assert "What to do: Register the issuer" in report
    assert "Client certificate: CN=C-0091,O=Contoso" in report

    QTest.keyClick(page.table, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: page.panel.heading.text() == "What happened")
    assert not page.panel.reason.isVisible()


def test_the_chosen_exchange_stays_chosen_when_others_arrive(
    page: EstMonitorPage, monitor: EstMonitor, qtbot: QtBot
) -> None:
    monitor.record(REFUSED)
    qtbot.waitUntil(lambda: page.model.rowCount() == 1)
    page.table.selectRow(0)
    monitor.record(GOOD)
    qtbot.waitUntil(lambda: page.model.rowCount() == 2)
    qtbot.waitUntil(lambda: page.table.currentIndex().row() == 1)
    assert page.panel.heading.text() == "Why it was refused"


def test_pause_keeps_what_is_shown_and_counts_the_rest(
    page: EstMonitorPage, monitor: EstMonitor, qtbot: QtBot
) -> None:
    monitor.record(GOOD)
    qtbot.waitUntil(lambda: page.model.rowCount() == 1)
    page.pause.trigger()
    monitor.record(REFUSED)
    monitor.record(REFUSED)
    qtbot.waitUntil(lambda: page.pause.text() == "Continue (2 newer)")
    assert page.model.rowCount() == 1
    page.pause.trigger()
    assert page.pause.text() == "Pause"
    qtbot.waitUntil(lambda: page.model.rowCount() == 3)


def test_a_burst_is_drawn_a_few_times_only(
    page: EstMonitorPage, monitor: Counted, qtbot: QtBot
) -> None:
    before = monitor.looks
    for _number in range(3 * KEPT):
        monitor.record(GOOD)
    qtbot.waitUntil(lambda: page.model.rowCount() == KEPT)
    assert monitor.looks - before <= 3
    newest = page.model.row(0)
    assert newest is not None
    assert newest.number == 3 * KEPT


def test_nothing_is_drawn_until_somebody_looks(
    page: EstMonitorPage, monitor: Counted, bridge: EventBridge, qtbot: QtBot
) -> None:
    page.hide()
    before = monitor.looks
    with qtbot.waitSignal(bridge.happened):
        monitor.record(GOOD)
    assert not page._later.isActive()
    assert monitor.looks == before
    page.show()
    qtbot.waitUntil(lambda: page.model.rowCount() == 1)


def test_the_rows_are_renewed_in_place(
    page: EstMonitorPage, monitor: EstMonitor, qtbot: QtBot
) -> None:
    monitor.record(GOOD)
    qtbot.waitUntil(lambda: page.model.rowCount() == 1)
    with qtbot.assertNotEmitted(page.model.modelReset):
        monitor.record(REFUSED)
        qtbot.waitUntil(lambda: page.model.rowCount() == 2)
    newest = page.model.row(0)
    assert newest is not None
    assert newest.problem == REFUSED.problem


def test_the_model_is_sound(
    page: EstMonitorPage, monitor: EstMonitor, qtbot: QtBot, qtmodeltester: ModelTester
) -> None:
    for exchange in (GOOD, REFUSED, GOOD):
        monitor.record(exchange)
    qtbot.waitUntil(lambda: page.model.rowCount() == 3)
    qtmodeltester.check(page.model)  # type: ignore[no-untyped-call]  # not typed by pytest-qt


def test_tab_reaches_every_control(page: EstMonitorPage, monitor: EstMonitor, qtbot: QtBot) -> None:
    monitor.record(REFUSED)
    qtbot.waitUntil(lambda: page.model.rowCount() == 1)
    page.table.selectRow(0)
    qtbot.waitUntil(page.panel.isVisible)
    assert {page.table, page.panel.copy} <= tab_stops(page) <= reached_by_tab(qtbot, page)
