import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from app.core.errors import (
    AuthenticationError,
    ConflictError,
    InvalidInputError,
    KnownError,
    NotFoundError,
    SessionEndedError,
)
from app.models.db import schema
from app.models.domain.access import SYSTEM, Actor, Channel, Role
from app.models.domain.events import KeysChanged
from app.models.services.workspace.opening import (
    DEFAULT_COST,
    create_workspace,
    open_workspace,
)
from app.models.services.workspace.workspace import Workspace
from tests.fakes import FakeClock
from tests.workspace_fixtures import CHEAP, PASSPHRASE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "bench" / "workspace"


@pytest.fixture
def closed(empty_workspace_folder: Path, folder: Path) -> Path:
    """The folder of a closed workspace."""
    shutil.copytree(empty_workspace_folder, folder)
    return folder


def test_what_was_made_is_there_after_opening_again(folder: Path, clock: FakeClock) -> None:
    workspace = create_workspace(folder, PASSPHRASE, clock, CHEAP)
    tenant = workspace.tenants.create_tenant(SYSTEM, "Acme")
    workspace.settings.change(theme="dark")
    workspace.close()
    again = open_workspace(folder, clock, cost=CHEAP)
    assert again.tenants.tenants(SYSTEM) == (tenant,)
    assert again.settings.current.theme == "dark"
    assert again.locked
    again.close()
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_empty_folder_may_be_used(folder: Path, clock: FakeClock) -> None:
    folder.mkdir(parents=True)
    create_workspace(folder, PASSPHRASE, clock, CHEAP).close()
    assert (folder / "workspace.db").is_file()


def test_folder_in_use_is_refused(folder: Path, clock: FakeClock) -> None:
    folder.mkdir(parents=True)
    (folder / "letter.txt").write_text("Dear", "utf-8")
    with pytest.raises(ConflictError, match="not empty"):
        create_workspace(folder, PASSPHRASE, clock, CHEAP)
    assert [path.name for path in folder.iterdir()] == ["letter.txt"]
    with pytest.raises(ConflictError, match="not empty"):
        create_workspace(folder / "letter.txt", PASSPHRASE, clock, CHEAP)


def test_short_passphrase_makes_nothing(folder: Path, clock: FakeClock) -> None:
    with pytest.raises(InvalidInputError) as caught:
        create_workspace(folder, "short", clock, CHEAP)
    assert caught.value.field == "passphrase"
    assert list(folder.parent.iterdir()) == []


