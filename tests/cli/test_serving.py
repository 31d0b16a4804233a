"""`birthmark est`: the listener without a window, in one process or several."""

import base64
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from app.cli import serving
from app.cli.demo_client import EstClient
from app.core.clock import SystemClock
from app.core.errors import UnavailableError
from app.models.domain.access import SYSTEM
from app.models.services.audit.log import AuditFilter
from app.models.services.setup.demo_data import make_demo
from app.models.services.workspace.opening import create_workspace, open_workspace
from app.models.services.workspace.workspace import Workspace
from tests.workspace_fixtures import CHEAP, PASSPHRASE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A closed demo workspace on the real clock."""
    workspace = create_workspace(tmp_path / "workspace", PASSPHRASE, SystemClock(), CHEAP)
    make_demo(workspace, SYSTEM)
    (tmp_path / "passphrase").write_text(PASSPHRASE, "utf-8")
    (tmp_path / "ca.pem").write_bytes(workspace.est_endpoints.trust_anchors())
    workspace.close()
    return tmp_path / "workspace"


@pytest.fixture
def est(folder: Path, request: pytest.FixtureRequest) -> Iterator[tuple[EstClient, str]]:
    """A client of `birthmark est`, and what the process printed first."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "app.main", "est", "--workspace", str(folder)),
            *("--passphrase-file", str(folder.with_name("passphrase"))),
            *("--host", "127.0.0.1", "--port", "0", "--workers", str(request.param)),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line.startswith("EST listener on"):
        pytest.fail(line + process.stdout.read())
    port = int(line.rpartition(":")[2])
    yield EstClient("127.0.0.1", port, folder.with_name("ca.pem").read_text("utf-8")), line
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 0
    process.stdout.close()


def test_what_upkeep_cannot_do_now_ends_nothing(
    demo: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    turns: list[str] = []

    def upkeep() -> None:
        turns.append("turn")
        if len(turns) < 3:
            raise UnavailableError("The disk is full.")
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(serving, "SWEEP_SECONDS", 0.001)
    monkeypatch.setattr(demo, "upkeep", upkeep)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        serving.wait_until_told_to_stop(demo)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert len(turns) == 3
    assert caplog.text.count("The disk is full.") == 2


@pytest.mark.parametrize("est", [1, 3], indirect=True)
def test_serves_until_told_to_stop(est: tuple[EstClient, str], folder: Path) -> None:
    client, _line = est
    for _number in range(12):  # enough for every worker to have its turn
        assert len(client.ca_certificates()) == 2
    workspace = open_workspace(folder, SystemClock(), exclusive=False, cost=CHEAP)
    told = workspace.audit.page(SYSTEM, 0, 9, AuditFilter(action="workspace.unlock"))
    workspace.close()
    assert [(one.actor, one.outcome) for one in told] == [(SYSTEM.name, "done")]


@pytest.mark.parametrize("est", [1], indirect=True)
def test_a_workspace_being_served_cannot_be_opened_again(
    est: tuple[EstClient, str], folder: Path
) -> None:
    assert est
    again = subprocess.run(
        [
            *(sys.executable, "-m", "app.main", "est", "--workspace", str(folder)),
            *("--passphrase-file", str(folder.with_name("passphrase"))),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert again.returncode == 1
    assert "open already" in again.stderr


@pytest.mark.parametrize("est", [2], indirect=True)
def test_refusals_of_every_worker_are_in_one_audit_chain(
    est: tuple[EstClient, str], folder: Path
) -> None:
    client, _line = est
    workspace = open_workspace(folder, SystemClock(), PASSPHRASE, exclusive=False, cost=CHEAP)
    for number in range(10):
        with pytest.raises(UnavailableError, match="answered 401"):
            client.enrol(f"unknown-{number}", "no password", base64.b64decode("MAA="))
    with (folder.with_name("audit.jsonl")).open("w", encoding="utf-8") as out:
        workspace.audit.export(SYSTEM, out)
    workspace.close()
    checked = subprocess.run(
        [sys.executable, "-m", "app.main", "audit", "verify", str(folder.with_name("audit.jsonl"))],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert checked.returncode == 0, checked.stderr
    refused = folder.with_name("audit.jsonl").read_text("utf-8").count("est.refuse")
    assert refused == 10


def test_revocation_lists_are_served_beside_est(folder: Path) -> None:
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "app.main", "est", "--workspace", str(folder)),
            *("--passphrase-file", str(folder.with_name("passphrase"))),
            *("--host", "127.0.0.1", "--port", "0", "--publication-port", "0"),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("EST listener on")
    line = process.stdout.readline()
    assert line.startswith("Revocation lists and OCSP on 0.0.0.0:")
    port = int(line.rpartition(":")[2])
    with urlopen(f"http://127.0.0.1:{port}/crl/1.crl", timeout=20) as answer:
        assert answer.headers["Content-Type"] == "application/pkix-crl"
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 0
    process.stdout.close()


def test_without_an_est_server_lists_are_published_all_the_same(folder: Path) -> None:
    workspace = open_workspace(folder, SystemClock(), PASSPHRASE, cost=CHEAP)
    (server,) = workspace.est_servers.all(SYSTEM)
    workspace.tenants.set_organization_active(SYSTEM, server.organization_id, active=False)
    authority = workspace.authorities.all(SYSTEM)[0].id
    workspace.close()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "app.main", "est", "--workspace", str(folder)),
            *("--passphrase-file", str(folder.with_name("passphrase"))),
            *("--port", "0", "--publication-port", "0"),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    line = process.stdout.readline()
    port = line.rpartition(":")[2].strip()
    with urlopen(f"http://127.0.0.1:{port}/crl/{authority}.crl") as answer:
        assert answer.headers["content-type"] == "application/pkix-crl"
    assert "No EST server can answer" in process.stderr.readline()
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 0
    process.stdout.close()
    process.stderr.close()
