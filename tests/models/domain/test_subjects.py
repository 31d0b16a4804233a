"""Which value each field of a certificate gets, against a table written from the requirements."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import InvalidInputError
from app.models.domain.subjects import (
    FieldRule,
    NamePart,
    Provenance,
    ResolvedField,
    TemplateField,
    alternative_names_of,
    check,
    resolve,
    reverse_mapping,
    subject_of,
    values_in_request,
)
from app.pki.names import ATTRIBUTE_TYPES, Attribute, GeneralName, SanKind

# rule, mapped, device value, default, CSR value, typed -> where the value comes from.
# `-` stands for anything. The first line that fits counts.
TABLE = """
fixed     -    -    -    -    -          template
-         yes  yes  -    -    -          device
-         yes  no   yes  -    -          default
-         yes  no   no   yes  -          csr
-         yes  no   no   no   filled     typed
-         yes  no   no   no   -          empty
-         no   -    -    -    filled     typed
-         no   -    -    -    emptied    typed
-         no   -    -    yes  untouched  csr
-         no   -    yes  no   untouched  default
-         no   -    no   no   untouched  empty
"""
LINES = [line.split() for line in TABLE.strip().splitlines()]
CASES = list(
    itertools.product(
        ("fixed", "required", "optional"),
        ("yes", "no"),
        ("yes", "no"),
        ("yes", "no"),
        ("yes", "no"),
        ("untouched", "emptied", "filled"),
    )
)
FIELDS = {
    "subject": TemplateField(NamePart.SUBJECT, "O"),
    "san": TemplateField(NamePart.SAN, "dns"),
}
VALUES = {"template": "fixed", "device": "dev", "default": "def", "csr": "req", "typed": "typ"}


def expected(case: tuple[str, ...]) -> str:
    for *pattern, source in LINES:
        if all(want in ("-", have) for want, have in zip(pattern, case, strict=True)):
            return source
    raise AssertionError(case)


def resolved(part: str, case: tuple[str, ...], *, with_csr: bool = True) -> ResolvedField:
    rule, mapped, device, default, csr, typed = case
    base = FIELDS[part]
    value = "fixed" if rule == "fixed" else "def" if default == "yes" else ""
    field = TemplateField(base.part, base.kind, FieldRule(rule), value)
    (result,) = resolve(
        (field,),
        {field.key: "model"} if mapped == "yes" else {},
        {"model": "dev" if device == "yes" else "", "unrelated": "never"},
        ({field.key: "req"} if csr == "yes" else {}) if with_csr else None,
        {"untouched": {}, "emptied": {field.key: ""}, "filled": {field.key: "typ"}}[typed],
    )
    return result


@pytest.mark.req(
    "FAC-10", "FAC-11", "FAC-12", "FAC-13", "FAC-14", "FAC-15", "FAC-16", "FAC-17", "FAC-18",
    "FAC-21", "OPC-04", "OPC-05", "OPC-06",
)  # fmt: skip
@pytest.mark.parametrize("part", FIELDS)
@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_precedence(part: str, case: tuple[str, ...]) -> None:
    source = expected(case)
    result = resolved(part, case)
    assert result.provenance == source
    emptied = source == "empty" or (source == "typed" and case[-1] == "emptied")
    assert result.value == ("" if emptied else VALUES[source])
    assert bool(result.problem) == (emptied and case[0] != "optional")
    assert result.editable == (
        source in ("typed", "empty") if case[1] == "yes" and case[0] != "fixed"
        else case[0] != "fixed"
    )  # fmt: skip


@pytest.mark.req("FAC-11", "FAC-12", "FAC-13", "FAC-14", "OPC-04")
@pytest.mark.parametrize("case", [case for case in CASES if case[4] == "no"], ids="-".join)
def test_a_key_made_here_is_as_a_csr_that_says_nothing(case: tuple[str, ...]) -> None:
    assert resolved("subject", case, with_csr=False) == resolved("subject", case)


@pytest.mark.req("FAC-20")
@pytest.mark.parametrize(
    ("manufacturer", "default", "organization"),
    [("Borealis", "Acme Dev", "Borealis"), ("", "Acme Dev", "Acme Dev")],
)
def test_worked_examples(manufacturer: str, default: str, organization: str) -> None:
    fields = (
        TemplateField(NamePart.SUBJECT, "O", FieldRule.REQUIRED, default),
        TemplateField(NamePart.SUBJECT, "CN", FieldRule.REQUIRED),
    )
    mapping = {"subject.O": "manufacturer", "subject.CN": "name"}
    device = {"manufacturer": manufacturer, "name": ""}
    csr = {"subject.CN": "from-csr", "subject.O": "Somebody"}
    o, cn = resolve(fields, mapping, device, csr)
    assert (o.value, cn.value, cn.provenance) == (organization, "from-csr", Provenance.CSR)
    _o, cn = resolve(fields, mapping, device | {"name": "gw-1"}, csr)
    assert (cn.value, cn.provenance, cn.device_field) == ("gw-1", Provenance.DEVICE, "name")


words = st.text("abcdefghij", max_size=8)


@pytest.mark.req("FAC-15", "FAC-19")
@given(
    rules=st.lists(st.sampled_from(FieldRule), min_size=1, max_size=4),
    values=st.dictionaries(st.sampled_from(["subject.OU", "subject.L", "san.dns"]), words),
    typed=words,
)
def test_the_template_alone_says_which_fields_there_are(
    rules: list[FieldRule], values: dict[str, str], typed: str
) -> None:
    fields = [
        TemplateField(NamePart.SUBJECT, "OU", rule, f"default{index}", index=index)
        for index, rule in enumerate(rules, start=1)
    ]
    result = resolve(fields, {}, {}, values, {"subject.ST": typed})
    assert [item.field for item in result] == fields
    oids = {attribute.oid for attribute in subject_of(result)}
    assert oids <= {ATTRIBUTE_TYPES["OU"].oid}
    for item in result:
        if item.field.rule is FieldRule.FIXED:
            assert item.value == item.field.default


@pytest.mark.req("FAC-19")
def test_values_in_a_request_go_by_kind_and_place() -> None:
    fields = (
        TemplateField(NamePart.SUBJECT, "OU"),
        TemplateField(NamePart.SUBJECT, "OU", index=2),
        TemplateField(NamePart.SUBJECT, "CN"),
        TemplateField(NamePart.SAN, "dns"),
        TemplateField(NamePart.SAN, "hardwareModuleName", hardware_type="1.3.6.1.4.1.32473.1"),
    )
    subject = tuple(
        Attribute(ATTRIBUTE_TYPES[kind].oid, value)
        for kind, value in (("L", "Bern"), ("OU", "one"), ("OU", "two"))
    )
    names = (
        GeneralName(SanKind.HARDWARE_MODULE_NAME, "1.3.6.1.4.1.32473.9:SN-1"),
        GeneralName(SanKind.DNS, "a.example"),
        GeneralName(SanKind.DNS, "b.example"),
    )
    assert values_in_request(fields, subject, names) == {
        "subject.OU": "one",
        "subject.OU.2": "two",
        "san.dns": "a.example",
        "san.hardwareModuleName": "SN-1",
    }


def test_names_are_made_in_the_order_of_the_template() -> None:
    fields = (
        TemplateField(NamePart.SUBJECT, "serialNumber", default="S1"),
        TemplateField(NamePart.SAN, "hardwareModuleName", default="S1", hardware_type="1.2.3"),
        TemplateField(NamePart.SUBJECT, "CN", default="gw"),
        TemplateField(NamePart.SUBJECT, "OU"),
        TemplateField(NamePart.SAN, "ip", default="192.0.2.1"),
    )
    result = resolve(fields, {}, {})
    oids = [ATTRIBUTE_TYPES[kind].oid for kind in ("serialNumber", "CN")]
    assert [attribute.oid for attribute in subject_of(result)] == oids
    assert alternative_names_of(result) == (
        GeneralName(SanKind.HARDWARE_MODULE_NAME, "1.2.3:S1"),
        GeneralName(SanKind.IP, "192.0.2.1"),
    )


@pytest.mark.parametrize(
    ("part", "kind", "value"),
    [
        (NamePart.SUBJECT, "CN", "x" * 65),
        (NamePart.SUBJECT, "CN", "a\u202eb"),
        (NamePart.SUBJECT, "C", "USA"),
        (NamePart.SAN, "dns", "*.example"),
        (NamePart.SAN, "ip", "192.0.2.300"),
    ],
)
def test_values_nobody_can_issue_are_problems(part: NamePart, kind: str, value: str) -> None:
    field = TemplateField(part, kind)
    result = resolve((field,), {}, {}, None, {field.key: value})
    assert result[0].problem
    with pytest.raises(InvalidInputError) as caught:
        check(result)
    assert caught.value.field == field.key


@pytest.mark.req("DTC-14")
def test_max_length_of_the_template_counts() -> None:
    field = TemplateField(NamePart.SUBJECT, "CN", max_length=3)
    good, bad = (resolve((field,), {}, {}, None, {field.key: v})[0] for v in ("abc", "abcd"))
    assert not good.problem
    assert "At most 3" in bad.problem


@pytest.mark.req("FAC-04")
def test_reverse_mapping_fills_device_fields() -> None:
    mapping = {"subject.CN": "name", "subject.serialNumber": "serial_number", "subject.OU": "x"}
    values = {"subject.CN": "gw-1", "subject.serialNumber": "S1", "subject.OU": "", "san.dns": "d"}
    assert reverse_mapping(mapping, values) == {"name": "gw-1", "serial_number": "S1"}


OWN = "1.3.6.1.4.1.32473.1"
UPN = "1.3.6.1.4.1.311.20.2.3"


def test_an_index_behind_an_oid_is_no_part_of_it() -> None:
    fields = (
        TemplateField(NamePart.SUBJECT, OWN),
        TemplateField(NamePart.SUBJECT, OWN, index=2),
        TemplateField(NamePart.SUBJECT, f"{OWN}.2"),
        TemplateField(NamePart.SUBJECT, "OU", index=2),
    )
    keys = [field.key for field in fields]
    assert keys == [f"subject.{OWN}", f"subject.{OWN}#2", f"subject.{OWN}.2", "subject.OU.2"]


def test_attributes_and_other_names_are_known_by_oid() -> None:
    fields = (
        TemplateField(NamePart.SUBJECT, OWN, FieldRule.REQUIRED),
        TemplateField(NamePart.SAN, UPN, FieldRule.REQUIRED),
        TemplateField(NamePart.SAN, OWN),
        TemplateField(NamePart.SAN, OWN, index=2),
    )
    subject = (Attribute(OWN, "bay 4"),)
    names = (
        GeneralName(SanKind.OTHER, f"{OWN};first"),
        GeneralName(SanKind.OTHER, f"{UPN};a;b@example.com"),
        GeneralName(SanKind.OTHER, f"{OWN}.2;of another type"),
        GeneralName(SanKind.OTHER, f"{OWN};second"),
    )
    values = values_in_request(fields, subject, names)
    assert list(values.values()) == ["bay 4", "a;b@example.com", "first", "second"]
    filled = resolve(fields, {}, {}, values)
    assert subject_of(filled) == subject
    assert alternative_names_of(filled) == (names[1], names[0], names[3])
    assert [field.title for field in fields] == [OWN, f"SAN {UPN}", f"SAN {OWN}", f"SAN {OWN}"]


def test_values_of_oids_are_checked_like_any_other() -> None:
    field = TemplateField(NamePart.SAN, UPN)
    for value in ("a\u202eb", "x" * 257):
        (resolved_field,) = resolve((field,), {}, {}, None, {field.key: value})
        assert resolved_field.problem
