"""Devices that applications create through the REST API, whole or not at all."""

from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.api.rest import MAX_ANSWER
from app.models.domain.access import SYSTEM, Channel
from app.models.domain.devices import DeviceMode
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import certificate_to_pem, read_certificate
from app.pki.csr import build_csr
from app.pki.formats import certificates_in
from app.pki.keys import KeyAlgorithm, generate
from app.pki.sign import SoftwareKey
from tests.api.rest_client import RestClient
from tests.fakes import FakeClock
from tests.models.services.gateways import add_operational_template, device_type, gateway
from tests.models.wizards.makers import external_type, sensor
from tests.models.wizards.walk import SENSOR_NAME, pem
from tests.pki.material import NOW as MAY

PATH = "/devices"
PASSPHRASE = "opens the pfx"


def csr(algorithm: KeyAlgorithm = KeyAlgorithm.EC_P256) -> str:
    """A request (PEM) without names for a new key."""
    return pem(build_csr(SoftwareKey(generate(algorithm)), ())).decode()


def body(demo: Workspace, **members: Any) -> dict[str, Any]:
    """A Gateway 200 with what its type requires."""
    return {
        "device_type_id": device_type(demo).id,
        "name": "GW-1",
        "values": {"serial_number": "204-1"},
        "pfx_passphrase": PASSPHRASE,
        **members,
    }


def first_key(demo: Workspace, algorithm: KeyAlgorithm) -> None:
    """Let the templates of the gateways make keys of this kind."""
    kind = device_type(demo)
    for template in demo.templates.all(SYSTEM):
        if template.id in (kind.factory_template_id, *kind.operational_template_ids):
            demo.templates.edit(SYSTEM, replace(template, key_algorithms=(algorithm,)))


def audit(demo: Workspace, device_id: int) -> dict[str, tuple[str, str]]:
    """Through which channel and by whom each thing was done to the device."""
    events = demo.audit.of_object(SYSTEM, "device", device_id, 20)
    return {event.action: (event.channel, event.actor) for event in events}


@pytest.mark.req("TC-P2", "DEV-02", "DTC-05", "DEV-87", "FAC-08", "OPC-03")
@pytest.mark.parametrize(
    ("algorithm", "operational"),
    [
        pytest.param(KeyAlgorithm.RSA_2048, False, id="CreateDeviceAndFactoryRSACert"),
        pytest.param(KeyAlgorithm.EC_P256, False, id="CreateDeviceAndFactoryECCert"),
        pytest.param(KeyAlgorithm.RSA_2048, True, id="CreateDeviceAndRSACerts"),
        pytest.param(KeyAlgorithm.EC_P256, True, id="CreateDeviceAndECCerts"),
    ],
)
def test_a_device_with_certificates_and_keys(
    demo: Workspace, rest: RestClient, algorithm: KeyAlgorithm, operational: bool
) -> None:
    first_key(demo, algorithm)
    wanted: dict[str, Any] = {"factory": {}, "operational": [{}] if operational else []}
    made = rest.post(PATH, body(demo, **wanted))
    assert made["mode"] == ("operational" if operational else "factory")
    certificates = [made["factory"], *made["operational"]]
    assert [one["kind"] for one in certificates] == ["factory", "operational"][: len(certificates)]
    for one in certificates:
        der = b64decode(one["certificate"], validate=True)
        assert read_certificate(der).algorithm is algorithm
        assert one["common_name"] == "GW-1"
        assert one["certificate_pkcs12"] is None
        sent = rest.get(f"/certificates/{one['certificate_id']}/pfx")["certificate_pkcs12"]
        key, leaf, chain = pkcs12.load_key_and_certificates(
            b64decode(sent, validate=True), PASSPHRASE.encode()
        )
        assert key is not None
        assert leaf is not None
        assert leaf.public_key() == key.public_key()
        assert leaf.public_bytes(Encoding.DER) == der
        assert len(chain) == 2
    assert len(rest.get(f"{PATH}/{made['device_id']}/certificates")["certificates"]) == len(
        certificates
    )


