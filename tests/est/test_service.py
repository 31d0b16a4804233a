"""What goes over the wire for each outcome: status, header fields, body, monitor, audit."""

import base64
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import update

from app.core.errors import UnavailableError
from app.core.messages import Response
from app.models.db import tables
from app.models.domain.authorities import KeyAlgorithm, KeyChoice, TokenChoice
from app.models.domain.est_servers import Base64Form
from app.models.services.secrets import Purpose, keep_secret
from tests.est.refusals import PLAIN, assert_refused
from tests.pki.softhsm import SoftHsm, softhsm
from tests.plant import ADMIN, Plant, basic, certificates_of, csr, ec_key, rsa_key

__all__ = ["softhsm"]

CERTIFICATES = "application/pkcs7-mime; smime-type=certs-only"
# ContentInfo of an empty SignedData, around the certificates (RFC 5652 section 5)
SIGNED_DATA, DATA = bytes.fromhex("06092a864886f70d010702"), bytes.fromhex("06092a864886f70d010701")


@pytest.mark.req("EST-CAC-01", "EST-CAC-02", "EST-CAC-03", "EST-CAC-12", "EST-URI-01", "TC-11")
@pytest.mark.parametrize("headers", [{}, {"authorization": "Basic !"}, basic("nobody", "wrong")])
def test_cacerts_answers_everybody(plant: Plant, headers: dict[str, str]) -> None:
    response = plant.ask("cacerts", headers=headers)
    assert response.status == 200
    assert response.headers == (
        ("Content-Type", CERTIFICATES),
        ("Content-Transfer-Encoding", "base64"),
    )
    assert len(response.body) < 16 * 1024
    der = base64.b64decode(response.body)
    chain = [certificate.public_bytes(Encoding.DER) for certificate in certificates_of(response)]
    inside = b"\xa0\x82" + len(b"".join(chain)).to_bytes(2) + b"".join(chain)
    # version 1, no digests, no content, the certificates, no signers
    assert der.endswith(b"\x02\x01\x01\x31\x00\x30\x0b" + DATA + inside + b"\x31\x00")
    assert der[4:15] == SIGNED_DATA
    assert plant.ask("cacerts").body == response.body


@pytest.mark.req("EST-CAC-04", "EST-CAC-05", "EST-CAC-07", "EST-CAC-08", "EST-CAC-09", "EST-ENC-06")
def test_cacerts_leads_from_the_issuer_to_the_root(plant: Plant) -> None:
    plant.device("pump-1")
    issued = x509.load_der_x509_certificate(plant.enrol("pump-1"))
    issuer, root = certificates_of(plant.ask("cacerts"))
    for certificate, signer in ((issued, issuer), (issuer, root), (root, root)):
        certificate.verify_directly_issued_by(signer)
    for authority in (issuer, root):
        assert authority.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


@pytest.mark.req("EST-ENR-01", "EST-ENR-02", "EST-AUT-03", "EST-HTTP-15", "EST-12", "EST-03")
def test_enrolment_answers_the_certificate_alone(plant: Plant) -> None:
    plant.device("pump-1")
    key = ec_key()
    response = plant.ask("simpleenroll", csr(key, "pump-1"), headers=basic("pump-1"))
    assert response.status == 200
    assert response.headers == (
        ("Content-Type", CERTIFICATES),
        ("Content-Transfer-Encoding", "base64"),
        ("Cache-Control", "no-store"),
    )
    (issued,) = certificates_of(response)
    assert issued.public_key() == key.public_key()
    assert issued.subject.rfc4514_string() == "O=Acme Controls,CN=pump-1"
    line = plant.monitor_line()
    assert (line.operation, line.status, line.ok) == ("simpleenroll", 200, True)
    assert (line.device, line.showed) == ("pump-1", "device password")
    assert f"{issued.serial_number:x}" in line.outcome
    assert plant.count() == 1


