"""Revoking certificates, holding them, and letting go of those on hold."""

from datetime import datetime

from sqlalchemy import select, update

from app.core.errors import ConflictError, InvalidInputError
from app.core.language import _
from app.models.db.tables import certificate
from app.models.domain.access import Actor, Operation
from app.models.domain.certificates import Certificate, CertificateStatus
from app.models.domain.events import CertificateRevoked, DeviceChanged
from app.models.domain.templates import CertificateKind
from app.models.services.certificates.records import certificate_in_reach
from app.models.services.revocation.crls import Crls
from app.models.services.store import Change, Store
from app.pki.revocation import RevocationReason

# What a person may give for the certificate of a device or an application.
REASONS = (
    RevocationReason.UNSPECIFIED,
    RevocationReason.KEY_COMPROMISE,
    RevocationReason.AFFILIATION_CHANGED,
    RevocationReason.SUPERSEDED,
    RevocationReason.CESSATION_OF_OPERATION,
    RevocationReason.CERTIFICATE_HOLD,
    RevocationReason.PRIVILEGE_WITHDRAWN,
)


class Revocation:
    """Takes certificates back. It holds with the next request, and in the next list and answer."""

    def __init__(self, store: Store, crls: Crls) -> None:
        self._store = store
        self._crls = crls

    def revoke(
        self,
        actor: Actor,
        certificate_id: int,
        reason: RevocationReason,
        invalid_since: datetime | None = None,
        *,
        comment: str = "",
    ) -> None:
        """Revoke a certificate for good, or put it on hold for the reason certificateHold.

        `invalid_since` is when its key may have got into wrong hands; the `comment` stands in
        the audit log. Raises `ConflictError`
        when it is revoked already, `InvalidInputError` for a reason that is not for it or a
        time to come, `NotFoundError` when it is out of reach.
        """
        if reason not in REASONS:
            raise InvalidInputError(
                _("This reason is not for the certificate of a device."), field="reason"
            )
        with self._store.change(actor) as change:
            found = certificate_in_reach(
                change.connection,
                actor,
                Operation.CERTIFICATE_REVOKE,
                certificate_id,
                change.now,
            )
            check_invalid_since(change, invalid_since)
            self._revoke(change, found, reason, invalid_since, comment)
        self._crls.try_renew(found.authority_id, found.crl_partition)

    def release(self, actor: Actor, certificate_id: int) -> None:
        """Make a certificate on hold good again; raises `ConflictError` for any other."""
        with self._store.change(actor) as change:
            found = certificate_in_reach(
                change.connection,
                actor,
                Operation.CERTIFICATE_REVOKE,
                certificate_id,
                change.now,
            )
            if found.status is not CertificateStatus.ON_HOLD:
                raise ConflictError(
                    _("The certificate {name} is not on hold.").format(name=found.subject),
                    cause=_("What is revoked for good stays revoked."),
                )
            self._write(change, found, CertificateStatus.ISSUED, None, None)
            change.audit("certificate.release", *_object(found), after=_described(found))
        self._crls.try_renew(found.authority_id, found.crl_partition)

    def revoke_operational(self, change: Change, device_id: int) -> int:
        """Revoke every good operational certificate of a device (DEC-08); returns how many.

        Inside the caller's transaction; the lists follow when they are next asked for.
        """
        table = certificate.c
        ids = change.connection.scalars(
            select(table.id).where(
                table.device_id == device_id,
                table.kind == CertificateKind.OPERATIONAL.value,
                table.status.in_([CertificateStatus.ISSUED.value, CertificateStatus.ON_HOLD.value]),
                table.not_after > change.now,
            )
        ).all()
        for id_ in ids:
            found = certificate_in_reach(
                change.connection, change.actor, Operation.CERTIFICATE_REVOKE, id_, change.now
            )
            self._revoke(change, found, RevocationReason.CESSATION_OF_OPERATION)
        return len(ids)

    def supersede(self, change: Change, certificate_id: int) -> None:
        """Revoke a certificate in whose place another one was issued.

        Inside the caller's transaction; the lists follow when they are next asked for. Raises
        as `revoke` does.
        """
        found = certificate_in_reach(
            change.connection,
            change.actor,
            Operation.CERTIFICATE_REVOKE,
            certificate_id,
            change.now,
        )
        self._revoke(change, found, RevocationReason.SUPERSEDED)

    def _revoke(
        self,
        change: Change,
        found: Certificate,
        reason: RevocationReason,
        invalid_since: datetime | None = None,
        comment: str = "",
    ) -> None:
        hold = reason is RevocationReason.CERTIFICATE_HOLD
        if found.status is CertificateStatus.REVOKED or (
            hold and found.status is CertificateStatus.ON_HOLD
        ):
            raise ConflictError(
                _("The certificate {name} is revoked already.").format(name=found.subject)
            )
        status = CertificateStatus.ON_HOLD if hold else CertificateStatus.REVOKED
        self._write(change, found, status, reason, invalid_since)
        action = "certificate.hold" if hold else "certificate.revoke"
        after = _described(found) | {"reason": reason.value}
        if comment:
            after["comment"] = comment
        change.audit(action, *_object(found), after=after)

    def _write(
        self,
        change: Change,
        found: Certificate,
        status: CertificateStatus,
        reason: RevocationReason | None,
        invalid_since: datetime | None,
    ) -> None:
        change.connection.execute(
            update(certificate)
            .where(certificate.c.id == found.id)
            .values(
                status=status.value,
                revoked_at=None if reason is None else change.now.replace(microsecond=0),
                revocation_reason=None if reason is None else reason.value,
                invalid_since=invalid_since,
            )
        )
        self._crls.mark_due(change, found.authority_id, found.crl_partition)
        change.publish(CertificateRevoked(found.id))
        if found.device_id is not None:
            change.publish(DeviceChanged(found.device_id))


def check_invalid_since(change: Change, invalid_since: datetime | None) -> None:
    """Raise `InvalidInputError` for a time to come."""
    if invalid_since is not None and invalid_since > change.now:
        raise InvalidInputError(
            _("The key cannot have been lost in the future."), field="invalid_since"
        )


def _object(found: Certificate) -> tuple[str, int, str]:
    kind, id_ = found.held_by
    return kind, id_, found.name


def _described(found: Certificate) -> dict[str, object]:
    return {"certificate": found.id, "serial": found.serial, "subject": found.subject}
