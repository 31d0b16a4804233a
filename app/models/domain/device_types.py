"""A device type: the template of a family of devices, and the rules for a device's fields."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.core.errors import InvalidInputError
from app.core.language import _
from app.models.domain.access import EVERYWHERE, Sharing

DEVICE_NAME = "name"
MAX_VALUE_LENGTH = 255


class DeviceProperty(StrEnum):
    """The seven properties every device may have (DTP-10); the value is the database column."""

    SERIAL_NUMBER = "serial_number"
    MODEL = "model"
    HARDWARE_VERSION = "hardware_version"
    MANUFACTURER = "manufacturer"
    DEVICE_CLASS = "device_class"
    FIRMWARE = "firmware"
    LOCATION = "location"


PROPERTY_TITLES = {
    DeviceProperty.SERIAL_NUMBER: "Serial number",
    DeviceProperty.MODEL: "Model",
    DeviceProperty.HARDWARE_VERSION: "Hardware version",
    DeviceProperty.MANUFACTURER: "Manufacturer",
    DeviceProperty.DEVICE_CLASS: "Device class",
    DeviceProperty.FIRMWARE: "Firmware",
    DeviceProperty.LOCATION: "Descriptive location",
}


@dataclass(frozen=True)
class DeviceField:
    """What a type says of one property or custom attribute of its devices (DTP-11..15).

    `key` is a `DeviceProperty` value or the custom attribute's own name. A fixed field takes
    its default and nothing else.
    """

    key: str
    title: str
    required: bool = False
    fixed: bool = False
    default: str = ""

    @property
    def is_property(self) -> bool:
        """Whether this is one of the seven properties, not a custom attribute."""
        return self.key in set(DeviceProperty)


@dataclass(frozen=True)
class DeviceType:
    """A family of devices.

    The first of `operational_template_ids` is the default (DTC-04). Mappings lead from
    certificate field keys (`subject.CN`) to device fields (`name`, a property, an attribute).
    Renewal hours are before expiry; 0 means any time (DEC-16). Password retention is in hours.
    Factory certificates come from `factory_template_id` or from `external_ca_id`, or there are
    none. With `auto_registration` an unknown device with a good one is created on first contact.
    """

    id: int
    name: str
    description: str = ""
    active: bool = True
    sharing: Sharing = EVERYWHERE
    fields: tuple[DeviceField, ...] = ()
    factory_template_id: int | None = None
    factory_mapping: Mapping[str, str] = field(default_factory=dict)
    operational_template_ids: tuple[int, ...] = ()
    operational_mapping: Mapping[str, str] = field(default_factory=dict)
    use_mapping: bool = False
    enforce_factory_mode: bool = False
    password_enabled: bool = True
    password_retention_hours: int = 1
    operational_renewal_hours: int = 0
    factory_renewal_hours: int = 0
    external_ca_id: int | None = None
    auto_registration: bool = False
    version: int = 1

    @property
    def default_operational_template_id(self) -> int | None:
        """The operational template used when nobody chooses one (DTC-05)."""
        return self.operational_template_ids[0] if self.operational_template_ids else None


def field_values(fields: tuple[DeviceField, ...], given: Mapping[str, str]) -> dict[str, str]:
    """The value of every field of a type: fixed ones as the type says, defaults where untouched.

    A key present in `given` counts as touched, even when empty (DEV-12).
    """
    return {f.key: f.default if f.fixed else given.get(f.key, f.default).strip() for f in fields}


def value_problems(fields: tuple[DeviceField, ...], values: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with the values, a sentence a field key; empty when all are good."""
    problems = {}
    for device_field in fields:
        value = values.get(device_field.key, "")
        if device_field.required and not value:
            problems[device_field.key] = _("The device type requires a value here.")
        elif len(value) > MAX_VALUE_LENGTH:
            problems[device_field.key] = _("At most {count} characters are allowed here.").format(
                count=MAX_VALUE_LENGTH
            )
        elif not value.isprintable():
            problems[device_field.key] = _("Control characters are not allowed here.")
    return problems


def check_values(fields: tuple[DeviceField, ...], values: Mapping[str, str]) -> None:
    """Raise `InvalidInputError`, naming the field, for the first bad value."""
    titles = {f.key: f.title for f in fields}
    for key, problem in value_problems(fields, values).items():
        raise InvalidInputError(f"{titles[key]}: {problem}", field=key)