@pytest.mark.req("EST-HTTP-04", "EST-HTTP-05")
@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "APPLICATION/PKCS10"},
        {"content-type": "application/pkcs10; charset=utf-8"},
        {"content-type": "application/pkcs10;name=smime.p10"},
        {"content-type": " application/pkcs10 "},
        {"content-type": "application/pkcs7"},
        {"content-transfer-encoding": "base64"},
        {"content-transfer-encoding": "binary"},
        {"content-transfer-encoding": "x-foo"},
        {"content-encoding": "identity"},
    ],
)
def test_media_type_and_transfer_encoding(shared_plant: Plant, headers: dict[str, str]) -> None:
    given = basic("pump-1") | headers
    assert shared_plant.ask("simpleenroll", csr(ec_key(), "pump-1"), headers=given).status == 200


@pytest.mark.req("EST-ENR-05", "EST-ERR-08", "ATK-A03", "ATK-D10", "DEC-20")
@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": ""},
        {"content-type": "multipart/mixed; boundary=application/pkcs10"},
        {"content-type": "application/json"},
        {"content-type": "application/pkcs7-mime"},
        {"content-encoding": "gzip"},
    ],
)
def test_other_media_is_415(shared_plant: Plant, headers: dict[str, str]) -> None:
    before = shared_plant.count()
    given = basic("pump-1") | headers
    response = shared_plant.ask("simpleenroll", csr(ec_key(), "pump-1"), headers=given)
    assert_refused(shared_plant, response, 415)
    assert shared_plant.count() == before


@pytest.mark.req("EST-ERR-02", "EST-AUT-01", "EST-ENR-03", "DEC-20", "DEC-22")
@pytest.mark.parametrize(
    "headers", [{}, basic("pump-1", "wrong"), basic("nobody"), {"authorization": "Basic"}]
)
def test_bad_credentials_are_401(plant: Plant, headers: dict[str, str]) -> None:
    plant.device("pump-1")
    response = plant.ask("simpleenroll", csr(ec_key(), "pump-1"), headers=headers)
    assert_refused(plant, response, 401)
    assert plant.count() == 0


@pytest.mark.req("EST-AUT-08")
def test_unknown_devices_and_wrong_passwords_look_alike(plant: Plant) -> None:
    plant.device("pump-1")
    request = csr(ec_key(), "pump-1")
    answers = {
        plant.ask("simpleenroll", request, headers=headers)
        for headers in (basic("pump-1", "wrong"), basic("nobody"), basic("PUMP-1"))
    }
    assert len(answers) == 1


@pytest.mark.req("EST-ERR-10", "ATK-E02", "DEC-20")
def test_guessing_is_slowed_down_and_forgiven(plant: Plant) -> None:
    plant.device("pump-1")
    request = csr(ec_key(), "pump-1")
    statuses = [
        plant.ask("simpleenroll", request, headers=basic("pump-1", f"guess-{number}")).status
        for number in range(8)
    ]
    assert statuses[:5] == [401] * 5
    assert 429 in statuses
    response = plant.ask("simpleenroll", request, headers=basic("pump-1"))
    assert_refused(plant, response, 429)
    assert 0 < int(dict(response.headers)["Retry-After"]) <= 60
    plant.clock.advance(seconds=61)
    assert plant.ask("simpleenroll", request, headers=basic("pump-1")).status == 200


@pytest.mark.req("EST-URI-04", "EST-URI-05", "EST-ERR-04", "EST-ERR-13", "ATK-D06")
@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/.well-known/est",
        "/.well-known/est/",
        "/.well-known/est/nope/cacerts",
        "/.well-known/est/cacerts/",
        "/.well-known/est//cacerts",
        "/.well-known/est/./cacerts",
        "/.well-known/est/x/../cacerts",
        "/.well-known/est/%63acerts",
        "/.well-known/est/%2e%2e/est/cacerts",
        "/.well-known/est/CACERTS",
        "/.well-known/est/cacerts;x=1",
        "/.WELL-KNOWN/est/cacerts",
        "/.well-known/est/nope/fullcmc",
        "*",
        "/" + "a" * 9000,
    ],
)
def test_unknown_paths_are_404(shared_plant: Plant, target: str) -> None:
    path = target.removeprefix("/.well-known/est/")
    if path == target:
        path = "../../" + target
    assert_refused(shared_plant, shared_plant.ask(path), 404)


