"""`birthmark certificate`."""

import json
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.main import main
from app.pki.certificates import read_certificate
from app.pki.csr import build_csr
from app.pki.formats import certificates_in
from app.pki.keys import KeyAlgorithm, generate
from app.pki.pkcs12 import unpack
from app.pki.sign import SoftwareKey
from app.pki.subjects import ATTRIBUTE_TYPES, Attribute
from tests.cli.conftest import CommandLine
from tests.pki.crl_material import crl

TEMPLATE = ("--template", "Gateway mTLS client", "--tenant", "Acme Controls")
NAMES = ("--set", "subject.CN=gw-1", "san.dns=gw-1.example.com")
PFX = "a pfx of my own"


def csr_file(folder: Path, name: str) -> Path:
    """A request with a key of its own."""
    key = SoftwareKey(generate(KeyAlgorithm.EC_P256))
    file = folder / f"{name}.csr"
    file.write_bytes(build_csr(key, (Attribute(ATTRIBUTE_TYPES["CN"].oid, name),)))
    return file


@pytest.fixture
def issued(command: CommandLine, tmp_path: Path) -> str:
    """The serial number of a certificate issued for a request."""
    names = ("--set", "san.dns=gw-1.example.com")
    request = csr_file(tmp_path, "gw-1")
    (made,) = command.json("certificate", "issue", *TEMPLATE, "--csr", request, *names)
    return str(made["serial"])


@pytest.mark.req("SYS-04")
def test_a_certificate_is_issued_for_a_request(command: CommandLine, issued: str) -> None:
    shown = command.json("certificate", "show", issued)
    assert (shown["name"], shown["status"]) == ("gw-1", "issued")
    assert (shown["issued_by"], shown["issued_through"]) == ("admin", "cli")
    titles = [section["title"] for section in shown["text"]]
    assert "Validity" in titles
    text = command.run("certificate", "show", "gw-1")
    assert "gw-1.example.com" in text
    for named in (shown["id"], "gw-1", shown["fingerprint"].upper()):
        assert command.json("certificate", "show", named)["serial"] == issued
    (listed,) = command.json("certificate", "list", "--search", "gw", "--state", "valid")
    assert listed["serial"] == issued


def test_a_group_is_issued_whole_or_not_at_all(command: CommandLine, tmp_path: Path) -> None:
    good, other = csr_file(tmp_path, "gw-1"), csr_file(tmp_path, "gw-2")
    out = tmp_path / "all.pem"
    broken = tmp_path / "broken.csr"
    broken.write_bytes(good.read_bytes()[:-1] + b"\0")
    names = ("--set", "san.dns=gw.example.com")
    assert command.refused("certificate", "issue", *TEMPLATE, "--csr", good, broken, *names)
    assert command.json("certificate", "list") == []
    made = command.json(
        "certificate", "issue", *TEMPLATE, "--csr", good, other, *names, "--out", out
    )
    assert [row["name"] for row in made] == ["gw-1", "gw-2"]
    assert len(certificates_in(out.read_bytes())) == 4  # with the two authorities above


@pytest.mark.parametrize("legacy", [False, True])
def test_a_key_made_here_comes_as_pkcs12(
    command: CommandLine, tmp_path: Path, secret_file: Callable[[str], Path], legacy: bool
) -> None:
    passphrase = ("--pfx-passphrase-file", secret_file(PFX))
    flag = ["--legacy"] if legacy else []
    assert "--out" in command.refused("certificate", "issue", *TEMPLATE, *NAMES)
    assert command.json("certificate", "list") == []
    out = tmp_path / "gw.p12"
    command.run("certificate", "issue", *TEMPLATE, *NAMES, "--out", out, *passphrase, *flag)
    if sys.platform != "win32":
        assert stat.S_IMODE(out.stat().st_mode) == 0o600
    again = tmp_path / "again.p12"
    command.run(
        *("certificate", "export", "gw-1", "--format", "pkcs12", "--out", again),
        *(*passphrase, *flag),
    )
    first, second = (unpack(file.read_bytes(), PFX) for file in (out, again))
    assert first.certificate == second.certificate
    assert first.private_key is not None
    assert second.private_key is not None
    assert len(first.chain) == len(second.chain) == 2
    triple_des = bytes.fromhex("060a2a864886f70d010c0103")  # pbeWithSHAAnd3-KeyTripleDES-CBC
    assert (triple_des in out.read_bytes(), triple_des in again.read_bytes()) == (legacy, legacy)


def test_a_certificate_is_exported_in_every_format(
    command: CommandLine, issued: str, tmp_path: Path
) -> None:
    pem = certificates_in(command.run("certificate", "export", issued).encode())
    chain = certificates_in(command.run("certificate", "export", issued, "--chain").encode())
    for wanted in ("der", "pkcs7"):
        command.run(
            *("certificate", "export", issued, "--format", wanted, "--out", tmp_path / wanted)
        )
    assert ((tmp_path / "der").read_bytes(),) == pem == chain[:1]
    assert certificates_in((tmp_path / "pkcs7").read_bytes()) == chain
    assert len(chain) == 3
    assert "one certificate" in command.refused(
        "certificate", "export", issued, "--format", "der", "--chain"
    )
    assert "no private key" in command.refused(
        "certificate", "export", issued, "--format", "pkcs12"
    )
    assert "is there already" in command.refused(
        "certificate", "export", issued, "--out", tmp_path / "der"
    )


