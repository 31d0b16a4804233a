"""What a device may know of itself, once an EST server has let it in."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.models.db.tables import certificate, organization
from app.models.domain.certificates import Certificate, CertificateStatus
from app.models.domain.device_types import DeviceType
from app.models.domain.devices import Device
from app.models.domain.templates import CertificateKind
from app.models.services.authorities.authorities import Authorities
from app.models.services.certificates.records import certificate_of, select_certificates
from app.models.services.device_types.device_types import DeviceTypes
from app.models.services.devices.records import device_by_id
from app.models.services.est.identity import Identity
from app.models.services.est.rules import renewal_opens
from app.models.services.store import Store

NEWEST = 20


@dataclass(frozen=True)
class OwnCertificate:
    """A certificate of the device; it renews it from `renewable_from` on, None for never."""

    certificate: Certificate
    renewable_from: datetime | None


@dataclass(frozen=True)
class OwnDevice:
    """A device, the names of its type and organization, and its newest certificates."""

    device: Device
    device_type: str
    organization: str
    certificates: tuple[OwnCertificate, ...]


class OwnDevices:
    """Tells devices about themselves. Safe to share by threads."""

    def __init__(self, store: Store, device_types: DeviceTypes, authorities: Authorities) -> None:
        self._store = store
        self._device_types = device_types
        self._authorities = authorities

    def of(self, identity: Identity) -> OwnDevice:
        """The device that was let in, with the `NEWEST` certificates issued to it here."""
        now = self._store.clock.now()
        with self._store.database.read() as connection:
            device = device_by_id(connection, identity.device.id)
            device_type = self._device_types.of_device(connection, device)
            named = select(organization.c.name).where(organization.c.id == device.organization_id)
            rows = connection.execute(
                select_certificates(with_der=False)
                .where(certificate.c.device_id == device.id)
                .order_by(certificate.c.id.desc())
                .limit(NEWEST)
            )
            return OwnDevice(
                device,
                device_type.name,
                connection.execute(named).scalar_one(),
                tuple(_held(certificate_of(row, now), device_type, now) for row in rows),
            )

    def chain(self, issued: Certificate) -> tuple[bytes, ...]:
        """The authorities above a certificate in DER, its issuer first and the root last."""
        with self._store.database.read() as connection:
            return self._authorities.chain(connection, issued.authority_id)


def _held(one: Certificate, device_type: DeviceType, now: datetime) -> OwnCertificate:
    operational = one.kind is CertificateKind.OPERATIONAL
    if not operational or one.status is not CertificateStatus.ISSUED or one.not_after <= now:
        return OwnCertificate(one, None)
    opens = renewal_opens(device_type, one.not_after, one.kind) or one.not_before
    return OwnCertificate(one, max(opens, one.not_before))
