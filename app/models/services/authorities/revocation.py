"""Revoking authorities: for good, on the list of the one above."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from app.core.errors import ConflictError, InvalidInputError
from app.core.language import _
from app.models.db.tables import authority, certificate
from app.models.domain.access import Actor
from app.models.domain.authorities import KeyStore
from app.models.domain.certificates import CertificateStatus
from app.models.domain.events import EntityChanged
from app.models.services.authorities.authorities import managed_row
from app.models.services.authorities.records import authority_row, key_store_of
from app.models.services.authorities.revoked import with_those_below
from app.models.services.lifecycle import switch
from app.models.services.revocation.crls import Crls
from app.models.services.revocation.revocation import check_invalid_since
from app.models.services.store import Change, Store
from app.pki.certificates import read_certificate
from app.pki.revocation import RevocationReason
from app.pki.subjects import subject_text

# What a person may give for an authority (RFC 5280 section 5.3.1); none is ever on hold.
AUTHORITY_REASONS = (
    RevocationReason.UNSPECIFIED,
    RevocationReason.CA_COMPROMISE,
    RevocationReason.AFFILIATION_CHANGED,
    RevocationReason.SUPERSEDED,
    RevocationReason.CESSATION_OF_OPERATION,
    RevocationReason.PRIVILEGE_WITHDRAWN,
)


@dataclass(frozen=True)
class Dependants:
    """What relies on an authority: the names of those below it, by name, and how many devices.

    These have a certificate from it or from one below it that has not ended and is not revoked.
    """

    authorities: tuple[str, ...]
    devices: int


class AuthorityRevocation:
    """Takes certificates of authorities back. Safe to share by threads."""

    def __init__(self, store: Store, crls: Crls) -> None:
        self._store = store
        self._crls = crls

    def dependants(self, actor: Actor, authority_id: int) -> Dependants:
        """What is refused once the authority is revoked; raises as `revoke` does for access."""
        with self._store.read(actor) as connection:
            managed_row(connection, actor, authority_id)
            rows = _with_those_below(connection, authority_id)
            table = certificate.c
            devices = connection.execute(
                select(func.count(table.device_id.distinct())).where(
                    table.authority_id.in_([row.id for row in rows]),
                    table.status != CertificateStatus.REVOKED.value,
                    table.not_after > self._store.clock.now(),
                )
            ).scalar_one()
        names = sorted(row.name for row in rows if row.id != authority_id)
        return Dependants(tuple(names), devices)

    def revoke(
        self,
        actor: Actor,
        authority_id: int,
        reason: RevocationReason,
        invalid_since: datetime | None = None,
    ) -> None:
        """Revoke the certificate of an authority for good; it issues nothing any more.

        It stands in the list of the authority above, and those below it are deactivated. What
        it and they issued is refused here, though not revoked one by one; another certificate
        for the same name and key, or the successor of a roll-over, is not touched.
        `invalid_since` is when its key may have got into wrong hands. Raises `ConflictError` for
        a root, for one that is revoked already, and when the list is made elsewhere;
        `InvalidInputError` for a reason that is not for it or a time to come, `NotFoundError`
        and `AccessDeniedError` for one the actor may not change.
        """
        if reason not in AUTHORITY_REASONS:
            raise InvalidInputError(
                _("This reason is not for the certificate of an authority."),
                remedy=_("Use one of {keys}.").format(keys=", ".join(AUTHORITY_REASONS)),
                field="reason",
            )
        with self._store.change(actor) as change:
            row = managed_row(change.connection, actor, authority_id)
            issuer_id = _revocable(change.connection, row)
            check_invalid_since(change, invalid_since)
            self._write(change, row, reason, invalid_since)
            self._crls.mark_due(change, issuer_id, 0)
        self._crls.try_renew(issuer_id, 0)

    @staticmethod
    def _write(
        change: Change, row: Row[Any], reason: RevocationReason, invalid_since: datetime | None
    ) -> None:
        below = _with_those_below(change.connection, row.id)
        change.connection.execute(
            update(authority)
            .where(authority.c.id == row.id)
            .values(
                active=False,
                revoked_at=change.now.replace(microsecond=0),
                revocation_reason=reason.value,
                invalid_since=invalid_since,
            )
        )
        info = read_certificate(row.certificate)
        after = {
            "serial": info.serial_hex,
            "subject": subject_text(info.subject),
            "reason": reason.value,
        }
        change.audit("authority.revoke", "authority", row.id, row.name, after=after)
        change.publish(EntityChanged("authority", row.id))
        for one in below:
            if one.id != row.id:
                switch(change, authority, "authority", one, active=False)


def _with_those_below(connection: Connection, authority_id: int) -> list[Row[Any]]:
    found = with_those_below(authority.c.id == authority_id)
    query = select(authority).join(found, found.c.id == authority.c.id).order_by(authority.c.id)
    return list(connection.execute(query))


def _revocable(connection: Connection, row: Row[Any]) -> int:
    """The id of the authority above, whose list will name the one in `row`."""
    if row.revoked_at is not None:
        raise ConflictError(_("The authority {name} is revoked already.").format(name=row.name))
    if row.issuer_id is None:
        raise ConflictError(
            _("{name} is a root.").format(name=row.name),
            cause=_("Nobody is above it to say that it cannot be relied on."),
            remedy=_("Deactivate it, and remove it from whatever trusts it."),
        )
    issuer = authority_row(connection, row.issuer_id)
    if key_store_of(issuer) is KeyStore.ELSEWHERE:
        raise ConflictError(
            _("The revocation list of {name} is not made here.").format(name=issuer.name),
            remedy=_("Have the authority revoked there, and deactivate it here."),
        )
    return int(issuer.id)
