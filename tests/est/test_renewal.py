"""simplereenroll (RFC 7030 section 4.2.2)."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID
from sqlalchemy import update

from app.core.messages import Response
from app.models.db import tables
from app.models.domain.certificates import CertificateStatus
from app.models.domain.device_types import DEVICE_NAME
from app.models.domain.subjects import NamePart, TemplateField
from app.models.services.audit.log import AuditFilter
from tests.est.refusals import assert_refused
from tests.plant import ADMIN, Plant, basic, certificates_of, csr, ec_key, name

NAMES = name(CN="pump-1", OU="Line 3")
SAN = ["pump-1.plant.example", "pump-1"]
HOST = "free.est.local"


class Device:
    """A device of a type whose names all come from its requests, with a certificate."""

    def __init__(
        self, plant: Plant, subject: x509.Name = NAMES, san: Sequence[str] = SAN, **type_: int
    ) -> None:
        free = plant.add_type("Renewed", like="Free", **type_)
        plant.add_server("free", device_type_id=free.id)
        plant.device("pump-1", type_name="Renewed")
        self.plant = plant
        self.key = ec_key()
        request = csr(self.key, subject, san)
        response = plant.ask("simpleenroll", request, headers=basic("pump-1"), host=HOST)
        self.certificate = certificates_of(response)[0]
        self.der = self.certificate.public_bytes(Encoding.DER)

    def renew(self, request: bytes, *, shows: Sequence[bytes] | None = None) -> Response:
        shown = [self.der] if shows is None else shows
        return self.plant.ask("simplereenroll", request, shows=shown, host=HOST)


def san_of(certificate: x509.Certificate) -> bytes:
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return found.value.public_bytes()


@pytest.mark.req("EST-REN-01", "EST-REN-02", "EST-REN-18", "TC-06", "DEC-18")
def test_renewal_and_rekey(plant: Plant) -> None:
    device = Device(plant)
    fresh = ec_key()
    plant.clock.advance(days=30)
    serials = {device.certificate.serial_number}
    for key in (device.key, fresh):
        (renewed,) = certificates_of(device.renew(csr(key, NAMES, SAN)))
        assert renewed.public_key() == key.public_key()
        assert renewed.subject.public_bytes() == device.certificate.subject.public_bytes()
        assert san_of(renewed) == san_of(device.certificate)
        assert renewed.not_valid_after_utc > device.certificate.not_valid_after_utc
        serials.add(renewed.serial_number)
    assert len(serials) == 3  # and the old certificate still let the device in


@pytest.mark.req("EST-REN-03", "EST-REN-05", "DEC-20")
@pytest.mark.parametrize(
    ("subject", "san"),
    [
        (name(CN="pump-9", OU="Line 3"), SAN),
        (name(CN="pump-1"), SAN),
        (name(CN="pump-1", OU="Line 3", O="Acme"), SAN),
        (name(OU="Line 3", CN="pump-1"), SAN),
        (x509.Name([]), SAN),
        (NAMES, []),
        (NAMES, SAN[:1]),
        (NAMES, [*SAN, "pump-1.other.example"]),
        (NAMES, ["pump-2.plant.example", "pump-1"]),
    ],
)
def test_other_names_are_refused(plant: Plant, subject: x509.Name, san: list[str]) -> None:
    device = Device(plant)
    before = plant.count()
    text = assert_refused(plant, device.renew(csr(ec_key(), subject, san)), 403)
    assert "other names" in text
    assert plant.count() == before


@pytest.mark.req("EST-REN-04", "EST-REN-06", "DEC-18")
@pytest.mark.parametrize(
    ("common_name", "san"),
    [
        ("PUMP-1", SAN),
        ("  pump-1 ", SAN),
        ("pump-1", SAN[::-1]),
    ],
)
def test_the_same_name_written_otherwise(plant: Plant, common_name: str, san: list[str]) -> None:
    device = Device(plant)
    written = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, common_name, _ASN1Type.PrintableString),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "line  3"),
        ]
    )
    (renewed,) = certificates_of(device.renew(csr(ec_key(), written, san)))
    assert renewed.subject.public_bytes() == device.certificate.subject.public_bytes()
    assert san_of(renewed) == san_of(device.certificate)


MODULE = x509.OtherName(
    x509.ObjectIdentifier("1.3.6.1.5.5.7.8.4"),
    bytes.fromhex("3012 0608 2b06010401022a03") + b"\x04\x06pump-1",
)


@pytest.mark.req("EST-REN-07", "EST-CRT-05")
@pytest.mark.parametrize(
    ("field", "san"),
    [
        (TemplateField(NamePart.SAN, "dns"), x509.DNSName("pump-1")),
        (
            TemplateField(NamePart.SAN, "hardwareModuleName", hardware_type="1.3.6.1.4.1.2.42.3"),
            MODULE,
        ),
    ],
)
def test_a_certificate_without_subject(
    plant: Plant, field: TemplateField, san: x509.GeneralName
) -> None:
    template = replace(plant.templates["Named"], name="Nameless", fields=(field,))
    template = plant.workspace.templates.create(ADMIN, template)
    nameless = plant.add_type(
        "Nameless",
        operational_template_ids=(template.id,),
        operational_mapping={field.key: DEVICE_NAME},
    )
    plant.add_server("free", device_type_id=nameless.id)
    plant.device("pump-1", type_name="Nameless")
    names = [(x509.SubjectAlternativeName([san]), True)]

    def request() -> bytes:
        return csr(ec_key(), x509.Name([]), extensions=names)

    enrolled = plant.ask("simpleenroll", request(), headers=basic("pump-1"), host=HOST)
    (first,) = certificates_of(enrolled)
    shown = [first.public_bytes(Encoding.DER)]
    (renewed,) = certificates_of(plant.ask("simplereenroll", request(), shows=shown, host=HOST))
    assert renewed.serial_number != first.serial_number
    for certificate in (first, renewed):
        assert certificate.subject == x509.Name([])
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        assert found.critical
        assert list(found.value) == [san]


@pytest.mark.req("EST-REN-12", "DEC-21")
def test_the_certificate_of_another_device(plant: Plant) -> None:
    device = Device(plant, name(CN="pump-1"), [])
    plant.device("pump-2", type_name="Renewed")
    assert_refused(plant, device.renew(csr(ec_key(), "pump-2")), 403)


@pytest.mark.req("EST-REN-13", "EST-03")
def test_a_password_renews_the_newest_certificate(plant: Plant) -> None:
    device = Device(plant)
    response = plant.ask(
        "simplereenroll", csr(ec_key(), NAMES, SAN), headers=basic("pump-1"), host=HOST
    )
    (renewed,) = certificates_of(response)
    assert san_of(renewed) == san_of(device.certificate)
    other = csr(ec_key(), name(CN="pump-1"))
    refused = plant.ask("simplereenroll", other, headers=basic("pump-1"), host=HOST)
    assert_refused(plant, refused, 403)


@pytest.mark.req("EST-REN-13")
def test_nobody_renews_nothing(plant: Plant) -> None:
    Device(plant)
    assert_refused(plant, plant.ask("simplereenroll", csr(ec_key(), NAMES, SAN), host=HOST), 401)


@pytest.mark.req("EST-REN-14", "ATK-F01")
def test_an_expired_certificate_renews_nothing(plant: Plant) -> None:
    device = Device(plant)
    plant.clock.advance(days=91)
    text = assert_refused(plant, device.renew(csr(ec_key(), NAMES, SAN)), 403)
    assert "expired" in text
    assert plant.ask("cacerts", shows=[device.der], host=HOST).status == 200


@pytest.mark.req("EST-REN-15", "ATK-F03")
def test_a_revoked_certificate_renews_nothing(plant: Plant) -> None:
    device = Device(plant)
    fingerprint = device.certificate.fingerprint(hashes.SHA256()).hex()
    with plant.workspace.store.database.write() as connection:
        statement = update(tables.certificate).where(
            tables.certificate.c.fingerprint == fingerprint
        )
        changed = connection.execute(statement.values(status=CertificateStatus.REVOKED.value))
        assert changed.rowcount == 1
    text = assert_refused(plant, device.renew(csr(ec_key(), NAMES, SAN)), 401)
    assert "revoked" in text


@pytest.mark.req("EST-REN-17", "DEC-16", "DTC-17")
def test_the_renewal_window(plant: Plant) -> None:
    device = Device(plant, operational_renewal_hours=48)
    request = csr(ec_key(), NAMES, SAN)
    plant.clock.advance(days=88, minutes=-1)
    text = assert_refused(plant, device.renew(request), 403)
    opens = plant.clock.now().replace(hour=8, minute=0)
    assert opens.isoformat(timespec="minutes") in text
    plant.clock.advance(minutes=1)
    assert device.renew(request).status == 200


@pytest.mark.req("EST-REN-20", "EST-04")
def test_a_factory_certificate_may_come_by_either_operation(plant: Plant) -> None:
    """strongSwan re-enrols whenever it has a certificate to show."""
    factory, _key = plant.with_factory_certificate("pump-1")
    for _time in range(2):
        request = csr(ec_key(), "pump-1")
        response = plant.ask("simplereenroll", request, shows=[factory])
        (issued,) = certificates_of(response)
        assert issued.subject == name(CN="pump-1", O="Acme Controls")


@pytest.mark.req("EST-REN-20", "EST-ENR-01")
def test_an_operational_certificate_may_enrol(plant: Plant) -> None:
    """Azure IoT Identity Service renews by simpleenroll."""
    device = Device(plant)
    request = csr(ec_key(), NAMES, SAN)
    response = plant.ask("simpleenroll", request, shows=[device.der], host=HOST)
    assert response.status == 200
    assert plant.monitor_line().showed == "operational certificate"
    other = csr(ec_key(), name(CN="pump-7"))
    assert_refused(plant, plant.ask("simpleenroll", other, shows=[device.der], host=HOST), 403)


@pytest.mark.req("EST-REN-19")
def test_two_keys_that_renew_one_certificate_are_on_record(plant: Plant) -> None:
    """One of them may be a clone's; who lost an answer and made a new key looks the same."""
    device = Device(plant)
    log = plant.workspace.audit
    alarm = AuditFilter("certificate.second-key")
    first, second = ec_key(), ec_key()
    for key in (first, first):
        assert device.renew(csr(key, NAMES, SAN)).status == 200
    assert log.count(ADMIN, alarm) == 0
    assert device.renew(csr(second, NAMES, SAN)).status == 200
    (event,) = log.page(ADMIN, 0, 10, alarm)
    assert (event.actor, event.object_kind) == ("pump-1", "certificate")
    assert event.object_id is not None
    assert plant.workspace.certificates.get(ADMIN, event.object_id).der == device.der
