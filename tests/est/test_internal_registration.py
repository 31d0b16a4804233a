"""Zero touch with factory certificates of an authority of this workspace (DT-20, DT-24, DT-26)."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.models.domain.access import Access, Scope, Sharing
from app.models.domain.certificates import Certificate
from app.models.domain.device_types import DEVICE_NAME, DeviceField, DeviceType
from app.models.domain.devices import DeviceMode
from app.models.domain.issuing import IssueRequest
from app.models.domain.subjects import FieldRule, NamePart, TemplateField
from app.models.domain.templates import CertificateKind
from app.pki.csr import parse_csr
from app.pki.names import ATTRIBUTE_TYPES, Attribute, Subject
from app.pki.revocation import RevocationReason
from tests.est.maker import HOST, contact, devices, internal_type
from tests.est.refusals import assert_refused
from tests.plant import ADMIN, Plant, csr, ec_key

FIELDS = (
    DeviceField("serial_number", "Serial number", required=True),
    DeviceField("model", "Model", required=True, default="M-1"),
    DeviceField("manufacturer", "Manufacturer", required=True),
)
MAPPING = {"subject.CN": DEVICE_NAME, "subject.serialNumber": "serial_number"}


def subject(**values: str) -> Subject:
    return tuple(Attribute(ATTRIBUTE_TYPES[kind].oid, text) for kind, text in values.items())


def factory_certificate(plant: Plant, number: int | None = None, /, **values: str) -> bytes:
    """One that the factory authority issued elsewhere, before it was imported here, say."""
    key = ec_key().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return plant.sign("Factory", key, subject(**values), serial=number)


def mapped_type(plant: Plant, **changes: object) -> DeviceType:
    """A type whose factory certificates name the device and tell its serial number."""
    template = plant.templates["Factory"]
    numbered = TemplateField(NamePart.SUBJECT, "serialNumber", FieldRule.OPTIONAL)
    fields = (*template.fields, numbered)
    numbered_template = replace(template, name="Numbered", fields=fields)
    numbered_template = plant.workspace.templates.create(ADMIN, numbered_template)
    values = {
        "factory_template_id": numbered_template.id,
        "factory_mapping": MAPPING,
        "fields": FIELDS,
        "use_mapping": True,
    }
    return internal_type(plant, **(values | changes))


def issued_for_nobody(
    plant: Plant, owner: Scope, template: str = "Factory", common_name: str = "pump-7"
) -> Certificate:
    """A certificate from the page Certificates, which no device has."""
    request = IssueRequest(plant.templates[template].id, parse_csr(csr(ec_key(), common_name)))
    return plant.workspace.certificate_issuing.issue(ADMIN, request, owner).certificate


@pytest.mark.req("DT-20", "DT-24", "DT-14", "DT-16")
def test_the_certificate_names_and_describes_the_device(plant: Plant) -> None:
    mapped_type(plant)
    answer = contact(plant, factory_certificate(plant, CN="pump-7", serialNumber="S-7"))
    assert answer.status == 200, answer.body
    (made,) = devices(plant)
    assert (made.name, made.mode) == ("pump-7", DeviceMode.OPERATIONAL)
    assert made.values["serial_number"] == "S-7"
    assert made.values["model"] == "M-1"
    assert made.values["manufacturer"] == "UNDEFINED"
    assert plant.monitor_line().device == "pump-7"


@pytest.mark.req("DT-26", "DT-17")
def test_without_mapping_the_fingerprint_names_it(plant: Plant) -> None:
    mapped_type(plant, use_mapping=False)
    shown = factory_certificate(plant, CN="pump-7", serialNumber="S-7")
    assert contact(plant, shown).status == 200
    (made,) = devices(plant)
    assert made.name == sha256(shown).hexdigest()
    assert made.values["serial_number"] == "UNDEFINED"


@pytest.mark.req("DT-15", "DT-21", "ATK-F03")
def test_its_certificate_is_recorded_and_can_be_revoked(plant: Plant) -> None:
    mapped_type(plant)
    shown = factory_certificate(plant, CN="pump-7")
    for _time in range(2):
        assert contact(plant, shown).status == 200
    (made,) = devices(plant)
    kept = plant.workspace.certificates.of_device(ADMIN, made.id)
    assert len(kept) == 3
    (factory,) = (one for one in kept if one.kind is CertificateKind.FACTORY)
    assert factory.fingerprint == sha256(shown).hexdigest()
    plant.workspace.revocation.revoke(ADMIN, factory.id, RevocationReason.KEY_COMPROMISE)
    assert "revoked or on hold" in assert_refused(plant, contact(plant, shown), 401)
    assert len(devices(plant)) == 1


@pytest.mark.req("DT-24", "DEV-06")
def test_a_name_that_is_taken_is_refused_in_words(plant: Plant) -> None:
    mapped_type(plant)
    plant.device("pump-7")
    refused = contact(plant, factory_certificate(plant, CN="pump-7"))
    said = assert_refused(plant, refused, 403)
    assert "A device named pump-7 exists already." in said
    assert len(devices(plant)) == 1


@pytest.mark.req("DT-24")
@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"serialNumber": "S-7"}, "needs a name"),
        ({"CN": "a:b"}, "no colon"),
    ],
)
def test_a_certificate_that_cannot_name_a_device(
    plant: Plant, values: dict[str, str], problem: str
) -> None:
    mapped_type(plant)
    refused = contact(plant, factory_certificate(plant, **values))
    assert problem in assert_refused(plant, refused, 403)
    assert devices(plant) == []


@pytest.mark.req("DT-14")
def test_without_auto_registration_nobody_is_let_in(plant: Plant) -> None:
    mapped_type(plant, auto_registration=False)
    refused = contact(plant, factory_certificate(plant, CN="pump-7"))
    assert "No device of this EST server" in assert_refused(plant, refused, 401)
    assert devices(plant) == []


@pytest.mark.req("DT-14", "EST-09")
def test_a_type_that_is_no_longer_offered_makes_no_device(plant: Plant) -> None:
    elsewhere = Sharing(Access.ORGANIZATION, plant.tenant_id, plant.south)
    plant.workspace.device_types.edit(ADMIN, replace(internal_type(plant), sharing=elsewhere))
    refused = contact(plant, factory_certificate(plant, CN="pump-7"))
    assert "not offered to the organization any more" in assert_refused(plant, refused, 403)
    assert devices(plant) == []


@pytest.mark.req("DT-15", "DT-16", "SYS-09")
def test_a_certificate_issued_for_nobody_becomes_the_devices(plant: Plant) -> None:
    mapped_type(plant)
    issued = issued_for_nobody(plant, Scope(plant.tenant_id, plant.north))
    before = plant.count()
    assert contact(plant, issued.der).status == 200
    (made,) = devices(plant)
    assert made.name == "pump-7"
    kept = plant.workspace.certificates.of_device(ADMIN, made.id)
    assert issued.id in {one.id for one in kept}
    assert plant.count() == before + 1


def test_a_serial_number_that_is_taken_is_refused(plant: Plant) -> None:
    mapped_type(plant)
    taken = issued_for_nobody(plant, Scope(plant.tenant_id, plant.north), common_name="pump-1")
    shown = factory_certificate(plant, int(taken.serial, 16), CN="pump-7")
    assert "same serial number" in assert_refused(plant, contact(plant, shown), 403)
    assert devices(plant) == []


def of_another_plant(plant: Plant) -> bytes:
    return issued_for_nobody(plant, Scope(plant.tenant_id, plant.south)).der


def operational(plant: Plant) -> bytes:
    return issued_for_nobody(plant, Scope(plant.tenant_id, plant.north), "Named").der


def of_a_device_elsewhere(plant: Plant) -> bytes:
    der, _key = plant.with_factory_certificate("pump-9")
    return der


@pytest.mark.parametrize("shown", [of_another_plant, operational, of_a_device_elsewhere])
def test_what_belongs_to_others_makes_no_device(
    plant: Plant, shown: Callable[[Plant], bytes]
) -> None:
    mapped_type(plant)
    der = shown(plant)
    before = devices(plant)
    assert "No device of this EST server" in assert_refused(plant, contact(plant, der), 401)
    assert devices(plant) == before


@pytest.mark.parametrize("reason", [RevocationReason.CERTIFICATE_HOLD, RevocationReason.SUPERSEDED])
def test_what_is_revoked_makes_no_device(plant: Plant, reason: RevocationReason) -> None:
    mapped_type(plant)
    issued = issued_for_nobody(plant, Scope(plant.tenant_id, plant.north))
    plant.workspace.revocation.revoke(ADMIN, issued.id, reason)
    assert "revoked or on hold" in assert_refused(plant, contact(plant, issued.der), 401)
    assert devices(plant) == []


def test_only_the_factory_authority_itself_vouches(plant: Plant) -> None:
    """What an authority below it issued may be anything."""
    root = next(one for one in plant.workspace.authorities.all(ADMIN) if one.name == "Root")
    rooted = replace(plant.templates["Factory"], name="Rooted", authority_id=root.id)
    rooted = plant.workspace.templates.create(ADMIN, rooted)
    internal_type(plant, factory_template_id=rooted.id)
    below = plant.workspace.authorities.certificate(plant.templates["Factory"].authority_id)
    shown = [factory_certificate(plant, CN="pump-7"), below]
    refused = plant.ask("simpleenroll", csr(ec_key(), "pump-7"), shows=shown, host=HOST)
    assert "No device of this EST server" in assert_refused(plant, refused, 401)
    assert devices(plant) == []