def test_failed_creation_makes_nothing(
    folder: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(path: Path) -> None:
        path.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(schema, "create_database", no_room)
    with pytest.raises(OSError, match="No space"):
        create_workspace(folder, PASSPHRASE, clock, CHEAP)
    assert list(folder.parent.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such modes")
def test_only_the_owner_reads_it(folder: Path, clock: FakeClock) -> None:
    old = os.umask(0)
    try:
        workspace = create_workspace(folder, PASSPHRASE, clock, CHEAP)
        workspace.settings.change(theme="dark")
        workspace.tenants.create_tenant(SYSTEM, "Acme")
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*")}
        workspace.close()
    finally:
        os.umask(old)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {name: oct(mode) for name, mode in modes.items() if mode & 0o077} == {}
    assert {"workspace.db", "workspace.db-wal", "keys.json", "settings.json"} <= modes.keys()


def test_folder_without_a_workspace(folder: Path, clock: FakeClock) -> None:
    for _time in range(2):
        with pytest.raises(NotFoundError, match="no workspace"):
            open_workspace(folder, clock)
        folder.mkdir(parents=True, exist_ok=True)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", ["workspace.db", "keys.json"])
def test_incomplete_workspace_is_refused(closed: Path, clock: FakeClock, name: str) -> None:
    (closed / name).unlink()
    with pytest.raises(InvalidInputError, match="incomplete") as caught:
        open_workspace(closed, clock)
    assert name in caught.value.cause


GARBAGE = [b"", b"\xff\xfe", b"[1]", b"{"]
DAMAGED = {
    "workspace.db": GARBAGE,
    "keys.json": [*GARBAGE, b"{}", b'{"kdf": {}}', b'{"kdf": {"salt": "00"}, "wrapped_key": ""}'],
    "settings.json": [*GARBAGE, b'{"theme": 1}'],
}


@pytest.mark.parametrize(
    ("name", "content"), [(name, content) for name in DAMAGED for content in DAMAGED[name]]
)
def test_damaged_file_is_refused_in_plain_words(
    closed: Path, clock: FakeClock, name: str, content: bytes
) -> None:
    (closed / name).write_bytes(content)
    with pytest.raises(KnownError):
        open_workspace(closed, clock, PASSPHRASE)
    assert (closed / name).read_bytes() == content


def test_second_window_is_refused(closed: Path, clock: FakeClock) -> None:
    first = open_workspace(closed, clock, cost=CHEAP)
    with pytest.raises(ConflictError, match="open already") as caught:
        open_workspace(closed, clock)
    assert caught.value.remedy
    first.close()
    open_workspace(closed, clock, cost=CHEAP).close()


def test_second_process_is_refused_until_the_first_is_gone(closed: Path, clock: FakeClock) -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from app.core.clock import SystemClock\n"
        "from app.models.services.workspace.opening import open_workspace\n"
        "workspace = open_workspace(Path(sys.argv[1]), SystemClock())\n"
        "print('open', flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(closed)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(ConflictError, match="open already"):
            open_workspace(closed, clock)
        other.kill()  # even a crash leaves nothing behind that would keep others out
    open_workspace(closed, clock, cost=CHEAP).close()


def test_workers_open_it_beside_the_window(workspace: Workspace, clock: FakeClock) -> None:
    worker = open_workspace(workspace.folder, clock, PASSPHRASE, exclusive=False, cost=CHEAP)
    tenant = worker.tenants.create_tenant(SYSTEM, "Acme")
    assert workspace.tenants.tenants(SYSTEM) == (tenant,)
    worker.close()
    with pytest.raises(ConflictError, match="open already"):
        open_workspace(workspace.folder, clock)


def test_wrong_passphrase_leaves_it_free(closed: Path, clock: FakeClock) -> None:
    with pytest.raises(AuthenticationError) as caught:
        open_workspace(closed, clock, "wrong horse", cost=CHEAP)
    assert caught.value.field == "passphrase"
    workspace = open_workspace(closed, clock, PASSPHRASE, cost=CHEAP)
    assert not workspace.locked
    workspace.close()


def test_locking_is_told(workspace: Workspace) -> None:
    told: list[KeysChanged] = []
    workspace.store.events.subscribe(KeysChanged, told.append)
    workspace.lock()
    with pytest.raises(AuthenticationError):
        workspace.unlock("wrong horse")
    states = [workspace.locked]
    workspace.unlock(PASSPHRASE)
    states.append(workspace.locked)
    assert states == [True, False]
    assert told == [KeysChanged(locked=True), KeysChanged(locked=False)]


@pytest.mark.parametrize("exclusive", [True, False])
def test_newer_workspace_is_refused(closed: Path, clock: FakeClock, *, exclusive: bool) -> None:
    with closing(sqlite3.connect(closed / "workspace.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '0999'")
    with pytest.raises(ConflictError, match="newer version"):
        open_workspace(closed, clock, exclusive=exclusive)
    assert list((closed / "backups").iterdir()) == []


def test_opening_does_not_load_alembic(closed: Path) -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from app.core.clock import SystemClock\n"
        "from app.models.services.workspace.opening import open_workspace\n"
        "open_workspace(Path(sys.argv[1]), SystemClock()).close()\n"
        "print('alembic' in sys.modules)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, str(closed)], capture_output=True, text=True, check=True
    )
    assert result.stdout == "False\n"


def test_closed_workspace_holds_no_key(workspace: Workspace) -> None:
    workspace.close()
    assert workspace.locked


def test_default_cost_is_the_slow_one() -> None:
    assert DEFAULT_COST.memory >= 19 * 1024


def test_that_it_was_made_and_its_signing_key_are_the_first_events(
    folder: Path, clock: FakeClock
) -> None:
    workspace = create_workspace(folder, PASSPHRASE, clock, CHEAP)
    checkpoint = workspace.checkpoints.sign()
    key, made = workspace.audit.page(SYSTEM, 0, 2)
    workspace.close()
    assert (made.number, made.action, made.actor) == (1, "workspace.create", SYSTEM.name)
    assert (key.number, key.action) == (2, "workspace.create-key")
    assert key.after == {"fingerprint": checkpoint.key_fingerprint}


def test_unlocking_is_recorded_with_who_did_it(workspace: Workspace, admin: Actor) -> None:
    workspace.lock()
    with pytest.raises(AuthenticationError):
        workspace.unlock("wrong horse", admin)
    workspace.unlock(PASSPHRASE, admin)
    done, refused = workspace.audit.page(SYSTEM, 0, 2)
    for event, outcome in ((refused, "refused"), (done, "done")):
        assert (event.action, event.actor, event.role) == ("workspace.unlock", "admin", "admin")
        assert event.outcome == outcome
    assert refused.reason == "The passphrase does not open this workspace."
    assert "horse" not in refused.reason


def test_keys_whose_unlocking_cannot_be_recorded_stay_locked(workspace: Workspace) -> None:
    told: list[KeysChanged] = []
    workspace.store.events.subscribe(KeysChanged, told.append)
    nobody = Actor("admin", Channel.WINDOW, Role.ADMIN, session_id=1)
    workspace.lock()
    with pytest.raises(SessionEndedError):
        workspace.unlock(PASSPHRASE, nobody)
    assert workspace.locked
    assert told == [KeysChanged(locked=True)]


def test_opening_for_one_command_records_a_wrong_passphrase_only(
    workspace: Workspace, clock: FakeClock
) -> None:
    before = workspace.audit.count(SYSTEM)
    again = open_workspace(workspace.folder, clock, PASSPHRASE, exclusive=False, cost=CHEAP)
    again.close()
    assert workspace.audit.count(SYSTEM) == before
    with pytest.raises(AuthenticationError):
        open_workspace(workspace.folder, clock, "wrong horse", exclusive=False, cost=CHEAP)
    newest, *_older = workspace.audit.page(SYSTEM, 0, 1)
    assert (newest.action, newest.actor, newest.outcome) == (
        "workspace.unlock",
        SYSTEM.name,
        "refused",
    )


def test_a_wrong_passphrase_leaves_the_workspace_for_others_to_open(
    closed: Path, clock: FakeClock
) -> None:
    with pytest.raises(AuthenticationError):
        open_workspace(closed, clock, "wrong horse", cost=CHEAP)
    open_workspace(closed, clock, PASSPHRASE, cost=CHEAP).close()
