"""`birthmark init` and where secrets come from."""

from pathlib import Path

import pytest

from app.core.clock import SystemClock
from app.main import main
from app.models.domain.access import Channel, Role
from app.models.services.workspace.opening import open_workspace

PASSPHRASE, PASSWORD = "a long passphrase", "a long password"


@pytest.fixture(autouse=True)
def no_secrets_around(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BIRTHMARK_PASSPHRASE", raising=False)
    monkeypatch.delenv("BIRTHMARK_ADMIN_PASSWORD", raising=False)


@pytest.mark.req("ROLE-03")
def test_init_makes_a_workspace_with_its_first_administrator(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, secret = tmp_path / "workspace", tmp_path / "passphrase"
    secret.write_text(f"{PASSPHRASE}\nsecond line\n", "utf-8")
    monkeypatch.setenv("BIRTHMARK_ADMIN_PASSWORD", PASSWORD)
    made = main(
        ["init", "--workspace", str(folder), "--passphrase-file", str(secret), "--admin", "grace"]
    )
    assert made == 0
    workspace = open_workspace(folder, SystemClock(), PASSPHRASE)
    actor = workspace.users.sign_in("grace", PASSWORD, Channel.CLI)
    workspace.close()
    assert actor.role is Role.ADMIN


@pytest.mark.parametrize(("passphrase", "password"), [("short", PASSWORD), (PASSPHRASE, "short")])
def test_init_with_a_weak_secret_leaves_nothing_behind(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    passphrase: str,
    password: str,
) -> None:
    monkeypatch.setenv("BIRTHMARK_PASSPHRASE", passphrase)
    monkeypatch.setenv("BIRTHMARK_ADMIN_PASSWORD", password)
    assert main(["init", "--workspace", str(tmp_path / "workspace")]) == 1
    assert capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_init_without_a_terminal_says_which_variable_to_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    assert main(["init", "--workspace", str(tmp_path / "workspace")]) == 1
    assert "BIRTHMARK_PASSPHRASE" in capsys.readouterr().err


def test_no_option_takes_a_secret_itself(capsys: pytest.CaptureFixture[str]) -> None:
    for option in ("--passphrase", "--admin-password", "--password"):
        with pytest.raises(SystemExit):
            main(["init", option, "a secret"])
    capsys.readouterr()


def test_a_folder_without_a_workspace_is_said_plainly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BIRTHMARK_PASSPHRASE", PASSPHRASE)
    assert main(["est", "--workspace", str(tmp_path)]) == 1
    assert "There is no workspace" in capsys.readouterr().err