@pytest.mark.req("EST-CMC-01", "EST-ERR-13")
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_fullcmc_is_not_offered(shared_plant: Plant, method: str) -> None:
    assert_refused(shared_plant, shared_plant.ask("fullcmc", method=method), 404)


@pytest.mark.req("EST-URI-05")
def test_a_query_changes_nothing(plant: Plant) -> None:
    assert plant.ask("cacerts?label=other").body == plant.ask("cacerts").body


@pytest.mark.req("EST-HTTP-09", "EST-ERR-05", "EST-CAC-10", "DEC-20")
@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"])
@pytest.mark.parametrize(
    ("operation", "allowed"),
    [
        ("cacerts", "GET"),
        ("csrattrs", "GET"),
        ("simpleenroll", "POST"),
        ("simplereenroll", "POST"),
        ("serverkeygen", "POST"),
        ("arbitraryLabel/simpleenroll", "GET, POST"),
    ],
)
def test_other_methods_are_405(
    shared_plant: Plant, operation: str, allowed: str, method: str
) -> None:
    response = shared_plant.ask(operation, method=method)
    assert_refused(shared_plant, response, 405)
    assert dict(response.headers)["Allow"] == allowed


@pytest.mark.req("EST-CAC-10")
def test_get_and_post_are_not_mixed_up(plant: Plant) -> None:
    assert_refused(plant, plant.ask("cacerts", method="POST"), 405)
    assert_refused(plant, plant.ask("simpleenroll", method="GET"), 405)


@pytest.mark.req("EST-ERR-11", "DEC-20")
def test_locked_keys_are_503(plant: Plant) -> None:
    plant.device("pump-1")
    request = csr(ec_key(), "pump-1")
    plant.workspace.lock()
    response = plant.ask("simpleenroll", request, headers=basic("pump-1"))
    assert_refused(plant, response, 503)
    assert dict(response.headers)["Retry-After"].isdigit()
    assert plant.ask("cacerts").status == 200
    plant.workspace.unlock("correct horse")
    assert plant.ask("simpleenroll", request, headers=basic("pump-1")).status == 200


@pytest.mark.req("ATK-G03", "EST-ERR-11")
@pytest.mark.parametrize("trouble", ["unplugged", "refusing"])
def test_a_token_in_trouble_is_503(plant: Plant, softhsm: SoftHsm, trouble: str) -> None:
    workspace = plant.workspace
    plant.device("pump-1")
    key = KeyChoice(KeyAlgorithm.EC_P256, TokenChoice(softhsm.token, softhsm.pin, None))
    end = plant.clock.now() + timedelta(days=3650)
    for one in workspace.authorities.all(ADMIN):
        if one.issuer_id is not None:
            workspace.authority_making.roll_over(ADMIN, one.id, f"{one.name} 2", key, not_after=end)
    request = csr(ec_key(), "pump-1")
    if trouble == "unplugged":
        softhsm.unplug()
    else:
        with workspace.store.change(ADMIN) as change:
            kept = keep_secret(change, workspace.store.vault, Purpose.TOKEN_PIN, b"11111111")
            change.connection.execute(update(tables.authority).values(pin_secret_id=kept))
    for _turn in range(2):
        response = plant.ask("simpleenroll", request, headers=basic("pump-1"))
        assert_refused(plant, response, 503)
        assert int(dict(response.headers)["Retry-After"]) > 0
    assert plant.count() == 0


@pytest.mark.req("ATK-G02", "EST-ERR-11")
def test_a_clock_set_back_is_503(plant: Plant) -> None:
    plant.device("pump-1")
    plant.clock.advance(days=-1)
    request = csr(ec_key(), "pump-1")
    response = plant.ask("simpleenroll", request, headers=basic("pump-1"))
    text = assert_refused(plant, response, 503)
    assert text == f"{plant.monitor_line().problem}\n"  # the cause is for people here
    assert plant.monitor_line().cause
    assert plant.count() == 0


