"""A PKI from nothing on the command line alone, believed by OpenSSL."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.cli.serving import Listeners
from app.core.clock import SystemClock
from app.main import main
from app.models.services.workspace.opening import open_workspace
from app.pki.certificates import certificate_to_pem
from app.pki.formats import certificates_in
from tests.cli.conftest import CommandLine
from tests.pki.softhsm import PIN, SoftHsm, softhsm
from tests.workspace_fixtures import PASSPHRASE

__all__ = ["softhsm"]  # the fixture

PASSWORD = "seven wet umbrellas"


def openssl(folder: Path, *arguments: str) -> str:
    """What OpenSSL says, good or bad."""
    done = subprocess.run(
        ["openssl", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.stdout + done.stderr


@pytest.fixture
def engineer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> CommandLine:
    """An administrator at the command line of a new workspace, on the real clock."""
    monkeypatch.setenv("BIRTHMARK_ADMIN_PASSWORD", PASSWORD)
    monkeypatch.setenv("BIRTHMARK_PASSWORD", PASSWORD)
    monkeypatch.setenv("BIRTHMARK_PIN", PIN)
    assert main(["init", "--workspace", str(tmp_path / "workspace"), "--admin", "grace"]) == 0
    return CommandLine(tmp_path / "workspace", capsys, "grace")


@contextmanager
def published(folder: Path) -> Iterator[str]:
    """Where the workspace answers over OCSP: what `birthmark est` serves beside EST."""
    clock = SystemClock()
    workspace = open_workspace(folder, clock, PASSPHRASE)
    listeners = Listeners(workspace, clock)
    listeners.publish(0, "127.0.0.1")
    yield f"http://{listeners.publication.address}/ocsp"
    listeners.stop()
    workspace.close()


@pytest.mark.skipif(sys.platform == "win32", reason="needs SoftHSM")
@pytest.mark.req("SYS-04")
def test_a_pki_from_a_root_on_a_token_to_a_revoked_certificate(
    engineer: CommandLine, tmp_path: Path, softhsm: SoftHsm
) -> None:
    token = ("--token", softhsm.module)
    (found,) = (row for row in engineer.json("ca", "tokens", *token) if row["label"] == "birthmark")
    assert found["manufacturer"]
    on_token = (*token, "--token-label", found["label"])
    root = engineer.json(
        *("ca", "create-root", "Acme Root", "--subject", "O=Acme", "CN=Acme Root"),
        *("--key", "ec-p384", *on_token),
    )
    assert (root["key_store"], root["algorithm"]) == ("token", "ec-p384")
    (key,) = engineer.json("ca", "tokens", *on_token)
    assert key["label"] == "Acme Root"
    assert "Acme Root" in softhsm.pkcs11_tool("--list-objects", "--type", "privkey")
    engineer.run("ca", "set-pin", "Acme Root")
    engineer.run(
        *("ca", "create-issuing", "Acme Devices", "--issuer", "Acme Root"),
        *("--subject", "O=Acme", "CN=Acme Devices"),
    )
    engineer.run(
        *("template", "create", "--preset", "ldevid", "--name", "Devices"),
        *("--authority", "Acme Devices"),
    )

    issue(engineer, tmp_path)
    believed = ("verify", "-CAfile", "root.pem", "-untrusted", "issuing.pem")
    assert "device.pem: OK" in openssl(tmp_path, *believed, "device.pem")
    asked = ("ocsp", "-issuer", "issuing.pem", "-cert", "device.pem", "-CAfile", "root.pem")
    with published(engineer.folder) as url:
        said = openssl(tmp_path, *asked, "-url", url)
        assert "Response verify OK" in said
        assert "device.pem: good" in said
        engineer.run("certificate", "revoke", "gw-1", "--reason", "keyCompromise")
        said = openssl(tmp_path, *asked, "-url", url)
        assert "Response verify OK" in said
        assert "device.pem: revoked" in said

    engineer.run("ca", "crl", "Acme Devices", "--out", tmp_path / "devices.crl")
    serial = engineer.json("certificate", "show", "gw-1")["serial"]
    text = openssl(tmp_path, "crl", "-inform", "DER", "-in", "devices.crl", "-noout", "-text")
    assert f"{serial.upper()}\n" in text  # OpenSSL writes whole bytes
    assert "Key Compromise" in text
    openssl(tmp_path, "crl", "-inform", "DER", "-in", "devices.crl", "-out", "crl.pem")
    checked = (*believed, "-crl_check", "-CRLfile", "crl.pem", "device.pem")
    assert "certificate revoked" in openssl(tmp_path, *checked)
    assert engineer.run("ca", "crl", "Acme Root", "--out", tmp_path / "root.crl") == ""


def issue(engineer: CommandLine, folder: Path) -> None:
    """Certify a key that OpenSSL made; the certificates lie in the folder afterwards."""
    request = ("-subj", "/CN=gw-1", "-keyout", "device.key", "-out", "device.csr")
    openssl(folder, "req", "-new", "-newkey", "rsa:2048", "-nodes", *request)
    engineer.run("certificate", "issue", "--template", "Devices", "--csr", folder / "device.csr")
    engineer.run("certificate", "export", "gw-1", "--out", folder / "device.pem")
    chain = engineer.run("ca", "certificate", "Acme Devices")
    for name, der in zip(("issuing", "root"), certificates_in(chain.encode()), strict=True):
        (folder / f"{name}.pem").write_bytes(certificate_to_pem(der))
