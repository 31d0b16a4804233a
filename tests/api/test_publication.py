"""What is answered below the address in certificates, and what is not."""

import base64
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from app.api.publication import PublicationService
from app.core.messages import Peer, Request, Response
from app.models.db.tables import authority
from app.models.domain.access import SYSTEM
from app.models.domain.authorities import KeyChoice, TokenChoice
from app.models.domain.certificates import Certificate
from app.models.services.workspace.workspace import Workspace
from app.pki.keys import KeyAlgorithm
from app.pki.revocation import RevocationReason
from tests.fakes import FakeClock
from tests.models.services.authority_material import new_root
from tests.models.services.published import BASE, Published
from tests.pki.softhsm import SoftHsm, softhsm

__all__ = ["softhsm"]

ASKS = {"content-type": "application/ocsp-request"}


class Asking(Published):
    """The demo workspace and what answers for it."""

    def __post_init__(self) -> None:
        super().__post_init__()
        demo = self.workspace
        self.service = PublicationService(
            demo.crls, demo.ocsp_responder, demo.authorities, demo.settings, demo.store.clock
        )

    def ask(  # type: ignore[override]  # over HTTP, not by openssl
        self,
        target: str,
        method: str = "GET",
        body: bytes = b"",
        headers: dict[str, str] | None = None,
    ) -> Response:
        return self.service.handle(Request(method, target, headers or {}, body, Peer("192.0.2.7")))

    def question(self, certificate: Certificate) -> bytes:
        builder = ocsp.OCSPRequestBuilder().add_certificate(
            x509.load_der_x509_certificate(certificate.der),
            x509.load_der_x509_certificate(self.issuer.certificate),
            hashes.SHA1(),
        )
        return builder.build().public_bytes(Encoding.DER)


@pytest.fixture
def published(demo: Workspace, tmp_path: Path) -> Asking:
    return Asking(demo, tmp_path)


def fields(response: Response) -> dict[str, str]:
    return dict(response.headers)


def status_in(response: Response) -> ocsp.OCSPCertStatus:
    assert (response.status, fields(response)["Content-Type"]) == (200, "application/ocsp-response")
    return ocsp.load_der_ocsp_response(response.body).certificate_status


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_list(published: Asking, clock: FakeClock, method: str) -> None:
    first = published.ask(f"/crl/{published.issuer.id}.crl", method)
    assert first.status == 200
    read = x509.load_der_x509_crl(first.body)
    assert read.issuer == x509.load_der_x509_certificate(published.issuer.certificate).subject
    assert fields(first)["Content-Type"] == "application/pkix-crl"
    assert fields(first)["Cache-Control"] == f"public, max-age={7 * 24 * 60 * 60}"
    assert parsedate_to_datetime(fields(first)["Last-Modified"]) == clock.now()
    clock.advance(hours=1)
    later = published.ask(f"/crl/{published.issuer.id}.crl", method)
    assert later.body == first.body
    assert fields(later)["Cache-Control"] == f"public, max-age={(7 * 24 - 1) * 60 * 60}"