@pytest.mark.req("DEV-02", "DEV-11", "DEV-12", "DTP-12", "DTP-14")
def test_what_was_given_is_what_the_device_has(demo: Workspace, rest: RestClient) -> None:
    values = {"serial_number": "204-1", "mac": "001b44113ab7"}
    made = rest.post(PATH, body(demo, description="On line 2.", values=values))
    assert made["values"] == {
        "serial_number": "204-1",
        "mac": "00:1B:44:11:3A:B7",
        "model": "Gateway 200",
        "hardware_version": "C2",
        "manufacturer": "Acme Controls",
    }
    assert (made["description"], made["mode"]) == ("On line 2.", "factory")
    assert made["organization_id"] == rest.organization_id
    device = demo.devices.get(SYSTEM, made["device_id"])
    assert (device.name, device.type_id) == ("GW-1", made["device_type_id"])


@pytest.mark.req("CRED-02", "DTP-02", "DTP-04", "DTP-09", "DEV-86")
def test_a_password_is_made_and_told_once(demo: Workspace, rest: RestClient) -> None:
    made = rest.post(PATH, body(demo))
    path = f"{PATH}/{made['device_id']}"
    assert len(made["password"]) > 20
    assert "password" not in rest.get(path)
    assert rest.get(f"{path}/credential") == {
        "device_id": made["device_id"],
        "name": "GW-1",
        "password": made["password"],
    }
    rest.refused(404, "GET", f"{path}/credential")
    assert made["password"] not in repr(demo.audit.page(SYSTEM, 0, 100))


@pytest.mark.req("CRED-02", "DTP-02", "DTP-06")
def test_a_password_that_was_given_is_not_repeated(demo: Workspace, rest: RestClient) -> None:
    made = rest.post(PATH, body(demo, password="three: green apples"))
    assert made["password"] is None
    credential = rest.get(f"{PATH}/{made['device_id']}/credential")
    assert credential["password"] == "three: green apples"
    kind = replace(device_type(demo), password_enabled=False)
    demo.device_types.edit(SYSTEM, kind)
    said = rest.refused(409, "POST", PATH, body(demo, name="GW-2", password="three green apples"))
    assert said["field"] == "password"
    made = rest.post(PATH, body(demo, name="GW-2"))
    assert (made["password"], made["mode"]) == (None, "new")
    rest.refused(404, "GET", f"{PATH}/{made['device_id']}/credential")


@pytest.mark.req("DTC-06", "FAC-06", "FAC-07", "OPC-03")
def test_several_certificates_for_keys_of_the_device(demo: Workspace, rest: RestClient) -> None:
    second = add_operational_template(demo)
    bare = "".join(csr().splitlines()[1:-1])
    made = rest.post(
        PATH,
        body(
            demo,
            pfx_passphrase="",
            factory={"csr": csr(KeyAlgorithm.EC_P384)},
            operational=[
                {"csr": csr(), "template_id": second},
                {"csr": bare, "fields": {"san.dns": "gw-1.example", "subject.OU": "Line 2"}},
                {"csr": csr(), "valid_from": "2026-05-01", "validity_days": 10},
            ],
        ),
    )
    first, named, later = made["operational"]
    assert first["template_id"] == second
    assert (named["san"], named["template_id"]) == (
        "dns:gw-1.example",
        device_type(demo).default_operational_template_id,
    )
    assert "OU=Line 2" in named["issued_dn"]
    assert (later["valid_from"], later["valid_until"]) == (
        "2026-05-01T00:00:00Z",
        "2026-05-11T00:00:00Z",
    )
    assert all(one["key_until"] is None for one in (first, named, later, made["factory"]))


@pytest.mark.req("FAC-24")
def test_a_number_of_days_ends_what_has_no_end(demo: Workspace, rest: RestClient) -> None:
    ended = rest.post(PATH, body(demo, factory={"csr": csr(), "validity_days": 10}))
    endless = rest.post(PATH, body(demo, name="GW-2", factory={"csr": csr()}))
    assert ended["factory"]["valid_until"] == "2026-03-12T08:00:00Z"
    assert endless["factory"]["valid_until"].startswith("9999")


