from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from app.core.errors import InvalidInputError
from app.models.domain.access import Access, Sharing
from app.models.domain.device_type_rules import CaKey, check_apart, check_device_type
from app.models.domain.device_types import DeviceField, DeviceType, FieldKind
from app.models.domain.subjects import FieldRule, NamePart, TemplateField
from app.models.domain.templates import CertificateKind, Template
from app.pki.keys import KeyAlgorithm

CN = TemplateField(NamePart.SUBJECT, "CN", FieldRule.REQUIRED)
OU = TemplateField(NamePart.SUBJECT, "OU", FieldRule.OPTIONAL)
COMPANY = TemplateField(NamePart.SUBJECT, "O", FieldRule.FIXED, "Acme Controls")
FACTORY = Template(
    1, "IDevID", CertificateKind.FACTORY, 1, (CN, OU, COMPANY), (KeyAlgorithm.EC_P256,)
)
OPERATIONAL = replace(FACTORY, id=2, name="LDevID", kind=CertificateKind.OPERATIONAL)
SERIAL = DeviceField("serial_number", "Serial number", required=True)
MAC = DeviceField("mac", "MAC address")
GOOD = DeviceType(
    id=0,
    name="Gateway",
    fields=(SERIAL, MAC),
    factory_template_id=1,
    factory_mapping={"subject.CN": "name", "subject.OU": "serial_number"},
    operational_template_ids=(2,),
    operational_mapping={"subject.CN": "name", "subject.OU": "mac"},
)


def check(factory: Template | None = FACTORY, **changes: Any) -> None:
    check_device_type(replace(GOOD, **changes), factory, [OPERATIONAL])


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"use_mapping": True},
        {"fields": (*GOOD.fields, DeviceField("model", "Model", fixed=True, default="G2"))},
        {"operational_renewal_hours": 720, "factory_renewal_hours": 24},
        {"sharing": Sharing(Access.TENANT, 1)},
    ],
)
def test_good_types(changes: Mapping[str, Any]) -> None:
    check(**changes)


def test_type_without_certificates() -> None:
    bare = DeviceType(id=0, name="Cable")
    check_device_type(bare, None, [])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"fields": (SERIAL, SERIAL)}, "serial_number"),
        ({"fields": (DeviceField("name", "Name"),)}, "name"),
        ({"fields": (DeviceField("", "Nothing"),)}, "fields"),
        ({"fields": (DeviceField("mac", " "),)}, "mac"),
        ({"fields": (DeviceField("mac", "MAC\n"),)}, "mac"),
        ({"fields": (DeviceField("mac", "MAC", default="x" * 256),)}, "mac"),
        ({"operational_mapping": {"subject.CN": "colour"}}, "operational_mapping"),
        ({"factory_mapping": {"subject.L": "name"}}, "factory_mapping"),
        ({"use_mapping": True, "factory_mapping": {"subject.OU": "mac"}}, "factory_mapping"),
        ({"password_retention_hours": 0}, "password_retention_hours"),
        ({"operational_renewal_hours": -1}, "operational_renewal_hours"),
        ({"factory_renewal_hours": 87_841}, "factory_renewal_hours"),
    ],
)
def test_bad_types(changes: Mapping[str, Any], field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        check(**changes)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("field", "problem"),
    [
        (DeviceField("line", "Line", kind=FieldKind.CHOICE), "values to choose from"),
        (DeviceField("line", "Line", kind=FieldKind.CHOICE, choices=("A", "A")), "another text"),
        (DeviceField("line", "Line", kind=FieldKind.CHOICE, choices=("A ",)), "another text"),
        (
            DeviceField("line", "Line", default="C", kind=FieldKind.CHOICE, choices=("A", "B")),
            "One of these is expected here: A, B",
        ),
        (DeviceField("size", "Size", default="wide", kind=FieldKind.NUMBER), "A number"),
        (DeviceField("mac", "MAC", default="00:1B", kind=FieldKind.MAC), "A MAC address"),
        (DeviceField("day", "Day", default="1.2.2026", kind=FieldKind.DATE), "A day"),
        (DeviceField("lot", "Lot", default="ab", pattern="[A-Z]+"), "does not match"),
        (DeviceField("lot", "Lot", default="abc", max_length=2), "At most 2"),
        (DeviceField("lot", "Lot", max_length=0), "1 to 255"),
        (DeviceField("lot", "Lot", pattern="(a+)+"), "too many ways"),
        (DeviceField("model", "", default="x", fixed=True), "needs a title"),
    ],
)
def test_bad_fields_are_refused_in_words(field: DeviceField, problem: str) -> None:
    with pytest.raises(InvalidInputError, match=problem) as caught:
        check(fields=(SERIAL, MAC, replace(field, key=f"{field.key}_2")))
    assert caught.value.field == f"{field.key}_2"


