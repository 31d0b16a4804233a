"""/serverkeygen: a key made here, and its certificate (RFC 7030 section 4.4)."""

import base64
import email
import email.policy
import logging
from dataclasses import replace
from email.message import MIMEPart

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import func, select

from app.core.messages import Response
from app.models.db import tables
from app.models.domain.est_servers import Base64Form
from app.pki.keys import KeyAlgorithm, PrivateKey
from tests.est import requests
from tests.est.maker import Maker, devices, external_type
from tests.est.refusals import assert_refused
from tests.plant import (
    ADMIN,
    DOMAIN,
    Plant,
    basic,
    certificates_of,
    csr,
    ec_key,
    name,
    rsa_key,
)

HOST = "keys.est.local"


@pytest.fixture
def maker_of_keys(plant: Plant) -> Plant:
    """A plant whose EST server at `HOST` makes keys; has the device `pump-1`."""
    plant.add_server("keys", server_key_generation=True)
    plant.device("pump-1")
    return plant


def parts_of(response: Response) -> list[MIMEPart]:
    """The parts of a multipart answer, as another library reads them."""
    assert response.status == 200, response.body
    head = f"Content-Type: {dict(response.headers)['Content-Type']}\r\n\r\n".encode()
    message = email.message_from_bytes(head + response.body, policy=email.policy.HTTP)
    assert message.get_content_type() == "multipart/mixed"
    assert not message.defects
    return list(message.iter_parts())


def made(response: Response) -> tuple[PrivateKey, x509.Certificate]:
    """The key and the certificate for it."""
    first, second = parts_of(response)
    key = serialization.load_der_private_key(first.get_content(), None)
    inner = Response(200, str(second.get_payload()).encode())
    (issued,) = certificates_of(inner)
    assert key.public_key() == issued.public_key()
    assert isinstance(key, PrivateKey)
    return key, issued


@pytest.mark.req("EST-SKG-04", "EST-SKG-05", "EST-SKG-06", "EST-SKG-07", "EST-HTTP-15", "EST-10")
def test_the_answer_byte_for_byte(maker_of_keys: Plant) -> None:
    response = maker_of_keys.ask(
        "serverkeygen", csr(ec_key(), "pump-1"), headers=basic("pump-1"), host=HOST
    )
    headers = dict(response.headers)
    boundary = headers["Content-Type"].removeprefix("multipart/mixed; boundary=")
    assert headers == {
        "Content-Type": f"multipart/mixed; boundary={boundary}",
        "Cache-Control": "no-store",
    }
    assert 0 < len(boundary) <= 70
    assert response.body.count(b"\n") == response.body.count(b"\r\n")
    start, first, second, end = response.body.split(f"--{boundary}".encode())
    assert (start, end) == (b"", b"--\r\n")
    encoding = b"Content-Transfer-Encoding: base64\r\n\r\n"
    assert first.startswith(b"\r\nContent-Type: application/pkcs8\r\n" + encoding)
    certificates = b"application/pkcs7-mime; smime-type=certs-only"
    assert second.startswith(b"\r\nContent-Type: " + certificates + b"\r\n" + encoding)
    _key, issued = made(response)
    assert issued.subject.rfc4514_string() == "O=Acme Controls,CN=pump-1"
    line = maker_of_keys.monitor_line()
    assert (line.operation, line.device, line.showed) == (
        "serverkeygen",
        "pump-1",
        "device password",
    )
    assert f"{issued.serial_number:x}" in line.outcome


@pytest.mark.req("EST-SKG-01", "EST-ERR-13")
def test_it_is_off_unless_switched_on(plant: Plant) -> None:
    plant.device("pump-1")
    for operation in ("serverkeygen", "arbitraryLabel/serverkeygen"):
        for headers in ({}, basic("pump-1")):
            response = plant.ask(operation, csr(ec_key(), "pump-1"), headers=headers)
            assert_refused(plant, response, 404)
    assert plant.count() == 0


@pytest.mark.req("EST-SKG-01", "DEC-09")
def test_on_a_shared_domain_those_that_make_keys_are_meant(plant: Plant) -> None:
    plant.add_server("keys", domain=DOMAIN, server_key_generation=True)
    plant.device("pump-1")
    request = csr(ec_key(), "pump-1")
    made(plant.ask("serverkeygen", request, headers=basic("pump-1")))
    assert_refused(plant, plant.ask("simpleenroll", request, headers=basic("pump-1")), 403)


@pytest.mark.req("EST-URI-02", "LBL-01")
def test_below_a_label_the_template_is_that_of_its_type(maker_of_keys: Plant) -> None:
    plant = maker_of_keys
    template = replace(plant.templates["Named"], name="Big", key_algorithms=(KeyAlgorithm.EC_P521,))
    template = plant.workspace.templates.create(ADMIN, template)
    big = plant.add_type("Big", operational_template_ids=(template.id,))
    server = next(one for one in plant.workspace.est_servers.all(ADMIN) if one.name == "keys")
    plant.workspace.est_servers.add_label(ADMIN, server.id, "big", big.id)
    plant.device("press-1", type_name="Big")
    request = csr(ec_key(), "press-1")
    response = plant.ask("big/serverkeygen", request, headers=basic("press-1"), host=HOST)
    key, _issued = made(response)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert key.key_size == 521
    response = plant.ask("serverkeygen", request, headers=basic("press-1"), host=HOST)
    assert_refused(plant, response, 401)


