"""`birthmark audit verify` needs the exported file and nothing else."""

import json
from pathlib import Path

import pytest

from app.main import main
from app.models.domain.access import SYSTEM
from app.models.services.workspace.workspace import Workspace
from tests.cli.conftest import CommandLine


@pytest.fixture
def exported(demo: Workspace, tmp_path: Path) -> Path:
    file = tmp_path / "audit.jsonl"
    with file.open("w", encoding="utf-8") as out:
        demo.audit.export(SYSTEM, out)
    return file


def test_whole_log_is_accepted(exported: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "verify", str(exported)]) == 0
    count = len(exported.read_text("utf-8").splitlines()) - 1
    assert count > 10
    out = capsys.readouterr().out
    assert f"{count} events" in out
    assert "2026-03-02T08:00:00+00:00" in out


@pytest.mark.req("SYS-03")
def test_the_key_of_the_log_can_be_compared(
    exported: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", "verify", str(exported)]) == 0
    fingerprint = capsys.readouterr().out.split()[-1]
    pairs = ":".join(fingerprint[i : i + 2] for i in range(0, 64, 2)).upper()
    for key in (fingerprint, pairs):
        assert main(["audit", "verify", str(exported), "--key", key]) == 0
    other = fingerprint[::-1]
    assert main(["audit", "verify", str(exported), "--key", other]) == 1
    assert fingerprint in capsys.readouterr().err


@pytest.mark.req("SYS-03")
def test_a_log_cut_off_is_refused(exported: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = exported.read_text("utf-8").splitlines(keepends=True)
    for rest in (lines[:-1], lines[:-2], [*lines[:-2], lines[-1]], lines[:5], []):
        exported.write_text("".join(rest), "utf-8")
        assert main(["audit", "verify", str(exported)]) == 1
        assert "cut off" in capsys.readouterr().err


def change_actor(lines: list[str]) -> None:
    event = json.loads(lines[3])
    event["actor"] = "somebody else"
    lines[3] = json.dumps(event)


def remove_one(lines: list[str]) -> None:
    del lines[3]


def swap_two(lines: list[str]) -> None:
    lines[3], lines[4] = lines[4], lines[3]


def put_text_in(lines: list[str]) -> None:
    lines.insert(3, "not an event")


@pytest.mark.parametrize("tamper", [change_actor, remove_one, swap_two, put_text_in])
def test_tampered_log_is_refused_at_the_line(
    exported: Path,
    tamper: object,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = exported.read_text("utf-8").splitlines()
    tamper(lines)  # type: ignore[operator]
    exported.write_text("\n".join(lines) + "\n", "utf-8")
    assert main(["audit", "verify", str(exported)]) == 1
    assert "line 4" in capsys.readouterr().err


def test_missing_file_is_said_plainly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "verify", str(tmp_path / "none")]) == 1
    assert "cannot be read" in capsys.readouterr().err


def test_export_writes_a_log_that_verifies(
    command: CommandLine, demo: Workspace, tmp_path: Path
) -> None:
    file = tmp_path / "out.jsonl"
    demo.tenants.create_tenant(SYSTEM, "Borealis")
    assert "Wrote" in command.run("audit", "export", file)
    assert main(["audit", "verify", str(file)]) == 0
    assert '"user.sign-in"' in file.read_text("utf-8").splitlines()[-2]  # who exports is in it
    assert "cannot be written" in command.refused("audit", "export", file)


def test_only_who_sees_everything_exports(command: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "out.jsonl"
    command.acting_as("ivan.petrov").run("audit", "export", file)  # an auditor
    file.unlink()
    for user in ("paul.jensen", "nora.lind"):
        assert "may not" in command.acting_as(user).refused("audit", "export", file)
        assert not file.exists()
