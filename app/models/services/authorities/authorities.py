"""Certification authorities: seen, edited, and handed out to whoever signs."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, select, update

from app.core.errors import ConflictError
from app.core.language import _, ngettext
from app.models.db import tables
from app.models.db.tables import authority, certificate, cross_certificate, template
from app.models.domain.access import Actor, Operation, Sharing, require
from app.models.domain.authorities import Authority, KeyAlgorithm, KeyStore, check_lists
from app.models.domain.events import EntityChanged
from app.models.services.authorities.lineage import crossed, lineage, root_of, roots_of
from app.models.services.authorities.open_issuers import Issuer, OpenIssuers
from app.models.services.authorities.records import (
    authority_of,
    authority_row,
    key_store_of,
    no_authority,
)
from app.models.services.authorities.revoked import check_not_revoked, revoked_certificates
from app.models.services.authorities.sharing import check_change
from app.models.services.lifecycle import remove, switch
from app.models.services.listing import ListQuery, count_of, page_of
from app.models.services.names import check_new_name
from app.models.services.owners.owned import WORDS
from app.models.services.secrets import destroy_secret
from app.models.services.sharing import scope_of, sharing_columns, sharing_of, visible
from app.models.services.store import Change, Store
from app.pki import tokens
from app.pki.certificates import CertificateInfo, read_certificate
from app.pki.names import subject_text

_COLUMNS: dict[str, ColumnElement[Any]] = {
    "name": authority.c.name,
    "access": authority.c.access,
    "active": authority.c.active,
}


@dataclass(frozen=True)
class AuthorityRow:
    """An authority as the list shows it; `key` is None for a kind that is not made here.

    `issuer_id` is None for a root.
    """

    id: int
    name: str
    subject: str
    issuer_name: str
    key: KeyAlgorithm | None
    key_store: KeyStore
    not_after: datetime
    path_length: int | None
    sharing: Sharing
    active: bool
    issuer_id: int | None
    revoked_at: datetime | None


class Authorities:
    """Lists, edits and hands out certification authorities.

    Certificates never change, so they are read and parsed once a process. Safe to share by
    threads.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._certificates: dict[int, CertificateInfo] = {}
        self._chains: dict[int, tuple[bytes, ...]] = {}
        self._open_issuers = OpenIssuers(store.vault)

    def get(self, actor: Actor, authority_id: int) -> Authority:
        """One authority; `NotFoundError` when there is none the actor may see."""
        require(actor, Operation.AUTHORITY_VIEW)
        with self._store.read(actor) as connection:
            return authority_of(_seen(connection, actor, authority_id))

    def all(self, actor: Actor) -> tuple[Authority, ...]:
        """Every authority within the actor's reach, by name."""
        require(actor, Operation.AUTHORITY_VIEW)
        query = select(authority).where(visible(actor, Operation.AUTHORITY_VIEW, authority))
        with self._store.read(actor) as connection:
            rows = connection.execute(query.order_by(authority.c.name))
            return tuple(authority_of(row) for row in rows)

    def page(
        self, actor: Actor, query: ListQuery, offset: int, limit: int
    ) -> tuple[AuthorityRow, ...]:
        """The authorities within reach that match, from `offset` on."""
        require(actor, Operation.AUTHORITY_VIEW)
        with self._store.read(actor) as connection:
            searched = (authority.c.name,)
            rows = page_of(connection, _rows(actor), query, _COLUMNS, searched, offset, limit)
            return tuple(self._row(connection, row) for row in rows)

    def count(self, actor: Actor, query: ListQuery) -> int:
        """How many authorities within reach match."""
        require(actor, Operation.AUTHORITY_VIEW)
        with self._store.read(actor) as connection:
            return count_of(connection, _rows(actor), query, _COLUMNS, (authority.c.name,))

    def expiring(self, actor: Actor, days: int = 90) -> tuple[AuthorityRow, ...]:
        """The active authorities that end within so many days, the first one first."""
        limit = self._store.clock.now() + timedelta(days=days)
        rows = self.page(actor, ListQuery(active=True), 0, 1000)
        return tuple(
            sorted((row for row in rows if row.not_after < limit), key=lambda row: row.not_after)
        )

    def edit(
        self,
        actor: Actor,
        authority_id: int,
        *,
        name: str,
        sharing: Sharing,
        crl_hours: int,
        crl_partition_size: int | None,
    ) -> None:
        """Change what is not in the certificate. Raises `InvalidInputError`, `ConflictError`."""
        require(actor, Operation.AUTHORITY_MANAGE, scope_of(sharing))
        check_lists(crl_hours, crl_partition_size)
        with self._store.change(actor) as change:
            row = managed_row(change.connection, actor, authority_id)
            check_new_name(change, authority.c.name, name, old=row.name)
            check_change(change.connection, row, sharing)
            values = {
                "name": name,
                "crl_hours": crl_hours,
                "crl_partition_size": crl_partition_size,
                **sharing_columns(change.connection, sharing),
            }
            old = row._mapping  # noqa: SLF001  its public name, with an underscore to be safe
            changed = {key: value for key, value in values.items() if old[key] != value}
            if not changed:
                return
            change.connection.execute(
                update(authority).where(authority.c.id == row.id).values(changed)
            )
            before = {key: old[key] for key in changed}
            change.audit("authority.edit", "authority", row.id, name, before=before, after=changed)
            change.publish(EntityChanged("authority", row.id))

    def set_active(self, actor: Actor, authority_id: int, *, active: bool) -> None:
        """Let the authority issue, or not any more; its revocation lists go on either way.

        Raises `ConflictError` for one that is revoked, or below one that is.
        """
        with self._store.change(actor) as change:
            row = managed_row(change.connection, actor, authority_id)
            if active:
                check_not_revoked(change.connection, row)
            switch(change, authority, "authority", row, active=active)

    def delete(self, actor: Actor, authority_id: int) -> None:
        """Delete an inactive authority that nothing refers to, and destroy its key if it is here.

        A key on a token stays there.
        """
        with self._store.change(actor) as change:
            row = managed_row(change.connection, actor, authority_id)
            if row.revoked_at is not None:
                raise ConflictError(
                    _("{name} is revoked.").format(name=row.name),
                    cause=_("The revocation list of the authority above has to go on naming it."),
                )
            counts = _hanging_on(change.connection, row.id)
            secret_ids = {row.key_secret_id, row.pin_secret_id, *_drop_own(change, row.id)}
            remove(change, authority, "authority", row, counts)
            for secret_id in secret_ids - {None}:
                destroy_secret(change, secret_id)
        self.drop_key(authority_id)

    def test_sign(self, actor: Actor, authority_id: int) -> float:
        """Sign random data with the authority's key now; returns the milliseconds it took."""
        with self._store.read(actor) as connection:
            managed_row(connection, actor, authority_id)
            return tokens.test_sign(self.signer(connection, authority_id).key)

    def certificate_info(self, connection: Connection, authority_id: int) -> CertificateInfo:
        """The certificate of an authority; needs no key."""
        if authority_id not in self._certificates:
            row = authority_row(connection, authority_id)
            self._certificates[authority_id] = read_certificate(row.certificate)
        return self._certificates[authority_id]

    def certificate(self, authority_id: int) -> bytes:
        """The certificate (DER) of an authority, which is for everybody to know."""
        with self._store.database.read() as connection:
            return self.certificate_info(connection, authority_id).der

    def chain(self, connection: Connection, authority_id: int) -> tuple[bytes, ...]:
        """Certificates (DER) from this authority up to its root, the root last."""
        if authority_id not in self._chains:
            chain: list[bytes] = []
            next_id: int | None = authority_id
            while next_id is not None:
                row = authority_row(connection, next_id)
                chain.append(row.certificate)
                next_id = row.issuer_id
            self._chains[authority_id] = tuple(chain)
        return self._chains[authority_id]

    def ca_certificates(self, connection: Connection, authority_id: int) -> tuple[bytes, ...]:
        """The chain of an authority, and what a roll-over adds (RFC 7030 section 4.1.3).

        That is the chains of its predecessors, the roots that took over from theirs, and
        between two roots the old key's certificate under the new one and the new key's under
        the old one, as long as they are good and not revoked. The latter come before the roots:
        OpenSSL takes the first issuer it finds, and ends at a root that it does not trust.
        """
        ids = lineage(connection, authority_id)
        chains = [self.chain(connection, id_) for id_ in ids]
        roots = sorted({root_id for id_ in ids for root_id in roots_of(connection, id_)})
        later = [self.chain(connection, root_id)[-1] for root_id in reversed(roots)]
        certificates = (
            *(der for chain in chains for der in chain[:-1]),
            *crossed(connection, roots),
            chains[0][-1],
            *later,
        )
        good = {*chains[0], *self._good(certificates)} - revoked_certificates(connection)
        return tuple(dict.fromkeys(der for der in certificates if der in good))

    def bridges(self, connection: Connection, authority_id: int) -> tuple[bytes, ...]:
        """What leads from an authority's root to others: its key certified by theirs."""
        return self._good(crossed(connection, [root_of(connection, authority_id)]))

    def _good(self, certificates: Iterable[bytes]) -> tuple[bytes, ...]:
        now = self._store.clock.now()
        return tuple(der for der in certificates if read_certificate(der).not_after > now)

    def issuer(self, connection: Connection, authority_id: int) -> Issuer:
        """The authority ready to issue. Raises as `signer`, and `ConflictError` when inactive."""
        row = authority_row(connection, authority_id)
        if not row.active:
            check_not_revoked(connection, row)
            raise ConflictError(
                _("The authority {name} is not active.").format(name=row.name),
                remedy=_("Activate it, or choose a template of another authority."),
            )
        return self._signer(connection, row)

    def signer(self, connection: Connection, authority_id: int) -> Issuer:
        """The authority ready to sign what it owes even when inactive: lists and answers.

        Raises `NotFoundError` when there is no such authority, and what `OpenIssuers.of` raises.
        """
        return self._signer(connection, authority_row(connection, authority_id))

    def _signer(self, connection: Connection, row: Row[Any]) -> Issuer:
        return self._open_issuers.of(connection, row, self.certificate_info(connection, row.id))

    def drop_key(self, authority_id: int) -> None:
        """Close the key of an authority; it is opened again when it is needed."""
        self._open_issuers.drop(authority_id)

    def _row(self, connection: Connection, row: Row[Any]) -> AuthorityRow:
        info = self.certificate_info(connection, row.id)
        return AuthorityRow(
            row.id,
            row.name,
            subject_text(info.subject),
            subject_text(info.issuer),
            info.algorithm,
            key_store_of(row),
            info.not_after,
            info.path_length,
            sharing_of(row),
            row.active,
            row.issuer_id,
            row.revoked_at,
        )


