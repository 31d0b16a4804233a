"""All that is known of one device, read on a worker thread."""

from dataclasses import dataclass
from datetime import datetime

from app.models.domain.access import Actor, Operation, Reach, reach
from app.models.domain.certificates import Certificate
from app.models.domain.device_types import DeviceType
from app.models.domain.devices import Device, Transition
from app.models.domain.external_certificates import ExternalCertificate
from app.models.services.workspace.workspace import Workspace


@dataclass(frozen=True)
class DeviceDetails:
    """What the side panel shows of a device."""

    device: Device
    device_type: DeviceType
    organization: str
    certificates: tuple[Certificate, ...]
    external: tuple[ExternalCertificate, ...]
    history: tuple[Transition, ...]
    credential_until: datetime | None


def read_details(workspace: Workspace, actor: Actor, device_id: int) -> DeviceDetails:
    """Everything about a device; raises `NotFoundError` when it is out of reach."""
    device = workspace.devices.get(actor, device_id)
    organizations = workspace.tenants.organizations(actor, device.tenant_id)
    names = {item.id: item.name for item in organizations}
    return DeviceDetails(
        device,
        workspace.device_types.read(actor, device.type_id, device.type_version),
        names.get(device.organization_id, ""),
        workspace.certificates.of_device(actor, device_id),
        workspace.external_certificates.of_device(actor, device_id),
        workspace.devices.history(actor, device_id),
        _credential_until(workspace, actor, device_id),
    )


def _credential_until(workspace: Workspace, actor: Actor, device_id: int) -> datetime | None:
    """Until when this actor can take the credential file along."""
    if reach(actor, Operation.SECRET_DOWNLOAD) is Reach.NONE:
        return None
    return workspace.credentials.available_until(actor, device_id)
