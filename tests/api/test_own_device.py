"""What a device is told of itself through the REST API, and the certificates it gets by it."""

import base64
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.models.domain.access import Channel
from app.models.domain.device_types import DeviceType
from app.models.domain.templates import Template
from app.pki.revocation import RevocationReason
from tests.api.device_client import (
    BY_PASSWORD,
    CERTIFICATES,
    RENEW,
    DeviceClient,
    asking,
    kept,
    read,
)
from tests.plant import ADMIN, Plant, basic, csr, ec_key, name


@pytest.fixture
def client(plant: Plant) -> DeviceClient:
    """Asks for a device `pump-1` of the type Gateway."""
    plant.device("pump-1")
    return DeviceClient(plant)


def two_templates(plant: Plant, **changes: Any) -> tuple[DeviceClient, Template, DeviceType]:
    """A client for `pump-1`, whose type has the template `Named` and the one that is returned."""
    named = plant.templates["Named"]
    server = replace(named, name="OPC UA", validity_days=30)
    server = plant.workspace.templates.create(ADMIN, server)
    kind = plant.add_type("Double", operational_template_ids=(named.id, server.id), **changes)
    plant.add_server("double", device_type_id=kind.id)
    plant.device("pump-1", type_name="Double")
    return DeviceClient(plant, "double.est.local"), server, kind


def days(told: Any) -> int:
    """How long a certificate is good for."""
    ends = datetime.fromisoformat(told["valid_until"])
    return (ends - datetime.fromisoformat(told["valid_from"])).days


def der_of(told: Any) -> bytes:
    return base64.b64decode(told["certificate"])


def renewing(told: Any) -> bytes:
    """A request with the names of a certificate, for a new key."""
    return csr(ec_key(), read(told["certificate"]).subject)


