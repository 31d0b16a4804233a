"""Devices that register themselves through the REST API (DT-14 to DT-27)."""

import base64
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from threading import Barrier

import pytest
from cryptography import x509

from app.core.messages import Response
from app.models.domain.access import Access, Scope, Sharing
from app.models.domain.devices import DeviceMode
from app.models.domain.templates import CertificateKind
from app.pki.revocation import RevocationReason
from tests.api.device_client import DeviceClient, asking, at_zero, good, kept, read
from tests.est.maker import Maker, devices, external_type, internal_type
from tests.est.test_external_registration import FIELDS
from tests.est.test_internal_registration import (
    factory_certificate,
    issued_for_nobody,
    mapped_type,
    of_a_device_elsewhere,
    of_another_plant,
    operational,
)
from tests.plant import ADMIN, Plant, csr, ec_key, name, rsa_key


@pytest.fixture
def zero(plant: Plant) -> DeviceClient:
    return at_zero(plant)


@pytest.fixture
def maker(plant: Plant) -> Maker:
    return Maker(plant)


@pytest.mark.req("DT-14", "DT-15", "DT-16", "DT-17", "DT-19", "DT-25")
@pytest.mark.parametrize("use_mapping", [False, True])
def test_a_device_of_another_maker(zero: DeviceClient, maker: Maker, use_mapping: bool) -> None:
    plant = zero.plant
    external_type(maker, fields=FIELDS, use_mapping=use_mapping)
    shown, key = maker.certify("sensor-1"), ec_key()
    told = good(zero.contact(shown, csr(key, name())))
    (made,) = devices(plant)
    assert (made.name, made.mode) == (sha256(shown).hexdigest(), DeviceMode.OPERATIONAL)
    assert (made.values["serial_number"], made.values["model"]) == ("UNDEFINED", "S-200")
    (issued,) = kept(plant, made)
    assert (issued.kind, issued.serial) == (CertificateKind.OPERATIONAL, told["serial_number"])
    certificate, *chain = map(read, (told["certificate"], *told["chain"]))
    assert sha256(base64.b64decode(told["certificate"])).hexdigest() == issued.fingerprint
    assert certificate.public_key() == key.public_key()
    for below, above in zip((certificate, *chain), chain, strict=False):
        below.verify_directly_issued_by(above)
    assert chain[-1].subject.rfc4514_string() == "CN=Acme Root CA"
    assert told["name"] == made.name
    assert told["valid_until"] == issued.not_after.strftime("%Y-%m-%dT%H:%M:%SZ")
    line = plant.monitor_line()
    assert (line.operation, line.device) == ("REST device/certificates", made.name)
    assert line.outcome == f"new device, issued {issued.serial}"
    assert (line.showed, line.certificate_subject) == ("factory certificate", "CN=sensor-1")
    events = plant.workspace.audit.of_object(ADMIN, "device", made.id, 10)
    assert [event.action for event in events] == ["certificate.issue", "device.register"]


@pytest.mark.req("DT-14", "DT-16", "DT-17", "DT-20", "DT-24")
def test_a_certificate_from_here_names_and_describes_the_device(zero: DeviceClient) -> None:
    mapped_type(zero.plant)
    told = good(zero.contact(factory_certificate(zero.plant, CN="pump-7", serialNumber="S-7")))
    (made,) = devices(zero.plant)
    assert told["name"] == made.name == "pump-7"
    assert (made.values["serial_number"], made.values["manufacturer"]) == ("S-7", "UNDEFINED")


@pytest.mark.req("DT-17", "DT-26")
def test_without_mapping_the_fingerprint_names_it(zero: DeviceClient) -> None:
    mapped_type(zero.plant, use_mapping=False)
    shown = factory_certificate(zero.plant, CN="pump-7", serialNumber="S-7")
    assert good(zero.contact(shown))["name"] == sha256(shown).hexdigest()


@pytest.mark.req("DT-17", "DT-21")
@pytest.mark.parametrize("external", [False, True])
def test_who_comes_again_is_known(zero: DeviceClient, external: bool) -> None:
    plant = zero.plant
    if external:
        maker = Maker(plant)
        external_type(maker)
        shown = maker.certify("sensor-1")
    else:
        mapped_type(plant)
        shown = factory_certificate(plant, CN="pump-7")
    first = good(zero.contact(shown))
    again = plant.ask("simpleenroll", csr(ec_key(), name()), shows=[shown], host=zero.host)
    assert again.status == 200
    second = good(zero.contact(shown))
    assert plant.monitor_line().outcome == f"issued {second['serial_number']}"
    (made,) = devices(plant)
    held = [one.serial for one in kept(plant, made) if one.kind is CertificateKind.OPERATIONAL]
    assert (len(held), made.name) == (3, first["name"])
    assert {first["serial_number"], second["serial_number"]} < set(held)