def managed_row(connection: Connection, actor: Actor, authority_id: int) -> Row[Any]:
    """The row, when the actor may change it; what is seen but not owned is refused."""
    require(actor, Operation.AUTHORITY_MANAGE)
    row = _seen(connection, actor, authority_id)
    require(actor, Operation.AUTHORITY_MANAGE, scope_of(sharing_of(row)))
    return row


def _seen(connection: Connection, actor: Actor, authority_id: int) -> Row[Any]:
    seen = visible(actor, Operation.AUTHORITY_VIEW, authority)
    query = select(authority).where(authority.c.id == authority_id, seen)
    row = connection.execute(query).first()
    if row is None:
        raise no_authority()
    return row


def _drop_own(change: Change, authority_id: int) -> Sequence[int]:
    """Delete what is an authority's alone; the secret of the key that answered for it remains."""
    responder = tables.ocsp_responder
    secret_ids = change.connection.scalars(
        select(responder.c.key_secret_id).where(responder.c.authority_id == authority_id)
    ).all()
    for column in (
        tables.crl.c.authority_id,
        responder.c.authority_id,
        cross_certificate.c.authority_id,
        cross_certificate.c.issuer_id,
    ):
        change.connection.execute(delete(column.table).where(column == authority_id))
    return secret_ids


def _rows(actor: Actor) -> Select[Any]:
    return select(authority).where(visible(actor, Operation.AUTHORITY_VIEW, authority))


def _hanging_on(connection: Connection, authority_id: int) -> dict[str, int]:
    """How many rows refer to an authority, by what people call them."""
    found: tuple[tuple[ColumnElement[Any], Callable[[int], str]], ...] = (
        (certificate.c.authority_id, WORDS["certificate"]),
        (template.c.authority_id, WORDS["template"]),
        (authority.c.issuer_id, WORDS["authority"]),
        (authority.c.predecessor_id, lambda n: ngettext("successor", "successors", n)),
        (tables.tls_identity.c.authority_id, lambda n: ngettext("listener", "listeners", n)),
    )
    counts = ((_count(connection, column, authority_id), word) for column, word in found)
    return {word(count): count for count, word in counts}


def _count(connection: Connection, column: ColumnElement[Any], value: int) -> int:
    return connection.execute(select(func.count()).where(column == value)).scalar_one()