@pytest.mark.req("DEV-02")
def test_the_audit_log_tells_who_it_was(demo: Workspace, rest: RestClient) -> None:
    made = rest.post(PATH, body(demo, operational=[{"csr": csr()}]))
    by = (Channel.API, "Line 1")
    assert audit(demo, made["device_id"]) == {
        "device.create": by,
        "credential.set": by,
        "certificate.issue": by,
    }
    (held,) = demo.certificates.of_device(SYSTEM, made["device_id"])
    assert (held.issued_through, held.issued_by) == by
    assert demo.devices.history(SYSTEM, made["device_id"])[0].actor == "Line 1"


def test_asked_for_at_the_same_time_a_device_is_created_once(
    demo: Workspace, rest: RestClient
) -> None:
    rest.token = rest.sign_in()
    wanted = body(demo, operational=[{"csr": csr()}])
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _turn: rest.call("POST", PATH, wanted).status, range(8)))
    assert sorted(answers) == [200] + [409] * 7
    assert (rest.get(PATH)["total"], rest.get("/certificates")["total"]) == (1, 1)


@pytest.mark.req("DEC-04", "FAC-04", "DEV-13")
def test_the_factory_certificate_names_the_device(demo: Workspace, rest: RestClient) -> None:
    kind = device_type(demo, "Flow sensor")
    wanted = {
        "device_type_id": kind.id,
        "factory": {"csr": csr(), "fields": {SENSOR_NAME: "FS-7"}},
        "operational": [{"csr": csr()}],
    }
    made = rest.post(PATH, wanted)
    assert made["name"] == "FS-7"
    assert made["factory"]["san"].endswith(":FS-7")
    assert made["operational"][0]["common_name"] == "FS-7"
    said = rest.refused(409, "POST", PATH, wanted)
    assert said["field"] == "name"
    rest.refused(400, "POST", PATH, wanted | {"factory": None})
    rest.refused(400, "POST", PATH, wanted | {"factory": {"csr": csr()}})


@pytest.mark.req("DEC-03", "FAC-02", "DEC-10")
def test_a_device_comes_with_its_makers_certificate(
    demo: Workspace, rest: RestClient, clock: FakeClock
) -> None:
    clock.set(MAY)
    kind, own = external_type(demo), sensor()
    wanted = body(demo, device_type_id=kind.id, name="", factory_certificate=own.decode())
    made = rest.post(PATH, wanted)
    assert made["name"] == read_certificate(certificates_in(own)[0]).fingerprint
    assert (made["mode"], made["factory"]) == ("factory", None)
    other = certificate_to_pem(demo.authorities.all(SYSTEM)[0].certificate).decode()
    for wrong in (
        {"factory_certificate": "nonsense"},
        {"factory_certificate": other},
        {"factory_certificate": ""},
        {"device_type_id": device_type(demo).id},
    ):
        said = rest.refused(400, "POST", PATH, wanted | {"name": "GW-2"} | wrong)
        assert said["field"] == "factory_certificate"
    assert rest.refused(400, "POST", PATH, wanted | {"name": "GW-2"})["field"] == "name"


