"""Revocation as other programs look it up, over plain HTTP."""

import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.api.publication import PublicationService
from app.listener.listener import Listener
from app.models.domain.access import SYSTEM
from app.models.services.workspace import Workspace
from app.pki.certificates import certificate_to_pem
from app.pki.revocation import RevocationReason
from tests.fakes import FakeClock
from tests.models.services.published import Published

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")


@pytest.fixture
def published(demo: Workspace, clock: FakeClock, tmp_path: Path) -> Iterator[Published]:
    """The demo workspace now, since clients judge by the computer's clock, and on the network."""
    clock.set(datetime.now(UTC))
    service = PublicationService(
        demo.crls, demo.ocsp_responder, demo.authorities, demo.settings, clock
    )
    listener = Listener(service.handle)
    listener.start("127.0.0.1", 0)
    published = Published(demo, tmp_path)
    demo.settings.change(publication_url=f"http://{listener.address}")
    yield published
    listener.stop()


def url(published: Published, path: str) -> str:
    return f"{published.workspace.settings.current.publication_url}/{path}"


@needs_openssl
def test_openssl_ocsp(published: Published) -> None:
    certificate = published.issue()
    (published.folder / "leaf.pem").write_bytes(certificate_to_pem(certificate.der))

    def ask() -> str:
        about = ("-issuer", "issuer.pem", "-cert", "leaf.pem", "-CAfile", "root.pem")
        asked = ("-url", url(published, "ocsp"), *about)
        code, said = published.run("openssl", "ocsp", *asked)
        assert code == 0, said
        assert "Response verify OK" in said
        return said

    assert "leaf.pem: good" in ask()
    published.workspace.revocation.revoke(SYSTEM, certificate.id, RevocationReason.CERTIFICATE_HOLD)
    assert "leaf.pem: revoked" in ask()
    published.workspace.revocation.release(SYSTEM, certificate.id)
    assert "leaf.pem: good" in ask()


@pytest.mark.req("EST-CRT-09")
@needs_openssl
def test_openssl_fetches_the_list_a_certificate_names(published: Published) -> None:
    certificate = published.issue()
    (published.folder / "leaf.pem").write_bytes(certificate_to_pem(certificate.der))
    trust = ("-CAfile", "root.pem", "-untrusted", "issuer.pem")

    def verify() -> str:
        command = ("openssl", "verify", "-crl_check", "-crl_download", *trust, "leaf.pem")
        return published.run(*command)[1]

    assert verify().endswith("leaf.pem: OK\n")
    published.workspace.revocation.revoke(SYSTEM, certificate.id, RevocationReason.KEY_COMPROMISE)
    assert "certificate revoked" in verify()


@needs_curl
@needs_openssl
def test_curl_fetches_lists_and_authorities(published: Published) -> None:
    def curl(path: str, *options: str) -> str:
        command = ("curl", "--silent", "--show-error", "--fail", *options, url(published, path))
        code, said = published.run(*command)
        assert code == 0, said
        return said

    path = f"crl/{published.issuer.id}.crl"
    assert "application/pkix-crl" in curl(path, "--head")
    curl(path, "--output", "list.der", "--etag-save", "etag")
    read = ("openssl", "crl", "-inform", "DER", "-in", "list.der", "-noout")
    code, said = published.run(*read, "-CAfile", "issuer.pem", "-crlnumber")
    assert (code, "verify OK" in said, "crlNumber=" in said) == (0, True, True), said
    known = curl(path, "--etag-compare", "etag", "--write-out", "%{http_code}")
    assert known == "304"
    curl(f"ca/{published.issuer.id}.cer", "--output", "ca.der")
    pem = subprocess.run(
        ["openssl", "x509", "-inform", "DER", "-in", "ca.der"],
        cwd=published.folder,
        capture_output=True,
        check=True,
    )
    assert pem.stdout == certificate_to_pem(published.issuer.certificate)
