"""Zero touch with factory certificates of an external CA (DT-14 to DT-27)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from threading import Barrier

import pytest
from sqlalchemy import select

from app.core.messages import Response
from app.models.db.tables import external_certificate
from app.models.domain.access import Access, Sharing
from app.models.domain.device_types import DeviceField, FieldKind
from app.models.domain.devices import DeviceEvent, DeviceMode
from app.models.domain.templates import CertificateKind
from tests.est.maker import HOST, Maker, contact, devices, external_type
from tests.est.refusals import assert_refused
from tests.plant import ADMIN, Plant, certificates_of, csr, ec_key, name, rsa_key

FIELDS = (
    DeviceField("serial_number", "Serial number", required=True),
    DeviceField("model", "Model", required=True, default="S-200"),
    DeviceField("location", "Location"),
    DeviceField("grade", "Grade", required=True, kind=FieldKind.CHOICE, choices=("A", "B")),
)


@pytest.fixture
def maker(plant: Plant) -> Maker:
    return Maker(plant)


@pytest.mark.req("DT-14", "DT-15", "DT-16", "DT-17", "DT-19", "DT-25", "DT-27", "DEC-10", "ECA-01")
@pytest.mark.parametrize("use_mapping", [False, True])
def test_a_first_contact_makes_the_device(plant: Plant, maker: Maker, use_mapping: bool) -> None:
    external_type(maker, fields=FIELDS, use_mapping=use_mapping)
    shown = maker.certify("sensor-1")
    answer = contact(plant, shown)
    assert answer.status == 200, answer.body
    fingerprint = sha256(shown).hexdigest()
    (made,) = devices(plant)
    assert (made.name, made.mode) == (fingerprint, DeviceMode.OPERATIONAL)
    assert made.organization_id == plant.north
    assert {field.key: made.values[field.key] for field in FIELDS} == {
        "serial_number": "UNDEFINED",
        "model": "S-200",
        "location": "",
        "grade": "UNDEFINED",
    }
    (issued,) = plant.workspace.certificates.of_device(ADMIN, made.id)
    assert issued.kind is CertificateKind.OPERATIONAL
    assert certificates_of(answer)[0].serial_number == int(issued.serial, 16)
    with plant.workspace.store.database.read() as connection:
        row = connection.execute(select(external_certificate)).one()
    assert (row.device_id, row.external_ca_id) == (made.id, maker.ca.id)
    assert (row.fingerprint, row.der) == (fingerprint, shown)
    assert row.first_seen_at == plant.clock.now()


@pytest.mark.req("DT-14", "DEC-08")
def test_it_is_on_record(plant: Plant, maker: Maker) -> None:
    external_type(maker)
    shown = maker.certify("sensor-1")
    contact(plant, shown)
    (made,) = devices(plant)
    events = plant.workspace.audit.of_object(ADMIN, "device", made.id, 10)
    assert [event.action for event in events] == ["certificate.issue", "device.register"]
    assert events[1].after == {
        "type": "Zero",
        "subject": "CN=sensor-1",
        "fingerprint": made.name,
    }
    assert (events[1].actor, events[1].channel) == (made.name, "est")
    history = plant.workspace.devices.history(ADMIN, made.id)
    assert [(step.before, step.after, step.event) for step in history] == [
        (DeviceMode.NEW, DeviceMode.FACTORY, DeviceEvent.FACTORY_CERTIFICATE_ACCEPTED),
        (DeviceMode.FACTORY, DeviceMode.OPERATIONAL, DeviceEvent.OPERATIONAL_CERTIFICATE_ISSUED),
    ]
    line = plant.monitor_line()
    assert (line.device, line.showed) == (made.name, "factory certificate")
    assert line.outcome.startswith("new device, issued ")
    assert line.certificate_subject == "CN=sensor-1"


@pytest.mark.req("DT-21", "DT-13")
@pytest.mark.parametrize("operation", ["simpleenroll", "simplereenroll"])
def test_a_second_contact_finds_the_device(plant: Plant, maker: Maker, operation: str) -> None:
    external_type(maker)
    shown = maker.certify("sensor-1")
    assert contact(plant, shown, operation=operation).status == 200
    assert contact(plant, shown, operation=operation).status == 200
    (made,) = devices(plant)
    assert len(plant.workspace.certificates.of_device(ADMIN, made.id)) == 2
    assert plant.monitor_line().outcome.startswith("issued ")


@pytest.mark.req("DT-11", "DT-12", "DT-21")
def test_factory_mode_is_enforced_from_the_second_contact_on(plant: Plant, maker: Maker) -> None:
    external_type(maker, enforce_factory_mode=True)
    shown = maker.certify("sensor-1")
    assert contact(plant, shown).status == 200
    assert "not in factory mode" in assert_refused(plant, contact(plant, shown), 403)
    (made,) = devices(plant)
    plant.workspace.devices.set_as_factory(ADMIN, made.id)
    assert contact(plant, shown).status == 200
    assert devices(plant)[0].mode is DeviceMode.OPERATIONAL


@pytest.mark.req("DT-21")
def test_contacts_at_the_same_time_make_one_device(plant: Plant, maker: Maker) -> None:
    external_type(maker)
    shown = maker.certify("sensor-1")
    together = Barrier(4)

    def first_contact(_number: int) -> Response:
        request = csr(ec_key(), name())
        together.wait(10)
        return contact(plant, shown, request)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(first_contact, range(4)))
    assert [answer.status for answer in answers] == [200] * 4
    (made,) = devices(plant)
    assert len(plant.workspace.certificates.of_device(ADMIN, made.id)) == 4
    assert len(plant.workspace.audit.of_object(ADMIN, "device", made.id, 10)) == 5


@pytest.mark.req("DT-14")
def test_without_auto_registration_nobody_is_let_in(plant: Plant, maker: Maker) -> None:
    external_type(maker, auto_registration=False)
    refused = contact(plant, maker.certify("sensor-1"))
    assert "No device of this EST server" in assert_refused(plant, refused, 401)
    assert devices(plant) == []


@pytest.mark.req("EST-13")
def test_the_switch_of_the_server_holds_for_newcomers(plant: Plant, maker: Maker) -> None:
    made = external_type(maker)
    plant.add_server("closed", device_type_id=made.id, certificate_authentication=False)
    shown = [maker.certify("sensor-1")]
    refused = plant.ask("simpleenroll", csr(ec_key(), "x"), shows=shown, host="closed.est.local")
    assert "does not take certificates" in assert_refused(plant, refused, 401)


def switched_off(plant: Plant, maker: Maker) -> None:
    plant.workspace.external_cas.set_active(ADMIN, maker.ca.id, active=False)


def out_of_date(plant: Plant, _maker: Maker) -> None:
    plant.clock.advance(days=31)


@pytest.mark.req("DT-14", "ECA-15", "ECA-01", "POP-10")
@pytest.mark.parametrize("change", [switched_off, out_of_date])
def test_what_is_no_longer_good_is_refused_with_the_next_request(
    plant: Plant, maker: Maker, change: Callable[[Plant, Maker], None]
) -> None:
    external_type(maker)
    known, unknown = maker.certify("sensor-1"), maker.certify("sensor-2")
    assert contact(plant, known).status == 200
    change(plant, maker)
    for shown in (known, unknown):
        assert_refused(plant, contact(plant, shown), 403)
    assert (len(devices(plant)), plant.count()) == (1, 1)


def test_an_inactive_type_takes_no_newcomers(plant: Plant, maker: Maker) -> None:
    made = external_type(maker)
    plant.workspace.device_types.set_active(ADMIN, made.id, active=False)
    refused = contact(plant, maker.certify("sensor-1"))
    assert "device type is inactive" in assert_refused(plant, refused, 403)
    assert devices(plant) == []


@pytest.mark.req("DEV-84")
def test_a_disabled_device_does_not_come_back_as_a_new_one(plant: Plant, maker: Maker) -> None:
    external_type(maker)
    shown = maker.certify("sensor-1")
    contact(plant, shown)
    plant.workspace.devices.disable(ADMIN, devices(plant)[0].id)
    assert "is disabled" in assert_refused(plant, contact(plant, shown), 403)
    assert len(devices(plant)) == 1


@pytest.mark.req("DEC-14", "DT-16")
def test_no_certificate_no_device(plant: Plant, maker: Maker) -> None:
    named = plant.templates["Named"]
    only_ec = replace(named, name="EC", key_algorithms=named.key_algorithms[:1])
    only_ec = plant.workspace.templates.create(ADMIN, only_ec)
    external_type(maker, operational_template_ids=(only_ec.id,))
    shown = maker.certify("sensor-1")
    assert_refused(plant, contact(plant, shown, csr(rsa_key(), name())), 400)
    assert devices(plant) == []
    plant.workspace.lock()
    assert contact(plant, shown).status == 503
    assert devices(plant) == []


@pytest.mark.req("DT-14")
def test_a_certificate_of_another_maker_is_refused(plant: Plant, maker: Maker) -> None:
    external_type(maker)
    other = Maker(plant, "Motor maker CA")
    forger = Maker(plant, "Forger", ec_key())
    forger.title = maker.title  # the same name, another key
    for shown in (other.certify("motor-1"), forger.certify("sensor-1")):
        assert_refused(plant, contact(plant, shown), 403)
    factory, _key = plant.with_factory_certificate("pump-1")
    assert_refused(plant, contact(plant, factory), 403)  # from here, but not for this type
    assert [device.name for device in devices(plant)] == ["pump-1"]


def test_a_device_of_another_plant_stays_there(plant: Plant, maker: Maker) -> None:
    made = external_type(maker)
    plant.add_server("south", device_type_id=made.id, organization_id=plant.south)
    shown = maker.certify("sensor-1")
    contact(plant, shown)
    refused = plant.ask(
        "simpleenroll", csr(ec_key(), name()), shows=[shown], host="south.est.local"
    )
    assert "No device of this EST server" in assert_refused(plant, refused, 401)
    (only,) = devices(plant)
    assert only.organization_id == plant.north


def test_another_tenant_that_has_the_device_does_not_matter(plant: Plant, maker: Maker) -> None:
    external_type(maker)
    workspace = plant.workspace
    tenant = workspace.tenants.create_tenant(ADMIN, "Borealis")
    harbour = workspace.tenants.create_organization(ADMIN, tenant.id, "Harbour")
    ca = workspace.external_cas.register(
        ADMIN, "Theirs", maker.certificate, tenant.id, verified=True
    )
    theirs = plant.add_type(
        "Theirs", like="Zero", external_ca_id=ca.id, sharing=Sharing(Access.TENANT, tenant.id)
    )
    plant.add_server(
        "harbour", device_type_id=theirs.id, tenant_id=tenant.id, organization_id=harbour.id
    )
    shown = maker.certify("sensor-1")
    for host in (HOST, "harbour.est.local", HOST, "harbour.est.local"):
        answer = plant.ask("simpleenroll", csr(ec_key(), name()), shows=[shown], host=host)
        assert answer.status == 200
    assert {device.tenant_id for device in devices(plant)} == {plant.tenant_id, tenant.id}
    assert len(devices(plant)) == 2


@pytest.mark.req("DEC-21")
def test_a_newcomer_gets_no_name_but_its_own(plant: Plant, maker: Maker) -> None:
    free = plant.types["Free"].operational_template_ids
    external_type(maker, operational_template_ids=free, operational_mapping={})
    plant.device("pump-1")
    shown = maker.certify("sensor-1")
    assert_refused(plant, contact(plant, shown, csr(ec_key(), "pump-1")), 403)
    assert [device.name for device in devices(plant)] == ["pump-1"]
    own = sha256(shown).hexdigest()
    assert contact(plant, shown, csr(ec_key(), own)).status == 200


@pytest.mark.req("DTL-05", "DT-14", "DT-21")
def test_devices_keep_their_maker_when_the_type_takes_another(plant: Plant, maker: Maker) -> None:
    kind = external_type(maker)
    known = maker.certify("sensor-1")
    contact(plant, known)
    other = Maker(plant, "Motor maker CA")
    plant.workspace.device_types.edit(ADMIN, replace(kind, external_ca_id=other.ca.id))
    assert contact(plant, known).status == 200
    assert_refused(plant, contact(plant, maker.certify("sensor-2")), 403)
    assert contact(plant, other.certify("motor-1")).status == 200
    assert len(devices(plant)) == 2


@pytest.mark.req("POP-08", "DEC-07")
def test_what_proved_the_possession_of_the_key_is_no_device(plant: Plant, maker: Maker) -> None:
    workspace = plant.workspace
    external_type(maker)
    unverified = replace(maker, title="Motor maker CA", key=ec_key(), verified=False)
    code = workspace.external_ca_proof.new_challenge(ADMIN, unverified.ca.id).code
    proof = unverified.certify(code)
    workspace.external_ca_proof.verify_by_possession(ADMIN, unverified.ca.id, proof)
    kind = replace(plant.types["Zero"], external_ca_id=unverified.ca.id)
    workspace.device_types.edit(ADMIN, kind)
    assert contact(plant, unverified.certify("motor-1")).status == 200
    said = assert_refused(plant, contact(plant, proof), 403)
    assert "identifies no device" in said
    assert len(devices(plant)) == 1
