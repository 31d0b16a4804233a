"""A device type: the template of a family of devices, and the rules for a device's fields."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from app.core.errors import InvalidInputError
from app.core.language import _
from app.models.domain.access import EVERYWHERE, Sharing

DEVICE_NAME = "name"
MAX_VALUE_LENGTH = 255

_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?")
# Six octets (EUI-48) or eight (EUI-64): apart by one kind of sign, or in one piece.
_MAC = re.compile(
    r"[0-9A-Fa-f]{12}([0-9A-Fa-f]{4})?|[0-9A-Fa-f]{2}([:.-])[0-9A-Fa-f]{2}"
    r"(\2[0-9A-Fa-f]{2}){4}((\2[0-9A-Fa-f]{2}){2})?"
)


class DeviceProperty(StrEnum):
    """The seven properties every device may have (DTP-10); the value is the database column."""

    SERIAL_NUMBER = "serial_number"
    MODEL = "model"
    HARDWARE_VERSION = "hardware_version"
    MANUFACTURER = "manufacturer"
    DEVICE_CLASS = "device_class"
    FIRMWARE = "firmware"
    LOCATION = "location"


class FieldKind(StrEnum):
    """What the value of a custom attribute looks like."""

    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"
    MAC = "mac"
    DATE = "date"


def property_title(key: DeviceProperty) -> str:
    """What people call a property."""
    return {
        DeviceProperty.SERIAL_NUMBER: _("Serial number"),
        DeviceProperty.MODEL: _("Model"),
        DeviceProperty.HARDWARE_VERSION: _("Hardware version"),
        DeviceProperty.MANUFACTURER: _("Manufacturer"),
        DeviceProperty.DEVICE_CLASS: _("Device class"),
        DeviceProperty.FIRMWARE: _("Firmware"),
        DeviceProperty.LOCATION: _("Descriptive location"),
    }[key]


@dataclass(frozen=True)
class DeviceField:
    """What a type says of one property or custom attribute of its devices (DTP-11..15).

    `key` is a `DeviceProperty` value or the custom attribute's own name. A fixed field takes
    its default and nothing else. `choices` are for the kind CHOICE; `pattern` is a regular
    expression (see `patterns`) that a text matches as a whole.
    """

    key: str
    title: str
    required: bool = False
    fixed: bool = False
    default: str = ""
    kind: FieldKind = FieldKind.TEXT
    choices: tuple[str, ...] = ()
    pattern: str = ""
    max_length: int = MAX_VALUE_LENGTH

    @property
    def is_property(self) -> bool:
        """Whether this is one of the seven properties, not a custom attribute."""
        return self.key in set(DeviceProperty)

    @property
    def label(self) -> str:
        """What people call it, in their language if it is a property."""
        return property_title(DeviceProperty(self.key)) if self.is_property else self.title


@dataclass(frozen=True)
class DeviceType:
    """A family of devices.

    The first of `operational_template_ids` is the default (DTC-04). Mappings lead from
    certificate field keys (`subject.CN`) to device fields (`name`, a property, an attribute).
    Renewal hours are before expiry; 0 means any time (DEC-16). Password retention is in hours.
    Factory certificates come from `factory_template_id` or from `external_ca_id`, or there are
    none. With `auto_registration` an unknown device with a good one is created on first contact.
    `version` counts what was edited; devices go on by the version they were made with.
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

    @property
    def named_by_certificate(self) -> bool:
        """Whether the factory certificate issued here names a device (FAC-04, DEC-04)."""
        return self.use_mapping and self.external_ca_id is None

    @property
    def mapped_fields(self) -> frozenset[str]:
        """Keys of the device fields, but for the name, that this certificate fills (DEC-04)."""
        if not self.named_by_certificate:
            return frozenset()
        fixed = {item.key for item in self.fields if item.fixed}
        return frozenset(self.factory_mapping.values()) - fixed - {DEVICE_NAME}


def field_values(fields: tuple[DeviceField, ...], given: Mapping[str, str]) -> dict[str, str]:
    """The value of every field of a type: fixed ones as the type says, defaults where untouched.

    A key present in `given` counts as touched, even when empty (DEV-12).
    """
    return {f.key: f.default if f.fixed else _usual(f, given.get(f.key, f.default)) for f in fields}


def mac_text(value: str) -> str:
    """A MAC address as `00:1B:44:11:3A:B7`; anything else as it is."""
    found = _MAC.fullmatch(value.strip())
    if found is None:
        return value
    octets = "".join(sign for sign in value.upper() if sign.isalnum())
    return ":".join(octets[place : place + 2] for place in range(0, len(octets), 2))


def value_problems(fields: tuple[DeviceField, ...], values: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with the values, a sentence a field key; empty when all are good."""
    problems = {}
    for device_field in fields:
        value = values.get(device_field.key, "")
        if problem := _value_problem(device_field, value):
            problems[device_field.key] = problem
    return problems


def _usual(device_field: DeviceField, value: str) -> str:
    value = value.strip()
    return mac_text(value) if device_field.kind is FieldKind.MAC else value


def _value_problem(device_field: DeviceField, value: str) -> str:
    """What is wrong with a value, or nothing. Length comes before patterns: see `patterns`."""
    if not value:
        return _("The device type requires a value here.") if device_field.required else ""
    if len(value) > device_field.max_length:
        return _("At most {count} characters are allowed here.").format(
            count=device_field.max_length
        )
    if not value.isprintable():
        return _("Control characters are not allowed here.")
    if device_field.pattern and re.fullmatch(device_field.pattern, value) is None:
        return _("The value does not match the pattern {pattern}.").format(
            pattern=device_field.pattern
        )
    return _kind_problem(device_field, value)


def _kind_problem(device_field: DeviceField, value: str) -> str:
    match device_field.kind:
        case FieldKind.NUMBER if _NUMBER.fullmatch(value) is None:
            return _("A number is expected here, such as 12 or -0.5.")
        case FieldKind.CHOICE if value not in device_field.choices:
            return _("One of these is expected here: {choices}.").format(
                choices=", ".join(device_field.choices)
            )
        case FieldKind.MAC if _MAC.fullmatch(value) is None:
            return _("A MAC address is expected here, such as 00:1B:44:11:3A:B7.")
        case FieldKind.DATE if not _is_day(value):
            return _("A day is expected here, such as 2026-03-31.")
    return ""


def _is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def check_values(fields: tuple[DeviceField, ...], values: Mapping[str, str]) -> None:
    """Raise `InvalidInputError`, naming the field, for the first bad value."""
    titles = {f.key: f.label for f in fields}
    for key, problem in value_problems(fields, values).items():
        raise InvalidInputError(f"{titles[key]}: {problem}", field=key)