@pytest.mark.req("DT-21")
def test_contacts_at_the_same_time_make_one_device(zero: DeviceClient, maker: Maker) -> None:
    external_type(maker)
    shown = maker.certify("sensor-1")
    together = Barrier(4)

    def first_contact(_number: int) -> Response:
        request = csr(ec_key(), name())
        together.wait(10)
        return zero.contact(shown, request)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(first_contact, range(4)))
    assert [answer.status for answer in answers] == [200] * 4
    (made,) = devices(zero.plant)
    assert len(kept(zero.plant, made)) == 4


@pytest.mark.req("DT-14", "DT-17")
def test_whoever_is_not_registered_yet_is_told_how(zero: DeviceClient, maker: Maker) -> None:
    external_type(maker)
    shown = maker.certify("sensor-1")
    said = zero.assert_refused(zero.ask("GET", "/v2/device", shows=[shown]), 404)
    assert said.endswith("Ask for an operational certificate: that registers it.")
    assert devices(zero.plant) == []
    good(zero.contact(shown))
    told = zero.show(shows=[shown])
    assert (told["name"], told["mode"]) == (sha256(shown).hexdigest(), "operational")


@pytest.mark.req("DT-14")
@pytest.mark.parametrize("external", [False, True])
def test_without_auto_registration_nobody_is_let_in(zero: DeviceClient, external: bool) -> None:
    plant = zero.plant
    if external:
        maker = Maker(plant)
        external_type(maker, auto_registration=False)
        shown = maker.certify("sensor-1")
    else:
        mapped_type(plant, auto_registration=False)
        shown = factory_certificate(plant, CN="pump-7")
    assert "No device of this EST server" in zero.assert_refused(zero.contact(shown), 401)
    assert devices(plant) == []


@pytest.mark.req("DT-11", "DT-12", "DT-21")
def test_factory_mode_is_enforced_from_the_second_contact_on(
    zero: DeviceClient, maker: Maker
) -> None:
    external_type(maker, enforce_factory_mode=True)
    shown, request = maker.certify("sensor-1"), csr(ec_key(), name())
    first = good(zero.contact(shown, request))
    assert "not in factory mode" in zero.assert_refused(zero.contact(shown), 403)
    assert good(zero.contact(shown, request)) == first  # the answer was lost
    zero.plant.workspace.devices.set_as_factory(ADMIN, devices(zero.plant)[0].id)
    assert good(zero.contact(shown))["serial_number"] != first["serial_number"]


def switched_off(plant: Plant, maker: Maker) -> None:
    plant.workspace.external_cas.set_active(ADMIN, maker.ca.id, active=False)


def out_of_date(plant: Plant, _maker: Maker) -> None:
    plant.clock.advance(days=31)


@pytest.mark.req("DT-14", "ECA-15")
@pytest.mark.parametrize("change", [switched_off, out_of_date])
def test_what_is_no_longer_good_is_refused(
    zero: DeviceClient, maker: Maker, change: Callable[[Plant, Maker], None]
) -> None:
    external_type(maker)
    known, unknown = maker.certify("sensor-1"), maker.certify("sensor-2")
    good(zero.contact(known))
    change(zero.plant, maker)
    for shown in (known, unknown):
        zero.assert_refused(zero.contact(shown), 403)
    assert (len(devices(zero.plant)), zero.plant.count()) == (1, 1)


@pytest.mark.req("DT-14")
def test_a_certificate_of_another_maker_is_refused(zero: DeviceClient, maker: Maker) -> None:
    external_type(maker)
    forger = Maker(zero.plant, "Forger", ec_key())
    forger.title = maker.title  # the same name, another key
    other = Maker(zero.plant, "Motor maker CA")
    factory, _key = zero.plant.with_factory_certificate("pump-1")
    for shown in (other.certify("motor-1"), forger.certify("sensor-1"), factory):
        zero.assert_refused(zero.contact(shown), 403)
    assert [device.name for device in devices(zero.plant)] == ["pump-1"]


@pytest.mark.req("DT-14")
@pytest.mark.parametrize("shown", [of_another_plant, operational, of_a_device_elsewhere])
def test_what_belongs_to_others_makes_no_device(
    zero: DeviceClient, shown: Callable[[Plant], bytes]
) -> None:
    mapped_type(zero.plant)
    der = shown(zero.plant)
    before = devices(zero.plant)
    assert "No device of this EST server" in zero.assert_refused(zero.contact(der), 401)
    assert devices(zero.plant) == before


