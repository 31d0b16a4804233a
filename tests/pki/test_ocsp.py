from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Literal

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from app.core.errors import InvalidInputError
from app.pki import der
from app.pki.certificates import build, certificate_to_pem, new_serial
from app.pki.keys import KeyAlgorithm, public_key_from_der
from app.pki.ocsp import (
    CertStatus,
    OcspError,
    OcspRequest,
    SingleAnswer,
    build_response,
    error_response,
    matches,
    parse_request,
    responder_contents,
)
from app.pki.revocation import RevocationReason
from app.pki.sign import signature_algorithm, verify_signature
from tests.pki.material import (
    NOW,
    OPENSSL_ALGORITHMS,
    Authority,
    common_name,
    key,
    openssl,
    root,
)
from tests.pki.ocsp_material import id_for

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)  # openssl judges answers by the computer's clock


@lru_cache
def responder(algorithm: KeyAlgorithm = KeyAlgorithm.EC_P256) -> Authority:
    """The delegated responder of the root: its certificate and key."""
    signer = key(algorithm, 60)
    wanted = responder_contents(
        signer.public_key, common_name("Responder"), NOW, NOW + timedelta(days=30)
    )
    ca = root()
    return Authority(build(wanted, ca.certificate, ca.key, new_serial()), signer)


def good(serial: int = 5, **changes: Any) -> SingleAnswer:
    usual: dict[str, Any] = {
        "cert_id": id_for(root().certificate, serial),
        "status": CertStatus.GOOD,
        "this_update": LONG_AGO,
    }
    return SingleAnswer(**(usual | changes))


def revoked(serial: int = 5, **changes: Any) -> SingleAnswer:
    usual: dict[str, Any] = {
        "status": CertStatus.REVOKED,
        "revoked_at": LONG_AGO,
        "reason": RevocationReason.KEY_COMPROMISE,
    }
    return good(serial, **(usual | changes))


def response(*answers: SingleAnswer, by: Authority | None = None, **changes: Any) -> bytes:
    by = by or responder()
    return build_response(
        answers,
        responder_certificate=by.certificate,
        key=by.key,
        **({"produced_at": NOW} | changes),
    )


@pytest.fixture
def leaf(tmp_path: Path) -> None:
    """A certificate of the root; both lie in the test's folder."""
    (tmp_path / "leaf.pem").write_bytes(certificate_to_pem(root().issue()))
    (tmp_path / "ca.pem").write_bytes(certificate_to_pem(root().certificate))


def asked(tmp_path: Path, option: str = "-sha256") -> bytes:
    """What the openssl command asks about the certificate."""
    path = tmp_path / "request.der"
    openssl("ocsp", *about(tmp_path, option), "-reqout", path)
    return path.read_bytes()


def about(tmp_path: Path, option: str) -> tuple[str | Path, ...]:
    return ("-issuer", tmp_path / "ca.pem", option, "-cert", tmp_path / "leaf.pem")


def told(tmp_path: Path, answer: Callable[[OcspRequest], bytes], option: str = "-sha256") -> str:
    """What the openssl command says when it asks a responder over HTTP."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Type", "application/ocsp-response")
            self.end_headers()
            self.wfile.write(answer(parse_request(body)))

        def log_message(self, *_arguments: object) -> None:
            """Says nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.timeout = 30
        thread = Thread(target=server.handle_request)
        thread.start()
        try:
            return openssl(
                *("ocsp", "-url", f"http://127.0.0.1:{server.server_port}/"),
                *about(tmp_path, option),
                *("-CAfile", tmp_path / "ca.pem", "-attime", str(int(NOW.timestamp()) + 60)),
            )
        finally:
            thread.join()


@pytest.mark.usefixtures("leaf")
@pytest.mark.parametrize(("option", "name"), [("-sha1", "sha1"), ("-sha256", "sha256")])
def test_openssl_s_question_is_read(
    option: str, name: Literal["sha1", "sha256"], tmp_path: Path
) -> None:
    request = parse_request(asked(tmp_path, option))
    (cert_id,) = request.cert_ids
    assert cert_id == id_for(root().certificate, cert_id.serial, name)
    assert cert_id.encoded == id_for(root().certificate, cert_id.serial, name).encoded
    assert matches(cert_id, root().certificate)
    assert not matches(cert_id, root("Other", 30).certificate)
    assert request.nonce is not None


@pytest.mark.usefixtures("leaf")
@pytest.mark.parametrize("algorithm", OPENSSL_ALGORITHMS)
def test_openssl_believes_the_delegated_responder(algorithm: KeyAlgorithm, tmp_path: Path) -> None:
    by = responder(algorithm)
    text = told(tmp_path, lambda request: answering(request, good, by))
    assert "leaf.pem: good" in text
    text = told(tmp_path, lambda request: answering(request, revoked, by))
    assert "leaf.pem: revoked" in text
    assert "Reason: keyCompromise" in text


