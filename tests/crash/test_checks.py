"""The checks after a crash find what they are there to find."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.core.clock import SystemClock
from app.core.errors import InvalidInputError
from app.models.domain.access import SYSTEM
from app.models.services.workspace.folder import DATABASE
from app.models.services.workspace.opening import open_workspace
from tests.benchmarks.station import PASSPHRASE, make_station, new_gateway
from tests.crash.checks import CHEAP, SAVED, check_workspace

NAME = f"{SAVED}1"
# What to do to a good database, by the fault that it must be found to be.
DAMAGES = {
    "devices without the password": "DELETE FROM device_credential",
    "devices whose mode": "DELETE FROM device_transition WHERE after = 'operational'",
    "devices without exactly one factory": """
        UPDATE certificate SET kind = 'factory' WHERE kind = 'operational'""",
    "operational devices": "DELETE FROM certificate WHERE kind = 'operational'",
    "saved devices": "UPDATE certificate SET key_secret_id = NULL",
    "certificates that no audit event": """
        UPDATE certificate SET fingerprint = 'f' || substr(fingerprint, 1, 63)""",
    "broken references": "UPDATE device SET organization_id = 99",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed workspace with one saved device; copy it, never open it."""
    folder = make_station(tmp_path_factory.mktemp("crash"), 0, CHEAP).folder
    workspace = open_workspace(folder, SystemClock(), PASSPHRASE, cost=CHEAP)
    workspace.device_creation.create(SYSTEM, new_gateway(workspace, NAME, operational=True))
    workspace.close()
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "workspace"))


def damage(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / DATABASE)) as database, database:
        database.execute(statement)


def test_a_good_workspace_passes(folder: Path) -> None:
    assert check_workspace(folder, [], [NAME]) == 2


@pytest.mark.parametrize("fault", DAMAGES)
def test_a_fault_is_found(folder: Path, fault: str) -> None:
    damage(folder, DAMAGES[fault])
    with pytest.raises(AssertionError, match=fault):
        check_workspace(folder, [], [])


def test_a_lost_certificate_is_found(folder: Path) -> None:
    with pytest.raises(AssertionError, match="not on record"):
        check_workspace(folder, ["00"], [])


def test_a_lost_device_is_found(folder: Path) -> None:
    with pytest.raises(AssertionError):
        check_workspace(folder, [], [NAME, f"{SAVED}2"])


def test_a_changed_audit_log_is_found(folder: Path) -> None:
    damage(folder, "UPDATE audit_event SET actor = 'nobody' WHERE number = 3")
    with pytest.raises(InvalidInputError, match="line 3"):
        check_workspace(folder, [], [])
