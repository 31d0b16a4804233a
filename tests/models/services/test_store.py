"""One transaction: all of it or nothing, in the order of the audit log, on a sane clock."""

from datetime import timedelta
from io import StringIO

import pytest
from sqlalchemy import func, insert, select

from app.core.errors import UnavailableError
from app.models.db.tables import audit_event, tenant
from app.models.domain.access import SYSTEM
from app.models.domain.audit import verify_lines
from app.models.services.workspace.workspace import Workspace
from tests.fakes import FakeClock


def count(workspace: Workspace) -> int:
    with workspace.store.database.read() as connection:
        return connection.scalar(select(func.count()).select_from(audit_event)) or 0


def test_an_error_undoes_change_and_audit_event_and_tells_nobody(workspace: Workspace) -> None:
    heard: list[str] = []
    workspace.store.events.subscribe(str, heard.append)
    before = count(workspace)

    def change_and_fail() -> None:
        with workspace.store.change(SYSTEM) as change:
            change.connection.execute(insert(tenant).values(name="Half", active=True))
            change.audit("tenant.create", "tenant", 1, "Half")
            change.publish("half made")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change_and_fail()
    assert count(workspace) == before
    assert not workspace.tenants.tenants(SYSTEM)
    assert heard == []


def test_events_are_told_after_the_commit(workspace: Workspace) -> None:
    seen: list[int] = []
    workspace.store.events.subscribe(str, lambda _event: seen.append(count(workspace)))
    before = count(workspace)
    with workspace.store.change(SYSTEM) as change:
        change.audit("test", "test", None, "one")
        change.publish("done")
        assert seen == []
    assert seen == [before + 1]


def test_audit_events_form_a_chain(workspace: Workspace) -> None:
    for name in ("Acme", "Bolt"):
        workspace.tenants.create_tenant(SYSTEM, name)
    out, before = StringIO(), count(workspace)
    assert workspace.audit.export(SYSTEM, out) >= 2
    assert verify_lines(out.getvalue().splitlines()).count == before


def test_clock_set_back_before_the_newest_event_refuses(
    workspace: Workspace, clock: FakeClock
) -> None:
    workspace.tenants.create_tenant(SYSTEM, "Acme")
    now = clock.now()
    clock.set(now - timedelta(hours=1))
    with workspace.store.change(SYSTEM) as change:
        change.audit("late", "test", None, "written while the clock is wrong")
        with pytest.raises(UnavailableError, match="clock"):
            change.check_clock()
    clock.set(now)
    with workspace.store.change(SYSTEM) as change:
        change.check_clock()
