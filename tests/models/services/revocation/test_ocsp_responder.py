"""The OCSP responder: what other programs read in its answers, and its own certificate."""

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from app.models.db import tables
from app.models.domain.access import SYSTEM
from app.models.domain.authorities import Authority
from app.models.domain.certificates import Certificate
from app.models.services.audit.log import AuditFilter
from app.models.services.authorities.imports import Bundle
from app.models.services.revocation.ocsp_responder import LIFETIME, RENEW_BEFORE
from app.models.services.workspace.opening import open_workspace
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import CertificateContents, KeyUsage, build_root
from app.pki.keys import KeyAlgorithm, generate
from app.pki.pkcs12 import pack
from app.pki.revocation import RevocationReason
from app.pki.sign import SoftwareKey
from tests.fakes import FakeClock
from tests.models.services.authority_material import named
from tests.models.services.gateways import factory, gateway, new_csr, operational
from tests.models.services.published import Published
from tests.workspace_fixtures import NOW, PASSPHRASE

openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl program")
HOLD = RevocationReason.CERTIFICATE_HOLD


@pytest.fixture
def published(demo: Workspace, tmp_path: Path) -> Published:
    return Published(demo, tmp_path)


def question(published: Published, certificate: Certificate, nonce: bytes = b"") -> bytes:
    """A request for a certificate, made by another library."""
    builder = ocsp.OCSPRequestBuilder().add_certificate(
        x509.load_der_x509_certificate(certificate.der),
        x509.load_der_x509_certificate(published.issuer.certificate),
        hashes.SHA256(),
    )
    if nonce:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.build().public_bytes(Encoding.DER)


def answer(published: Published, request: bytes) -> ocsp.OCSPResponse:
    return ocsp.load_der_ocsp_response(published.workspace.ocsp_responder.respond(request))


@openssl
@pytest.mark.parametrize("hash_option", ["-sha1", "-sha256"])
def test_openssl_believes_the_answers(published: Published, hash_option: str) -> None:
    certificate = published.issue()
    revocation = published.workspace.revocation
    said = published.ask(certificate, hash_option)
    assert "Response verify OK" in said
    assert "leaf.pem: good" in said
    assert "Nonce" not in said
    revocation.revoke(SYSTEM, certificate.id, HOLD)
    said = published.ask(certificate, hash_option)
    assert "Response verify OK" in said
    assert "leaf.pem: revoked" in said
    assert "Reason: certificateHold" in said
    revocation.release(SYSTEM, certificate.id)
    assert "leaf.pem: good" in published.ask(certificate, hash_option)
    revocation.revoke(SYSTEM, certificate.id, RevocationReason.KEY_COMPROMISE)
    said = published.ask(certificate, hash_option)
    assert "Reason: keyCompromise" in said
    assert "Revocation Time: Mar  2 08:00:00 2026 GMT" in said


def test_what_is_in_an_answer(published: Published) -> None:
    certificate = published.issue()
    found = answer(published, question(published, certificate, nonce=b"once"))
    assert found.certificate_status is ocsp.OCSPCertStatus.GOOD
    assert found.serial_number == int(certificate.serial, 16)
    assert (found.produced_at_utc, found.this_update_utc) == (NOW, NOW)
    assert found.next_update_utc == NOW + timedelta(hours=1)
    assert found.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == b"once"
    (delegate,) = found.certificates
    usage = delegate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [x509.oid.ExtendedKeyUsageOID.OCSP_SIGNING]
    assert delegate.extensions.get_extension_for_class(x509.OCSPNoCheck)
    assert delegate.not_valid_after_utc == NOW + LIFETIME


def about(published: Published, serial: int, **changes: bytes) -> bytes:
    """A request for this serial number of the issuing authority, or of one with another hash."""
    request = ocsp.load_der_ocsp_request(question(published, published.issue()))
    known = {
        "issuer_name_hash": request.issuer_name_hash,
        "issuer_key_hash": request.issuer_key_hash,
    }
    builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(
        **(known | changes), serial_number=serial, algorithm=hashes.SHA256()
    )
    return builder.build().public_bytes(Encoding.DER)


def test_a_serial_number_nobody_issued_is_unknown(published: Published) -> None:
    found = answer(published, about(published, 5))
    assert found.certificate_status is ocsp.OCSPCertStatus.UNKNOWN


def test_another_authoritys_serial_number_is_unknown(published: Published) -> None:
    made = gateway(published.workspace, "GW-2", factory=factory(published.workspace, csr=new_csr()))
    assert made.factory is not None
    found = answer(published, about(published, int(made.factory.certificate.serial, 16)))
    assert found.certificate_status is ocsp.OCSPCertStatus.UNKNOWN