def test_a_record_that_cannot_be_written_keeps_nobody_from_the_answer(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_values: Any, **_named: Any) -> None:
        raise UnavailableError("The disk is full.")

    monkeypatch.setattr(plant.workspace.audit, "record_refusal", full)
    assert plant.ask("nothing").status == 404


@pytest.mark.req("EST-ERR-12")
def test_our_own_fault_is_a_plain_500(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_target: str) -> None:
        raise RuntimeError("secret detail")

    with monkeypatch.context() as patch:
        patch.setattr(plant.workspace.est_endpoints, "active_for", broken)
        response = plant.ask("cacerts")
    assert response.status == 500
    assert dict(response.headers)["Content-Type"] == PLAIN
    assert b"secret" not in response.body
    assert plant.monitor_line().status == 500
    assert plant.ask("cacerts").status == 200


@pytest.mark.req("EST-02", "DEC-12")
@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("bench.est.local", 200),
        ("BENCH.est.local:8443", 200),
        ("localhost", 200),
        ("127.0.0.1:8443", 200),
        ("[::1]:8443", 200),
        ("other.est.local", 404),
        ("bench.est.local.example", 404),
        ("bench.est.local@example", 404),
    ],
)
def test_the_host_names_the_server(plant: Plant, host: str, status: int) -> None:
    assert plant.ask("cacerts", host=host).status == status


@pytest.mark.req("DEC-12", "EST-TLS-13")
def test_an_address_means_nothing_beside_a_second_server(plant: Plant) -> None:
    plant.add_server("second")
    assert_refused(plant, plant.ask("cacerts", host="127.0.0.1"), 404)
    assert plant.ask("cacerts", host="second.est.local").status == 200


@pytest.mark.req("EST-ENC-07", "DEC-17")
def test_a_server_can_force_the_form(plant: Plant) -> None:
    plant.add_server("single", base64_form=Base64Form.SINGLE_LINE)
    plant.add_server("wrapped", base64_form=Base64Form.WRAPPED)
    lines = {
        host: plant.ask("cacerts", host=f"{host}.est.local", headers={"user-agent": "x"}).body
        for host in ("single", "wrapped")
    }
    assert lines["single"].count(b"\n") == 1
    assert lines["wrapped"].count(b"\n") > 10


@pytest.mark.req("EST-POP-01", "EST-POP-02", "DEC-19")
def test_linking_on_a_server_that_requires_it(plant: Plant) -> None:
    plant.add_server("linked", require_pop=True)
    plant.device("pump-1")
    binding = bytes(32)
    good = base64.b64encode(binding).decode()

    def asked(challenge: str | None) -> Response:
        request = csr(ec_key(), "pump-1", challenge=challenge)
        return plant.ask(
            "simpleenroll",
            request,
            headers=basic("pump-1"),
            binding=binding,
            host="linked.est.local",
        )

    assert_refused(plant, asked(None), 400)
    assert_refused(plant, asked(good[::-1]), 400)
    assert plant.count() == 0
    assert asked(good).status == 200


@pytest.mark.req("EST-CRT-01", "EST-CRT-02", "EST-CRT-04", "EST-ENR-12")
def test_rsa_is_enrolled_as_the_template_says(plant: Plant) -> None:
    plant.device("pump-1")
    plant.clock.advance(days=1)  # else notBefore is the authority's own
    issued = x509.load_der_x509_certificate(plant.enrol("pump-1", rsa_key()))
    assert issued.version is x509.Version.v3
    assert 0 < issued.serial_number < 2**159
    assert (plant.clock.now() - issued.not_valid_before_utc).total_seconds() == 300
    assert (issued.not_valid_after_utc - plant.clock.now()).days == 90
    issuer = certificates_of(plant.ask("cacerts"))[0]
    assert issued.issuer.public_bytes() == issuer.subject.public_bytes()
    key_id = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    named = issued.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert named.key_identifier == key_id
    usage = issued.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature
    assert not usage.key_cert_sign