@pytest.mark.req("DT-17", "DTC-17")
def test_a_device_is_told_about_itself(plant: Plant) -> None:
    kind = plant.add_type("Slow", operational_renewal_hours=24)
    plant.add_server("slow", device_type_id=kind.id)
    factory, _key = plant.with_factory_certificate("pump-1", type_name="Slow")
    client = DeviceClient(plant, "slow.est.local")
    issued = [client.enrol(csr(ec_key(), "pump-1"), shows=[factory]) for _time in range(2)]
    last, first, birth = kept(plant, device_of(plant))
    assert (last.issued_through, last.issued_by) == (Channel.API, "pump-1")
    plant.workspace.revocation.revoke(ADMIN, first.id, RevocationReason.SUPERSEDED)
    told = client.show(shows=[der_of(issued[1])])
    certificates = told.pop("certificates")
    assert told == {
        "name": "pump-1",
        "mode": "operational",
        "device_type": "Slow",
        "organization": "North plant",
    }
    assert [one["certificate_id"] for one in certificates] == [last.id, first.id, birth.id]
    assert [one["kind"] for one in certificates] == ["operational", "operational", "factory"]
    assert [one["status"] for one in certificates] == ["Good", "Revoked", "Good"]
    assert [one["serial_number"] for one in certificates[:2]] == [
        issued[1]["serial_number"],
        issued[0]["serial_number"],
    ]
    opens = (last.not_after - timedelta(hours=24)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert [one["renewable_from"] for one in certificates] == [opens, None, None]
    line = plant.monitor_line()
    assert (line.operation, line.status, line.device) == ("REST device", 200, "pump-1")
    assert (line.showed, line.outcome) == ("operational certificate", "told about itself")


@pytest.mark.req("DTC-17", "DEC-16")
def test_without_a_window_a_certificate_can_be_renewed_at_any_time(client: DeviceClient) -> None:
    issued = client.enrol(csr(ec_key(), "pump-1"), **BY_PASSWORD)
    (told,) = client.show(**BY_PASSWORD)["certificates"]
    assert told["renewable_from"] == told["valid_from"] == issued["valid_from"]
    client.plant.clock.advance(days=91)
    (told,) = client.show(**BY_PASSWORD)["certificates"]
    assert (told["status"], told["renewable_from"]) == ("Expired", None)


@pytest.mark.req("DTC-06")
def test_a_device_has_several_operational_certificates(plant: Plant) -> None:
    client, server, _kind = two_templates(plant)
    first = client.enrol(csr(ec_key(), "pump-1"), **BY_PASSWORD)
    second = client.enrol(csr(ec_key(), "pump-1"), server.id, **BY_PASSWORD)
    third = client.enrol(csr(ec_key(), "pump-1"), server.id, shows=[der_of(first)])
    assert [days(one) for one in (first, second, third)] == [90, 30, 30]
    told = client.show(shows=[der_of(third)])
    assert [one["status"] for one in told["certificates"]] == ["Good"] * 3
    assert plant.count() == 3


@pytest.mark.req("DTC-06", "DTC-17")
def test_each_is_renewed_as_what_it_is(plant: Plant) -> None:
    client, server, _kind = two_templates(plant)
    first = client.enrol(csr(ec_key(), "pump-1"), **BY_PASSWORD)
    second = client.enrol(csr(ec_key(), "pump-1"), server.id, **BY_PASSWORD)
    for issued, length in ((first, 90), (second, 30)):
        renewed = client.renew(renewing(issued), shows=[der_of(issued)])
        assert days(renewed) == length
        assert renewed["serial_number"] != issued["serial_number"]
        response = plant.ask(
            "simplereenroll", renewing(issued), shows=[der_of(issued)], host=client.host
        )
        assert response.status == 200
    lengths = [one.not_after - one.not_before for one in kept(plant, device_of(plant))]
    assert [length.days for length in lengths] == [30, 30, 90, 90, 30, 90]


@pytest.mark.req("DTC-06")
def test_a_template_that_the_type_gives_up_goes_on_for_its_devices(plant: Plant) -> None:
    client, server, kind = two_templates(plant)
    issued = client.enrol(csr(ec_key(), "pump-1"), server.id, **BY_PASSWORD)
    only = (plant.templates["Named"].id,)
    plant.workspace.device_types.edit(ADMIN, replace(kind, operational_template_ids=only))
    assert days(client.renew(renewing(issued), shows=[der_of(issued)])) == 30


@pytest.mark.req("DTC-06")
@pytest.mark.parametrize("template", ["Factory", "Free", ""])
def test_only_operational_templates_of_the_type(client: DeviceClient, template: str) -> None:
    id_ = client.plant.templates[template].id if template else 10**17
    body = asking(csr(ec_key(), "pump-1")) | {"template_id": id_}
    refused = client.ask("POST", CERTIFICATES, body, **BY_PASSWORD)
    said = client.assert_refused(refused, 403)
    assert "may not have a certificate from this template" in said
    assert client.plant.count() == 0


@pytest.mark.req("DTC-06", "DEC-15")
def test_in_operation_an_enforced_factory_mode_forbids_another_one(plant: Plant) -> None:
    client, server, _kind = two_templates(plant, enforce_factory_mode=True)
    key = ec_key()
    first = client.enrol(csr(key, "pump-1"), **BY_PASSWORD)
    shown: Any = {"shows": [der_of(first)]}
    for request in (csr(ec_key(), "pump-1"), csr(key, "pump-1"), renewing(first)):
        body = asking(request) | {"template_id": server.id}
        refused = client.ask("POST", CERTIFICATES, body, **shown)
        assert "not in factory mode" in client.assert_refused(refused, 403)
    assert plant.count() == 1
    assert days(client.enrol(renewing(first), **shown)) == 90  # as with EST, it renews


@pytest.mark.req("DTC-17", "DEC-16")
def test_the_window_to_renew_in(plant: Plant) -> None:
    kind = plant.add_type("Slow", operational_renewal_hours=24)
    plant.add_server("slow", device_type_id=kind.id)
    plant.device("pump-1", type_name="Slow")
    client = DeviceClient(plant, "slow.est.local")
    issued = client.enrol(csr(ec_key(), "pump-1"), **BY_PASSWORD)
    opens = client.show(**BY_PASSWORD)["certificates"][0]["renewable_from"]
    plant.clock.set(datetime.fromisoformat(opens) - timedelta(seconds=1))
    shown: Any = {"shows": [der_of(issued)]}
    refused = client.ask("POST", RENEW, asking(renewing(issued)), **shown)
    assert "too early to renew" in client.assert_refused(refused, 403)
    plant.clock.advance(seconds=1)
    renewed = client.renew(renewing(issued), **shown)
    line = plant.monitor_line()
    assert line.operation == "REST device/certificates/renew"
    assert line.outcome == f"issued {renewed['serial_number']}"


@pytest.mark.req("DTC-17", "DEC-15")
def test_other_names_are_not_renewed(client: DeviceClient) -> None:
    issued = client.enrol(csr(ec_key(), "pump-1"), **BY_PASSWORD)
    request = asking(csr(ec_key(), name(CN="pump-2", O="Acme Controls")))
    refused = client.ask("POST", RENEW, request, shows=[der_of(issued)])
    assert "other names" in client.assert_refused(refused, 403)


@pytest.mark.req("DEC-05", "DEC-20")
def test_who_is_nobody_is_asked_for_a_password(client: DeviceClient) -> None:
    for shown in ({}, basic("pump-1", "wrong"), basic("nobody")):
        for method, target in (("GET", "/v2/device"), ("POST", CERTIFICATES), ("POST", RENEW)):
            refused = client.ask(method, target, headers=shown)
            client.assert_refused(refused, 401)
            assert dict(refused.headers)["WWW-Authenticate"] == 'Basic realm="EST"'
    plant = client.plant
    switched = replace(plant.server, password_authentication=False)
    plant.workspace.est_servers.edit(ADMIN, switched)
    refused = client.ask("GET", "/v2/device", **BY_PASSWORD)
    assert "does not take passwords" in client.assert_refused(refused, 403)
    assert "WWW-Authenticate" not in dict(refused.headers)


def test_an_access_token_is_no_credential_of_a_device(client: DeviceClient) -> None:
    refused = client.ask("GET", "/v2/device", headers={"authorization": "Bearer x.y"})
    client.assert_refused(refused, 401)


@pytest.mark.req("DEC-05", "DEC-21")
def test_an_application_enrols_devices_as_by_est(client: DeviceClient) -> None:
    plant = client.plant
    made = plant.workspace.applications.create(ADMIN, "MES", plant.tenant_id)
    shown: Any = {"headers": basic(made.application.app_id, made.app_key)}
    client.assert_refused(client.ask("GET", "/v2/device", **shown), 401)  # not linked
    plant.workspace.applications.link(ADMIN, plant.server.id, made.application.id)
    assert client.enrol(csr(ec_key(), "pump-1"), **shown)["name"] == "pump-1"
    said = client.assert_refused(client.ask("GET", "/v2/device", **shown), 403)
    assert "An application is no device" in said


@pytest.mark.req("EST-02", "EST-14", "DEC-12")
def test_where_it_is_served_and_for_whom(client: DeviceClient) -> None:
    plant = client.plant
    lost = DeviceClient(plant, "elsewhere.example")
    client.assert_refused(lost.ask("GET", "/v2/device", **BY_PASSWORD), 404)
    only = replace(plant.server, allowed_addresses=("198.51.100.0/24",))
    plant.workspace.est_servers.edit(ADMIN, only)
    client.assert_refused(client.ask("GET", "/v2/device", **BY_PASSWORD), 403)
    assert client.show(**BY_PASSWORD, address="198.51.100.9")["name"] == "pump-1"


@pytest.mark.req("DEC-09", "EST-15")
def test_a_domain_that_is_shared(client: DeviceClient) -> None:
    plant = client.plant
    workspace = plant.workspace
    shared = replace(plant.server, organization_id=plant.south, name="South")
    workspace.est_servers.create(ADMIN, shared)
    plant.device("pump-2", organization_id=plant.south)
    told = [client.show(headers=basic(device)) for device in ("pump-1", "pump-2")]
    assert [one["organization"] for one in told] == ["North plant", "South plant"]
    workspace.est_servers.create(ADMIN, replace(plant.server, name="Twin"))
    said = client.assert_refused(client.ask("GET", "/v2/device", **BY_PASSWORD), 403)
    assert "Bench, Twin" in said


@pytest.mark.req("DEC-19")
def test_proof_of_possession_is_linked(client: DeviceClient) -> None:
    plant = client.plant
    plant.workspace.est_servers.edit(ADMIN, replace(plant.server, require_pop=True))
    binding = bytes(range(32))
    linked = csr(ec_key(), "pump-1", challenge=base64.b64encode(binding).decode())
    for request, over in ((csr(ec_key(), "pump-1"), binding), (linked, binding[::-1])):
        for target in (CERTIFICATES, RENEW):
            refused = client.ask("POST", target, asking(request), **BY_PASSWORD, binding=over)
            assert "proof-of-possession" in client.assert_refused(refused, 400)
    assert client.enrol(linked, **BY_PASSWORD, binding=binding)["name"] == "pump-1"


def test_a_request_can_be_pem(client: DeviceClient) -> None:
    der = csr(ec_key(), "pump-1")
    pem = f"-----BEGIN CERTIFICATE REQUEST-----\n{base64.encodebytes(der).decode()}"
    body = {"csr": f"{pem}-----END CERTIFICATE REQUEST-----\n"}
    response = client.ask("POST", CERTIFICATES, body, **BY_PASSWORD)
    assert response.status == 200, response.body


def test_what_is_our_own_fault(client: DeviceClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client.plant.workspace.own_devices, "of", None)
    assert client.ask("GET", "/v2/device", **BY_PASSWORD).status == 500
    line = client.plant.monitor_line()
    assert (line.status, line.outcome) == (500, "internal error, see the log")


def device_of(plant: Plant) -> Any:
    """The device `pump-1`."""
    return plant.workspace.devices.get(ADMIN, 1)
