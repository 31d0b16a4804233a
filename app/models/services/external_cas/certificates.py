"""Factory certificates that external CAs issued to the devices here: checked, kept, recognised."""

from datetime import datetime

from sqlalchemy import Connection, select

from app.core.errors import InvalidInputError
from app.core.language import _
from app.models.db.tables import device, external_ca, external_certificate
from app.models.domain.access import Actor, Operation, require
from app.models.domain.device_types import DeviceType
from app.models.domain.devices import Device, DeviceEvent
from app.models.domain.external_certificates import ExternalCertificate
from app.models.services.device_types.device_types import DeviceTypes
from app.models.services.devices.records import device_in_reach, record_event
from app.models.services.external_cas.trust import check_device_certificate
from app.models.services.store import Change, Store
from app.pki.certificates import CertificateInfo, read_certificate
from app.pki.formats import certificates_in
from app.pki.names import subject_text


class ExternalCertificates:
    """Judges and keeps factory certificates of external CAs. Safe to share by threads."""

    def __init__(self, store: Store, device_types: DeviceTypes) -> None:
        self._store = store
        self._device_types = device_types

    def read(self, actor: Actor, type_id: int, data: bytes) -> tuple[bytes, ...]:
        """The certificates (DER) in a file, which begins with the device's own (DEC-03).

        The format is told by the content. Raises `InvalidInputError` when there is no
        certificate, and what `check` raises.
        """
        require(actor, Operation.DEVICE_MANAGE)
        presented = certificates_in(data)
        with self._store.read(actor) as connection:
            device_type = self._device_types.seen(connection, actor, type_id)
            self.check(connection, device_type, presented, self._store.clock.now())
        return presented

    def of_device(self, actor: Actor, device_id: int) -> tuple[ExternalCertificate, ...]:
        """Those of a device, oldest first; `NotFoundError` when it is out of reach (DEV-81)."""
        table = external_certificate
        kept = (
            select(table, external_ca.c.name.label("ca_name"))
            .join(external_ca, external_ca.c.id == table.c.external_ca_id)
            .where(table.c.device_id == device_id)
            .order_by(table.c.id)
        )
        with self._store.read(actor) as connection:
            device_in_reach(connection, actor, Operation.DEVICE_VIEW, device_id)
            return tuple(
                ExternalCertificate(
                    ca_name=row.ca_name,
                    subject=subject_text(read_certificate(row.der).subject),
                    fingerprint=row.fingerprint,
                    not_after=row.not_after,
                    first_seen_at=row.first_seen_at,
                )
                for row in connection.execute(kept)
            )

    def check(
        self,
        connection: Connection,
        device_type: DeviceType,
        presented: tuple[bytes, ...],
        now: datetime,
    ) -> CertificateInfo:
        """What the first certificate (DER) says, when it leads to the type's external CA.

        The others are those in between, as far as they came along. Raises `InvalidInputError`,
        field `factory_certificate`, when there is none or the type has no external CA, and
        `ClientCertificateError` when the chain is not good or the CA not trusted (any more).
        """
        if device_type.external_ca_id is None or not presented:
            raise InvalidInputError(
                _("A factory certificate of the type's external CA is needed."),
                remedy=_("Load the certificate the device got from its manufacturer."),
                field="factory_certificate",
            )
        leaf, *others = presented
        check_device_certificate(connection, device_type.external_ca_id, leaf, others, now)
        return read_certificate(leaf)

    def keep(
        self, change: Change, owner: Device, device_type: DeviceType, info: CertificateInfo
    ) -> Device:
        """Know the device by this certificate from now on; returns it, in FACTORY mode if new."""
        values = {
            "device_id": owner.id,
            "external_ca_id": device_type.external_ca_id,
            "fingerprint": info.fingerprint,
            "der": info.der,
            "not_after": info.not_after,
            "first_seen_at": change.now,
        }
        change.insert(external_certificate, values)
        return record_event(change, owner, DeviceEvent.FACTORY_CERTIFICATE_ACCEPTED)

    def holder(self, connection: Connection, tenant_id: int, fingerprint: str) -> int | None:
        """The id of the tenant's device that has the certificate; other tenants do not count."""
        return connection.execute(
            select(device.c.id)
            .join(external_certificate, external_certificate.c.device_id == device.c.id)
            .where(
                external_certificate.c.fingerprint == fingerprint,
                device.c.tenant_id == tenant_id,
            )
        ).scalar()
