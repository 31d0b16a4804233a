"""The list of certificates: searched, filtered, sorted and counted at a million rows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from app.models.db.tables import certificate
from app.models.domain.access import Actor, Operation, require
from app.models.domain.certificates import Certificate, CertificateStatus
from app.models.services.certificates.records import (
    certificate_of,
    certificates_in_reach,
    select_certificates,
)
from app.models.services.listing import (
    FEW,
    any_of,
    count_up_to,
    is_few,
    looked_up,
    starts_with,
    walked,
)
from app.models.services.store import Store

EXPIRING_DAYS = 30


class CertificateState(StrEnum):
    """What a certificate is worth now. One that is expiring is valid, too.

    One on hold or revoked stays that, whatever its validity.
    """

    VALID = "valid"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    ON_HOLD = "on-hold"
    REVOKED = "revoked"


class CertificateSort(StrEnum):
    """What the list can be sorted by."""

    NAME = "name"
    KIND = "kind"
    SUBJECT = "subject"
    SERIAL = "serial"
    NOT_AFTER = "not_after"
    ISSUED_AT = "issued_at"


@dataclass(frozen=True)
class CertificateQuery:
    """Which certificates are wanted, in which order.

    `text` is looked for at the beginning of the subject, the serial number, the fingerprint and
    the holder's name; colons and spaces that people put into hex are skipped. Ids narrow the
    list to what came from one template or authority, or is held by one device or application.
    """

    text: str = ""
    state: CertificateState | None = None
    sort: CertificateSort = CertificateSort.ISSUED_AT
    descending: bool = False
    template_id: int | None = None
    authority_id: int | None = None
    device_id: int | None = None
    application_id: int | None = None


_ORDERS: dict[CertificateSort, tuple[ColumnElement[Any], ...]] = {
    CertificateSort.NAME: (certificate.c.name, certificate.c.id),
    CertificateSort.KIND: (certificate.c.kind, certificate.c.id),
    CertificateSort.SUBJECT: (certificate.c.subject, certificate.c.id),
    CertificateSort.SERIAL: (certificate.c.serial, certificate.c.id),
    CertificateSort.NOT_AFTER: (certificate.c.not_after, certificate.c.id),
    CertificateSort.ISSUED_AT: (certificate.c.issued_at, certificate.c.id),
}
_STATUS = {
    CertificateState.ON_HOLD: CertificateStatus.ON_HOLD,
    CertificateState.REVOKED: CertificateStatus.REVOKED,
}


class CertificateList:
    """Pages of certificates for the window. Safe to share by threads."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def page(
        self,
        actor: Actor,
        query: CertificateQuery,
        offset: int,
        limit: int,
        *,
        with_der: bool = False,
    ) -> tuple[Certificate, ...]:
        """The certificates within reach from `offset` on, at most `limit`.

        A text with which more than `FEW` certificates begin finds only some of them.
        """
        require(actor, Operation.CERTIFICATE_VIEW)
        if (
            not query.text.strip().isprintable()
        ):  # nothing is called that, and SQLite stumbles over some
            return ()
        order = _ORDERS[query.sort]
        if query.descending:
            order = tuple(part.desc() for part in order)
        with self._store.read(actor) as connection:
            ids = self._ids(connection, actor, query).order_by(*order).offset(offset).limit(limit)
            wanted = select_certificates(with_der=with_der).where(certificate.c.id.in_(ids))
            now = self._store.clock.now()
            return tuple(
                certificate_of(row, now) for row in connection.execute(wanted.order_by(*order))
            )

    def count(self, actor: Actor, query: CertificateQuery) -> int:
        """How many certificates match. Of a text never more than `FEW` + 1."""
        require(actor, Operation.CERTIFICATE_VIEW)
        if not query.text.strip().isprintable():
            return 0
        with self._store.read(actor) as connection:
            if query.text.strip():
                return count_up_to(connection, self._candidates(actor, query), FEW + 1)
            conditions = self._conditions(actor, query, looked_up)
            counted = select(func.count()).select_from(certificate).where(*conditions)
            return connection.execute(counted).scalar_one()

    def _ids(
        self, connection: Connection, actor: Actor, query: CertificateQuery
    ) -> Select[tuple[int]]:
        ids = select(certificate.c.id)
        if query.text.strip():
            return ids.where(certificate.c.id.in_(self._candidates(actor, query)))
        conditions = self._conditions(actor, query, looked_up)
        if not is_few(connection, select(certificate.c.id).where(*conditions)):
            conditions = self._conditions(actor, query, walked)
        return ids.where(*conditions)

    def _conditions(
        self,
        actor: Actor,
        query: CertificateQuery,
        see: Callable[[ColumnElement[Any]], ColumnElement[Any]],
    ) -> list[ColumnElement[bool]]:
        conditions = list(certificates_in_reach(actor, Operation.CERTIFICATE_VIEW, see))
        for name in ("template_id", "authority_id", "device_id", "application_id"):
            wanted = getattr(query, name)
            if wanted is not None:
                conditions.append(see(certificate.c[name]) == wanted)
        if query.state is None:
            return conditions
        if query.sort is CertificateSort.NOT_AFTER:
            see = looked_up  # the index that finds a state is sorted by the end
        status = _STATUS.get(query.state, CertificateStatus.ISSUED)
        conditions.append(see(certificate.c.status) == status.value)
        if query.state in _STATUS:
            return conditions
        now, end = self._store.clock.now(), see(certificate.c.not_after)
        conditions.append(end <= now if query.state is CertificateState.EXPIRED else end > now)
        if query.state is CertificateState.EXPIRING:
            conditions.append(end <= now + timedelta(days=EXPIRING_DAYS))
        return conditions

    def _candidates(self, actor: Actor, query: CertificateQuery) -> Select[tuple[int]]:
        """Ids of some thousand certificates that match a query with a text."""
        text = query.text.strip()
        digits = text.replace(":", "").replace(" ", "").lower()
        filters = self._conditions(actor, query, walked)
        ids = select(certificate.c.id)
        found = [starts_with(certificate.c.subject, text), starts_with(certificate.c.name, text)]
        if digits:
            found.append(starts_with(certificate.c.serial, digits))
            found.append(starts_with(certificate.c.fingerprint, digits))
        return any_of([ids.where(one, *filters) for one in found])
