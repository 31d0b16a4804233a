"""The audit log is signed from time to time, and a shorter one is noticed."""

import io
import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, update

from app.core.errors import InvalidInputError, LockedError, UnavailableError
from app.models.db.tables import audit_checkpoint, audit_event, audit_key, secret
from app.models.domain.access import SYSTEM
from app.models.domain.audit import verify_lines
from app.models.domain.checkpoints import checkpoint_from_line
from app.models.services.audit.checkpoints import FILE
from app.models.services.workspace.opening import create_workspace, open_workspace
from app.models.services.workspace.workspace import Workspace
from tests.fakes import FakeClock
from tests.workspace_fixtures import CHEAP, PASSPHRASE


def note(workspace: Workspace, count: int = 1) -> None:
    """Add events to the log."""
    with workspace.store.change(SYSTEM) as change:
        for _event in range(count):
            change.audit("test.note", "test", None, "")


def newest(workspace: Workspace) -> int:
    with workspace.store.database.read() as connection:
        return connection.execute(select(func.max(audit_event.c.number))).scalar_one() or 0


def kept(workspace: Workspace) -> int:
    line = (workspace.folder / FILE).read_text("utf-8").removesuffix("\n")
    return checkpoint_from_line(line).number


def signed(workspace: Workspace) -> list[int]:
    query = select(audit_checkpoint.c.number).order_by(audit_checkpoint.c.number)
    with workspace.store.database.read() as connection:
        return list(connection.execute(query).scalars())


def reopened(workspace: Workspace, clock: FakeClock, passphrase: str | None) -> Workspace:
    return open_workspace(workspace.folder, clock, passphrase, cost=CHEAP)


@pytest.mark.req("SYS-03")
def test_closing_signs_the_newest_event(demo: Workspace, clock: FakeClock) -> None:
    note(demo)
    demo.close()
    workspace = reopened(demo, clock, None)
    assert kept(workspace) == signed(workspace)[-1] == newest(workspace)
    assert workspace.audit_problem == ""
    workspace.close()


def test_closing_with_locked_keys_signs_nothing(demo: Workspace, clock: FakeClock) -> None:
    before = newest(demo)
    note(demo)
    demo.lock()
    demo.close()
    workspace = reopened(demo, clock, None)
    assert kept(workspace) == before
    assert workspace.audit_problem == ""
    workspace.close()


def test_the_key_is_made_once_and_kept_sealed(workspace: Workspace) -> None:
    first = workspace.checkpoints.sign()
    note(workspace)
    second = workspace.checkpoints.sign()
    assert first.public_key == second.public_key
    assert second.key_fingerprint not in ("", first.hash)
    with workspace.store.database.read() as connection:
        (row,) = connection.execute(select(audit_key, secret.c.purpose).join(secret)).all()
    assert (row.public_key, row.purpose) == (first.public_key, "audit-key")


def test_what_is_signed_already_is_not_signed_again(workspace: Workspace) -> None:
    note(workspace)
    assert workspace.checkpoints.sign() == workspace.checkpoints.sign()
    workspace.lock()
    assert workspace.checkpoints.sign().number == newest(workspace)
    note(workspace)
    with pytest.raises(LockedError):
        workspace.checkpoints.sign()


@pytest.mark.req("SYS-03")
def test_upkeep_signs_after_an_hour_or_a_thousand_events(demo: Workspace, clock: FakeClock) -> None:
    start = demo.checkpoints.sign().number
    note(demo)
    demo.upkeep()
    assert kept(demo) == start
    clock.advance(minutes=59)
    demo.upkeep()
    assert kept(demo) == start
    clock.advance(minutes=1)
    demo.upkeep()
    assert kept(demo) == start + 1
    clock.advance(hours=9)
    demo.upkeep()
    assert signed(demo)[-2:] == [start, start + 1]
    note(demo)
    demo.upkeep()
    note(demo, 999)
    clock.advance(minutes=1)
    demo.upkeep()
    assert kept(demo) == newest(demo) - 999
    note(demo)
    demo.upkeep()
    assert kept(demo) == newest(demo)


def test_upkeep_of_a_locked_workspace_signs_nothing(demo: Workspace, clock: FakeClock) -> None:
    start = demo.checkpoints.sign().number
    note(demo)
    demo.lock()
    clock.advance(hours=2)
    demo.upkeep()
    assert kept(demo) == start


def cut(workspace: Workspace) -> None:
    """Take away the last three events."""
    with workspace.store.database.write() as connection:
        last = connection.execute(select(func.max(audit_event.c.number))).scalar_one()
        connection.execute(delete(audit_event).where(audit_event.c.number > last - 3))


