import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from app.core.clock import SystemClock
from app.core.errors import ConflictError
from app.main import LateListener, main
from app.models.domain.access import Actor
from app.models.domain.authorities import KeyChoice
from app.models.services.workspace.workspace import Workspace
from app.pki.keys import KeyAlgorithm
from app.pki.names import ATTRIBUTE_TYPES, Attribute

ROOT = Path(__file__).parents[1]
DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


def test_a_listener_is_made_when_it_is_first_started(demo: Workspace) -> None:
    listener = LateListener(demo, SystemClock())
    listener.stop()
    assert listener.address == ""
    listener.start("127.0.0.1", 0)
    assert listener.running
    assert listener.address.startswith("127.0.0.1:")
    listener.stop()
    assert not listener.running


def test_revocation_lists_are_published_beside_est(demo: Workspace) -> None:
    listener = LateListener(demo, SystemClock())
    listener.start("127.0.0.1", 0)
    assert (listener.publication_address, listener.publication_problem) == ("", None)
    listener.stop()
    demo.settings.change(
        publication_url="http://pki.example", publication_host="127.0.0.1", publication_port=0
    )
    listener.start("127.0.0.1", 0)
    with urlopen(f"http://{listener.publication_address}/crl/1.crl", timeout=20) as answer:
        assert answer.headers["Content-Type"] == "application/pkix-crl"
    listener.stop()
    assert listener.publication_address == ""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        demo.settings.change(publication_port=port)
        listener.start("127.0.0.1", 0)
    assert listener.running
    assert listener.publication_problem is not None
    assert str(port) in listener.publication_problem.problem
    listener.stop()
    listener.start("127.0.0.1", 0)
    assert not listener.publication_problem
    listener.stop()


def test_revocation_lists_are_published_without_an_est_server(
    workspace: Workspace, admin: Actor
) -> None:
    workspace.authority_making.create_root(
        admin,
        "Root",
        (Attribute(ATTRIBUTE_TYPES["CN"].oid, "Root"),),
        KeyChoice(KeyAlgorithm.EC_P256),
    )
    listener = LateListener(workspace, SystemClock())
    with pytest.raises(ConflictError, match="No EST server"):
        listener.start("127.0.0.1", 0)
    assert not listener.running
    workspace.settings.change(
        publication_url="http://pki.example", publication_host="127.0.0.1", publication_port=0
    )
    listener.start("127.0.0.1", 0)
    assert (listener.running, listener.address) == (True, "")
    with urlopen(f"http://{listener.publication_address}/crl/1.crl", timeout=20) as answer:
        assert answer.headers["Content-Type"] == "application/pkix-crl"
    listener.stop()
    assert not listener.running


def test_without_a_workspace_a_window_opens_all_the_same(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "app.main", "--workspace", str(tmp_path / "none")]
    result = subprocess.run(
        [*command, "--quit-after-start"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert "no workspace" not in result.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there is always a display")
def test_without_a_display_the_missing_workspace_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for variable in DISPLAYS:
        monkeypatch.delenv(variable, raising=False)
    assert main(["--workspace", str(tmp_path / "none")]) == 1
    assert "There is no workspace" in capsys.readouterr().err


def test_help_is_in_the_language_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BIRTHMARK_LANG", "en")
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "Gives every device its identity at birth." in capsys.readouterr().out
