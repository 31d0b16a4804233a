"""Authorities from elsewhere: certified by somebody else, or brought along with their key."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, delete, select

from app.core.errors import ConflictError, InvalidInputError, NotFoundError
from app.core.language import _
from app.models.db.tables import authority, authority_request
from app.models.domain.access import EVERYWHERE, Actor, Operation, Sharing, require
from app.models.domain.authorities import Authority, AuthorityRequest, KeyChoice
from app.models.domain.events import EntityChanged
from app.models.services.authorities.keys import NewKey, kept_columns, made_key
from app.models.services.authorities.records import (
    add_authority,
    authority_row,
    check_beforehand,
    key_store_of,
)
from app.models.services.authorities.revoked import check_not_revoked
from app.models.services.names import check_new_name, unused_id
from app.models.services.secrets import destroy_secret
from app.models.services.sharing import scope_of, sharing_columns, sharing_of, visible
from app.models.services.store import Change, Store
from app.pki import pkcs12
from app.pki.certificates import CertificateInfo, KeyUsage, read_certificate
from app.pki.chains import order_chain
from app.pki.csr import build_csr, parse_csr
from app.pki.formats import certificates_in
from app.pki.keys import KeyAlgorithm
from app.pki.names import Subject, subject_text
from app.pki.sign import SoftwareKey


@dataclass(frozen=True)
class Bundle:
    """A PKCS#12 file and the passphrase that opens it."""

    content: bytes = field(repr=False)
    passphrase: str = field(repr=False)