@pytest.mark.req("DEC-14", "DEV-06", "DEV-12")
@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"name": ""}, 400, "name"),
        ({"name": "has:colon"}, 400, "name"),
        ({"name": "taken"}, 409, "name"),
        ({"password": "short"}, 400, "password"),
        ({"pfx_passphrase": "", "factory": {}}, 400, "pfx_passphrase"),
        ({"values": {}}, 400, "values.serial_number"),
        ({"values": {"serial_number": "1", "colour": "red"}}, 400, "values.colour"),
        ({"values": {"serial_number": "1", "mac": "no"}}, 400, "values.mac"),
        ({"values": {"serial_number": 1}}, 400, "values.serial_number"),
        ({"device_type_id": 999_999}, 404, None),
        ({"device_type_id": "1"}, 400, "device_type_id"),
        ({"device_type_id": 10**30}, 400, "device_type_id"),
        ({"description": "x" * 2001}, 400, "description"),
        ({"operational": [{"csr": "nonsense"}]}, 400, "operational.0.csr"),
        ({"factory": {"csr": ""}}, 400, "factory.csr"),
        ({"factory": {"template_id": 999_999}}, 404, None),
        ({"factory": {"template_id": 10**30}}, 400, "factory.template_id"),
        ({"factory": {"fields": {"subject.cn": "x"}}}, 400, "factory.subject.cn"),
        ({"factory": {"valid_from": 1}}, 400, "factory.valid_from"),
        ({"factory": {"valid_from": "yesterday"}}, 400, "factory.valid_from"),
        ({"factory": {"validity_days": True}}, 400, "factory.validity_days"),
        ({"factory": {"validity_days": 10**40}}, 400, "factory.validity_days"),
        ({"operational": [{}, {"valid_from": "9000-01-01"}]}, 400, "operational.1.valid_from"),
        ({"operational": [{"fields": {"san.dns": "!"}}]}, 400, "operational.0.san.dns"),
        ({"operational": [{}] * 11}, 400, "operational"),
        ({"colour": "red"}, 400, "colour"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_created(
    demo: Workspace, rest: RestClient, changes: dict[str, Any], status: int, field: str | None
) -> None:
    gateway(demo, "taken")
    said = rest.refused(status, "POST", PATH, body(demo) | changes)
    assert said.get("field") == field
    assert rest.get(PATH)["total"] == 1


def test_a_type_that_cannot_be_used(demo: Workspace, rest: RestClient) -> None:
    kind = device_type(demo)
    foreign = device_type(demo, "Flow sensor").default_operational_template_id
    rest.refused(403, "POST", PATH, body(demo, operational=[{"template_id": foreign}]))
    demo.device_types.edit(SYSTEM, replace(kind, factory_template_id=None, factory_mapping={}))
    said = rest.refused(400, "POST", PATH, body(demo, factory={}))
    assert said["field"] == "factory.template_id"
    demo.device_types.set_active(SYSTEM, kind.id, active=False)
    assert rest.refused(409, "POST", PATH, body(demo))["field"] == "device_type_id"


def test_an_answer_is_told_however_long_it_is(demo: Workspace, rest: RestClient) -> None:
    wanted = body(demo, operational=[{"csr": csr()}] * 10, description="é" * 2000)
    response = rest.call("POST", PATH, wanted)
    assert response.status == 200
    assert len(response.body) > 15_000
    (device,) = rest.get(PATH)["devices"]
    assert device["mode"] == DeviceMode.OPERATIONAL


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
MEMBERS = (
    *("device_type_id", "name", "description", "values", "password", "pfx_passphrase"),
    *("factory", "operational", "factory_certificate"),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.dictionaries(st.sampled_from(MEMBERS), JSON, min_size=1) | JSON)
def test_no_body_makes_it_stumble(demo: Workspace, rest: RestClient, sent: Any) -> None:
    whole = body(demo) | sent if isinstance(sent, dict) else sent
    assert rest.call("POST", PATH, whole).status in (200, 400, 404, 409)


@pytest.mark.parametrize("hostile", [b"[" * 100_000, b'{"name":"\\ud800"}', b'{"name":', b"\xff"])
def test_what_is_no_json(rest: RestClient, hostile: bytes) -> None:
    rest.refused(400, "POST", PATH, hostile)


@pytest.mark.parametrize(
    "long", [{"x" * 60_000: 1}, {"values": {"%" * 60_000: "1"}}, {"factory": {"é" * 30_000: 1}}]
)
def test_a_refusal_is_short_whatever_it_is_for(
    demo: Workspace, rest: RestClient, long: dict[str, object]
) -> None:
    refused = rest.call("POST", PATH, body(demo, **long))
    assert (refused.status, len(refused.body) < MAX_ANSWER) == (400, True)


@pytest.mark.parametrize("text", ["a\x00b", "\x00", "a\u202eb", "a\nb"])
def test_control_characters(demo: Workspace, rest: RestClient, text: str) -> None:
    for member in ("name", "password"):
        assert rest.refused(400, "POST", PATH, body(demo, **{member: text}))["field"] == member
    rest.refused(400, "POST", PATH, body(demo, values={"serial_number": text}))
    if "\0" in text:  # which other characters are for is up to whoever reads it
        said = rest.refused(400, "POST", PATH, body(demo, description=text))
        assert said["field"] == "description"
    wanted = {"csr": csr(), "fields": {"subject.OU": text}}
    rest.refused(400, "POST", PATH, body(demo, operational=[wanted]))
    assert rest.get("/certificates")["total"] == 0
