"""How the REST API describes a device and the certificates it holds."""

from datetime import datetime

from app.api.certificate_object import CertificateAnswer, certificate_answer
from app.api.routes import Answer
from app.models.domain.certificates import Certificate
from app.models.domain.devices import Device, DeviceMode
from app.models.domain.templates import CertificateKind


class DeviceAnswer(Answer):
    """A device; `values` are its properties and attributes by key.

    `operational_until` is the end of its newest operational certificate, null without one.
    """

    device_id: int
    organization_id: int
    device_type_id: int
    name: str
    description: str
    mode: DeviceMode
    values: dict[str, str]
    created_at: datetime
    changed_at: datetime
    operational_until: datetime | None


class DeviceCertificate(CertificateAnswer):
    """A certificate of a device, as every other one, with what it is for.

    Until `key_until` the key that was made here is at `certificates/{certificate_id}/pfx`.
    """

    kind: CertificateKind
    template_id: int
    key_until: datetime | None


def device_answer(device: Device) -> DeviceAnswer:
    """The description of a device."""
    return DeviceAnswer(
        device_id=device.id,
        organization_id=device.organization_id,
        device_type_id=device.type_id,
        name=device.name,
        description=device.description,
        mode=device.mode,
        values={key: value for key, value in device.values.items() if value},
        created_at=device.created_at,
        changed_at=device.changed_at,
        operational_until=device.operational_until,
    )


def device_certificate(
    certificate: Certificate, now: datetime, *, listed: bool = False
) -> DeviceCertificate:
    """The description of a device's certificate that was read with its DER."""
    return DeviceCertificate(
        **dict(certificate_answer(certificate, now, listed=listed)),
        kind=certificate.kind,
        template_id=certificate.template_id,
        key_until=certificate.key_until,
    )
