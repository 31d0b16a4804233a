"""What makes a device type a good one."""

from collections.abc import Collection, Mapping, Sequence

from app.core.errors import InvalidInputError
from app.core.language import _
from app.models.domain.device_types import (
    DEVICE_NAME,
    DeviceField,
    DeviceType,
    value_problems,
)
from app.models.domain.subjects import FieldRule
from app.models.domain.templates import CertificateKind, Template

MAX_HOURS = 10 * 366 * 24


def check_device_type(
    device_type: DeviceType, factory: Template | None, operational: Sequence[Template]
) -> None:
    """Raise `InvalidInputError`, naming the field at fault, for the first rule broken.

    `factory` and `operational` are the templates that the type names.
    """
    _check_device_fields(device_type.fields)
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
    if device_type.use_mapping and DEVICE_NAME not in device_type.factory_mapping.values():
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
                _("{title} is fixed and needs a value.").format(title=field.title),
                field=field.key,
            )
        problems = value_problems((field,), {field.key: field.default}) if field.default else {}
        for problem in problems.values():
            raise InvalidInputError(f"{field.title}: {problem}", field=field.key)


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