def answering(
    request: OcspRequest, state: Callable[..., SingleAnswer], by: Authority, **changes: Any
) -> bytes:
    (cert_id,) = request.cert_ids
    return response(state(cert_id=cert_id), by=by, **({"nonce": request.nonce} | changes))


@pytest.mark.usefixtures("leaf")
def test_openssl_believes_the_ca_itself(tmp_path: Path) -> None:
    text = told(tmp_path, lambda request: answering(request, good, root()), "-sha1")
    assert "leaf.pem: good" in text

    def unknown(**given: Any) -> SingleAnswer:
        return good(status=CertStatus.UNKNOWN, **given)

    assert "unknown" in told(tmp_path, lambda request: answering(request, unknown, root()))


@pytest.mark.usefixtures("leaf")
def test_openssl_notices_another_nonce_and_another_responder(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="Nonce Verify error"):
        told(tmp_path, lambda request: answering(request, good, root(), nonce=b"another"))
    other = root("Other", 30)
    with pytest.raises(AssertionError, match="Response Verify Failure"):
        told(tmp_path, lambda request: answering(request, good, other))


@pytest.mark.parametrize("algorithm", KeyAlgorithm)
def test_another_implementation_reads_the_same(algorithm: KeyAlgorithm) -> None:
    week = timedelta(days=7)
    by = responder(algorithm)
    data = response(good(5, next_update=NOW + week), revoked(6), by=by, nonce=b"n" * 128)
    theirs = ocsp.load_der_ocsp_response(data)
    assert theirs.response_status is ocsp.OCSPResponseStatus.SUCCESSFUL
    assert theirs.produced_at_utc == NOW
    assert theirs.responder_key_hash is not None
    assert [sent.public_bytes(Encoding.DER) for sent in theirs.certificates] == [by.certificate]
    nonce = theirs.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
    assert nonce == b"n" * 128
    first, second = theirs.responses
    assert (first.serial_number, first.certificate_status) == (5, ocsp.OCSPCertStatus.GOOD)
    assert (first.this_update_utc, first.next_update_utc) == (LONG_AGO, NOW + week)
    assert (second.serial_number, second.certificate_status) == (6, ocsp.OCSPCertStatus.REVOKED)
    assert second.revocation_time_utc == LONG_AGO
    assert second.revocation_reason is x509.ReasonFlags.key_compromise
    assert second.next_update_utc is None


@pytest.mark.parametrize("algorithm", KeyAlgorithm)
def test_the_signature_is_the_responder_s(algorithm: KeyAlgorithm) -> None:
    theirs = ocsp.load_der_ocsp_response(response(good(), by=responder(algorithm)))
    (oid, *_rest) = der.parse(signature_algorithm(algorithm)).sequence()
    assert theirs.signature_algorithm_oid.dotted_string == der.read_oid(oid)
    verify_signature(
        public_key_from_der(responder(algorithm).key.public_key),
        der.read_oid(oid),
        theirs.signature,
        theirs.tbs_response_bytes,
    )


def test_an_unspecified_reason_is_left_out() -> None:
    data = response(revoked(reason=RevocationReason.UNSPECIFIED), by=root())
    theirs = ocsp.load_der_ocsp_response(data)
    assert (theirs.revocation_reason, theirs.certificates) == (None, [])


def test_the_rest_of_the_chain_follows_the_responder() -> None:
    data = response(good(), chain=(root().certificate,))
    sent = ocsp.load_der_ocsp_response(data).certificates
    assert [certificate.public_bytes(Encoding.DER) for certificate in sent] == [
        responder().certificate,
        root().certificate,
    ]


@pytest.mark.parametrize("error", OcspError)
def test_errors_are_what_another_implementation_calls_them(error: OcspError) -> None:
    theirs = ocsp.load_der_ocsp_response(error_response(error))
    assert theirs.response_status.name == error.name


def test_the_responder_need_not_be_asked_about() -> None:
    certificate = x509.load_der_x509_certificate(responder().certificate)
    no_check = certificate.extensions.get_extension_for_class(x509.OCSPNoCheck)
    assert not no_check.critical
    purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(purposes) == [ExtendedKeyUsageOID.OCSP_SIGNING]


def test_who_may_not_answer_is_refused() -> None:
    for by in (Authority(root().issue(), key()), Authority(root().certificate, key(number=77))):
        with pytest.raises(InvalidInputError):
            response(good(), by=by)
    with pytest.raises(InvalidInputError):
        response()
    with pytest.raises(InvalidInputError):
        response(good(status=CertStatus.REVOKED))
