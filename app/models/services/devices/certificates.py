"""Certificates for devices that exist already, issued to them by a person or an application."""

from sqlalchemy import Connection, select

from app.core.errors import ConflictError
from app.core.language import _
from app.models.db.tables import certificate
from app.models.domain.access import Actor, Operation
from app.models.domain.certificates import CertificateStatus
from app.models.domain.devices import Device, check_enabled, check_password
from app.models.domain.issuing import IssueRequest
from app.models.domain.templates import CertificateKind
from app.models.services.certificates.issuance import Issuance, IssuedToDevice
from app.models.services.device_types.device_types import DeviceTypes
from app.models.services.devices.records import device_in_reach
from app.models.services.est.rules import check_factory_mode
from app.models.services.sharing import check_owners
from app.models.services.store import Store


class DeviceCertificates:
    """Issues further certificates to devices (DTC-06). Safe to share by threads."""

    def __init__(self, store: Store, device_types: DeviceTypes, issuance: Issuance) -> None:
        self._store = store
        self._device_types = device_types
        self._issuance = issuance

    def issue(
        self,
        actor: Actor,
        device_id: int,
        request: IssueRequest,
        *,
        pfx_passphrase: str | None = None,
    ) -> IssuedToDevice:
        """Issue another operational certificate, or the factory certificate it does not have yet.

        Without a CSR the key is made here and kept as PKCS#12 under `pfx_passphrase` until
        retention ends. Raises `NotFoundError` for a device out of reach, `ConflictError` for a
        disabled one, an inactive owner and a second factory certificate, `AccessDeniedError` when
        the type enforces factory mode and the device is not in it (DT-11), `InvalidInputError` for
        a bad passphrase, and what `Issuance.issue` raises.
        """
        if request.csr is None:
            check_password(pfx_passphrase or "", "pfx_passphrase")
        with self._store.read(actor) as connection:
            device_in_reach(connection, actor, Operation.DEVICE_MANAGE, device_id)
        key = self._issuance.make_key(request, packed=True)
        with self._store.change(actor) as change:
            device = device_in_reach(change.connection, actor, Operation.DEVICE_MANAGE, device_id)
            check_enabled(device.mode)
            check_owners(change.connection, device.tenant_id, device.organization_id)
            device_type = self._device_types.of_device(change.connection, device)
            planned = self._issuance.prepare(change, device, device_type, request)
            if planned.plan.template.kind is CertificateKind.FACTORY:
                _check_has_none(change.connection, device)
            else:
                check_factory_mode(device_type, device)
            return self._issuance.issue_planned(
                change, planned, key=key, pfx_passphrase=pfx_passphrase
            )


def _check_has_none(connection: Connection, device: Device) -> None:
    """Raise `ConflictError` when the device has a factory certificate that is not revoked."""
    held = select(certificate.c.id).where(
        certificate.c.device_id == device.id,
        certificate.c.kind == CertificateKind.FACTORY.value,
        certificate.c.status != CertificateStatus.REVOKED.value,
    )
    if connection.execute(held.limit(1)).first() is not None:
        raise ConflictError(
            _("The device {name} has a factory certificate already.").format(name=device.name),
            remedy=_("Renew that one, or revoke it first."),
        )
