"""Revocation lists: made when something was revoked, and again before the last one ends."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, select, update

from app.config.settings import SettingsFile
from app.core.errors import ConflictError, KnownError, NotFoundError
from app.core.language import _
from app.models.db.tables import authority, certificate, crl
from app.models.domain.access import SYSTEM, Actor, Operation, require
from app.models.domain.authorities import KeyStore
from app.models.domain.certificates import CertificateStatus
from app.models.domain.publication import urls_below
from app.models.services.authorities.authorities import Authorities
from app.models.services.authorities.records import authority_row, key_store_of
from app.models.services.sharing import visible
from app.models.services.store import Change, Store
from app.pki.certificates import read_certificate
from app.pki.crl import build_crl, read_crl
from app.pki.revocation import RevocationReason, RevokedCertificate

log = logging.getLogger(__name__)

RENEW_AT = 0.5  # of a list's time, so that one failure is not yet an outage
_REVOKED = [CertificateStatus.REVOKED.value, CertificateStatus.ON_HOLD.value]


@dataclass(frozen=True)
class SignedCrl:
    """A list (DER), its number, and from when until when it is good."""

    der: bytes
    number: int
    this_update: datetime
    next_update: datetime


class Crls:
    """Keeps the newest list of each authority, or of each part of it. Safe to share by threads."""

    def __init__(self, store: Store, settings: SettingsFile, authorities: Authorities) -> None:
        self._store = store
        self._settings = settings
        self._authorities = authorities

    def current(self, authority_id: int, partition: int = 0) -> SignedCrl:
        """The list as it has to be now; a new one is signed when it is due.

        While no new one can be signed the old one is given out as long as it is good. Raises
        `NotFoundError` for a list that nobody makes here, and `UnavailableError`.
        """
        now = self._store.clock.now()
        with self._store.database.read() as connection:
            self._check_known(connection, authority_id, partition)
            row = _stored(connection, authority_id, partition)
        if row is not None and now < _due(row):
            return _signed(row)
        try:
            return self._renew(authority_id, partition)
        except KnownError:
            if row is None:
                raise
            until = read_crl(row.der).next_update  # the row says less once it was marked as due
            if until <= now:
                raise
            return SignedCrl(row.der, row.number, row.this_update, until)

    def download(self, actor: Actor, authority_id: int, partition: int = 0) -> bytes:
        """The same for a person; `NotFoundError` when they may not see the authority."""
        require(actor, Operation.AUTHORITY_VIEW)
        seen = visible(actor, Operation.AUTHORITY_VIEW, authority)
        with self._store.read(actor) as connection:
            query = select(authority.c.id).where(authority.c.id == authority_id, seen)
            if connection.execute(query).first() is None:
                raise _no_list()
        return self.current(authority_id, partition).der

    def sweep(self) -> int:
        """Sign every list that is due and return how many were; failures are logged.

        Nothing is due while nothing is published; who asks gets a list all the same.
        """
        if not self._settings.current.publication_url or self._store.vault.locked:
            return 0
        with self._store.database.read() as connection:
            due = [
                (row.id, partition)
                for row in connection.execute(select(authority))
                if key_store_of(row) is not KeyStore.ELSEWHERE
                for partition in range(_count_partitions(connection, row.id))
                if self._is_due(connection, row.id, partition)
            ]
        return sum(self.try_renew(authority_id, partition) for authority_id, partition in due)

    def try_renew(self, authority_id: int, partition: int) -> bool:
        """Sign a new list if that can be done now; whether it could is returned and logged."""
        try:
            self._renew(authority_id, partition)
        except KnownError as error:
            log.warning("No revocation list of authority %s: %s", authority_id, error.text())
            return False
        return True

    def mark_due(self, change: Change, authority_id: int, partition: int) -> None:
        """Have the list signed anew for whoever asks next."""
        change.connection.execute(
            update(crl)
            .where(crl.c.authority_id == authority_id, crl.c.partition == partition)
            .values(next_update=change.now)
        )

    def _is_due(self, connection: Connection, authority_id: int, partition: int) -> bool:
        row = _stored(connection, authority_id, partition)
        return row is None or _due(row) <= self._store.clock.now()

    def _renew(self, authority_id: int, partition: int) -> SignedCrl:
        with self._store.database.read() as connection:
            self._authorities.signer(connection, authority_id)  # a token away holds nobody up
        with self._store.change(SYSTEM) as change:
            change.check_clock()
            row = _stored(change.connection, authority_id, partition)
            if row is not None and change.now < _due(row):  # another thread was faster
                return _signed(row)
            owner = authority_row(change.connection, authority_id)
            issuer = self._authorities.signer(change.connection, authority_id)
            number = 1 if row is None else row.number + 1
            this_update = change.now.replace(microsecond=0)
            next_update = this_update + timedelta(hours=owner.crl_hours)
            last_update = this_update if row is None else row.this_update
            der = build_crl(
                issuer.info.der,
                issuer.key,
                _revoked(change.connection, authority_id, partition, last_update),
                number=number,
                this_update=this_update,
                next_update=next_update,
                partition_url=self._partition_url(change.connection, owner, partition),
            )
            values = {
                "authority_id": authority_id,
                "partition": partition,
                "number": number,
                "this_update": this_update,
                "next_update": next_update,
                "der": der,
            }
            if row is None:
                change.insert(crl, values)
            else:
                change.connection.execute(update(crl).where(crl.c.id == row.id).values(values))
            after = {"number": number, "partition": partition}
            change.audit("crl.sign", "authority", authority_id, owner.name, after=after)
        return SignedCrl(der, number, this_update, next_update)

    def _partition_url(self, connection: Connection, owner: Row[Any], partition: int) -> str | None:
        """The address that confines a list to its part; certificates of the part name it, too.

        A part that does not say so would be taken for the whole list.
        """
        if owner.crl_partition_size is None and not _is_begun(connection, owner.id, 1):
            return None
        urls = urls_below(self._settings.current.publication_url, owner.id, partition).crl
        if not urls:
            raise ConflictError(
                _("A part of a revocation list has to name its address."),
                cause=_("The lists of {name} are published in parts.").format(name=owner.name),
                remedy=_("Set the address of revocation lists in the settings."),
            )
        return urls[0]

    @staticmethod
    def _check_known(connection: Connection, authority_id: int, partition: int) -> None:
        row = connection.execute(select(authority).where(authority.c.id == authority_id)).first()
        if row is None or key_store_of(row) is KeyStore.ELSEWHERE:
            raise _no_list()
        if partition and not _is_begun(connection, authority_id, partition):
            raise _no_list()


def _count_partitions(connection: Connection, authority_id: int) -> int:
    """How many lists an authority has; a part, once begun, is signed for ever after."""
    count = 1
    while _is_begun(connection, authority_id, count):
        count += 1
    return count


def _is_begun(connection: Connection, authority_id: int, partition: int) -> bool:
    query = select(certificate.c.id).where(
        certificate.c.authority_id == authority_id,
        certificate.c.status.in_([status.value for status in CertificateStatus]),  # as the index
        certificate.c.crl_partition == partition,
    )
    return connection.execute(query.limit(1)).first() is not None


def _stored(connection: Connection, authority_id: int, partition: int) -> Row[Any] | None:
    query = select(crl).where(crl.c.authority_id == authority_id, crl.c.partition == partition)
    return connection.execute(query).first()


def _signed(row: Row[Any]) -> SignedCrl:
    return SignedCrl(row.der, row.number, row.this_update, row.next_update)


def _due(row: Row[Any]) -> datetime:
    until: datetime = row.this_update + RENEW_AT * (row.next_update - row.this_update)
    return until


def _revoked(
    connection: Connection, authority_id: int, partition: int, last_update: datetime
) -> list[RevokedCertificate]:
    """Everything revoked that had not ended at the last list.

    So what has ended stands in one more list (RFC 5280 section 3.3). Authorities are in the
    first one, whose address their certificates name.
    """
    table = certificate.c
    listed: Select[Any] = (
        select(table.serial, table.revoked_at, table.revocation_reason, table.invalid_since)
        .where(
            table.authority_id == authority_id,
            table.status.in_(_REVOKED),
            table.crl_partition == partition,
            table.not_after > last_update,
        )
        .order_by(table.id)
    )
    revoked = [_entry(int(row.serial, 16), row) for row in connection.execute(listed)]
    if partition == 0:
        below = select(authority).where(
            authority.c.issuer_id == authority_id, authority.c.revoked_at.is_not(None)
        )
        for row in connection.execute(below.order_by(authority.c.id)):
            info = read_certificate(row.certificate)
            if info.not_after > last_update:
                revoked.append(_entry(info.serial, row))
    return revoked


def _entry(serial: int, row: Row[Any]) -> RevokedCertificate:
    reason = RevocationReason(row.revocation_reason)
    return RevokedCertificate(serial, row.revoked_at, reason, row.invalid_since)


def _no_list() -> NotFoundError:
    return NotFoundError(
        _("There is no such revocation list."),
        remedy=_("Use the address that the certificate names."),
    )
