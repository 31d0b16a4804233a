"""Which ways to authenticate an EST server offers, and that it offers no others."""

import base64
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from app.pki.certificates import CLIENT_AUTH, CMC_RA
from tests.est import requests
from tests.est.refusals import assert_refused
from tests.est.test_client_certificates import foreign
from tests.plant import ADMIN, PASSWORD, Plant, basic, certificates_of, csr, ec_key, name

BINDING = bytes(range(12))
LINKING = base64.b64encode(BINDING)
OTHER = base64.b64encode(BINDING[::-1])
CHALLENGE = requests.CHALLENGE_PASSWORD
OTP_CHALLENGE = bytes.fromhex("060b2a864886f70d0109100238")
REVOCATION_CHALLENGE = bytes.fromhex("060b2a864886f70d0109100239")
EST_IDENTITY_LINKING = bytes.fromhex("060b2a864886f70d010910023a")
DIGEST = (
    'Digest username="pump-1", realm="EST", nonce="00", uri="/.well-known/est/simpleenroll", '
    'response="00000000000000000000000000000000", qop=auth, nc=00000001, cnonce="00"'
)


def challenging(*challenges: tuple[bytes, bytes]) -> bytes:
    """A request of `pump-1` with these challenges."""
    values = [
        requests.attribute(oid, requests.tlv(0x0C, value)) for oid, value in sorted(challenges)
    ]
    return requests.request(ec_key(), *values)


@pytest.mark.req("EST-AUT-06", "EST-12", "EST-13")
@pytest.mark.parametrize(
    ("password", "certificate", "by_password", "by_certificate"),
    [(True, True, 200, 200), (True, False, 200, 401), (False, True, 403, 200)],
)
def test_each_switch_allows_its_way_and_no_other(
    plant: Plant, password: bool, certificate: bool, by_password: int, by_certificate: int
) -> None:
    """A certificate and a password are alternatives; together the password decides (DEC-05)."""
    plant.add_server(
        "one", password_authentication=password, certificate_authentication=certificate
    )
    factory, _key = plant.with_factory_certificate("pump-1")
    for headers, shows, status in (
        (basic("pump-1"), [], by_password),
        ({}, [factory], by_certificate),
        (basic("pump-1"), [factory], by_password),
        ({}, [], 401 if password else 403),
    ):
        answer = plant.ask(
            "simpleenroll",
            csr(ec_key(), "pump-1"),
            headers=headers,
            shows=shows,
            host="one.est.local",
        )
        assert answer.status == status, answer.body


@pytest.mark.req("EST-AUT-05")
def test_an_empty_user_name_is_read_and_is_nobody_s(plant: Plant) -> None:
    plant.device("pump-1")
    request = csr(ec_key(), "pump-1")
    refused = plant.ask("simpleenroll", request, headers=basic("", PASSWORD))
    assert "password is wrong" in assert_refused(plant, refused, 401)
    unread = plant.ask("simpleenroll", request, headers={"authorization": "Basic"})
    assert "cannot be read" in assert_refused(plant, unread, 401)


@pytest.mark.req("EST-AUT-04", "EST-AUT-07", "ATK-E05", "EST-AUT-01")
@pytest.mark.parametrize(
    "authorization",
    [
        DIGEST,
        "Bearer " + base64.b64encode(f"pump-1:{PASSWORD}".encode()).decode(),
        f"Bearer {PASSWORD}",
        "Negotiate YII=",
    ],
)
def test_other_schemes_get_the_challenge_for_basic(plant: Plant, authorization: str) -> None:
    """A refusal has one challenge, and it is for Basic."""
    plant.device("pump-1")
    headers = {"authorization": authorization}
    refused = plant.ask("simpleenroll", csr(ec_key(), "pump-1"), headers=headers)
    assert_refused(plant, refused, 401)
    assert plant.count() == 0


@pytest.mark.req("EST-AUT-09", "ATK-E03")
def test_a_password_is_no_one_time_secret(plant: Plant) -> None:
    """It is good for ten requests at the same moment, and afterwards."""
    plant.device("pump-1")
    asked = [csr(ec_key(), "pump-1") for _number in range(10)]
    with ThreadPoolExecutor(4) as pool:
        answers = pool.map(
            lambda one: plant.ask("simpleenroll", one, headers=basic("pump-1")), asked
        )
        assert [answer.status for answer in answers] == [200] * 10
    assert plant.count() == 10
    plant.enrol("pump-1")