@pytest.mark.req("DT-14")
def test_what_is_revoked_makes_no_device(zero: DeviceClient) -> None:
    plant = zero.plant
    mapped_type(plant)
    issued = issued_for_nobody(plant, Scope(plant.tenant_id, plant.north))
    plant.workspace.revocation.revoke(ADMIN, issued.id, RevocationReason.SUPERSEDED)
    assert "revoked or on hold" in zero.assert_refused(zero.contact(issued.der), 401)
    assert devices(plant) == []


@pytest.mark.req("DT-24", "DEV-06")
def test_a_name_that_is_taken_is_refused_in_words(zero: DeviceClient) -> None:
    mapped_type(zero.plant)
    zero.plant.device("pump-7")
    shown = factory_certificate(zero.plant, CN="pump-7")
    said = zero.assert_refused(zero.contact(shown), 403)
    assert "A device named pump-7 exists already." in said


@pytest.mark.req("DT-14", "DEV-84")
def test_a_disabled_device_does_not_come_back(zero: DeviceClient, maker: Maker) -> None:
    external_type(maker)
    shown = maker.certify("sensor-1")
    good(zero.contact(shown))
    zero.plant.workspace.devices.disable(ADMIN, devices(zero.plant)[0].id)
    assert "is disabled" in zero.assert_refused(zero.contact(shown), 403)
    assert "is disabled" in zero.assert_refused(zero.ask("GET", "/v2/device", shows=[shown]), 403)
    assert len(devices(zero.plant)) == 1


@pytest.mark.req("DT-14")
def test_an_inactive_type_takes_no_newcomers(zero: DeviceClient, maker: Maker) -> None:
    made = external_type(maker)
    zero.plant.workspace.device_types.set_active(ADMIN, made.id, active=False)
    refused = zero.contact(maker.certify("sensor-1"))
    assert "device type is inactive" in zero.assert_refused(refused, 403)  # as EST, not 409


@pytest.mark.req("DT-14", "EST-09")
def test_a_type_that_is_no_longer_offered_makes_no_device(zero: DeviceClient) -> None:
    plant = zero.plant
    elsewhere = Sharing(Access.ORGANIZATION, plant.tenant_id, plant.south)
    plant.workspace.device_types.edit(ADMIN, replace(internal_type(plant), sharing=elsewhere))
    refused = zero.contact(factory_certificate(plant, CN="pump-7"))
    assert "not offered to the organization any more" in zero.assert_refused(refused, 403)
    assert devices(plant) == []


@pytest.mark.req("EST-13")
def test_the_switch_of_the_server_holds_for_newcomers(plant: Plant, maker: Maker) -> None:
    made = external_type(maker)
    plant.add_server("closed", device_type_id=made.id, certificate_authentication=False)
    closed = DeviceClient(plant, "closed.est.local")
    refused = closed.contact(maker.certify("sensor-1"))
    assert "does not take certificates" in closed.assert_refused(refused, 401)


@pytest.mark.req("DT-16", "DEC-14")
def test_no_certificate_no_device(zero: DeviceClient, maker: Maker) -> None:
    plant = zero.plant
    named = plant.templates["Named"]
    only_ec = replace(named, name="EC", key_algorithms=named.key_algorithms[:1])
    only_ec = plant.workspace.templates.create(ADMIN, only_ec)
    external_type(maker, operational_template_ids=(only_ec.id,))
    shown = maker.certify("sensor-1")
    zero.assert_refused(zero.contact(shown, csr(rsa_key(), name())), 400)
    body = asking(csr(ec_key(), name())) | {"template_id": named.id}
    zero.assert_refused(zero.ask("POST", "/v2/device/certificates", body, shows=[shown]), 403)
    plant.workspace.lock()
    locked = zero.contact(shown)
    assert (locked.status, dict(locked.headers)["Retry-After"]) == (503, "30")
    assert devices(plant) == []


@pytest.mark.req("DEC-21")
def test_a_newcomer_gets_no_name_but_its_own(zero: DeviceClient, maker: Maker) -> None:
    plant = zero.plant
    free = plant.types["Free"].operational_template_ids
    external_type(maker, operational_template_ids=free, operational_mapping={})
    plant.device("pump-1")
    shown = maker.certify("sensor-1")
    zero.assert_refused(zero.contact(shown, csr(ec_key(), "pump-1")), 403)
    assert [device.name for device in devices(plant)] == ["pump-1"]
    own = sha256(shown).hexdigest()
    certificate = read(good(zero.contact(shown, csr(ec_key(), own)))["certificate"])
    (named,) = certificate.subject.get_attributes_for_oid(x509.oid.NameOID.COMMON_NAME)
    assert named.value == own
