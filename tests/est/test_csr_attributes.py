"""/csrattrs: what a request has to be like (RFC 7030 section 4.5, RFC 9908)."""

import base64
from dataclasses import replace

import pytest

from app.models.domain.device_types import DeviceType
from app.pki import der
from app.pki.csrattrs import csr_attributes
from app.pki.keys import KeyAlgorithm
from tests.plant import ADMIN, DOMAIN, Plant, basic, csr, ec_key, rsa_key

CHALLENGE_PASSWORD = bytes.fromhex("06092a864886f70d010907")
EC_P256 = bytes.fromhex("301506072a8648ce3d0201310a06082a8648ce3d030107")


def type_for(plant: Plant, *algorithms: KeyAlgorithm) -> DeviceType:
    """A device type whose template takes these kinds of key."""
    template = replace(plant.templates["Named"], name="Keys", key_algorithms=algorithms)
    template = plant.workspace.templates.create(ADMIN, template)
    return plant.add_type("Keys", operational_template_ids=(template.id,))


def asked(plant: Plant, operation: str = "csrattrs", host: str = DOMAIN) -> list[bytes]:
    """The elements of a good answer."""
    response = plant.ask(operation, host=host)
    assert response.status == 200, response.body
    return [item.encoded for item in der.parse(base64.b64decode(response.body)).sequence()]


@pytest.mark.req("EST-CSA-01", "EST-CSA-02", "EST-CSA-04", "EST-ENR-10")
@pytest.mark.parametrize("headers", [{}, basic("nobody", "wrong")])
def test_everybody_is_told_the_keys_of_the_template(plant: Plant, headers: dict[str, str]) -> None:
    response = plant.ask("csrattrs", headers=headers)
    assert response.status == 200
    assert response.headers == (
        ("Content-Type", "application/csrattrs"),
        ("Content-Transfer-Encoding", "base64"),
    )
    algorithms = plant.templates["Named"].key_algorithms
    assert base64.b64decode(response.body) == csr_attributes(algorithms, challenge_password=False)
    line = plant.monitor_line()
    assert (line.operation, line.status) == ("csrattrs", 200)


@pytest.mark.req("EST-CSA-03")
def test_nothing_to_ask_for_is_204(plant: Plant) -> None:
    plant.add_label("anything", plant.undemanding_type())
    bare = plant.add_type("Bare", operational_template_ids=(), operational_mapping={})
    plant.add_server("bare", device_type_id=bare.id, certificate_authentication=False)
    for response in (plant.ask("anything/csrattrs"), plant.ask("csrattrs", host="bare.est.local")):
        assert (response.status, response.body, response.headers) == (204, b"", ())


@pytest.mark.req("EST-POP-06", "EST-CSA-04")
def test_linking_is_asked_for_where_it_is_required(plant: Plant) -> None:
    plant.add_server("linked", require_pop=True)
    assert CHALLENGE_PASSWORD in asked(plant, host="linked.est.local")
    assert CHALLENGE_PASSWORD not in asked(plant)


@pytest.mark.req("EST-CSA-10", "EST-ENR-10", "ATK-B08")
def test_a_request_by_it_is_accepted_and_another_is_not(plant: Plant) -> None:
    plant.add_label("keys", type_for(plant, KeyAlgorithm.EC_P256))
    plant.device("pump-1", type_name="Keys")
    assert EC_P256 in asked(plant, "keys/csrattrs")
    for key, status in ((ec_key(), 200), (rsa_key(), 400)):
        request = csr(key, "pump-1")
        response = plant.ask("keys/simpleenroll", request, headers=basic("pump-1"))
        assert response.status == status, response.body


@pytest.mark.req("EST-CSA-07", "EST-CSA-08", "EST-CSA-09")
@pytest.mark.parametrize("algorithms", [(one,) for one in KeyAlgorithm] + [tuple(KeyAlgorithm)])
def test_no_template_of_a_request_is_sent(
    plant: Plant, algorithms: tuple[KeyAlgorithm, ...]
) -> None:
    """Every client can read the list: it is made of OIDs and attributes, of key and linking."""
    made = type_for(plant, *algorithms)
    plant.add_server("linked", require_pop=True, device_type_id=made.id)
    response = plant.ask("csrattrs", host="linked.est.local")
    assert response.status == 200
    data = base64.b64decode(response.body)
    for number in (61, 62):  # certificationRequestInfoTemplate, extensionReqTemplate
        assert der.oid(f"1.2.840.113549.1.9.16.2.{number}") not in data
    for item in der.parse(data).sequence():
        assert item.tag in {der.OID, der.SEQUENCE}
        if item.tag == der.SEQUENCE:
            kind, values = item.children()
            der.read_oid(kind)
            assert len(values.sequence(der.SET)) <= 1
