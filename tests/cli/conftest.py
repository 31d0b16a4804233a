"""The command line as somebody types it, on a real workspace."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.main import main
from app.models.services.setup.demo_data import DEMO_PASSWORD
from app.models.services.workspace.workspace import Workspace
from tests.fakes import FakeClock
from tests.workspace_fixtures import PASSPHRASE

SECRETS = (
    "BIRTHMARK_PASSPHRASE",
    "BIRTHMARK_PASSWORD",
    "BIRTHMARK_NEW_PASSWORD",
    "BIRTHMARK_CERTIFICATE_PASSPHRASE",
    "BIRTHMARK_PFX_PASSPHRASE",
    "BIRTHMARK_IMPORT_PASSPHRASE",
    "BIRTHMARK_PIN",
)


@dataclass(frozen=True)
class CommandLine:
    """Runs commands in this process, as `user`; its workspace is open elsewhere, too."""

    folder: Path
    capsys: pytest.CaptureFixture[str]
    user: str = "admin"

    def run(self, *arguments: object) -> str:
        """What a command that succeeds prints; it writes nothing to standard error."""
        code, out, err = self.outcome(*arguments)
        assert (code, err) == (0, "")
        return out

    def json(self, *arguments: object) -> Any:
        """What it prints with `--json`."""
        return json.loads(self.run(*arguments, "--json"))

    def refused(self, *arguments: object) -> str:
        """What a command that is refused says; it prints nothing to standard output."""
        code, out, err = self.outcome(*arguments)
        assert (code, out) == (1, "")
        return err

    def outcome(self, *arguments: object) -> tuple[int, str, str]:
        """Exit code, standard output and standard error."""
        self.capsys.readouterr()
        who = ("--workspace", self.folder, "--user", self.user)
        code = main([str(argument) for argument in (*arguments[:2], *who, *arguments[2:])])
        return code, *self.capsys.readouterr()

    def acting_as(self, user: str) -> "CommandLine":
        """The same for another user."""
        return CommandLine(self.folder, self.capsys, user)


@pytest.fixture(autouse=True)
def secrets_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that would be asked at a prompt comes from the environment."""
    for variable in SECRETS:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("BIRTHMARK_PASSPHRASE", PASSPHRASE)
    monkeypatch.setenv("BIRTHMARK_PASSWORD", DEMO_PASSWORD)


@pytest.fixture
def command(
    demo: Workspace,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    clock: FakeClock,
) -> CommandLine:
    """The command line on the demo workspace, at the time of the test's clock."""
    monkeypatch.setattr("app.main.SystemClock", lambda: clock)
    return CommandLine(demo.folder, capsys)


@pytest.fixture
def secret_file(tmp_path: Path) -> Callable[[str], Path]:
    """Makes a file with a secret."""

    def make(secret: str) -> Path:
        file = tmp_path / f"secret-{len(list(tmp_path.iterdir()))}"
        file.write_text(f"{secret}\n", "utf-8")
        return file

    return make
