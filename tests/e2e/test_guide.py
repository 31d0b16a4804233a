"""The commands that the user guide tells people to copy."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT
from tests.pki.softhsm import PIN, SoftHsm

CHAPTER = ROOT / "docs" / "guide" / "certificates.md"
SECTION = "## The same on the command line"
SOFTHSM = "/usr/lib/softhsm/libsofthsm2.so"  # where the guide has it
SECRETS = ("PASSPHRASE", "PASSWORD", "ADMIN_PASSWORD")


def commands() -> str:
    """The shell commands of the section, as they stand there."""
    section = CHAPTER.read_text("utf-8").partition(f"{SECTION}\n")[2].partition("\n## ")[0]
    return "".join(re.findall(r"```sh\n(.*?)```", section, re.DOTALL))


@pytest.mark.skipif(sys.platform == "win32", reason="needs SoftHSM and a POSIX shell")
@pytest.mark.req("SYS-04")
def test_the_walk_on_the_command_line_goes_as_written(softhsm: SoftHsm, tmp_path: Path) -> None:
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
    assert SOFTHSM in commands()
    done = subprocess.run(
        ["sh", "-e", "-c", commands().replace(SOFTHSM, softhsm.module)],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=300,
    )
    said = done.stdout
    assert re.search(r"device\.pem: OK.*certificate revoked", said, re.DOTALL), said
    assert done.returncode == 2  # of OpenSSL, at the end
