"""Every noun and action has its help, and none of it delays the window."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.main import main
from tests.cli.conftest import CommandLine

ROOT = Path(__file__).parents[2]
COMMON = {"list", "show", "create", "edit", "activate", "deactivate", "delete"}
ACTIONS = {
    "tenant": COMMON,
    "org": COMMON,
    "user": COMMON
    | {"reset-password", "sign-out", "remove-certificate", "change-password", "set-certificate"},
    "app": COMMON | {"rotate-key", "certificate"},
    "ca": (COMMON - {"create"} | {"revoke"})
    | {"create-root", "create-issuing", "request", "requests", "accept", "withdraw", "import"}
    | {"roll-over", "test-sign", "tokens", "set-pin", "crl", "certificate"},
    "template": COMMON | {"presets", "sample"},
    "extension": COMMON,
    "est-server": COMMON
    | {"clone", "test", "add-label", "remove-label", "link", "unlink", "client-files"},
    "certificate": {"list", "show", "issue", "renew", "rekey", "revoke", "hold", "release"}
    | {"export", "check"},
    "audit": {"list", "export", "verify"},
    "report": {"issued", "expiring", "refusals"},
}


@pytest.mark.parametrize(
    ("noun", "action"), [(noun, action) for noun in ACTIONS for action in sorted(ACTIONS[noun])]
)
def test_every_action_explains_itself(
    noun: str, action: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([noun, action, "--help"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: birthmark {noun} {action}")


@pytest.mark.parametrize("noun", ACTIONS)
def test_a_noun_has_no_other_actions(noun: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([noun, "none"])
    listed = capsys.readouterr().err.partition("choose from ")[2]
    assert set(listed.strip(")\n").replace("'", "").split(", ")) == ACTIONS[noun]


def test_the_workspace_may_be_named_before_the_noun(
    command: CommandLine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--workspace", str(command.folder), "tenant", "list", "--user", "admin"]) == 0
    assert "Acme Controls" in capsys.readouterr().out


def test_the_window_imports_none_of_it() -> None:
    program = (
        "import sys; from app.cli.arguments import parser; parser(());"
        "print([name for name in sys.modules if name.startswith(('app.cli.act', 'sqlalchemy'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
