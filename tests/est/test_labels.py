"""Labels: one more path segment, and another device type behind it (RFC 7030 section 3.2.2)."""

import base64
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from app.models.domain.authorities import KeyChoice
from app.pki.certificates import NEVER
from app.pki.keys import KeyAlgorithm
from app.pki.names import ATTRIBUTE_TYPES, Attribute
from tests.est.refusals import assert_refused
from tests.plant import ADMIN, DOMAIN, Plant, basic, certificates_of, csr, ec_key, name


@pytest.fixture
def labelled(plant: Plant) -> Plant:
    """The EST server of gateways has a label `free` for the type Free."""
    plant.add_label("free", plant.types["Free"])
    return plant


@pytest.mark.req("EST-URI-02", "LBL-01", "LBL-04")
def test_every_operation_is_served_below_a_label(labelled: Plant) -> None:
    labelled.device("pump-1", type_name="Free")
    assert labelled.ask("free/cacerts").status == 200
    assert labelled.ask("free/csrattrs").status == 200
    key = ec_key()
    request = csr(key, name(CN="pump-1", OU="Line 3"))
    response = labelled.ask("free/simpleenroll", request, headers=basic("pump-1"))
    (issued,) = certificates_of(response)
    assert issued.subject.rfc4514_string() == "OU=Line 3,CN=pump-1"  # as only Free allows
    shown = [issued.public_bytes(Encoding.DER)]
    assert labelled.ask("free/simplereenroll", request, shows=shown).status == 200
    assert labelled.monitor_line().operation == "free/simplereenroll"


@pytest.mark.req("EST-URI-02", "EST-URI-06")
def test_the_base_path_keeps_its_type_and_neither_serves_the_other(labelled: Plant) -> None:
    labelled.device("gateway")
    labelled.device("free", type_name="Free")
    for path, good, bad in (("", "gateway", "free"), ("free/", "free", "gateway")):
        operation = f"{path}simpleenroll"
        request = csr(ec_key(), bad)
        assert_refused(labelled, labelled.ask(operation, request, headers=basic(bad)), 401)
        request = csr(ec_key(), good)
        assert labelled.ask(operation, request, headers=basic(good)).status == 200


@pytest.mark.req("EST-URI-06", "ATK-F12")
def test_a_certificate_of_one_label_is_nobody_under_another(labelled: Plant) -> None:
    labelled.device("gateway")
    shown = labelled.enrol("gateway")
    request = csr(ec_key(), x509.load_der_x509_certificate(shown).subject)
    assert labelled.ask("simplereenroll", request, shows=[shown]).status == 200
    for operation in ("free/simplereenroll", "free/simpleenroll"):
        assert_refused(labelled, labelled.ask(operation, request, shows=[shown]), 401)


@pytest.mark.req("EST-URI-06", "LBL-01")
def test_the_authority_is_that_of_the_label(plant: Plant) -> None:
    other = plant.workspace.authority_making.create_root(
        ADMIN,
        "Other",
        (Attribute(ATTRIBUTE_TYPES["CN"].oid, "Other CA"),),
        KeyChoice(KeyAlgorithm.EC_P256),
        not_after=NEVER,
    )
    template = plant.workspace.templates.create(
        ADMIN, replace(plant.templates["Named"], name="Otherwise", authority_id=other.id)
    )
    plant.add_label("other", plant.add_type("Otherwise", operational_template_ids=(template.id,)))
    (issuer,) = certificates_of(plant.ask("other/cacerts"))
    assert issuer.subject.rfc4514_string() == "CN=Other CA"
    assert len(certificates_of(plant.ask("cacerts"))) == 2


@pytest.mark.req("EST-URI-04", "ATK-E01")
def test_unknown_and_inactive_labels_look_alike(labelled: Plant) -> None:
    plant, servers = labelled, labelled.workspace.est_servers
    twin = plant.add_server("twin", domain=DOMAIN)
    servers.add_label(ADMIN, twin.id, "hidden", plant.types["Free"].id)
    servers.set_active(ADMIN, twin.id, active=False)
    answers = {
        plant.ask(f"{label}/simpleenroll", csr(ec_key(), "x"), headers=headers)
        for label in ("nope", "hidden")
        for headers in ({}, basic("nobody"))
    }
    (answer,) = answers
    assert_refused(plant, answer, 404)