def test_a_list_that_is_known_is_not_sent_again(published: Asking) -> None:
    target = f"/crl/{published.issuer.id}.crl"
    tag = fields(published.ask(target))["ETag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}'):
        again = published.ask(target, headers={"if-none-match": known})
        assert (again.status, again.body, fields(again)["ETag"]) == (304, b"", tag)
    certificate = published.issue()
    published.workspace.revocation.revoke(SYSTEM, certificate.id, RevocationReason.SUPERSEDED)
    changed = published.ask(target, headers={"if-none-match": tag})
    assert changed.status == 200
    serials = [entry.serial_number for entry in x509.load_der_x509_crl(changed.body)]
    assert serials == [int(certificate.serial, 16)]


@pytest.mark.req("EST-CRT-09")
def test_every_address_in_a_certificate_is_answered(published: Asking) -> None:
    published.split(100)
    for _number in range(101):
        certificate = published.issue()
    read = x509.load_der_x509_certificate(certificate.der)
    (point,) = read.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert point.full_name is not None
    access = read.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    found = {one.access_method: str(one.access_location.value) for one in access}
    crl = published.ask(str(point.full_name[0].value).removeprefix(BASE))
    assert str(point.full_name[0].value).endswith("-1.crl")
    assert x509.load_der_x509_crl(crl.body).issuer == read.issuer
    issuers = found[x509.oid.AuthorityInformationAccessOID.CA_ISSUERS].removeprefix(BASE)
    answer = published.ask(issuers)
    assert (answer.body, fields(answer)["Content-Type"]) == (
        published.issuer.certificate,
        "application/pkix-cert",
    )
    responder = found[x509.oid.AuthorityInformationAccessOID.OCSP].removeprefix(BASE)
    asked = published.ask(responder, "POST", published.question(certificate), ASKS)
    assert status_in(asked) is ocsp.OCSPCertStatus.GOOD


@pytest.mark.parametrize("safe", ["", "/", "/+="])
def test_ocsp_in_the_path(published: Asking, safe: str) -> None:
    """Clients differ in what of base64 they percent-encode (RFC 6960 appendix A.1)."""
    certificate = published.issue()
    text = quote(base64.b64encode(published.question(certificate)).decode(), safe=safe)
    assert status_in(published.ask(f"/ocsp/{text}")) is ocsp.OCSPCertStatus.GOOD
    published.workspace.revocation.revoke(SYSTEM, certificate.id, RevocationReason.SUPERSEDED)
    answer = published.ask(f"/ocsp/{text}")
    assert status_in(answer) is ocsp.OCSPCertStatus.REVOKED
    assert fields(answer)["Cache-Control"] == "no-store"


def test_what_is_no_ocsp_request_is_answered_in_ocsp(published: Asking) -> None:
    answer = published.ask("/ocsp", "POST", b"nonsense", ASKS)
    assert (answer.status, answer.body) == (200, bytes.fromhex("30030a0101"))


@pytest.mark.parametrize(
    ("target", "method", "status", "allow"),
    [
        ("/ocsp", "GET", 405, "POST"),
        ("/ocsp/MAA=", "POST", 405, "GET, HEAD"),
        ("/crl/1.crl", "POST", 405, "GET, HEAD"),
        ("/ca/1.cer", "DELETE", 405, "GET, HEAD"),
        ("/ocsp/not-base64", "GET", 400, None),
        ("/ocsp/MA", "GET", 400, None),
        ("/ocsp/" + "A" * 6000, "GET", 414, None),
        ("/ocsp", "POST", 415, None),
        ("/", "GET", 404, None),
        ("/crl/999.crl", "GET", 404, None),
        ("/crl/1-1.crl", "GET", 404, None),
        ("/crl/1-0.crl", "GET", 404, None),
        ("/crl/01.crl", "GET", 404, None),
        ("/crl/1.crl/", "GET", 404, None),
        ("/crl/%31.crl", "GET", 404, None),
        ("/crl/\u0661.crl", "GET", 404, None),
        ("/crl/-1.crl", "GET", 404, None),
        ("/crl/99999999999999999999.crl", "GET", 404, None),
        ("/crl/../ca/1.cer", "GET", 404, None),
        ("/ca/999.cer", "GET", 404, None),
        ("/ca/1.crl", "GET", 404, None),
        ("/.well-known/est/cacerts", "GET", 404, None),
    ],
)
def test_refusals(
    published: Asking, target: str, method: str, status: int, allow: str | None
) -> None:
    answer = published.ask(target, method)
    assert (answer.status, fields(answer).get("Allow")) == (status, allow)
    assert fields(answer)["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.body.endswith(b".\n")


@pytest.mark.parametrize(
    ("headers", "size", "status"),
    [
        (ASKS, 4097, 413),
        (ASKS, 4096, 200),
        ({"content-type": "Application/OCSP-Request; x=y"}, 5, 200),
        ({"content-type": "text/plain"}, 5, 415),
        (ASKS | {"content-encoding": "gzip"}, 5, 415),
    ],
)
def test_bodies(published: Asking, headers: dict[str, str], size: int, status: int) -> None:
    assert published.ask("/ocsp", "POST", bytes(size), headers).status == status


def test_below_a_path_whether_a_proxy_cuts_it_off_or_not(published: Asking) -> None:
    published.workspace.settings.change(publication_url="http://pki.example/birthmark/")
    for target in ("/birthmark/ca/1.cer", "/ca/1.cer", "/ca/1.cer?x=y"):
        assert published.ask(target).status == 200
    assert published.ask("/birthmark/birthmark/ca/1.cer").status == 404
    assert published.ask("/birthmarkca/1.cer").status == 404


def test_locked_keys(published: Asking, clock: FakeClock) -> None:
    published.ask(f"/crl/{published.issuer.id}.crl")
    published.workspace.lock()
    clock.advance(days=6)
    assert published.ask(f"/crl/{published.issuer.id}.crl").status == 200
    clock.advance(days=1)
    answer = published.ask(f"/crl/{published.issuer.id}.crl")
    assert (answer.status, fields(answer)["Retry-After"]) == (503, "30")
    assert b"lock" not in answer.body
    assert published.ask(f"/ca/{published.issuer.id}.cer").status == 200


def test_a_token_that_is_away_is_no_missing_list(published: Asking, softhsm: SoftHsm) -> None:
    root = new_root(
        published.workspace,
        "On a token",
        KeyChoice(KeyAlgorithm.EC_P256, TokenChoice(softhsm.token, softhsm.pin, None)),
    )
    with published.workspace.store.change(SYSTEM) as change:
        address = {"module": softhsm.module, "token": "another", "serial": ""}
        change.connection.execute(
            update(authority)
            .where(authority.c.id == root.id)
            .values(key_address=address | {"key_id": "00", "label": ""})
        )
    answer = published.ask(f"/crl/{root.id}.crl")
    assert (answer.status, fields(answer)["Retry-After"]) == (503, "60")
    assert b"token" not in answer.body


def test_a_list_is_not_kept_for_longer_than_it_is_good(published: Asking, clock: FakeClock) -> None:
    published.ask(f"/crl/{published.issuer.id}.crl")
    published.workspace.lock()
    clock.advance(days=7, seconds=-1)
    answer = published.ask(f"/crl/{published.issuer.id}.crl")
    assert fields(answer)["Cache-Control"] == "public, max-age=1"


def test_our_own_fault_is_a_plain_500(
    published: Asking, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_data: bytes) -> bytes:
        raise ZeroDivisionError

    monkeypatch.setattr(published.workspace.ocsp_responder, "respond", broken)
    answer = published.ask("/ocsp", "POST", b"x", ASKS)
    assert answer.status == 500
    assert "ZeroDivisionError" in caplog.text


@given(
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT"]),
    target=st.one_of(
        st.text(st.characters(min_codepoint=33, max_codepoint=126)).map(lambda t: f"/{t}"),
        st.from_regex(r"/(crl|ca|ocsp)/[0-9]{0,25}(-[0-9]{0,12})?\.?(crl|cer)?", fullmatch=True),
        st.binary(max_size=200).map(lambda b: "/ocsp/" + quote(base64.b64encode(b).decode(), "")),
    ),
    body=st.binary(max_size=200),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_breaks_it(published: Asking, method: str, target: str, body: bytes) -> None:
    answer = published.ask(target, method, body, ASKS)
    assert answer.status in (200, 400, 404, 405, 414)