@pytest.mark.req("EST-SKG-02", "EST-SKG-14")
@pytest.mark.parametrize("headers", [{}, basic("pump-1", "wrong"), basic("nobody")])
def test_nobody_gets_a_key(maker_of_keys: Plant, headers: dict[str, str]) -> None:
    request = csr(ec_key(), "pump-1")
    response = maker_of_keys.ask("serverkeygen", request, headers=headers, host=HOST)
    assert_refused(maker_of_keys, response, 401)
    assert maker_of_keys.count() == 0


@pytest.mark.req("EST-SKG-03", "EST-SKG-13")
@pytest.mark.parametrize(
    "request_der",
    [
        csr(ec_key(), "pump-1"),
        requests.request(ec_key(), signature=b"\x30\x00"),
        requests.request(ec_key(), signed_by=rsa_key()),
        requests.request(ec_key(), public_key=requests.sequence()),
        requests.request(ec_key(), algorithm=requests.sequence(b"\x06\x03\x2a\x03\x04")),
    ],
)
def test_key_and_signature_of_the_request_do_not_matter(
    maker_of_keys: Plant, request_der: bytes
) -> None:
    keys = set()
    for _time in range(2):
        response = maker_of_keys.ask(
            "serverkeygen", request_der, headers=basic("pump-1"), host=HOST
        )
        key, _issued = made(response)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        keys.add(key.private_numbers().private_value)
    assert len(keys) == 2


@pytest.mark.req("EST-SKG-13", "TC-07", "TC-08")
def test_the_kind_of_key_follows_the_request_where_the_template_takes_it(
    maker_of_keys: Plant,
) -> None:
    p384 = ec.generate_private_key(ec.SECP384R1())
    p521 = ec.generate_private_key(ec.SECP521R1())
    sizes = []
    for key in (rsa_key(), p384, p521):
        request = csr(key, "pump-1")
        response = maker_of_keys.ask("serverkeygen", request, headers=basic("pump-1"), host=HOST)
        sizes.append(made(response)[0])
    rsa_made, p384_made, first_made = sizes
    assert isinstance(rsa_made, rsa.RSAPrivateKey)
    assert rsa_made.key_size == 2048
    assert isinstance(p384_made, ec.EllipticCurvePrivateKey)
    assert p384_made.key_size == 384
    assert isinstance(first_made, ec.EllipticCurvePrivateKey)
    assert first_made.key_size == 256


@pytest.mark.parametrize("algorithm", [KeyAlgorithm.ED25519, KeyAlgorithm.ML_DSA_44])
def test_any_key_of_a_template(plant: Plant, algorithm: KeyAlgorithm) -> None:
    template = replace(plant.templates["Named"], name="Other", key_algorithms=(algorithm,))
    template = plant.workspace.templates.create(ADMIN, template)
    other = plant.add_type("Other", operational_template_ids=(template.id,))
    plant.add_server("keys", device_type_id=other.id, server_key_generation=True)
    plant.device("pump-1", type_name="Other")
    response = plant.ask(
        "serverkeygen", csr(ec_key(), "pump-1"), headers=basic("pump-1"), host=HOST
    )
    made(response)


@pytest.mark.req("EST-SKG-08", "EST-SKG-09", "EST-SKG-10", "EST-SKG-11", "EST-SKG-12", "EST-SKG-14")
@pytest.mark.parametrize("number", ["25", "36"])
def test_a_key_to_be_encrypted_is_refused(maker_of_keys: Plant, number: str) -> None:
    identifier = bytes.fromhex(f"060b2a864886f70d01091002{number}")
    wanted = requests.attribute(identifier, requests.tlv(0x04, b"a key"))
    request = requests.request(ec_key(), wanted)
    response = maker_of_keys.ask("serverkeygen", request, headers=basic("pump-1"), host=HOST)
    text = assert_refused(maker_of_keys, response, 400)
    assert "not encrypted" in text
    assert maker_of_keys.count() == 0


