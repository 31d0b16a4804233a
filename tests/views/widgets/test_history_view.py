"""What happened to one thing, read from an audit log."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.core.errors import UnavailableError
from app.models.domain.access import Actor, Channel, Role
from app.models.domain.audit import AuditEvent
from app.models.services.workspace.workspace import Workspace
from app.views.jobs import Jobs
from app.views.widgets.history_view import HistoryView, add_history
from app.views.widgets.side_panel import SidePanel
from app.views.widgets.times import time_text
from tests.views.soon import soon

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
Show = Callable[[list[AuditEvent]], HistoryView]


def event(number: int, action: str = "device.disable", **values: object) -> AuditEvent:
    parts: dict[str, object] = {
        "number": number,
        "at": NOON + timedelta(minutes=number),
        "actor": "nora.lind",
        "channel": "window",
        "address": "",
        "action": action,
        "object_kind": "device",
        "object_id": 7,
        "object_name": "GW-204",
        "outcome": "done",
        "reason": "",
    }
    return AuditEvent(**(parts | values))  # type: ignore[arg-type]


@pytest.fixture
def show(qtbot: QtBot, jobs: Jobs) -> Show:
    """Shows a log, the oldest event first, and waits until it has been read."""

    def make(log: list[AuditEvent]) -> HistoryView:
        view = HistoryView(jobs, lambda limit: tuple(log[::-1][:limit]))
        qtbot.addWidget(view)
        view.show()
        soon(lambda: view.note.isHidden() or view.note.text() != "Reading…")
        return view

    return make


def texts(view: HistoryView) -> list[str]:
    """What is said, from top to bottom."""
    QTest.qWait(0)  # lays it out
    shown = [label for label in view.findChildren(QLabel) if label.isVisible()]
    shown.sort(key=lambda label: label.mapTo(view, label.rect().topLeft()).y())
    return [label.text() for label in shown]


@pytest.mark.req("DEV-81")
def test_events_say_what_when_and_by_whom_the_newest_first(show: Show) -> None:
    first = event(1, "device.create", after={"type": "Gateway 200"})
    second = event(2, before={"mode": "factory"}, after={"mode": "disabled"})
    view = show([first, second])
    assert texts(view) == [
        "Disabled",
        f"{time_text(second.at)} · nora.lind",
        "mode: Factory → Disabled",
        "Created",
        f"{time_text(first.at)} · nora.lind",
        "type: Gateway 200",
    ]
    by = next(label for label in view.findChildren(QLabel) if "nora.lind" in label.text())
    assert "2 Mar 2026 12:02:00 UTC" in by.toolTip()


def test_a_refusal_says_why(show: Show) -> None:
    view = show([event(1, "est.refuse", outcome="refused", reason="The password is wrong.")])
    assert "Enrolment refused" in texts(view)
    assert "Refused: The password is wrong." in texts(view)


def test_many_changes_are_counted(show: Show) -> None:
    values = {f"field_{number}": number + 1 for number in range(9)}
    shown = texts(show([event(1, "template.edit", after=values)]))
    assert shown[2] == "field 0: 1"
    assert shown[-1] == "and 5 more"


def test_a_fingerprint_does_not_widen_the_panel(show: Show) -> None:
    view = show([event(1, "certificate.issue", after={"fingerprint": "5b" * 32})])
    assert view.minimumSizeHint().width() < view.fontMetrics().horizontalAdvance("5b" * 16)
    assert texts(view)[-1].replace("\N{ZERO WIDTH SPACE}", "") == f"fingerprint: {'5b' * 32}"


def test_older_events_are_shown_on_demand(show: Show) -> None:
    log = [event(number) for number in range(1, 31)]
    view = show(log)

    def shown() -> int:
        return texts(view).count("Disabled")

    assert shown() == 5
    QTest.mouseClick(view.more, Qt.MouseButton.LeftButton)
    soon(lambda: shown() == 25)
    assert view.more.isVisible()
    QTest.mouseClick(view.more, Qt.MouseButton.LeftButton)
    soon(lambda: shown() == 30)
    assert not view.more.isVisible()
    assert texts(view)[-1] == f"{time_text(log[0].at)} · nora.lind"


def test_an_empty_log_says_so(show: Show) -> None:
    assert texts(show([])) == ["Nothing is recorded."]


def test_a_log_that_cannot_be_read_says_why(qtbot: QtBot, jobs: Jobs) -> None:
    def read(_limit: int) -> tuple[AuditEvent, ...]:
        raise UnavailableError("The disk is gone.", remedy="Try again.")

    view = HistoryView(jobs, read)
    qtbot.addWidget(view)
    soon(lambda: view.note.text() == "The disk is gone. Try again.")


@pytest.mark.parametrize(
    ("role", "sees"),
    [(Role.ADMIN, True), (Role.AUDITOR, True), (Role.ORGANIZATION_OPERATOR, False)],
)
def test_who_may_not_see_the_log_sees_no_history(
    qtbot: QtBot, jobs: Jobs, demo: Workspace, admin: Actor, role: Role, *, sees: bool
) -> None:
    tenant = demo.tenants.create_tenant(admin, "Borealis")
    actor = Actor("somebody", Channel.WINDOW, role, tenant_id=1, organization_id=1)
    panel = SidePanel()
    qtbot.addWidget(panel)
    add_history(
        panel, actor, jobs, lambda limit: demo.audit.of_object(actor, "tenant", tenant.id, limit)
    )
    view = panel.findChild(HistoryView)
    assert (view is not None) is sees
    if view is not None:
        panel.show()
        soon(view.note.isHidden)
        assert texts(view)[0] == "Created"