@pytest.mark.req("EST-URI-05", "ATK-D06")
@pytest.mark.parametrize(
    "path",
    [
        "Free/cacerts",
        "FREE/cacerts",
        "%66ree/cacerts",
        "free%2Fcacerts",
        "free%2fcacerts",
        "/free/cacerts",
        "free//cacerts",
        "free/./cacerts",
        "./free/cacerts",
        "x/../free/cacerts",
        "free/../cacerts",
        "%2e%2e/free/cacerts",
        "free;x/cacerts",
        "free/cacerts/",
        "free /cacerts",
        "free/free/cacerts",
        "free\\cacerts",
        "/cacerts",
    ],
)
def test_nothing_but_the_label_itself_is_the_label(labelled: Plant, path: str) -> None:
    assert_refused(labelled, labelled.ask(path), 404)


@pytest.mark.req("EST-URI-05")
def test_a_query_is_no_label(labelled: Plant) -> None:
    assert labelled.ask("cacerts?x=/free/cacerts").body == labelled.ask("cacerts").body


@pytest.mark.req("EST-URI-02")
@pytest.mark.parametrize("literal", ["arbitraryLabel", "arbitrarylabel", "ARBITRARYLABEL"])
def test_the_arbitrary_label_means_the_servers_own_type(labelled: Plant, literal: str) -> None:
    labelled.device("pump-1")
    assert labelled.ask(f"{literal}/cacerts").body == labelled.ask("cacerts").body
    for method in ("GET", "POST"):
        operation, request = f"{literal}/simpleenroll", csr(ec_key(), "pump-1")
        response = labelled.ask(operation, request, headers=basic("pump-1"), method=method)
        assert response.status == 200, response.body
        assert dict(response.headers)["Cache-Control"] == "no-store"


@pytest.mark.req("EST-HTTP-09")
def test_get_enrols_below_the_arbitrary_label_only(labelled: Plant) -> None:
    labelled.device("pump-1")
    request = csr(ec_key(), "pump-1")
    for operation in (
        "simpleenroll",
        "free/simpleenroll",
        "simplereenroll",
        "arbitraryLabel/simplereenroll",
        "serverkeygen",
    ):
        response = labelled.ask(operation, request, headers=basic("pump-1"), method="GET")
        assert_refused(labelled, response, 405)
        assert dict(response.headers)["Allow"] == "POST"
    response = labelled.ask("arbitraryLabel/cacerts", method="POST")
    assert dict(response.headers)["Allow"] == "GET"
    empty = labelled.ask("arbitraryLabel/simpleenroll", headers=basic("pump-1"), method="GET")
    assert_refused(labelled, empty, 400)


def test_simpleenroll_below_the_arbitrary_label_renews(plant: Plant) -> None:
    short = plant.add_type("Short", operational_renewal_hours=24)
    plant.add_server("short", device_type_id=short.id)
    device = plant.device("pump-1", type_name="Short").device
    host = "short.est.local"
    request = csr(ec_key(), "pump-1")
    response = plant.ask("simpleenroll", request, headers=basic("pump-1"), host=host)
    (first,) = certificates_of(response)
    shown = [first.public_bytes(Encoding.DER)]
    same = csr(ec_key(), first.subject)
    early = plant.ask("arbitraryLabel/simpleenroll", same, shows=shown, host=host)
    assert "too early" in assert_refused(plant, early, 403)
    assert plant.ask("simpleenroll", same, shows=shown, host=host).status == 200
    plant.clock.advance(days=89, hours=1)
    response = plant.ask("arbitraryLabel/simpleenroll", same, shows=shown, host=host)
    assert response.status == 200, response.body
    newest, *_others = plant.workspace.certificates.of_device(ADMIN, device.id)
    assert newest.previous_id is not None


def test_a_pem_request_below_the_arbitrary_label(plant: Plant) -> None:
    plant.device("pump-1")
    body = base64.encodebytes(csr(ec_key(), "pump-1"))
    pem = b"-----BEGIN CERTIFICATE REQUEST-----\n%b-----END CERTIFICATE REQUEST-----\n" % body
    headers = basic("pump-1") | {"content-type": "application/pkcs7"}
    response = plant.ask("arbitraryLabel/simpleenroll", headers=headers, body=pem, method="GET")
    assert response.status == 200, response.body
