"""Open workspaces for tests: made once a session, copied for each test."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.models.domain.access import SYSTEM, Actor, Channel, Role
from app.models.services.setup.demo_data import make_demo
from app.models.services.workspace.opening import create_workspace, open_workspace
from app.models.services.workspace.workspace import Workspace
from app.pki.sealing import KdfCost
from tests.fakes import FakeClock

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
PASSPHRASE = "correct horse"
CHEAP = KdfCost(memory=8, passes=1, lanes=1)


@pytest.fixture
def clock() -> FakeClock:
    """Stands at `NOW` until the test moves it."""
    return FakeClock(NOW)


@pytest.fixture
def admin() -> Actor:
    """An administrator at the window."""
    return Actor("admin", Channel.WINDOW, Role.ADMIN)


@pytest.fixture(scope="session")
def empty_workspace_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed workspace without anything in it; copy it, never open it."""
    folder = tmp_path_factory.mktemp("made") / "workspace"
    create_workspace(folder, PASSPHRASE, FakeClock(NOW), CHEAP).close()
    return folder


@pytest.fixture(scope="session")
def demo_workspace_folder(empty_workspace_folder: Path) -> Path:
    """A closed workspace with the demo data; copy it, never open it."""
    folder = empty_workspace_folder.with_name("demo")
    shutil.copytree(empty_workspace_folder, folder)
    workspace = open_workspace(folder, FakeClock(NOW), PASSPHRASE, cost=CHEAP)
    make_demo(workspace, SYSTEM)
    workspace.close()
    return folder


@pytest.fixture
def workspace(
    empty_workspace_folder: Path, tmp_path: Path, clock: FakeClock
) -> Iterator[Workspace]:
    """An empty workspace, unlocked."""
    yield from _opened(empty_workspace_folder, tmp_path / "workspace", clock)


@pytest.fixture
def demo(demo_workspace_folder: Path, tmp_path: Path, clock: FakeClock) -> Iterator[Workspace]:
    """A workspace with the demo data, unlocked."""
    yield from _opened(demo_workspace_folder, tmp_path / "demo", clock)


def _opened(template: Path, folder: Path, clock: FakeClock) -> Iterator[Workspace]:
    shutil.copytree(template, folder)
    workspace = open_workspace(folder, clock, PASSPHRASE, cost=CHEAP)
    yield workspace
    workspace.close()