class AuthorityImports:
    """Requests for certificates of others, their answers, and whole authorities brought along."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def request(
        self,
        actor: Actor,
        name: str,
        subject: Subject,
        key: KeyChoice,
        *,
        sharing: Sharing = EVERYWHERE,
    ) -> AuthorityRequest:
        """Make a key, and a request (PKCS#10) for its certificate to take to another CA.

        Raises `InvalidInputError`, `ConflictError` for a taken name, `LockedError`, and what a
        token raises.
        """
        require(actor, Operation.AUTHORITY_MANAGE, scope_of(sharing))
        check_beforehand(self._store, actor, name, subject, sharing)
        with made_key(actor, key, name) as made, self._store.change(actor) as change:
            csr = build_csr(made.signing, subject)
            check_new_name(change, authority.c.name, name)
            check_new_name(change, authority_request.c.name, name)
            values = {
                "id": unused_id(change, authority_request, "authority-request"),
                "name": name,
                "csr": csr,
                "created_at": change.now,
                **kept_columns(change, self._store.vault, made),
                **sharing_columns(change.connection, sharing),
            }
            request_id = change.insert(authority_request, values)
            after = {"subject": subject_text(subject)}
            change.audit("authority.request", "authority-request", request_id, name, after=after)
            change.publish(EntityChanged("authority-request", request_id))
            return _request(_managed(change.connection, actor, request_id))

    def requests(self, actor: Actor) -> tuple[AuthorityRequest, ...]:
        """The requests within reach that wait for their certificate, by name."""
        require(actor, Operation.AUTHORITY_VIEW)
        table = authority_request
        query = select(table).where(visible(actor, Operation.AUTHORITY_VIEW, table))
        with self._store.read(actor) as connection:
            rows = connection.execute(query.order_by(table.c.name))
            return tuple(_request(row) for row in rows)

    def withdraw(self, actor: Actor, request_id: int) -> None:
        """Give a request up; its key is destroyed, unless it is on a token."""
        with self._store.change(actor) as change:
            row = _managed(change.connection, actor, request_id)
            self._drop(change, row)
            for secret_id in (row.key_secret_id, row.pin_secret_id):
                if secret_id is not None:
                    destroy_secret(change, secret_id)
            change.audit("authority.withdraw", "authority-request", row.id, row.name)

    def accept(self, actor: Actor, request_id: int, data: bytes) -> Authority:
        """Take the certificate another CA made for a request; the authority can issue then.

        `data` is PEM, DER or PKCS#7, in any order, with the certificates above if possible:
        those not known yet are kept to complete the chain. Raises `InvalidInputError` when none
        of them is a CA certificate for the requested key.
        """
        certificates = certificates_in(data)
        with self._store.change(actor) as change:
            row = _managed(change.connection, actor, request_id)
            wanted = parse_csr(row.csr, tuple(KeyAlgorithm)).public_key
            infos = [read_certificate(der) for der in certificates]
            own = [info for info in infos if info.public_key == wanted]
            if not own:
                raise InvalidInputError(
                    _("None of these certificates is for the key of {name}.").format(name=row.name),
                    remedy=_("Give the certificate that was made for this request."),
                    field="certificate",
                )
            _check_ca(own[0], change)
            issuer_id = self._chain(change, own[0], certificates, sharing_of(row))
            kept = {
                column: getattr(row, column)
                for column in ("key_secret_id", "key_address", "pin_secret_id")
            }
            self._drop(change, row)
            return add_authority(
                change, row.name, own[0].der, sharing_of(row), issuer_id=issuer_id, key=kept
            )

    def import_bundle(
        self, actor: Actor, name: str, bundle: Bundle, *, sharing: Sharing = EVERYWHERE
    ) -> Authority:
        """Bring an authority along as PKCS#12: its key, its certificate and those above it.

        Raises `InvalidInputError` for a wrong passphrase, a key without the certificate that
        belongs to it, and what is no CA; `ConflictError` for a taken name and for an authority
        that is here already.
        """
        require(actor, Operation.AUTHORITY_MANAGE, scope_of(sharing))
        opened = pkcs12.unpack(bundle.content, bundle.passphrase)
        if opened.private_key is None or opened.certificate is None:
            raise InvalidInputError(
                _("The file holds no private key with the certificate that belongs to it."),
                remedy=_("Export the authority again, with its key and its own certificate."),
                field="certificate",
            )
        key = NewKey(SoftwareKey(opened.private_key), opened.private_key)
        info = read_certificate(opened.certificate)
        with self._store.change(actor) as change:
            _check_ca(info, change)
            _check_new(change, info)
            issuer_id = self._chain(change, info, opened.chain, sharing)
            kept = kept_columns(change, self._store.vault, key)
            return add_authority(change, name, info.der, sharing, issuer_id=issuer_id, key=kept)

    def import_certificate(
        self, actor: Actor, name: str, data: bytes, *, sharing: Sharing = EVERYWHERE
    ) -> Authority:
        """Keep the certificate of an authority whose key is elsewhere, to complete chains."""
        require(actor, Operation.AUTHORITY_MANAGE, scope_of(sharing))
        certificates = certificates_in(data)
        info = read_certificate(certificates[0])
        with self._store.change(actor) as change:
            _check_ca(info, change)
            _check_new(change, info)
            issuer_id = self._chain(change, info, certificates, sharing)
            return add_authority(change, name, info.der, sharing, issuer_id=issuer_id, key={})

    def _chain(
        self, change: Change, info: CertificateInfo, further: Collection[bytes], sharing: Sharing
    ) -> int | None:
        """The id of the authority above; those not known yet are added. None for a root.

        Raises `InvalidInputError` when the one above is neither known nor among `further`, and
        when it is here for others than those that `sharing` names; `ConflictError` when it is
        revoked.
        """
        known = {
            row.certificate: row.id
            for row in change.connection.execute(select(authority.c.id, authority.c.certificate))
        }
        chain = order_chain(info.der, (*further, *known))
        if info.issuer_der == info.subject_der:
            return None
        if len(chain) == 1:
            raise InvalidInputError(
                _("The certificate of the authority above is missing."),
                cause=_("Its issuer is {name}.").format(name=subject_text(info.issuer)),
                remedy=_("Give that certificate, too, or import it first."),
                field="certificate",
            )
        above: int | None = None
        for der in reversed(chain[1:]):
            if der not in known:
                top = read_certificate(der)
                _check_ca(top, change)
                name = _free_name(change.connection, subject_text(top.subject))
                known[der] = add_authority(change, name, der, sharing, issuer_id=above, key={}).id
            above = known[der]
            _check_offered(change.connection, above, sharing)
            check_not_revoked(change.connection, authority_row(change.connection, above))
        return above

    @staticmethod
    def _drop(change: Change, row: Row[Any]) -> None:
        table = authority_request
        change.connection.execute(delete(table).where(table.c.id == row.id))
        change.publish(EntityChanged("authority-request", row.id))


def _check_ca(info: CertificateInfo, change: Change) -> None:
    usage = info.key_usage
    if not info.is_ca or (usage is not None and KeyUsage.KEY_CERT_SIGN not in usage):
        raise InvalidInputError(
            _("{name} is no CA certificate.").format(name=subject_text(info.subject)),
            cause=_("It may not sign certificates."),
            remedy=_("Give the certificate of a certification authority."),
            field="certificate",
        )
    if info.not_after <= change.now:
        raise InvalidInputError(
            _("The certificate {name} has expired.").format(name=subject_text(info.subject)),
            field="certificate",
        )


def _check_offered(connection: Connection, issuer_id: int, sharing: Sharing) -> None:
    """Whose the authority above is, is not told: it may be of another tenant."""
    if not sharing_of(authority_row(connection, issuer_id)).covers(sharing):
        raise InvalidInputError(
            _("The authority would be offered more widely than the one above it."),
            remedy=_("Choose a narrower access, or have that of the one above widened."),
            field="access",
        )


def _check_new(change: Change, info: CertificateInfo) -> None:
    query = select(authority.c.id).where(authority.c.certificate == info.der)
    if change.connection.execute(query).first() is not None:
        raise ConflictError(
            _("An authority with this certificate is here already."), field="certificate"
        )


def _free_name(connection: Connection, wanted: str) -> str:
    taken = set(connection.scalars(select(authority.c.name)))
    names = (wanted[:90] if n == 1 else f"{wanted[:90]} ({n})" for n in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def _managed(connection: Connection, actor: Actor, request_id: int) -> Row[Any]:
    require(actor, Operation.AUTHORITY_MANAGE)
    table = authority_request
    seen = visible(actor, Operation.AUTHORITY_VIEW, table)
    row = connection.execute(select(table).where(table.c.id == request_id, seen)).first()
    if row is None:
        raise NotFoundError(_("The request does not exist."))
    require(actor, Operation.AUTHORITY_MANAGE, scope_of(sharing_of(row)))
    return row


def _request(row: Row[Any]) -> AuthorityRequest:
    return AuthorityRequest(
        row.id, row.name, row.csr, row.created_at, key_store_of(row), sharing_of(row)
    )