def test_the_authority_itself_is_good(published: Published) -> None:
    issuing, root = (
        x509.load_der_x509_certificate(found.certificate)
        for found in (published.issuer, published.root)
    )
    request = ocsp.OCSPRequestBuilder().add_certificate(issuing, root, hashes.SHA1()).build()
    found = answer(published, request.public_bytes(Encoding.DER))
    assert found.certificate_status is ocsp.OCSPCertStatus.GOOD


def twins(workspace: Workspace) -> list[Authority]:
    """A root brought along, and the same one with the certificate it got later for its key."""
    key = generate(KeyAlgorithm.EC_P256)
    signing = SoftwareKey(key)
    made = []
    for years in (10, 20):
        contents = CertificateContents(
            subject=named("Corporate"),
            san=(),
            public_key=signing.public_key,
            not_before=NOW - timedelta(days=1),
            not_after=NOW + timedelta(days=365 * years),
            key_usage=frozenset({KeyUsage.KEY_CERT_SIGN, KeyUsage.CRL_SIGN}),
            extended_key_usage=(),
            ca=True,
        )
        bundle = Bundle(pack(key, build_root(contents, signing), (), PASSPHRASE, "CA"), PASSPHRASE)
        imports = workspace.authority_imports
        made.append(imports.import_bundle(SYSTEM, f"Corporate {years}", bundle))
    return made


def test_authorities_of_one_name_and_key_answer_for_each_other(published: Published) -> None:
    workspace = published.workspace
    template_id = operational(workspace).template_id
    for authority in twins(workspace):
        template = workspace.templates.read(SYSTEM, template_id)
        workspace.templates.edit(SYSTEM, replace(template, authority_id=authority.id))
        asked, published.issuer = published.issue(), authority
        status = answer(published, question(published, asked)).certificate_status
        assert status is ocsp.OCSPCertStatus.GOOD
        workspace.revocation.revoke(SYSTEM, asked.id, RevocationReason.SUPERSEDED)
        status = answer(published, question(published, asked)).certificate_status
        assert status is ocsp.OCSPCertStatus.REVOKED


@pytest.mark.parametrize("which", ["issuer_name_hash", "issuer_key_hash"])
def test_no_answer_for_a_stranger(published: Published, which: str) -> None:
    found = answer(published, about(published, 5, **{which: bytes(32)}))
    assert found.response_status is ocsp.OCSPResponseStatus.UNAUTHORIZED


@pytest.mark.parametrize("request_bytes", [b"", b"\x30\x00", b"garbage", bytes(5000)])
def test_malformed_requests(published: Published, request_bytes: bytes) -> None:
    found = answer(published, request_bytes)
    assert found.response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


def test_locked_keys(published: Published) -> None:
    certificate = published.issue()
    request = question(published, certificate)
    assert answer(published, request).response_status is ocsp.OCSPResponseStatus.SUCCESSFUL
    published.workspace.lock()
    assert answer(published, request).response_status is ocsp.OCSPResponseStatus.TRY_LATER
    published.workspace.unlock(PASSPHRASE)
    assert answer(published, request).response_status is ocsp.OCSPResponseStatus.SUCCESSFUL


def test_the_delegate_is_renewed_in_time(published: Published, clock: FakeClock) -> None:
    request = question(published, published.issue())
    (first,) = answer(published, request).certificates
    clock.set(NOW + LIFETIME - RENEW_BEFORE - timedelta(seconds=1))
    assert answer(published, request).certificates == [first]
    clock.advance(seconds=1)
    (second,) = answer(published, request).certificates
    assert second.public_key() != first.public_key()
    assert second.not_valid_after_utc == clock.now() + LIFETIME
    events = published.workspace.audit.page(SYSTEM, 0, 10, AuditFilter("ocsp-responder.issue"))
    assert [event.after["serial"] for event in events] == [
        f"{second.serial_number:x}",
        f"{first.serial_number:x}",
    ]
    with published.workspace.store.database.read() as connection:
        query = tables.secret.select().where(tables.secret.c.purpose == "ocsp-key")
        kept = [row.wrapped_key is not None for row in connection.execute(query)]
    assert kept == [False, True]


def test_two_processes_share_the_delegate(published: Published, clock: FakeClock) -> None:
    request = question(published, published.issue())
    other = open_workspace(published.workspace.folder, clock, PASSPHRASE, exclusive=False)
    (mine,) = answer(published, request).certificates
    (theirs,) = ocsp.load_der_ocsp_response(other.ocsp_responder.respond(request)).certificates
    other.close()
    assert mine == theirs


def test_an_inactive_authority_still_answers(published: Published) -> None:
    request = question(published, published.issue())
    published.workspace.authorities.set_active(SYSTEM, published.issuer.id, active=False)
    assert answer(published, request).certificate_status is ocsp.OCSPCertStatus.GOOD
