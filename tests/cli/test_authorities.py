"""`birthmark ca`, but for keys on tokens, which `test_pki_walk` shows."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from app.pki.certificates import (
    CertificateContents,
    KeyUsage,
    build,
    build_root,
    certificate_to_pem,
    new_serial,
    read_certificate,
)
from app.pki.csr import parse_csr
from app.pki.formats import certificates_in, csr_in
from app.pki.keys import KeyAlgorithm, generate
from app.pki.pkcs12 import pack
from app.pki.sign import SoftwareKey
from app.pki.subjects import ATTRIBUTE_TYPES, Attribute
from tests.cli.conftest import CommandLine
from tests.workspace_fixtures import NOW

SUBJECT = ("--subject", "C=SE", "O=Acme, Inc.", "CN=Other Root")


def other_ca(subject: str, public_key: bytes) -> CertificateContents:
    """A CA certificate of somebody else."""
    return CertificateContents(
        subject=(Attribute(ATTRIBUTE_TYPES["CN"].oid, subject),),
        san=(),
        public_key=public_key,
        not_before=NOW,
        not_after=NOW.replace(year=2036),
        key_usage=frozenset({KeyUsage.KEY_CERT_SIGN, KeyUsage.CRL_SIGN}),
        extended_key_usage=(),
        ca=True,
    )


@pytest.mark.req("SYS-04")
def test_a_root_and_an_authority_below_it(command: CommandLine) -> None:
    root = command.json("ca", "create-root", "Other Root", *SUBJECT, "--key", "ec-p384")
    assert root["subject"] == "CN=Other Root,O=Acme\\, Inc.,C=SE"
    assert (root["algorithm"], root["key_store"]) == ("ec-p384", "software")
    assert root["not_after"] == "2056-03-02T08:00:00Z"
    issuing = command.json(
        *("ca", "create-issuing", "Other CA", "--issuer", "Other Root", "--subject", "CN=Other CA"),
        *("--until", "2030-01-01", "--tenant", "Acme Controls"),
    )
    assert (issuing["issuer"], issuing["path_length"]) == (root["subject"], 0)
    assert (issuing["not_after"], issuing["tenant"]) == ("2030-01-01T00:00:00Z", "Acme Controls")
    assert command.json("ca", "test-sign", "Other CA")["milliseconds"] >= 0
    chain = certificates_in(command.run("ca", "certificate", "Other CA").encode())
    assert [read_certificate(der).fingerprint for der in chain] == [
        issuing["fingerprint"],
        root["fingerprint"],
    ]


def test_an_authority_is_revoked(command: CommandLine) -> None:
    command.run("ca", "create-root", "Other Root", *SUBJECT)
    command.run(
        *("ca", "create-issuing", "Other CA", "--issuer", "Other Root", "--subject", "CN=Other CA")
    )
    since = ("--since", "2026-02-01")
    command.run("ca", "revoke", "Other CA", "--reason", "cACompromise", *since)
    shown = command.json("ca", "show", "Other CA")
    assert (shown["active"], shown["revocation_reason"]) == (False, "cACompromise")
    assert shown["revoked_at"] == "2026-03-02T08:00:00Z"
    assert shown["invalid_since"] == "2026-02-01T00:00:00Z"
    listed = {one["name"]: one["revoked_at"] for one in command.json("ca", "list")}
    assert (listed["Other CA"], listed["Other Root"]) == (shown["revoked_at"], None)
    assert "is a root" in command.refused("ca", "revoke", "Other Root", "--reason", "superseded")
    assert "is revoked" in command.refused("ca", "activate", "Other CA")


def test_an_authority_is_edited_ended_and_deleted(command: CommandLine) -> None:
    command.run("ca", "create-root", "Other Root", *SUBJECT)
    command.run(
        *("ca", "edit", "Other Root", "--name", "Old Root"),
        *("--crl-hours", 24, "--crl-partition-size", 1000, "--organization", "North plant"),
    )
    shown = command.json("ca", "show", "Old Root")
    assert (shown["access"], shown["organization"]) == ("organization", "North plant")
    assert (shown["crl_hours"], shown["crl_partition_size"]) == (24, 1000)
    command.run("ca", "edit", "Old Root", "--crl-partition-size", 0)
    shown = command.json("ca", "show", "Old Root")
    assert (shown["access"], shown["crl_partition_size"]) == ("organization", None)
    command.run("ca", "edit", "Old Root", "--everywhere")
    assert command.json("ca", "show", "Old Root")["access"] == "global"
    command.run("ca", "deactivate", "Old Root")
    command.run("ca", "activate", "Old Root")
    command.run("ca", "deactivate", "Old Root")
    command.run("ca", "delete", "Old Root")
    assert "Old Root" not in command.run("ca", "list")


def test_a_successor_takes_the_place_of_an_authority(command: CommandLine) -> None:
    made = command.json("ca", "roll-over", "Acme Operational CA 1", "Acme Operational CA 2")
    assert made["subject"] == command.json("ca", "show", "Acme Operational CA 1")["subject"]
    template = command.json("template", "show", "Gateway mTLS client")
    assert template["authority_id"] == made["id"]


def test_another_ca_answers_a_request(command: CommandLine, tmp_path: Path) -> None:
    request = tmp_path / "request.pem"
    assert command.run("ca", "request", "Bought CA", *SUBJECT, "--out", request) == ""
    (waiting,) = command.json("ca", "requests")
    assert waiting["name"] == "Bought CA"
    csr = parse_csr(csr_in(request.read_bytes()))
    key = SoftwareKey(generate(KeyAlgorithm.EC_P256))
    top = build_root(other_ca("Global Root", key.public_key), key)
    answer = build(other_ca("Bought CA", csr.public_key), top, key, new_serial())
    file = tmp_path / "answer.pem"
    file.write_bytes(certificate_to_pem(answer) + certificate_to_pem(top))
    made = command.json("ca", "accept", "Bought CA", file)
    assert (made["issuer"], made["key_store"]) == ("CN=Global Root", "software")
    assert command.json("ca", "requests") == []
    command.run("ca", "request", "Never CA", *SUBJECT)
    command.run("ca", "withdraw", "Never CA")
    assert command.json("ca", "requests") == []


def test_an_authority_is_brought_along(
    command: CommandLine, tmp_path: Path, secret_file: Callable[[str], Path]
) -> None:
    key = generate(KeyAlgorithm.EC_P256)
    signing = SoftwareKey(key)
    root = build_root(other_ca("Brought Root", signing.public_key), signing)
    file = tmp_path / "root.p12"
    file.write_bytes(pack(key, root, (), "brought along", "root"))
    bring = ("ca", "import", "Brought", file, "--pkcs12", "--import-passphrase-file")
    assert command.refused(*bring, secret_file("wrong"))
    made = command.json(*bring, secret_file("brought along"))
    assert (made["key_store"], made["subject"]) == ("software", "CN=Brought Root")

    pem = tmp_path / "other.pem"
    other = build_root(other_ca("Seen Root", signing.public_key), signing)
    pem.write_bytes(certificate_to_pem(other))
    seen = command.json("ca", "import", "Seen", pem)
    assert seen["key_store"] == "elsewhere"
    assert "not in this workspace" in command.refused("ca", "test-sign", "Seen")


def test_what_is_wrong_is_said_before_anything_is_made(
    command: CommandLine, tmp_path: Path
) -> None:
    before = command.json("ca", "list")
    assert "NAME=VALUE" in command.refused("ca", "create-root", "X", "--subject", "Acme Root")
    token = command.refused("ca", "create-root", "X", "--subject", "CN=X", "--token", "none.so")
    assert "not named" in token
    there = tmp_path / "there"
    there.touch()
    request = command.refused("ca", "request", "X", "--subject", "CN=X", "--out", there)
    assert "is there already" in request
    assert "cannot be read" in command.refused("ca", "import", "X", tmp_path / "none")
    assert command.json("ca", "list") == before
    assert command.json("ca", "requests") == []


@pytest.mark.req("AIS-06")
def test_the_certificate_of_an_issuing_authority_as_pem(
    command: CommandLine, tmp_path: Path
) -> None:
    """As the cloud wants it; OpenSSL reads the first one of the file, which is the issuer's."""
    file = tmp_path / "issuing.pem"
    command.run("ca", "certificate", "Acme Operational CA 1", "--out", file)
    read = ("openssl", "x509", "-in", file, "-noout", "-fingerprint", "-sha256")
    said = subprocess.run(read, capture_output=True, text=True, check=True, timeout=60).stdout
    shown = command.json("ca", "show", "Acme Operational CA 1")
    assert said.strip().partition("=")[2].replace(":", "").lower() == shown["fingerprint"]
