"""What makes a device type a good one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from app.core.errors import InvalidInputError
from app.core.language import _
from app.models.domain.device_types import (
    DEVICE_NAME,
    MAX_VALUE_LENGTH,
    DeviceField,
    DeviceType,
    FieldKind,
    value_problems,
)
from app.models.domain.patterns import check_pattern
from app.models.domain.subjects import FieldRule
from app.models.domain.templates import CertificateKind, Template

MAX_HOURS = 10 * 366 * 24


@dataclass(frozen=True)
class CaKey:
    """A CA by its name, and by its public key (SPKI DER)."""

    name: str
    key: bytes


def check_device_type(
    device_type: DeviceType, factory: Template | None, operational: Sequence[Template]
) -> None:
    """Raise `InvalidInputError`, naming the field at fault, for the first rule broken.

    `factory` and `operational` are the templates that the type names.
    """
    _check_device_fields(device_type.fields)
    _check_source(device_type)
    for template in operational:
        _check_template(device_type, template, CertificateKind.OPERATIONAL)
    if factory is not None:
        _check_template(device_type, factory, CertificateKind.FACTORY)
    if len(set(device_type.operational_template_ids)) != len(operational):
        raise InvalidInputError(
            _("An operational template is given more than once."), field="operational_template_ids"
        )
    names = {DEVICE_NAME, *(field.key for field in device_type.fields)}
    factories = () if factory is None else (factory,)
    _check_mapping("factory_mapping", device_type.factory_mapping, factories, names)
    _check_mapping("operational_mapping", device_type.operational_mapping, operational, names)
    named = DEVICE_NAME in device_type.factory_mapping.values()
    if device_type.use_mapping and device_type.external_ca_id is None and not named:
        raise InvalidInputError(
            _("Nothing of the factory certificate is mapped to the device name."),
            cause=_("The device is to be created from its factory certificate."),
            remedy=_("Map a field, such as the common name, to the device name."),
            field="factory_mapping",
        )
    for key in ("password_retention_hours", "operational_renewal_hours", "factory_renewal_hours"):
        least = 1 if key == "password_retention_hours" else 0
        if not least <= getattr(device_type, key) <= MAX_HOURS:
            raise InvalidInputError(
                _("A number from {least} to {most} is expected here.").format(
                    least=least, most=MAX_HOURS
                ),
                field=key,
            )


def check_apart(factory: Sequence[CaKey], operational: Sequence[CaKey]) -> None:
    """With auto-registration, raise when one CA issues both kinds of certificate (DT-22).

    `factory` are the CAs whose factory certificates are accepted, `operational` those of the
    operational templates; two are the same CA when they have the same key.
    """
    if found := common_ca(factory, operational):
        raise InvalidInputError(
            _("Factory and operational certificates would come from the same CA."),
            cause=_(
                "Factory certificates are issued by {factory}, operational ones by"
                " {operational}, and both have the same key."
            ).format(factory=found[0].name, operational=found[1].name),
            remedy=_(
                "Choose templates of different CAs, or turn off auto-registration:"
                " otherwise an operational certificate could register another device."
            ),
            field="auto_registration",
        )


def common_ca(factory: Sequence[CaKey], operational: Sequence[CaKey]) -> tuple[CaKey, CaKey] | None:
    """The first of `factory` and of `operational` that have the same key; None when none have."""
    for one in factory:
        for other in operational:
            if one.key == other.key:
                return one, other
    return None


def _check_source(device_type: DeviceType) -> None:
    """One source of factory certificates, and what auto-registration needs (DTC-07, DT-18)."""
    internal, external = device_type.factory_template_id, device_type.external_ca_id
    if internal is not None and external is not None:
        raise InvalidInputError(
            _("Factory certificates come from a template or from an external CA, not from both."),
            remedy=_("Leave one of them out."),
            field="external_ca_id",
        )
    if not device_type.auto_registration:
        return
    if internal is None and external is None:
        raise InvalidInputError(
            _("Auto-registration needs factory certificates."),
            remedy=_("Choose a factory template or an external CA."),
            field="auto_registration",
        )
    if not device_type.operational_template_ids:
        raise InvalidInputError(
            _("Auto-registration needs an operational template."),
            remedy=_("Add one: a device that registers itself is given a certificate from it."),
            field="auto_registration",
        )


def _check_device_fields(fields: tuple[DeviceField, ...]) -> None:
    seen = {DEVICE_NAME}
    for field in fields:
        if not field.key or field.key in seen:
            raise InvalidInputError(
                _("Each field of a device has a name of its own."), field=field.key or "fields"
            )
        seen.add(field.key)
        if not field.title.strip() or not (field.key + field.title).isprintable():
            raise InvalidInputError(_("A device field needs a title."), field=field.key)
        if field.fixed and not field.default:
            raise InvalidInputError(
                _("{title} is fixed and needs a value.").format(title=field.label),
                field=field.key,
            )
        _check_kind(field)
        problems = value_problems((field,), {field.key: field.default}) if field.default else {}
        for problem in problems.values():
            raise InvalidInputError(f"{field.label}: {problem}", field=field.key)


def _check_kind(field: DeviceField) -> None:
    """What the kind of a field needs, and a pattern that can be used."""
    if not 1 <= field.max_length <= MAX_VALUE_LENGTH:
        raise InvalidInputError(
            _("{title}: values have 1 to {most} characters.").format(
                title=field.label, most=MAX_VALUE_LENGTH
            ),
            field=field.key,
        )
    choices = field.choices
    if field.kind is FieldKind.CHOICE and not choices:
        raise InvalidInputError(
            _("{title}: give the values to choose from.").format(title=field.label),
            field=field.key,
        )
    good = all(
        one and one == one.strip() and one.isprintable() and len(one) <= field.max_length
        for one in choices
    )
    if not good or len(set(choices)) != len(choices):
        raise InvalidInputError(
            _("{title}: each choice is another text of at most {most} characters.").format(
                title=field.label, most=field.max_length
            ),
            field=field.key,
        )
    try:
        check_pattern(field.pattern, field.max_length)
    except InvalidInputError as error:
        raise InvalidInputError(
            f"{field.label}: {error.problem}", remedy=error.remedy, field=field.key
        ) from error


def _check_template(device_type: DeviceType, template: Template, kind: CertificateKind) -> None:
    field = f"{kind.value}_template_id"
    if kind is CertificateKind.OPERATIONAL:
        field += "s"
    if template.kind is not kind:
        raise InvalidInputError(
            _("{name} is a template for another kind of certificate.").format(name=template.name),
            field=field,
        )
    if not template.active or not template.sharing.covers(device_type.sharing):
        raise InvalidInputError(
            _("The template {name} cannot be used by this device type.").format(name=template.name),
            cause=_("It is not active, or is not offered as widely."),
            remedy=_("Choose another template."),
            field=field,
        )


def _check_mapping(
    field: str,
    mapping: Mapping[str, str],
    templates: Sequence[Template],
    device_fields: Collection[str],
) -> None:
    """Mapping leads from open certificate fields to device fields (DTC-13, DTC-16)."""
    open_keys = {
        template_field.key
        for template in templates
        for template_field in template.fields
        if template_field.rule is not FieldRule.FIXED
    }
    for key, device_field in mapping.items():
        if key not in open_keys:
            raise InvalidInputError(
                _("{key} cannot be mapped.").format(key=key),
                cause=_("No template has such a field, or its value is fixed."),
                field=field,
            )
        if device_field not in device_fields:
            raise InvalidInputError(
                _("{key} is mapped to a device field that does not exist.").format(key=key),
                remedy=_("Add the field to the device type, or map to another."),
                field=field,
            )
