"""Certificates as files, opened by the programs that people open them with."""

import subprocess
from pathlib import Path

import pytest

from app.core.errors import InvalidInputError, NotFoundError
from app.models.domain.access import SYSTEM, Actor
from app.models.domain.certificates import Certificate
from app.models.services.certificates.certificates import CertificateFormat
from app.models.services.workspace.workspace import Workspace
from tests.models.services.gateways import PASSPHRASE, gateway, new_csr, operational
from tests.pki.material import openssl

CHAIN = ["GW-1", "Acme Operational CA 1", "Acme Controls Root CA"]


@pytest.fixture
def issued(demo: Workspace) -> Certificate:
    """An operational certificate whose key was made here."""
    (made,) = gateway(demo, "GW-1", operational=(operational(demo),)).operational
    return demo.certificates.get(SYSTEM, made.certificate.id)


def written(folder: Path, content: bytes) -> Path:
    path = folder / "file"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("chain", [False, True])
def test_pkcs7_is_read_by_openssl_and_gnutls_in_its_order(
    demo: Workspace, issued: Certificate, tmp_path: Path, chain: bool
) -> None:
    content = demo.certificates.export(SYSTEM, issued.id, CertificateFormat.PKCS7, chain=chain)
    path = written(tmp_path, content)
    text = openssl("pkcs7", "-inform", "DER", "-in", path, "-print_certs", "-noout")
    subjects = [line for line in text.splitlines() if line.startswith("subject")]
    wanted = CHAIN if chain else CHAIN[:1]
    assert len(subjects) == len(wanted)
    assert all(name in line for name, line in zip(wanted, subjects, strict=True))
    told = subprocess.run(
        ["certtool", "--p7-info", "--inder", "--infile", path],
        capture_output=True,
        check=True,
        text=True,
    )
    assert told.stdout.count("BEGIN CERTIFICATE") == len(wanted)


def test_der_is_the_certificate_alone(demo: Workspace, issued: Certificate, tmp_path: Path) -> None:
    content = demo.certificates.export(SYSTEM, issued.id, CertificateFormat.DER, chain=False)
    path = written(tmp_path, content)
    told = openssl("x509", "-inform", "DER", "-in", path, "-noout", "-fingerprint", "-sha256")
    assert issued.fingerprint in told.replace(":", "").lower()
    with pytest.raises(InvalidInputError) as caught:
        demo.certificates.export(SYSTEM, issued.id, CertificateFormat.DER, chain=True)
    assert caught.value.field == "chain"


def test_pem_with_its_chain_is_verified_by_openssl(
    demo: Workspace, issued: Certificate, tmp_path: Path
) -> None:
    content = demo.certificates.export(SYSTEM, issued.id, CertificateFormat.PEM, chain=True)
    path = written(tmp_path, content)
    when = str(int(demo.store.clock.now().timestamp()))
    text = openssl("verify", "-CAfile", path, "-attime", when, path)
    assert text.strip().endswith("OK")


@pytest.mark.req("DEV-87")
def test_the_modern_file_is_for_openssl_and_the_legacy_one_for_old_devices(
    demo: Workspace, admin: Actor, issued: Certificate, tmp_path: Path
) -> None:
    modern = demo.certificates.download_pfx(admin, issued.id)
    legacy = demo.certificates.download_legacy_pfx(admin, issued.id, PASSPHRASE)
    for content, flags, scheme in (
        (modern, (), "AES-256-CBC"),
        (legacy, ("-legacy",), "pbeWithSHA1And3-KeyTripleDES-CBC"),
    ):
        path = written(tmp_path, content)
        command = ("pkcs12", *flags, "-in", path, "-passin", f"pass:{PASSPHRASE}", "-nodes")
        text = openssl(*command)
        assert text.count("BEGIN CERTIFICATE") == len(CHAIN)
        assert text.count("BEGIN PRIVATE KEY") == 1
        told = subprocess.run(
            ["openssl", *command, "-info", "-noout"], capture_output=True, check=True, text=True
        )
        assert scheme in told.stderr
    assert issued.device_id is not None
    events = demo.audit.of_object(admin, "device", issued.device_id, 50)
    downloads = [event.after["kind"] for event in events if event.action == "secret.download"]
    assert downloads == ["legacy pfx", "pfx"]


def test_another_passphrase_opens_nothing_and_leaves_no_trace_of_a_download(
    demo: Workspace, admin: Actor, issued: Certificate
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        demo.certificates.download_legacy_pfx(admin, issued.id, "not this one")
    assert caught.value.field == "passphrase"
    assert issued.device_id is not None
    events = demo.audit.of_object(admin, "device", issued.device_id, 50)
    assert "secret.download" not in {event.action for event in events}


def test_without_a_key_here_there_is_no_file_with_one(demo: Workspace, admin: Actor) -> None:
    (made,) = gateway(demo, "GW-2", operational=(operational(demo, csr=new_csr()),)).operational
    with pytest.raises(NotFoundError):
        demo.certificates.download_legacy_pfx(admin, made.certificate.id, PASSPHRASE)


@pytest.mark.req("DEC-18")
def test_details_tell_chain_and_renewals(
    demo: Workspace, admin: Actor, issued: Certificate
) -> None:
    again = demo.certificate_renewal.renew(admin, issued.id).certificate
    first = demo.certificates.details(admin, issued.id)
    second = demo.certificates.details(admin, again.id)
    assert (first.renews, [one.id for one in first.renewed_by]) == (None, [again.id])
    assert second.renews is not None
    assert (second.renews.id, second.renewed_by) == (issued.id, ())
    assert len(first.chain) == 2
    assert first.certificate.authority_name == "Acme Operational CA 1"
    assert first.certificate.template_name
