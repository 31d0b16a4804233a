"""Who gets a certificate, for which names, and when."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from time import perf_counter

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from app.core.errors import AuthenticationError
from app.core.messages import Response
from app.models.domain.devices import DeviceMode
from app.pki.sealing import KdfCost
from tests.est.conftest import NOW
from tests.est.refusals import assert_refused
from tests.fakes import FakeClock
from tests.plant import (
    ADMIN,
    DOMAIN,
    Plant,
    basic,
    certificates_of,
    csr,
    ec_key,
    name,
    opened_plant,
)

STRICT = "strict.est.local"


def enrolled(plant: Plant, request: bytes, device: str = "pump-1", host: str = DOMAIN) -> Response:
    return plant.ask("simpleenroll", request, headers=basic(device), host=host)


def mode(plant: Plant, device_id: int) -> DeviceMode:
    return plant.workspace.devices.get(ADMIN, device_id).mode


@pytest.mark.req("DEV-84", "DEV-85", "ATK-E07", "EST-ERR-03")
def test_a_disabled_device_is_refused_by_any_credential(plant: Plant) -> None:
    factory, key = plant.with_factory_certificate("pump-1")
    operational = plant.enrol("pump-1")
    device = plant.workspace.devices.disable(ADMIN, 1)
    assert device.name == "pump-1"
    request = csr(ec_key(), "pump-1")
    before = plant.count()
    assert_refused(plant, enrolled(plant, request), 403)
    for shown in (factory, operational):
        for operation in ("simpleenroll", "simplereenroll"):
            text = assert_refused(plant, plant.ask(operation, request, shows=[shown]), 403)
            assert "disabled" in text
    assert plant.count() == before
    plant.workspace.devices.enable(ADMIN, 1)
    assert enrolled(plant, request).status == 200
    assert plant.ask("simpleenroll", csr(key, "pump-1"), shows=[factory]).status == 200


@pytest.mark.req("EST-URI-06", "ATK-E06")
def test_a_device_of_another_owner_or_type_is_unknown(plant: Plant) -> None:
    plant.add_server("south", organization_id=plant.south)
    plant.add_server("free", device_type_id=plant.types["Free"].id)
    tenant = plant.workspace.tenants.create_tenant(ADMIN, "Other")
    owner = plant.workspace.tenants.create_organization(ADMIN, tenant.id, "Plant")
    plant.add_server("other", tenant_id=tenant.id, organization_id=owner.id)
    factory, _key = plant.with_factory_certificate("pump-1")
    request = csr(ec_key(), "pump-1")
    for host in ("south.est.local", "free.est.local", "other.est.local"):
        assert_refused(plant, enrolled(plant, request, host=host), 401)
        shown = plant.ask("simpleenroll", request, shows=[factory], host=host)
        assert_refused(plant, shown, 401)
    assert enrolled(plant, request).status == 200


@pytest.mark.req("EST-04", "EST-13", "EST-AUT-12", "EST-AUT-13", "EST-TLS-08", "TC-04")
def test_the_factory_certificate_lets_a_device_in(plant: Plant) -> None:
    factory, _key = plant.with_factory_certificate("pump-1")
    assert x509.load_der_x509_certificate(factory).not_valid_after_utc.year == 9999
    response = plant.ask("simpleenroll", csr(ec_key(), "pump-1"), shows=[factory])
    assert response.status == 200
    line = plant.monitor_line()
    assert (line.showed, line.device) == ("factory certificate", "pump-1")
    assert line.certificate_subject == "O=Acme Controls,CN=pump-1"
    assert mode(plant, 1) is DeviceMode.OPERATIONAL


@pytest.mark.req("DEC-05")
def test_credentials_decide_where_a_certificate_comes_along(plant: Plant) -> None:
    factory, _key = plant.with_factory_certificate("pump-1")
    plant.device("pump-2")
    request = csr(ec_key(), "pump-2")
    both = plant.ask("simpleenroll", request, headers=basic("pump-2"), shows=[factory])
    assert both.status == 200
    assert plant.monitor_line().device == "pump-2"
    wrong = plant.ask("simpleenroll", request, headers=basic("pump-2", "x"), shows=[factory])
    assert_refused(plant, wrong, 401)


@pytest.mark.req("EST-11", "EST-12", "EST-13", "EST-ERR-03")
def test_a_server_takes_only_what_it_is_set_to(plant: Plant) -> None:
    plant.add_server("passwords", certificate_authentication=False)
    plant.add_server("certificates", password_authentication=False)
    factory, _key = plant.with_factory_certificate("pump-1")
    request = csr(ec_key(), "pump-1")
    assert_refused(
        plant, plant.ask("simpleenroll", request, shows=[factory], host="passwords.est.local"), 401
    )
    for headers in ({}, basic("pump-1")):
        refused = plant.ask("simpleenroll", request, headers=headers, host="certificates.est.local")
        assert_refused(plant, refused, 403)  # no password could help
    assert plant.count() == 1
    assert enrolled(plant, request, host="passwords.est.local").status == 200


@pytest.mark.req("DT-11", "DT-12", "DEC-15")
def test_enforced_factory_mode(plant: Plant) -> None:
    strict = plant.add_type("Strict", enforce_factory_mode=True)
    plant.add_server("strict", device_type_id=strict.id)
    factory, _key = plant.with_factory_certificate("pump-1", type_name="Strict")
    host = STRICT
    request = csr(ec_key(), "pump-1")
    first = enrolled(plant, request, host=host)
    assert first.status == 200
    assert mode(plant, 1) is DeviceMode.OPERATIONAL
    before = plant.count()

    again = enrolled(plant, request, host=host)  # the answer got lost
    assert again.body == first.body
    assert plant.count() == before

    other = csr(ec_key(), "pump-1")
    text = assert_refused(plant, enrolled(plant, other, host=host), 403)
    assert "not in factory mode" in text
    for operation in ("simpleenroll", "simplereenroll"):
        shown = plant.ask(operation, other, shows=[factory], host=host)
        assert_refused(plant, shown, 403)
    reenrolled = plant.ask("simplereenroll", other, headers=basic("pump-1"), host=host)
    assert_refused(plant, reenrolled, 403)
    plant.clock.advance(minutes=11)
    assert_refused(plant, enrolled(plant, request, host=host), 403)
    assert plant.count() == before

    plant.workspace.devices.set_as_factory(ADMIN, 1)
    assert enrolled(plant, other, host=host).status == 200


@pytest.mark.req("DEC-15", "DEC-16", "EST-REN-20")
@pytest.mark.parametrize("operation", ["simpleenroll", "simplereenroll"])
def test_enforced_factory_mode_lets_the_operational_certificate_renew(
    plant: Plant, operation: str
) -> None:
    strict = plant.add_type("Strict", enforce_factory_mode=True, operational_renewal_hours=24)
    plant.add_server("strict", device_type_id=strict.id)
    plant.device("pump-1", type_name="Strict")
    (current,) = certificates_of(enrolled(plant, csr(ec_key(), "pump-1"), host=STRICT))

    def renew(subject: x509.Name) -> Response:
        shown = [current.public_bytes(Encoding.DER)]
        return plant.ask(operation, csr(ec_key(), subject), shows=shown, host=STRICT)

    assert "too early" in assert_refused(plant, renew(current.subject), 403)
    plant.clock.advance(days=89, hours=1)
    assert renew(current.subject).status == 200
    assert_refused(plant, renew(name(CN="pump-1")), 403)
    assert plant.count() == 2


@pytest.mark.req("EST-ENR-13")
def test_without_enforcement_a_device_enrols_as_often_as_it_likes(plant: Plant) -> None:
    plant.device("pump-1")
    request = csr(ec_key(), "pump-1")
    first, second = (certificates_of(enrolled(plant, request))[0] for _time in range(2))
    assert first.serial_number != second.serial_number
    assert plant.count() == 2


@pytest.mark.req("EST-ENR-07", "DEC-21", "ATK-B12", "ATK-C08", "EST-REN-12")
@pytest.mark.parametrize("operation", ["simpleenroll", "simplereenroll"])
def test_the_name_of_another_device_is_refused(plant: Plant, operation: str) -> None:
    factory, _key = plant.with_factory_certificate("pump-1")
    plant.device("pump-2")
    before = plant.count()
    request = csr(ec_key(), "pump-2")
    for headers, shows in ((basic("pump-1"), ()), ({}, (factory,))):
        refused = plant.ask(operation, request, headers=headers, shows=shows)
        assert "another device" in assert_refused(plant, refused, 403)
    assert plant.count() == before


@pytest.mark.req("EST-ENR-15", "EST-ENR-07")
@pytest.mark.parametrize("subject", [x509.Name([]), name(CN="anything"), name(OU="Line 3")])
def test_the_mapped_name_wins_over_the_request(plant: Plant, subject: x509.Name) -> None:
    plant.device("pump-1")
    (issued,) = certificates_of(enrolled(plant, csr(ec_key(), subject)))
    assert issued.subject.rfc4514_string() == "O=Acme Controls,CN=pump-1"


@pytest.mark.req("EST-ENR-07", "ATK-C10")
@pytest.mark.parametrize(
    ("subject", "san", "status"),
    [
        (name(CN="pump-1"), [], 200),
        (name(CN="pump-1", OU="Line 3"), [], 200),
        (name(CN="pump-1"), ["pump-1"], 200),
        (name(CN="pump-1"), ["PUMP-1.plant.example"], 200),
        (name(OU="Line 3"), [], 200),
        (name(CN="PUMP-1"), [], 403),
        (name(CN="pump-3"), [], 403),
        (name(CN="pump-1"), ["pump-2.plant.example"], 403),
        (name(CN="pump-1"), ["pump-1.example", "bank.example"], 403),
        (name(CN="pump-1"), ["xpump-1.example"], 403),
        (name(CN="pump-1"), ["192.0.2.1"], 403),
    ],
)
def test_names_from_the_request_name_the_device(
    plant: Plant, subject: x509.Name, san: list[str], status: int
) -> None:
    plant.add_server("free", device_type_id=plant.types["Free"].id)
    plant.device("pump-1", type_name="Free")
    response = enrolled(plant, csr(ec_key(), subject, san), host="free.est.local")
    if status == 403:
        assert_refused(plant, response, 403)
        assert plant.count() == 0
    else:
        (issued,) = certificates_of(response)
        assert issued.subject == subject


@pytest.mark.parametrize("others", [False, True])
def test_no_device_gets_the_name_of_an_est_server(plant: Plant, others: bool) -> None:
    free = plant.types["Free"].id
    plant.add_server("free", device_type_id=free, enrol_others=others)
    for device in ("free", "free.est.local"):
        plant.device(device, type_name="Free")
        request = csr(ec_key(), device, ["FREE.est.local"])
        headers = basic(device)
        refused = plant.ask("simpleenroll", request, headers=headers, host="free.est.local")
        assert "domain of an EST server" in assert_refused(plant, refused, 403)
    assert plant.count() == 0


@pytest.mark.req("EST-ENR-08", "DEC-21")
def test_a_server_may_let_a_device_enrol_others(plant: Plant) -> None:
    free = plant.types["Free"].id
    plant.add_server("free", device_type_id=free)
    plant.add_server("azure", device_type_id=free, enrol_others=True)
    factory, _key = plant.with_factory_certificate("pump-1", type_name="Free")
    request = csr(ec_key(), "aziot-edged-ca", ["edge.example"])
    refused = plant.ask("simpleenroll", request, shows=[factory], host="free.est.local")
    assert_refused(plant, refused, 403)
    response = plant.ask("simpleenroll", request, shows=[factory], host="azure.est.local")
    assert response.status == 200
    assert certificates_of(response)[0].subject == name(CN="aziot-edged-ca")


@pytest.mark.req("EST-ERR-09")
def test_a_key_the_template_does_not_take(plant: Plant) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec

    plant.device("pump-1")
    request = csr(ec.generate_private_key(ec.SECP521R1()), "pump-1")
    text = assert_refused(plant, enrolled(plant, request), 400)
    assert "P-521" in text
    assert "P-256" in text


@pytest.mark.req("ATK-B11")
def test_the_key_of_another_device_is_refused(plant: Plant) -> None:
    plant.device("pump-1")
    plant.device("pump-2")
    key = ec_key()
    plant.enrol("pump-1", key)
    assert_refused(plant, enrolled(plant, csr(key, "pump-2"), "pump-2"), 403)
    assert plant.count() == 1


@pytest.mark.req("DTP-03", "DTP-05", "DEC-23")
def test_a_changed_password_is_refused_at_once(plant: Plant) -> None:
    created = plant.device("pump-1")
    plant.enrol("pump-1")
    new = plant.workspace.credentials.reset_password(ADMIN, created.device.id, None)
    request = csr(ec_key(), "pump-1")
    assert_refused(plant, enrolled(plant, request), 401)
    good = plant.ask("simpleenroll", request, headers=basic("pump-1", new))
    assert good.status == 200


@pytest.mark.req("ATK-G01", "DT-11", "EST-ENR-13")
@pytest.mark.parametrize("same", [True, False])
def test_many_at_once_get_one_certificate_in_enforced_factory_mode(
    plant: Plant, same: bool
) -> None:
    strict = plant.add_type("Strict", enforce_factory_mode=True)
    plant.add_server("strict", device_type_id=strict.id)
    plant.device("pump-1", type_name="Strict")
    key = ec_key()
    requests = [csr(key if same else ec_key(), "pump-1") for _number in range(10)]
    with ThreadPoolExecutor(10) as executor:
        answers = list(executor.map(lambda der: enrolled(plant, der, host=STRICT), requests))
    issued = [answer.body for answer in answers if answer.status == 200]
    assert len(set(issued)) == plant.count() == 1
    assert len(issued) == (10 if same else 1)
    assert {answer.status for answer in answers} <= {200, 403}


@pytest.mark.req("ATK-E01", "EST-AUT-08")
def test_an_unknown_device_takes_as_long_as_a_wrong_password(
    plant_folder: Path, tmp_path: Path
) -> None:
    """Without the work of a password check it would take a tenth of the time."""
    slow = KdfCost(memory=4096, passes=6)
    with opened_plant(plant_folder, tmp_path / "slow", FakeClock(NOW), slow) as plant:
        plant.device("pump-1")
        took: dict[str, list[float]] = {"pump-1": [], "nobody": []}
        for number in range(15):
            for device, times in took.items():
                started = perf_counter()
                with pytest.raises(AuthenticationError):
                    plant.workspace.device_authentication.by_password(
                        plant.server, device, "wrong", f"192.0.2.{number}"
                    )
                times.append(perf_counter() - started)
    known, unknown = (median(times) for times in took.values())
    assert 0.5 < unknown / known < 2
