"""What was kept for a while is destroyed when the while is over, and not before."""

import pytest
from sqlalchemy import select

from app.models.db import tables
from app.models.domain.access import SYSTEM
from app.models.services.workspace.workspace import Workspace
from tests.fakes import FakeClock
from tests.models.services.gateways import PASSWORD, factory, gateway


def kept(workspace: Workspace) -> dict[str, bool]:
    """Whether the newest secret of each purpose is still there."""
    with workspace.store.database.read() as connection:
        rows = connection.execute(select(tables.secret).order_by(tables.secret.c.id))
        return {row.purpose: row.wrapped_key is not None for row in rows}


@pytest.mark.req("DTP-07", "FAC-08", "DEC-13", "DEV-86", "DEV-87")
def test_sweep(demo: Workspace, clock: FakeClock) -> None:
    gateway(demo, "GW-1", factory=factory(demo))
    gateway(demo, "GW-2")
    everything = {
        "audit-key": True,
        "authority-key": True,
        "device-credential": True,
        "device-key": True,
    }
    assert demo.retention.sweep() == 0
    clock.advance(hours=8, seconds=-1)
    assert demo.retention.sweep() == 0
    assert kept(demo) == everything
    clock.advance(seconds=1)
    assert demo.retention.sweep() == 2
    assert kept(demo) == everything | {"device-credential": False}
    assert demo.retention.sweep() == 0
    clock.advance(days=8)
    assert demo.retention.sweep() == 1
    assert kept(demo) == everything | {"device-credential": False, "device-key": False}
    clock.advance(days=3650)
    assert demo.retention.sweep() == 0
    events = [e for e in demo.audit.page(SYSTEM, 0, 5) if e.action == "secret.destroy"]
    assert [e.after for e in events] == [{"device-key": 1}, {"device-credential": 2}]


@pytest.mark.req("DEC-13")
def test_what_was_downloaded_is_not_destroyed_twice(demo: Workspace, clock: FakeClock) -> None:
    device = gateway(demo, "GW-1").device
    demo.credentials.download(SYSTEM, device.id)
    clock.advance(days=30)
    assert demo.retention.sweep() == 0


@pytest.mark.req("DEC-13")
def test_a_locked_workspace_is_swept_too(demo: Workspace, clock: FakeClock) -> None:
    gateway(demo, "GW-1")
    demo.lock()
    clock.advance(hours=8)
    assert demo.retention.sweep() == 1


@pytest.mark.req("DEC-13")
def test_the_file_forgets_what_was_destroyed(demo: Workspace, clock: FakeClock) -> None:
    gateway(demo, "GW-1")
    with demo.store.database.read() as connection:
        row = connection.execute(
            select(tables.secret).where(tables.secret.c.purpose == "device-credential")
        ).one()
    path = demo.folder / "workspace.db"
    clock.advance(hours=8)
    demo.retention.sweep()
    demo.close()  # the journal is written back and gone
    content = path.read_bytes()
    assert row.ciphertext not in content
    assert row.wrapped_key not in content
    assert PASSWORD.encode() not in content
