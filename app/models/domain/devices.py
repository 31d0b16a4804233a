"""A device and its life cycle (MODE-01..04, DEC-08)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.core.errors import ConflictError, InvalidInputError
from app.core.language import _

MAX_NAME_LENGTH = 64  # so that a name always fits a common name (RFC 5280 ub-common-name)
MIN_PASSWORD_LENGTH = 8
MAX_PASSWORD_LENGTH = 128


class DeviceMode(StrEnum):
    """Where a device stands in its life."""

    # Explicit state, never derived (DEC-08). The docstring is in the description of the REST API.

    NEW = "new"
    FACTORY = "factory"
    OPERATIONAL = "operational"
    DISABLED = "disabled"

    @property
    def label(self) -> str:
        """What people call it."""
        return {
            DeviceMode.NEW: _("New"),
            DeviceMode.FACTORY: _("Factory"),
            DeviceMode.OPERATIONAL: _("Operational"),
            DeviceMode.DISABLED: _("Disabled"),
        }[self]


class DeviceEvent(StrEnum):
    """What moves a device from one mode to another."""

    CREDENTIAL_SET = "credential-set"
    FACTORY_CERTIFICATE_ISSUED = "factory-certificate-issued"
    FACTORY_CERTIFICATE_ACCEPTED = "factory-certificate-accepted"
    OPERATIONAL_CERTIFICATE_ISSUED = "operational-certificate-issued"
    SET_AS_FACTORY = "set-as-factory"
    DISABLED = "disabled"
    ENABLED = "enabled"


@dataclass(frozen=True)
class Device:
    """A device. `values` holds properties and custom attributes by field key.

    `mode_before_disabled` is where Enable leads back to. `operational_until` is the end of
    the newest operational certificate, None when there is none. `type_version` is the version of
    its type that it goes by.
    """

    id: int
    name: str
    tenant_id: int
    organization_id: int
    type_id: int
    description: str
    mode: DeviceMode
    mode_before_disabled: DeviceMode | None
    created_at: datetime
    changed_at: datetime
    operational_until: datetime | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    type_version: int = 1


@dataclass(frozen=True)
class Transition:
    """One recorded change of mode."""

    at: datetime
    before: DeviceMode
    after: DeviceMode
    event: DeviceEvent
    actor: str


def next_mode(
    mode: DeviceMode, event: DeviceEvent, before_disabled: DeviceMode | None = None
) -> DeviceMode:
    """The mode after `event`; raises `ConflictError` where the life cycle has no such step."""
    if mode is DeviceMode.DISABLED and event is DeviceEvent.ENABLED:
        return before_disabled or DeviceMode.NEW
    check_enabled(mode)
    match event:
        case (
            DeviceEvent.CREDENTIAL_SET
            | DeviceEvent.FACTORY_CERTIFICATE_ISSUED
            | DeviceEvent.FACTORY_CERTIFICATE_ACCEPTED
        ):
            return DeviceMode.FACTORY if mode is DeviceMode.NEW else mode
        case DeviceEvent.OPERATIONAL_CERTIFICATE_ISSUED:
            return DeviceMode.OPERATIONAL
        case DeviceEvent.DISABLED:
            return DeviceMode.DISABLED
        case DeviceEvent.SET_AS_FACTORY if mode is DeviceMode.OPERATIONAL:
            return DeviceMode.FACTORY
        case DeviceEvent.SET_AS_FACTORY:
            raise ConflictError(
                _("Only a device in operational mode can be set as factory mode."),
                cause=_("Its mode is “{mode}”.").format(mode=mode.label),
            )
        case DeviceEvent.ENABLED:
            raise ConflictError(_("The device is not disabled."))


def check_enabled(mode: DeviceMode) -> None:
    """Raise `ConflictError` in the mode in which a device can do nothing (MODE-04)."""
    if mode is DeviceMode.DISABLED:
        raise ConflictError(_("The device is disabled."), remedy=_("Enable the device first."))


def name_problem(name: str) -> str:
    """What is wrong with a device name, in one sentence, or nothing."""
    if not name.strip():
        return _("A device needs a name.")
    if len(name) > MAX_NAME_LENGTH:
        return _("At most {count} characters are allowed here.").format(count=MAX_NAME_LENGTH)
    if name != name.strip() or not name.isprintable() or ":" in name:
        return _("A name has no colon, no control characters and no space at its ends.")
    return ""


def check_name(name: str) -> None:
    """Raise `InvalidInputError` unless `name` can name a device.

    A colon is refused because HTTP Basic could not carry it (RFC 7617 section 2).
    """
    if problem := name_problem(name):
        raise InvalidInputError(problem, field="name")


def password_problem(password: str) -> str:
    """What is wrong with a device password or PFX passphrase, in one sentence, or nothing.

    Only ASCII, because clients do not agree on how HTTP Basic and PKCS #12 encode the rest.
    """
    if not MIN_PASSWORD_LENGTH <= len(password) <= MAX_PASSWORD_LENGTH:
        return _("From {least} to {most} characters are needed here.").format(
            least=MIN_PASSWORD_LENGTH, most=MAX_PASSWORD_LENGTH
        )
    if not password.isascii() or not password.isprintable():
        return _("Use letters, digits, spaces and the signs of an English keyboard only.")
    return ""


def check_password(password: str, field: str = "password") -> None:
    """Raise `InvalidInputError`, naming `field`, unless `password` can be used on a device."""
    if problem := password_problem(password):
        raise InvalidInputError(problem, field=field)