def test_a_certificate_is_renewed_and_rekeyed(
    command: CommandLine, issued: str, tmp_path: Path
) -> None:
    (renewed,) = command.json("certificate", "renew", issued, "--out", tmp_path / "renewed.pem")
    request = csr_file(tmp_path, "anything")
    (rekeyed,) = command.json("certificate", "rekey", renewed["id"], "--csr", request)
    old, same, other = (
        read_certificate(certificates_in(command.run("certificate", "export", one).encode())[0])
        for one in (issued, renewed["serial"], rekeyed["serial"])
    )
    assert old.public_key == same.public_key != other.public_key
    assert old.subject_der == same.subject_der == other.subject_der
    assert command.json("certificate", "show", rekeyed["id"])["previous_id"] == renewed["id"]
    assert "Several" in command.refused("certificate", "show", "gw-1")


def test_a_certificate_is_held_released_and_revoked(command: CommandLine, issued: str) -> None:
    command.run("certificate", "hold", issued)
    assert command.json("certificate", "show", issued)["status"] == "on-hold"
    command.run("certificate", "release", issued)
    revoke = ("certificate", "revoke", issued, "--reason", "keyCompromise")
    command.run(*revoke, "--since", "2026-03-01")
    shown = command.json("certificate", "show", issued)
    assert (shown["status"], shown["revocation_reason"]) == ("revoked", "keyCompromise")
    assert shown["invalid_since"] == "2026-03-01T00:00:00Z"
    assert "revoked already" in command.refused(*revoke)
    assert command.json("certificate", "list", "--state", "revoked")[0]["serial"] == issued


@pytest.mark.req("ROLE-05", "ROLE-06", "ROLE-07")
@pytest.mark.parametrize(
    ("user", "organization_id"), [("ruth.keller", None), ("mia.rossi", None), ("nora.lind", 1)]
)
def test_who_issues_does_so_in_the_own_part(
    command: CommandLine, tmp_path: Path, user: str, organization_id: int | None
) -> None:
    person = command.acting_as(user)
    request = ("--csr", csr_file(tmp_path, "gw-1"), "--set", "san.dns=gw-1.example.com")
    template = ("--template", "Gateway mTLS client")
    (made,) = person.json("certificate", "issue", *template, *request)
    shown = person.json("certificate", "show", made["id"])
    assert (shown["tenant_id"], shown["organization_id"]) == (1, organization_id)
    person.run("certificate", "revoke", made["id"], "--reason", "superseded")


@pytest.mark.req("ROLE-08", "ROLE-09")
@pytest.mark.parametrize("user", ["ivan.petrov", "paul.jensen"])
def test_auditors_read_certificates_and_change_none(
    command: CommandLine, issued: str, user: str
) -> None:
    person = command.acting_as(user)
    assert person.json("certificate", "show", issued)["status"] == "issued"
    for arguments in (("revoke", issued, "--reason", "superseded"), ("renew", issued)):
        assert "may not do this" in person.refused("certificate", *arguments)
    assert person.json("certificate", "show", issued)["status"] == "issued"


def test_a_field_that_is_not_there_is_named(command: CommandLine, tmp_path: Path) -> None:
    request = csr_file(tmp_path, "gw-1")
    wrong = command.refused(
        "certificate", "issue", *TEMPLATE, "--csr", request, "--set", "subject.XY=1"
    )
    assert "subject.XY" in wrong
    assert "subject.CN" in wrong


def test_a_file_is_checked_without_a_workspace(
    command: CommandLine, issued: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "gw.pem"
    command.run("certificate", "export", issued, "--chain", "--out", file)
    assert main(["certificate", "check", str(file)]) == 0
    assert "gw-1.example.com" in capsys.readouterr().out
    assert main(["certificate", "check", str(file), "--json"]) == 0
    checked = json.loads(capsys.readouterr().out)
    assert len(checked) == 3
    assert all("findings" in one for one in checked)
    file.write_text("nothing", "utf-8")
    assert main(["certificate", "check", str(file)]) == 1
    assert capsys.readouterr().out == ""


def test_a_request_is_told_with_why_it_would_be_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "device.csr"
    key = SoftwareKey(generate(KeyAlgorithm.EC_P256))
    good = build_csr(key, (Attribute(ATTRIBUTE_TYPES["CN"].oid, "gw-7"),))
    file.write_bytes(good)
    assert main(["certificate", "check", str(file)]) == 0
    told = capsys.readouterr().out
    assert "gw-7" in told
    assert "No findings." in told
    file.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    assert main(["certificate", "check", str(file), "--json"]) == 0
    (checked,) = json.loads(capsys.readouterr().out)
    (finding,) = checked["findings"]
    assert "signature" in finding["message"].lower()
    assert checked["text"][0]["lines"] == [["Common name", "gw-7"]]


def test_a_revocation_list_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "list.crl"
    file.write_bytes(crl())
    assert main(["certificate", "check", str(file)]) == 0
    told = capsys.readouterr().out
    assert "Revoked certificates" in told
    assert "No findings." not in told
    assert main(["certificate", "check", str(file), "--json"]) == 0
    (checked,) = json.loads(capsys.readouterr().out)
    assert set(checked) == {"text"}
