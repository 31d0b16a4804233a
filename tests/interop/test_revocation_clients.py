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
from app.models.domain.authorities import KeyChoice
from app.models.domain.certificates import Certificate
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import NEVER, certificate_to_pem
from app.pki.keys import KeyAlgorithm
from app.pki.revocation import RevocationReason
from tests.fakes import FakeClock
from tests.models.services.published import Published
from tests.pki.crl_material import crl_to_pem

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


@pytest.fixture
def below(published: Published) -> Certificate:
    """A certificate of an authority that was made since there are addresses to name."""
    workspace, key = published.workspace, KeyChoice(KeyAlgorithm.EC_P256)
    made = workspace.authority_making.roll_over(
        SYSTEM, published.issuer.id, "Field CA", key, not_after=NEVER
    )
    certificate = published.issue()
    assert certificate.authority_id == made.id
    (published.folder / "issuer.pem").write_bytes(certificate_to_pem(made.certificate))
    (published.folder / "leaf.pem").write_bytes(certificate_to_pem(certificate.der))
    return certificate


def revoke_issuer(published: Published, below: Certificate) -> None:
    published.workspace.authority_revocation.revoke(
        SYSTEM, below.authority_id, RevocationReason.CA_COMPROMISE
    )


@needs_openssl
def test_openssl_fetches_the_list_an_authority_names(
    published: Published, below: Certificate
) -> None:
    def verify() -> str:
        options = ("-crl_check", "-crl_download", "-CAfile", "root.pem")
        return published.run("openssl", "verify", *options, "issuer.pem")[1]

    assert verify().endswith("issuer.pem: OK\n")
    revoke_issuer(published, below)
    assert "certificate revoked" in verify()


@needs_openssl
def test_openssl_asks_of_an_authority(published: Published, below: Certificate) -> None:
    def ask() -> str:
        about = ("-issuer", "root.pem", "-cert", "issuer.pem", "-CAfile", "root.pem")
        code, said = published.run("openssl", "ocsp", "-url", url(published, "ocsp"), *about)
        assert code == 0, said
        assert "Response verify OK" in said
        return said

    assert "issuer.pem: good" in ask()
    revoke_issuer(published, below)
    said = ask()
    assert "issuer.pem: revoked" in said
    assert "Reason: cACompromise" in said


@pytest.mark.skipif(shutil.which("pki") is None, reason="needs strongSwan's pki")
def test_strongswan_reads_the_lists_of_each_level(published: Published, below: Certificate) -> None:
    def verify() -> tuple[int, str]:
        for name, id_ in (("root", published.root.id), ("issuer", below.authority_id)):
            der = published.workspace.crls.current(id_).der
            (published.folder / f"{name}.crl").write_bytes(der)
        trust = ("--cacert", "issuer.pem", "--cacert", "root.pem")
        lists = ("--crl", "root.crl", "--crl", "issuer.crl")
        return published.run("pki", "--verify", "--in", "leaf.pem", *trust, *lists)

    code, said = verify()
    assert code == 0, said
    assert "certificate not revoked" in said
    revoke_issuer(published, below)
    code, said = verify()
    assert code != 0, said
    assert "reason: ca compromise" in said


@pytest.mark.skipif(shutil.which("certtool") is None, reason="needs the certtool program")
def test_gnutls_reads_the_list_above(published: Published, below: Certificate) -> None:
    files = [(published.folder / name).read_bytes() for name in ("leaf.pem", "issuer.pem")]
    (published.folder / "chain.pem").write_bytes(b"".join(files))

    def verify() -> str:
        der = published.workspace.crls.current(published.root.id).der
        (published.folder / "list.pem").write_bytes(crl_to_pem(der))
        trust = ("--load-ca-certificate", "root.pem", "--load-crl", "list.pem")
        return published.run("certtool", "--verify", *trust, "--infile", "chain.pem")[1]

    assert "Chain verification output: Verified." in verify()
    revoke_issuer(published, below)
    assert "revoked" in verify()
