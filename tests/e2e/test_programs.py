"""The walk through the REST API that the user guide tells people to copy."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.core.clock import SystemClock
from app.models.domain.access import SYSTEM, Channel
from app.models.services.setup.demo_data import DEMO_PASSWORD
from app.models.services.workspace.opening import open_workspace
from tests.architecture.sources import ROOT
from tests.e2e.test_guide import GUIDE, commands

CHAPTER = (GUIDE / "programs.md").read_text("utf-8")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell, curl and jq"),
]


@dataclass(frozen=True)
class Reader:
    """Somebody who types the commands of the chapter, in a folder, with the port put right."""

    folder: Path
    port: int

    def types(self, script: str) -> "subprocess.Popen[str]":
        """Start a script; it ends at the first command that fails."""
        program = f'birthmark() {{ "{sys.executable}" -m app.main "$@"; }}\n'
        secrets = {f"BIRTHMARK_{one}": DEMO_PASSWORD for one in ("PASSPHRASE", "PASSWORD")}
        return subprocess.Popen(
            ["sh", "-e", "-c", program + script.replace("8443", str(self.port))],
            cwd=self.folder,
            env={**os.environ, **secrets, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )

    def made(self, file: str) -> dict[str, object]:
        """The JSON in a file that a command left."""
        found: dict[str, object] = json.loads((self.folder / file).read_text("utf-8"))
        return found


@pytest.fixture
def reader(tmp_path: Path, port: int) -> Iterator[Reader]:
    """Has started the demonstration of the chapter; the rest is to be typed."""
    reader = Reader(tmp_path, port)
    serve, _others = blocks()
    serving = reader.types(serve.replace("birthmark", f"exec {sys.executable} -m app.main"))
    assert serving.stdout is not None
    assert any(line.endswith(f":{port}\n") for line in serving.stdout)
    yield reader
    serving.terminate()
    serving.communicate(timeout=60)


def blocks() -> tuple[str, str]:
    """The command that serves, and all others."""
    serve, newline, others = commands(CHAPTER).partition("\n")
    return serve + newline, others


def walk(reader: Reader, before: str = "") -> list[str]:
    """What is said by the commands of the chapter, all of which succeed."""
    walking = reader.types(before + blocks()[1])
    said, _none = walking.communicate(timeout=300)
    assert walking.returncode == 0, said
    return said.splitlines()


@pytest.mark.req("SYS-06", "DEV-02", "DTC-06", "DTP-09")
def test_the_chapter_on_programs_goes_as_written(reader: Reader) -> None:
    lines = walk(reader)
    assert reader.made("openapi.json")["openapi"] == "3.1.0"
    assert {"3 Sensor IDevID", "1 Gateway 200", "Good", "GW-31"} <= set(lines)
    assert "GW-32" not in lines  # it is in factory mode again
    modes = [one for one in lines if one in ("disabled", "operational", "factory")]
    assert modes == ["disabled", "operational", "factory"]
    assert any('"status":"Revoked"' in one and '"keyCompromise"' in one for one in lines)
    held = [one.split()[0] for one in lines if re.fullmatch(r"\w+ [0-9a-f]+ \S+Z", one)]
    assert held == ["operational", "operational", "factory"]
    assert reader.made("credential.json")["name"] == "GW-32"
    assert reader.made("rekeyed.json")["status"] == "Good"
    _check_refusals(reader)
    assert actors(reader) == {"Line 3"}


def _check_refusals(reader: Reader) -> None:
    """The refusal of the chapter is one, and the last token is worth nothing by itself."""
    again = {"device_type_id": 1, "name": "GW-31", "values": {"serial_number": "204-31"}}
    (reader.folder / "again.json").write_text(json.dumps(again), "utf-8")
    devices = "https://localhost:8443/v2/organizations/1/devices"
    signed_in = "curl --silent --config token.curl"
    shown = "--cert line.pem --key line.key"
    asking = reader.types(f"{signed_in} {shown} --json @again.json {devices}")
    (example,) = re.findall(r"(?s)```json\n(.*?)```", CHAPTER)
    assert json.loads(asking.communicate(timeout=60)[0]) == json.loads(example)
    alone = reader.types(
        f"curl --silent --config token.curl --write-out '%{{http_code}}' {devices}"
    )
    assert alone.communicate(timeout=60)[0].endswith("401")


def actors(reader: Reader) -> set[str]:
    """Who stands in the audit log for what came by the API."""
    folder = reader.folder / "demo" / "workspace"
    workspace = open_workspace(folder, SystemClock(), exclusive=False)
    events = workspace.audit.page(SYSTEM, 0, 200)
    workspace.close()
    return {event.actor for event in events if event.channel == Channel.API}


def test_no_secret_is_an_argument_or_left_to_others(reader: Reader) -> None:
    traced = [line for line in walk(reader, "set -x\n") if line.startswith("+ ")]
    programs = [line for line in traced if not line.startswith("+ echo ")]  # built in
    assert any(line.startswith("+ curl ") for line in programs)
    secrets = [
        (reader.folder / "appkey").read_text("utf-8").strip(),
        (reader.folder / "passphrase").read_text("utf-8").strip(),
        str(reader.made("credential.json")["password"]),
        str(reader.made("token.json")["access_token"]),
    ]
    assert not [line for line in programs for secret in secrets if secret in line]
    for file in ("appkey", "app.curl", "token.curl", "passphrase", "credential.json"):
        assert (reader.folder / file).stat().st_mode & 0o077 == 0
