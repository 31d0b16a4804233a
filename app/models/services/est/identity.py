"""Who enrols at an EST server: a device, by what it showed."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from app.core.errors import AccessDeniedError
from app.core.language import _
from app.models.domain.access import Actor, Channel
from app.models.domain.devices import Device, DeviceMode
from app.models.domain.est_servers import EstServer
from app.pki.certificates import CertificateInfo


class Credential(Enum):
    """What was shown to let a device in (DEC-05)."""

    PASSWORD = auto()
    FACTORY_CERTIFICATE = auto()
    OPERATIONAL_CERTIFICATE = auto()
    APPLICATION = auto()

    @property
    def label(self) -> str:
        """What people call it."""
        return {
            Credential.PASSWORD: _("device password"),
            Credential.FACTORY_CERTIFICATE: _("factory certificate"),
            Credential.OPERATIONAL_CERTIFICATE: _("operational certificate"),
            Credential.APPLICATION: _("API application"),
        }[self]


@dataclass(frozen=True)
class Identity:
    """A device that has proved who it is, or for which an application answers.

    `certificate` is what it showed, if it did, `certificate_id` its number in the database.
    """

    device: Device
    credential: Credential
    actor: Actor
    certificate: CertificateInfo | None = None
    certificate_id: int | None = None

    @property
    def name(self) -> str:
        """The name of the device."""
        return self.device.name


def identity_of(known: Device, credential: Credential, address: str) -> Identity:
    """The device as who it is let in; raises `AccessDeniedError` for a disabled one."""
    if known.mode is DeviceMode.DISABLED:
        raise AccessDeniedError(
            _("The device {name} is disabled.").format(name=known.name),
            remedy=_("Enable the device in Birthmark."),
        )
    actor = Actor(
        known.name,
        Channel.EST,
        tenant_id=known.tenant_id,
        organization_id=known.organization_id,
        device_id=known.id,
        address=address,
    )
    return Identity(known, credential, actor)


def is_served(server: EstServer, known: Device) -> bool:
    """Whether the EST server is for devices of this organization and type."""
    return (
        known.organization_id == server.organization_id and known.type_id == server.device_type_id
    )


def only(servers: Sequence[EstServer]) -> EstServer:
    """The one EST server that is left; raises `AccessDeniedError` naming them all (DEC-09)."""
    if len(servers) > 1:
        raise AccessDeniedError(
            _("More than one EST server answers to this name."),
            cause=", ".join(server.name for server in servers),
            remedy=_("Give each EST server a domain or a label of its own."),
        )
    return servers[0]
