"""The commands that the user guide tells people to copy."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.main import main
from app.pki.certificates import certificate_to_pem
from app.pki.keys import KeyAlgorithm, generate
from app.pki.pkcs12 import pack
from tests.architecture.sources import ROOT
from tests.cli.conftest import CommandLine, command, secrets_given
from tests.models.services.owners.test_second_factor import own_certificate
from tests.pki.softhsm import PIN, SoftHsm

__all__ = ["command", "secrets_given"]  # the fixtures

GUIDE = ROOT / "docs" / "guide"
SOFTHSM = "/usr/lib/softhsm/libsofthsm2.so"  # where the guide has it
Shell = Callable[[str], "subprocess.Popen[str]"]
SECRETS = ("PASSPHRASE", "PASSWORD", "ADMIN_PASSWORD")


def commands(text: str) -> str:
    """The shell commands in a part of the guide, as they stand there."""
    return "".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL))


def section(chapter: str, title: str) -> str:
    """The commands below a heading."""
    text = (GUIDE / chapter).read_text("utf-8")
    return commands(text.partition(f"## {title}\n")[2].partition("\n## ")[0])


@pytest.fixture
def shell(softhsm: SoftHsm, tmp_path: Path) -> Shell:
    """Gives what runs a script in a new folder, with the program and all its secrets at hand."""
    program = tmp_path / "bin" / "birthmark"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m app.main "$@"\n', "utf-8")
    program.chmod(0o755)
    environment = {
        **os.environ,
        **{f"BIRTHMARK_{secret}": "seven wet umbrellas" for secret in SECRETS},
        "BIRTHMARK_PIN": PIN,
        "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "LC_ALL": "C.UTF-8",
    }

    def start(script: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["sh", "-e", "-c", script.replace(SOFTHSM, softhsm.module)],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )

    return start


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs SoftHSM and a POSIX shell")
@pytest.mark.req("SYS-04")
def test_the_walk_on_the_command_line_goes_as_written(shell: Shell, port: int) -> None:
    walk = section("certificates.md", "The same on the command line")
    assert SOFTHSM in walk
    walking = shell(walk)
    said, _none = walking.communicate(timeout=300)
    assert re.search(r"device\.pem: OK.*certificate revoked", said, re.DOTALL), said
    assert walking.returncode == 2  # of OpenSSL, at the end

    served = section("certificates.md", "Revocation addresses and publication")
    serve, ask = served.replace("8080", str(port)).splitlines()
    serving = shell(f"exec {serve}")
    assert serving.stdout is not None
    try:
        assert any(line.endswith(f":{port}\n") for line in serving.stdout)
        said, _none = shell(ask).communicate(timeout=60)
        assert "Response verify OK" in said
        assert "device.pem: revoked" in said
    finally:
        serving.terminate()
        serving.communicate(timeout=60)
    assert serving.returncode == 0

    revoking = shell(section("certificates.md", "Revoking an authority"))
    said, _none = revoking.communicate(timeout=120)
    assert "CN = Acme Devices" in said
    assert "certificate revoked" in said
    assert revoking.returncode == 2  # of OpenSSL, at the end


def test_what_the_chapter_on_people_says(
    command: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BIRTHMARK_NEW_PASSWORD", "seven wet umbrellas")
    create, set_certificate, show, remove = told("people.md")
    assert run(command, create)[0] == 0
    mia = command.json("user", "show", "mia")
    assert (mia["role"], mia["active"]) == ("tenant-operator", True)

    with monkeypatch.context() as mias:
        mias.setenv("BIRTHMARK_PASSWORD", "seven wet umbrellas")
        mias.setenv("BIRTHMARK_NEW_PASSWORD", "eight dry umbrellas")
        assert run(command, ["user", "change-password", "--user", "mia"])[0] == 0
        mias.setenv("BIRTHMARK_PASSWORD", "eight dry umbrellas")
        for variable in ("KEY", "CERTIFICATE"):
            mias.setenv(f"BIRTHMARK_{variable}_PASSPHRASE", "of the card")
        make_certificate("mia", "of the card")
        assert run(command, set_certificate)[0] == 0
        assert run(command, show)[0] == 0
        assert run(command, ["certificate", "list", "--user", "mia"])[0] == 1

    assert command.json("user", "show", "mia")["second_factor"]
    assert run(command, remove)[0] == 0
    assert not command.json("user", "show", "mia")["second_factor"]


def test_what_the_chapter_on_the_audit_log_says(
    command: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    export, verify, verify_key, *reports = told("audit.md")
    assert run(command, export)[0] == 0
    code, said, _err = run(command, verify)
    assert code == 0
    assert said.startswith("The log is whole: ")
    assert "Its end was signed at " in said
    (key,) = re.findall(r"Fingerprint of the key: (\w+)", said)
    assert run(command, [*verify_key[:-1], key])[0] == 0
    assert run(command, verify_key)[0] == 1  # the key of the example is another one
    assert [run(command, report)[0] for report in reports] == [0, 0, 0]
    assert (tmp_path / "expiring.csv").exists()


def test_what_the_chapter_on_devices_says(
    command: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = section("devices.md", "Device types").splitlines()
    export, check = (shlex.split(line)[1:] for line in lines)
    assert run(command, export)[0] == 0
    assert "Gateway 200" in (tmp_path / "setup.json").read_text("utf-8")
    code, said, _err = run(command, check)
    assert code == 0
    assert "Gateway 200" in said


def told(chapter: str) -> list[list[str]]:
    """The program's commands in a chapter, without its name."""
    lines = commands((GUIDE / chapter).read_text("utf-8")).splitlines()
    return [shlex.split(line)[1:] for line in lines]


def run(command: CommandLine, arguments: list[str]) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command on the demo workspace."""
    command.capsys.readouterr()
    where = [] if arguments[1] == "verify" else ["--workspace", str(command.folder)]
    code = main([*arguments, *where])
    return code, *command.capsys.readouterr()


def make_certificate(name: str, passphrase: str) -> None:
    """Write `name.pem` and, with its key, `name.p12` into the current folder."""
    key = generate(KeyAlgorithm.EC_P256)
    certificate = own_certificate(key)
    Path(f"{name}.pem").write_bytes(certificate_to_pem(certificate))
    Path(f"{name}.p12").write_bytes(pack(key, certificate, (), passphrase, name))
