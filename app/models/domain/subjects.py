"""Which value each subject and SAN field of a certificate gets, and why (FAC-10..21).

This is the only place that knows the precedence. The wizard, EST and every other way to a
certificate resolve their fields here, so that all of them give the same answer.

A field is *fixed*, *required* or *optional* by its template, and a field that is not fixed
may be *mapped* to a device field by the device type:

    fixed            the template's value, whatever anybody asks
    mapped           device value, else default, else the CSR's value, else what was typed
    not mapped       what was typed, else the CSR's value, else default

Fields that a CSR carries and the template does not know are never looked at (FAC-19).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from app.core.errors import InvalidInputError
from app.core.language import _
from app.pki.names import Attribute, GeneralName, SanKind, Subject, attribute_type
from app.pki.names import check_attribute as check_attribute_value
from app.pki.names import check_general_name as check_san_value


class FieldRule(StrEnum):
    """How much a template leaves open."""

    FIXED = "fixed"
    REQUIRED = "required"
    OPTIONAL = "optional"


class NamePart(StrEnum):
    """Where in the certificate a field stands."""

    SUBJECT = "subject"
    SAN = "san"


@dataclass(frozen=True)
class TemplateField:
    """One subject attribute or one subject alternative name of a template.

    `kind` is the short name of an attribute type (`CN`, `serialNumber`) or the value of a
    `SanKind` (`dns`). It may be an OID as well: of another attribute type, or the type-id of an
    otherName that holds a UTF8String. `index` counts fields of the same kind from 1. A
    hardwareModuleName needs `hardware_type`, the hwType OID of RFC 4108 section 5; its value is
    the serial.
    """

    part: NamePart
    kind: str
    rule: FieldRule = FieldRule.OPTIONAL
    default: str = ""
    max_length: int | None = None
    hardware_type: str = ""
    index: int = 1

    @cached_property
    def key(self) -> str:
        """The name requests and mappings use for this field: `subject.CN`, `san.dns.2`.

        After an OID the index stands behind a `#`, for a dot would make another OID of it.
        """
        separator = "#" if self.kind[:1].isdigit() else "."
        suffix = f"{separator}{self.index}" if self.index > 1 else ""
        return f"{self.part}.{self.kind}{suffix}"

    @property
    def san_kind(self) -> SanKind:
        """The kind of name an alternative name is; OTHER for an OID."""
        return SanKind.OTHER if self.kind[:1].isdigit() else SanKind(self.kind)

    @property
    def title(self) -> str:
        """What people call it."""
        if self.part is NamePart.SUBJECT:
            return attribute_type(self.kind).title
        return _san_titles().get(self.san_kind) or f"SAN {self.kind}"


def _san_titles() -> dict[SanKind, str]:
    return {
        SanKind.DNS: _("SAN DNS"),
        SanKind.IP: _("SAN IP"),
        SanKind.URI: _("SAN URI"),
        SanKind.EMAIL: _("SAN e-mail"),
        SanKind.HARDWARE_MODULE_NAME: _("SAN hardware module"),
    }


class Provenance(StrEnum):
    """Why a field has its value."""

    TEMPLATE = "template"
    DEVICE = "device"
    DEFAULT = "default"
    CSR = "csr"
    TYPED = "typed"
    EMPTY = "empty"


@dataclass(frozen=True)
class ResolvedField:
    """A field with its value and the reason for it.

    `device_field` names the device field the value comes from or is mapped to. `editable`
    says whether something typed would be used. `problem` is empty when the value is good.
    """

    field: TemplateField
    value: str
    provenance: Provenance
    editable: bool
    device_field: str = ""
    problem: str = ""


def resolve(
    fields: Sequence[TemplateField],
    mapping: Mapping[str, str],
    device_values: Mapping[str, str],
    csr_values: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
) -> tuple[ResolvedField, ...]:
    """Give every field of a template its value.

    `mapping` leads from field keys to device fields, `device_values` from device fields to
    values. `csr_values` (see `values_in_request`) is None when the key is made here.
    `typed` holds only the fields somebody touched: an empty string there means emptied.
    """
    return tuple(
        _resolve_one(
            field, mapping.get(field.key, ""), device_values, csr_values or {}, typed or {}
        )
        for field in fields
    )


def _resolve_one(
    field: TemplateField,
    device_field: str,
    device_values: Mapping[str, str],
    csr_values: Mapping[str, str],
    typed: Mapping[str, str],
) -> ResolvedField:
    candidates: tuple[tuple[str, Provenance], ...]
    if field.rule is FieldRule.FIXED:
        value, provenance, editable = field.default, Provenance.TEMPLATE, False
    elif device_field:
        candidates = (
            (device_values.get(device_field, ""), Provenance.DEVICE),
            (field.default, Provenance.DEFAULT),
            (csr_values.get(field.key, ""), Provenance.CSR),
            (typed.get(field.key, ""), Provenance.TYPED),
        )
        value, provenance = _first_filled(candidates)
        editable = provenance in (Provenance.TYPED, Provenance.EMPTY)
    else:
        candidates = (
            (csr_values.get(field.key, ""), Provenance.CSR),
            (field.default, Provenance.DEFAULT),
        )
        if field.key in typed:
            value, provenance = typed[field.key], Provenance.TYPED
        else:
            value, provenance = _first_filled(candidates)
        editable = True
    return ResolvedField(
        field, value, provenance, editable, device_field, _problem(field, value, device_field)
    )


def _first_filled(candidates: Iterable[tuple[str, Provenance]]) -> tuple[str, Provenance]:
    for value, provenance in candidates:
        if value:
            return value, provenance
    return "", Provenance.EMPTY


def _problem(field: TemplateField, value: str, device_field: str) -> str:
    """What is wrong with the value, in one sentence, or nothing."""
    if not value:
        if field.rule is FieldRule.OPTIONAL:
            return ""
        if device_field:
            return _("The template requires a value here and the device has none.")
        return _("The template requires a value here.")
    if field.max_length is not None and len(value) > field.max_length:
        return _("At most {count} characters are allowed here.").format(count=field.max_length)
    try:
        if field.part is NamePart.SUBJECT:
            check_attribute_value(_attribute(field, value))
        else:
            check_san_value(_general_name(field, value))
    except InvalidInputError as error:
        return error.problem
    return ""


def check(resolved: Iterable[ResolvedField]) -> None:
    """Raise `InvalidInputError`, naming the field, for the first value that cannot be issued."""
    for item in resolved:
        if item.problem:
            raise InvalidInputError(
                f"{item.field.title}: {item.problem}",
                remedy=_("Give a value the template accepts."),
                field=item.field.key,
            )


def subject_of(resolved: Iterable[ResolvedField]) -> Subject:
    """The subject made of the filled subject fields, in the template's order."""
    return tuple(
        _attribute(item.field, item.value)
        for item in resolved
        if item.value and item.field.part is NamePart.SUBJECT
    )


