"""`birthmark est-server client-files`, on the demo workspace."""

import tomllib
from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine

BENCH = "North plant bench"


@pytest.mark.req("AIS-04", "AIS-05", "AIS-09")
def test_the_files_are_written(command: CommandLine, tmp_path: Path) -> None:
    out = tmp_path / "new" / "azure"
    by = ("--by", "factory", "--key", "rsa-2048")
    options = ("--out", out, "--device", "pump-1", *by)
    code, printed, told = command.outcome("est-server", "client-files", BENCH, "azure", *options)
    assert code == 0
    files = [
        *("README.md", "config.toml", "certd/est.toml", "keyd/est.toml"),
        *("request-certificate.sh", "ca.pem"),
    ]
    assert printed.splitlines() == [str(out / file) for file in files]
    assert "no certificate with another name" in told  # the bench keeps to DEC-21
    config = tomllib.loads((out / "config.toml").read_text("utf-8"))
    assert config["provisioning"]["attestation"]["registration_id"] == "pump-1"
    assert "rsa_keygen_bits:2048" in (out / "request-certificate.sh").read_text("utf-8")


@pytest.mark.req("AIS-09")
def test_nothing_is_overwritten(command: CommandLine, tmp_path: Path) -> None:
    write = ("est-server", "client-files", BENCH, "curl", "--out", tmp_path)
    roots = tmp_path / "ca.pem"
    roots.write_text("mine")
    assert "is there already" in command.refused(*write)
    assert [path.name for path in tmp_path.glob("*.*") if path.suffix in (".sh", ".pem")] == [
        "ca.pem"
    ]
    roots.unlink()
    command.run(*write)
    assert b"\r" not in (tmp_path / "est-curl.sh").read_bytes()


def test_a_folder_that_cannot_be(command: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    write = ("est-server", "client-files", BENCH, "curl", "--out", tmp_path / "file" / "folder")
    assert "cannot be made" in command.refused(*write)