def cut_with_checkpoints(workspace: Workspace) -> None:
    """Take away the last events and what the database knows of them."""
    cut(workspace)
    with workspace.store.database.write() as connection:
        connection.execute(delete(audit_checkpoint))


def cut_and_grown(workspace: Workspace) -> None:
    """Take away the last events and put others in their place."""
    cut(workspace)
    note(workspace, 5)


def other_signature(workspace: Workspace) -> None:
    with workspace.store.database.write() as connection:
        connection.execute(update(audit_checkpoint).values(signature=b"\0" * 64))


def no_file(workspace: Workspace) -> None:
    (workspace.folder / FILE).unlink()


def bad_file(workspace: Workspace) -> None:
    (workspace.folder / FILE).write_bytes(b"\xff\xfe{")


def changed_file(workspace: Workspace) -> None:
    file = workspace.folder / FILE
    file.write_text(file.read_text("utf-8").replace('"number": ', '"number": 1'), "utf-8")


HARM: list[tuple[Callable[[Workspace], None], str]] = [
    (cut, "ends at event"),
    (cut_with_checkpoints, "ends at event"),
    (cut_and_grown, "another one"),
    (other_signature, "not genuine|not by this key"),
    (no_file, "missing"),
    (bad_file, "decode"),
    (changed_file, "not genuine"),
]


@pytest.mark.req("SYS-03")
@pytest.mark.parametrize(("harm", "said"), HARM)
def test_harm_is_told_at_opening_and_recorded(
    demo: Workspace,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
    harm: Callable[[Workspace], None],
    said: str,
) -> None:
    demo.checkpoints.sign()
    demo.lock()
    harm(demo)
    demo.close()
    with caplog.at_level(logging.ERROR):
        workspace = reopened(demo, clock, PASSPHRASE)
    problem = workspace.audit_problem
    assert problem in caplog.text
    with pytest.raises(InvalidInputError, match=said):
        raise InvalidInputError(problem)
    workspace.checkpoints.sign()
    (event,) = workspace.audit.page(SYSTEM, 0, 1)
    assert (event.action, event.outcome, event.reason) == ("audit.check", "failed", problem)
    workspace.close()
    again = reopened(demo, clock, None)
    assert again.audit_problem == ""
    again.close()


def test_the_file_of_another_workspace_is_noticed(
    demo: Workspace, clock: FakeClock, tmp_path: Path
) -> None:
    create_workspace(tmp_path / "other", PASSPHRASE, clock, CHEAP).close()
    shutil.copy(tmp_path / "other" / FILE, demo.folder / FILE)
    assert "another workspace" in demo.checkpoints.problem()


def test_an_older_database_put_back_is_noticed(
    demo: Workspace, clock: FakeClock, tmp_path: Path
) -> None:
    demo.close()
    shutil.copy(demo.folder / "workspace.db", tmp_path / "backup.db")
    workspace = reopened(demo, clock, PASSPHRASE)
    note(workspace)
    workspace.close()
    shutil.copy(tmp_path / "backup.db", demo.folder / "workspace.db")
    workspace = reopened(demo, clock, None)
    assert "ends at event" in workspace.audit_problem
    workspace.close()


@pytest.mark.req("SYS-03")
def test_an_export_ends_with_the_newest_checkpoint(demo: Workspace) -> None:
    note(demo)
    out = io.StringIO()
    count = demo.audit.export(SYSTEM, out)
    log = verify_lines(out.getvalue().splitlines())
    assert log.count == count == newest(demo) - 1
    assert log.checkpoint.number == count


def test_an_empty_log_can_be_exported(workspace: Workspace) -> None:
    with workspace.store.database.write() as connection:
        for table in (audit_event, audit_checkpoint):
            connection.execute(delete(table))
    (workspace.folder / FILE).unlink(missing_ok=True)
    out = io.StringIO()
    assert workspace.audit.export(SYSTEM, out) == 0
    assert verify_lines(out.getvalue().splitlines()).count == 0


def test_a_full_disk_leaves_everything_as_it_was(
    demo: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    before = demo.checkpoints.sign()
    note(demo)

    def full(_path: Path, _text: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("app.models.services.audit.checkpoints.replace_file", full)
    with pytest.raises(UnavailableError, match="cannot be written"):
        demo.checkpoints.sign()
    assert signed(demo)[-1] == before.number
    demo.close()
    assert "No space left" in caplog.text