def alternative_names_of(resolved: Iterable[ResolvedField]) -> tuple[GeneralName, ...]:
    """The subject alternative names made of the filled SAN fields, in the template's order."""
    return tuple(
        _general_name(item.field, item.value)
        for item in resolved
        if item.value and item.field.part is NamePart.SAN
    )


def values_in_request(
    fields: Sequence[TemplateField], subject: Subject, names: Sequence[GeneralName]
) -> dict[str, str]:
    """What a request (or a certificate) carries for each field of a template.

    The nth attribute of a type belongs to the field of that kind with index n.
    """
    found: dict[str, str] = {}
    for field in fields:
        if field.part is NamePart.SUBJECT:
            oid = attribute_type(field.kind).oid
            values = [attribute.value for attribute in subject if attribute.oid == oid]
        else:
            values = [_san_value(name) for name in names if _stands_for(field, name)]
        if len(values) >= field.index:
            found[field.key] = values[field.index - 1]
    return found


def reverse_mapping(mapping: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """Device fields filled from a certificate's fields (FAC-04, DT-20, DT-24): CN -> name."""
    return {
        device_field: values[key] for key, device_field in mapping.items() if values.get(key, "")
    }


def _attribute(field: TemplateField, value: str) -> Attribute:
    return Attribute(attribute_type(field.kind).oid, value)


def _general_name(field: TemplateField, value: str) -> GeneralName:
    if field.san_kind is SanKind.HARDWARE_MODULE_NAME:
        value = f"{field.hardware_type}:{value}"
    elif field.san_kind is SanKind.OTHER:
        value = f"{field.kind};{value}"
    return GeneralName(field.san_kind, value)


def _stands_for(field: TemplateField, name: GeneralName) -> bool:
    other = name.kind is SanKind.OTHER
    return name.kind is field.san_kind and (not other or name.value.startswith(f"{field.kind};"))


def _san_value(name: GeneralName) -> str:
    if name.kind is SanKind.OTHER:
        return name.value.partition(";")[2]
    if name.kind is SanKind.HARDWARE_MODULE_NAME:
        return name.value.partition(":")[2]
    return name.value