@pytest.mark.req("EST-AUT-09", "ATK-E03", "EST-POP-07")
@pytest.mark.parametrize("secret", [PASSWORD.encode(), b"123456"])
def test_no_one_time_secret_is_taken_even_once(plant: Plant, secret: bytes) -> None:
    plant.device("pump-1")
    request = challenging((OTP_CHALLENGE, secret))
    assert_refused(plant, plant.ask("simpleenroll", request), 401)
    for _time in range(2):
        refused = plant.ask("simpleenroll", request, headers=basic("pump-1"), binding=BINDING)
        assert_refused(plant, refused, 400)
    assert plant.count() == 0


@pytest.mark.req("EST-POP-07")
@pytest.mark.parametrize(
    ("challenges", "status"),
    [
        ([(CHALLENGE, LINKING)], 200),
        ([(EST_IDENTITY_LINKING, LINKING)], 200),
        ([(CHALLENGE, LINKING), (EST_IDENTITY_LINKING, LINKING)], 200),
        ([(CHALLENGE, LINKING), (REVOCATION_CHALLENGE, b"a secret for later")], 200),
        ([(CHALLENGE, OTHER), (EST_IDENTITY_LINKING, LINKING)], 400),
        ([(CHALLENGE, LINKING), (EST_IDENTITY_LINKING, OTHER)], 400),
        ([(CHALLENGE, LINKING), (OTP_CHALLENGE, b"123456")], 400),
        ([(CHALLENGE, LINKING), (CHALLENGE, LINKING)], 400),
    ],
)
@pytest.mark.parametrize("required", [True, False])
def test_of_several_challenges_each_must_be_right(
    plant: Plant, challenges: list[tuple[bytes, bytes]], status: int, required: bool
) -> None:
    plant.add_server("linked", require_pop=required)
    plant.device("pump-1")
    answer = plant.ask(
        "simpleenroll",
        challenging(*challenges),
        headers=basic("pump-1"),
        binding=BINDING,
        host="linked.est.local",
    )
    assert answer.status == status, answer.body
    assert plant.count() == (status == 200)


@pytest.mark.req("EST-RA-01")
def test_the_purpose_of_a_registration_authority_gives_no_right(plant: Plant) -> None:
    """Not in a device's certificate of our own, nor in one that somebody else issued."""
    template = replace(
        plant.templates["Named"], name="RA", extended_key_usage=(CLIENT_AUTH, CMC_RA)
    )
    template = plant.workspace.templates.create(ADMIN, template)
    plant.add_label("line", plant.add_type("RA", operational_template_ids=(template.id,)))
    plant.device("pump-1")
    plant.device("line", type_name="RA")
    enrolled = plant.ask("line/simpleenroll", csr(ec_key(), "line"), headers=basic("line"))
    (own,) = certificates_of(enrolled)
    purposes = own.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert x509.ObjectIdentifier(CMC_RA) in purposes
    shown = own.public_bytes(Encoding.DER)
    foreign_one = foreign(plant, name(CN="line"), name(CN="Evil CA"), ec_key())
    before = plant.count()
    for operation in ("simpleenroll", "simplereenroll", "line/simpleenroll", "line/simplereenroll"):
        for certificate in (shown, foreign_one):
            refused = plant.ask(operation, csr(ec_key(), "pump-1"), shows=[certificate])
            assert refused.status in {401, 403}, refused.body
    assert plant.count() == before
    assert plant.ask("line/simpleenroll", csr(ec_key(), "line"), shows=[shown]).status == 200


@pytest.mark.req("EST-POP-10")
def test_nobody_relays_the_linking_of_another_connection(plant: Plant) -> None:
    """An application, which enrols devices for others, neither."""
    created = plant.workspace.applications.create(ADMIN, "MES", plant.tenant_id)
    plant.workspace.applications.link(ADMIN, plant.server.id, created.application.id)
    plant.device("pump-1")
    headers = basic(created.application.app_id, created.app_key)
    for value, status in ((OTHER, 400), (LINKING, 200)):
        request = challenging((CHALLENGE, value))
        answer = plant.ask("simpleenroll", request, headers=headers, binding=BINDING)
        assert answer.status == status, answer.body