@pytest.mark.req("EST-SKG-13")
def test_nothing_keeps_the_key(maker_of_keys: Plant, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    workspace = maker_of_keys.workspace
    kept = select(func.count()).select_from(tables.secret)
    with workspace.store.database.read() as connection:
        before = connection.execute(kept).scalar_one()
    request = csr(ec_key(), "pump-1")
    response = maker_of_keys.ask("serverkeygen", request, headers=basic("pump-1"), host=HOST)
    key = base64.b64encode(parts_of(response)[0].get_content()).decode()
    with workspace.store.database.read() as connection:
        assert connection.execute(kept).scalar_one() == before
        assert list(connection.execute(select(tables.certificate.c.key_secret_id)).scalars()) == [
            None
        ]
    assert key not in repr(response)
    assert key not in caplog.text
    assert key not in repr(workspace.audit.page(ADMIN, 0, 100))
    assert key not in repr(workspace.est_monitor.entries())


@pytest.mark.req("EST-ENR-07", "EST-SKG-02")
def test_names_are_judged_as_for_simpleenroll(maker_of_keys: Plant) -> None:
    maker_of_keys.device("pump-2")
    for operation in ("simpleenroll", "serverkeygen"):
        request = csr(ec_key(), "pump-2")
        response = maker_of_keys.ask(operation, request, headers=basic("pump-1"), host=HOST)
        assert_refused(maker_of_keys, response, 403)
    assert maker_of_keys.count() == 0


@pytest.mark.req("DT-11", "DEC-15")
def test_factory_mode_is_enforced_and_the_operational_certificate_renews(plant: Plant) -> None:
    strict = plant.add_type("Strict", enforce_factory_mode=True)
    plant.add_server("keys", device_type_id=strict.id, server_key_generation=True)
    plant.device("pump-1", type_name="Strict")
    request = csr(ec_key(), "pump-1")
    first = plant.ask("serverkeygen", request, headers=basic("pump-1"), host=HOST)
    _key, issued = made(first)
    again = plant.ask("serverkeygen", request, headers=basic("pump-1"), host=HOST)
    assert_refused(plant, again, 403)
    shown = [issued.public_bytes(Encoding.DER)]
    _key, renewed = made(
        plant.ask("serverkeygen", csr(ec_key(), issued.subject), shows=shown, host=HOST)
    )
    assert renewed.subject == issued.subject


@pytest.mark.req("EST-POP-02", "EST-POP-06")
def test_linking_is_checked(plant: Plant) -> None:
    plant.add_server("keys", server_key_generation=True, require_pop=True)
    plant.device("pump-1")
    binding = bytes(32)

    def ask(challenge: str | None) -> Response:
        request = csr(ec_key(), "pump-1", challenge=challenge)
        headers = basic("pump-1")
        return plant.ask("serverkeygen", request, headers=headers, host=HOST, binding=binding)

    for wrong in (None, "wrong"):
        assert_refused(plant, ask(wrong), 400)
    made(ask(base64.b64encode(binding).decode()))


@pytest.mark.req("TC-09", "TC-10", "EST-SKG-02")
def test_a_factory_certificate_lets_in(maker_of_keys: Plant) -> None:
    shown, _key = maker_of_keys.with_factory_certificate("pump-2")
    request = csr(ec_key(), "pump-2")
    made(maker_of_keys.ask("serverkeygen", request, shows=[shown], host=HOST))


@pytest.mark.req("DT-14")
def test_a_newcomer_is_registered(plant: Plant) -> None:
    maker = Maker(plant)
    zero = external_type(maker)
    plant.add_server("keys", device_type_id=zero.id, server_key_generation=True)
    shown = maker.certify("sensor-1")
    made(plant.ask("serverkeygen", csr(ec_key(), name()), shows=[shown], host=HOST))
    assert len(devices(plant)) == 1


@pytest.mark.req("DEC-05", "TC-07")
def test_an_application_has_a_key_made_for_a_device(plant: Plant) -> None:
    server = plant.add_server("keys", server_key_generation=True)
    plant.device("pump-1")
    created = plant.workspace.applications.create(ADMIN, "MES", plant.tenant_id)
    plant.workspace.applications.link(ADMIN, server.id, created.application.id)
    headers = basic(created.application.app_id, created.app_key)
    made(plant.ask("serverkeygen", csr(ec_key(), "pump-1"), headers=headers, host=HOST))


@pytest.mark.req("EST-ENC-07", "DEC-17")
@pytest.mark.parametrize("form", Base64Form)
def test_each_form_is_read(plant: Plant, form: Base64Form) -> None:
    plant.add_server("keys", server_key_generation=True, base64_form=form)
    plant.device("pump-1")
    headers = basic("pump-1") | {"user-agent": "libest"}
    made(plant.ask("serverkeygen", csr(rsa_key(), "pump-1"), headers=headers, host=HOST))


@pytest.mark.req("EST-SKG-14", "EST-ERR-01", "EST-ERR-08")
def test_bad_requests(maker_of_keys: Plant) -> None:
    headers = basic("pump-1")
    ask = maker_of_keys.ask
    assert_refused(maker_of_keys, ask("serverkeygen", b"", headers=headers, host=HOST), 400)
    assert_refused(maker_of_keys, ask("serverkeygen", b"\x30\x00", headers=headers, host=HOST), 400)
    other = headers | {"content-type": "text/plain"}
    assert_refused(maker_of_keys, ask("serverkeygen", b"", headers=other, host=HOST), 415)
