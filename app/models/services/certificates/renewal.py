"""Certificates issued anew with the names of earlier ones: for the same key, or for another."""

from sqlalchemy import Connection

from app.core.errors import ConflictError, InvalidInputError
from app.core.language import _
from app.models.domain.access import Actor, Channel, Operation
from app.models.domain.certificates import Certificate, CertificateStatus
from app.models.domain.devices import check_password
from app.models.domain.issuing import IssueRequest
from app.models.services.certificates.certification import IssuedCertificate
from app.models.services.certificates.issuance import Issuance
from app.models.services.certificates.issuing import CertificateIssuing
from app.models.services.certificates.records import certificate_in_reach
from app.models.services.device_types.device_types import DeviceTypes
from app.models.services.devices.records import device_by_id
from app.models.services.est.rules import check_renewal_window
from app.models.services.revocation.revocation import Revocation
from app.models.services.sharing import check_owners
from app.models.services.store import Change, Store
from app.pki.certificates import read_certificate
from app.pki.csr import CertificationRequest
from app.pki.keys import PrivateKey


class CertificateRenewal:
    """Renews and rekeys certificates, whoever holds them. Safe to share by threads."""

    def __init__(
        self,
        store: Store,
        *,
        certificate_issuing: CertificateIssuing,
        issuance: Issuance,
        device_types: DeviceTypes,
        revocation: Revocation,
    ) -> None:
        self._store = store
        self._certificate_issuing = certificate_issuing
        self._issuance = issuance
        self._device_types = device_types
        self._revocation = revocation

    def renew(
        self, actor: Actor, certificate_id: int, *, revoke_old: bool = False
    ) -> IssuedCertificate:
        """Issue a certificate anew for the same key and exact names (RFC 3647 section 4.4.6).

        It is a device's as its predecessor was, and what the template says now holds for it.
        With `revoke_old` the predecessor is revoked as superseded in the same transaction.
        Raises `NotFoundError` for one out of reach, `ConflictError` for one that is revoked or
        on hold or whose holder is inactive, `AccessDeniedError` when an API application comes
        before the renewal window of a device's certificate opens, and what issuing raises.
        """
        with self._store.change(actor) as change:
            old = self._renewable(change.connection, actor, certificate_id)
            request = IssueRequest(old.template_id, renewed=read_certificate(old.der))
            issued = self._reissue(change, old, request)
            if revoke_old:
                self._revocation.supersede(change, old.id)
        return issued

    def rekey(
        self,
        actor: Actor,
        certificate_id: int,
        csr: CertificationRequest | None = None,
        *,
        pfx_passphrase: str | None = None,
        revoke_old: bool = False,
    ) -> IssuedCertificate:
        """Issue a certificate with the same exact names for another key (RFC 3647 section 4.4.7).

        The key is that of the CSR, whose names do not matter, or is made here and kept as
        `CertificateIssuing.issue` keeps it. Raises as `renew` does, and `InvalidInputError` when
        the CSR has the old key.
        """
        if csr is None and pfx_passphrase is not None:
            check_password(pfx_passphrase, "pfx_passphrase")
        with self._store.read(actor) as connection:
            old = self._renewable(connection, actor, certificate_id)
        if csr is not None and csr.public_key == read_certificate(old.der).public_key:
            raise InvalidInputError(
                _("The request has the key of the certificate it is to replace."),
                remedy=_("Make a new key, or renew the certificate with its key."),
                field="csr",
            )
        request = IssueRequest(old.template_id, csr)
        key = self._issuance.make_key(request, packed=pfx_passphrase is not None)
        with self._store.change(actor) as change:
            old = self._renewable(change.connection, actor, certificate_id)
            issued = self._reissue(change, old, request, key, pfx_passphrase)
            if revoke_old:
                self._revocation.supersede(change, old.id)
        return issued

    def _renewable(self, connection: Connection, actor: Actor, certificate_id: int) -> Certificate:
        now = self._store.clock.now()
        operation = Operation.CERTIFICATE_ISSUE
        old = certificate_in_reach(connection, actor, operation, certificate_id, now)
        if old.status is not CertificateStatus.ISSUED:
            raise ConflictError(
                _("The certificate of {name} is revoked or on hold.").format(name=old.name),
                remedy=_("Issue a new one, or release it from hold first."),
            )
        return old

    def _reissue(
        self,
        change: Change,
        old: Certificate,
        request: IssueRequest,
        key: PrivateKey | None = None,
        pfx_passphrase: str | None = None,
    ) -> IssuedCertificate:
        if old.device_id is None:
            return self._certificate_issuing.issue_successor(
                change, old, request, key, pfx_passphrase
            )
        device = device_by_id(change.connection, old.device_id)
        check_owners(change.connection, device.tenant_id, device.organization_id)
        if change.actor.channel is Channel.API:  # people know what they do
            device_type = self._device_types.of_device(change.connection, device)
            check_renewal_window(change, device_type, read_certificate(old.der), old.kind)
        return self._issuance.issue(
            change,
            device,
            request,
            key=key,
            pfx_passphrase=pfx_passphrase,
            names_of=old.der,
            previous_id=old.id,
        )