@pytest.mark.req("DTC-07")
def test_factory_certificates_have_one_source() -> None:
    with pytest.raises(InvalidInputError, match="not from both") as caught:
        check(external_ca_id=1)
    assert caught.value.field == "external_ca_id"
    check(None, factory_template_id=None, factory_mapping={}, external_ca_id=1)


@pytest.mark.req("DT-18")
@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"factory_template_id": None, "factory_mapping": {}}, "needs factory certificates"),
        ({"operational_template_ids": (), "operational_mapping": {}}, "needs an operational"),
    ],
)
def test_what_auto_registration_needs(changes: Mapping[str, Any], problem: str) -> None:
    wanted = replace(GOOD, **changes)
    factory = None if wanted.factory_template_id is None else FACTORY
    operational = [OPERATIONAL] if wanted.operational_template_ids else []
    check_device_type(wanted, factory, operational)
    with pytest.raises(InvalidInputError, match=problem) as caught:
        check_device_type(replace(wanted, auto_registration=True), factory, operational)
    assert caught.value.field == "auto_registration"


@pytest.mark.req("DT-22")
def test_two_cas_are_one_when_they_have_one_key() -> None:
    mine, theirs = CaKey("Mine", b"1"), CaKey("Theirs", b"2")
    check_apart([mine], [theirs])
    check_apart([], [mine])
    with pytest.raises(InvalidInputError) as caught:
        check_apart([CaKey("Mine by another name", b"1")], [theirs, mine])
    assert "by Mine by another name, operational ones by Mine," in caught.value.cause


@pytest.mark.req("DT-25")
def test_mapping_has_nothing_to_say_of_an_external_ca() -> None:
    check(
        None,
        factory_template_id=None,
        factory_mapping={},
        external_ca_id=1,
        use_mapping=True,
        auto_registration=True,
    )


@pytest.mark.req("DTP-14")
def test_fixed_field_needs_its_value() -> None:
    with pytest.raises(InvalidInputError, match="fixed and needs a value"):
        check(fields=(SERIAL, replace(MAC, fixed=True)))


@pytest.mark.req("DTC-13", "DTC-16")
@pytest.mark.parametrize("mapping", ["factory_mapping", "operational_mapping"])
def test_fixed_subject_cannot_be_mapped(mapping: str) -> None:
    with pytest.raises(InvalidInputError, match=r"subject\.O cannot be mapped") as caught:
        check(FACTORY, **{mapping: {"subject.CN": "name", "subject.O": "mac"}})
    assert caught.value.field == mapping


@pytest.mark.req("DT-23")
def test_mapping_needs_a_factory_template() -> None:
    with pytest.raises(InvalidInputError, match="device name"):
        check(factory=None, factory_template_id=None, factory_mapping={}, use_mapping=True)
    with pytest.raises(InvalidInputError, match="cannot be mapped"):
        check(factory=None, factory_template_id=None)


@pytest.mark.req("DTC-01", "DTC-10")
def test_templates_are_of_their_kind() -> None:
    with pytest.raises(InvalidInputError) as caught:
        check(factory=OPERATIONAL)
    assert caught.value.field == "factory_template_id"
    with pytest.raises(InvalidInputError) as caught:
        check_device_type(GOOD, FACTORY, [FACTORY])
    assert caught.value.field == "operational_template_ids"


def test_template_once() -> None:
    with pytest.raises(InvalidInputError, match="more than once"):
        check_device_type(
            replace(GOOD, operational_template_ids=(2, 2)), FACTORY, [OPERATIONAL, OPERATIONAL]
        )


@pytest.mark.req("DTC-02", "DTC-10", "DEC-01")
@pytest.mark.parametrize(
    "template",
    [replace(FACTORY, active=False), replace(FACTORY, sharing=Sharing(Access.TENANT, 1))],
)
def test_template_must_be_offered_as_widely(template: Template) -> None:
    with pytest.raises(InvalidInputError) as caught:
        check(factory=template)
    assert caught.value.field == "factory_template_id"
