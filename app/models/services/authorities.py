"""Certification authorities whose keys are kept sealed in the workspace."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from app.core.errors import ConflictError, InvalidInputError, NotFoundError
from app.core.language import _
from app.models.db import tables
from app.models.domain.access import EVERYWHERE, Actor, Operation, Scope, require
from app.models.domain.authorities import Authority
from app.models.services.names import check_new_name
from app.models.services.secrets import Purpose, keep_secret, read_secret
from app.models.services.sharing import sharing_columns, sharing_of, visible
from app.models.services.store import Change, Store
from app.pki import keys
from app.pki.certificates import (
    NEVER,
    CertificateContents,
    CertificateInfo,
    KeyUsage,
    build,
    build_root,
    new_serial,
    read_certificate,
)
from app.pki.keys import KeyAlgorithm, PrivateKey
from app.pki.names import Subject, subject_text
from app.pki.sign import SigningKey, SoftwareKey

# A root certifies issuing authorities, an issuing authority devices (RFC 5280 section 4.2.1.9).
_ROOT_PATH_LENGTH, _ISSUING_PATH_LENGTH = 1, 0


@dataclass(frozen=True)
class Issuer:
    """An authority ready to sign: its id, its certificate, and its key."""

    authority_id: int
    info: CertificateInfo
    key: SigningKey


# So that what a young authority issues can be backdated for devices with a slow clock.
_BACKDATED = timedelta(days=1)


class Authorities:
    """Makes, lists and hands out certification authorities.

    Certificates never change, so they are read and parsed once a process. Keys are unsealed
    once and dropped when the workspace is locked. Safe to share by threads.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._certificates: dict[int, CertificateInfo] = {}
        self._chains: dict[int, tuple[bytes, ...]] = {}
        self._issuers: dict[int, Issuer] = {}
        store.vault.on_lock(self._issuers.clear)

    def create_root(
        self,
        actor: Actor,
        name: str,
        subject: Subject,
        algorithm: KeyAlgorithm,
        *,
        not_after: datetime = NEVER,
    ) -> Authority:
        """Make a self-signed authority with a new key; it may certify issuing authorities."""
        require(actor, Operation.AUTHORITY_MANAGE, Scope())
        key = keys.generate(algorithm)
        with self._store.change(actor) as change:
            contents = _contents(change, subject, key, not_after, _ROOT_PATH_LENGTH)
            certificate = build_root(contents, SoftwareKey(key))
            return self._add(change, name, certificate, None, key)

    def create_issuing(
        self,
        actor: Actor,
        issuer_id: int,
        name: str,
        subject: Subject,
        algorithm: KeyAlgorithm,
        *,
        not_after: datetime,
    ) -> Authority:
        """Make an authority that certifies devices, itself certified by a root.

        It ends no later than the root does. Raises `ConflictError` when the issuer is no
        root or inactive, `LockedError` when the keys are locked.
        """
        require(actor, Operation.AUTHORITY_MANAGE, Scope())
        key = keys.generate(algorithm)
        with self._store.change(actor) as change:
            row = _row(change.connection, issuer_id)
            if row.issuer_id is not None:
                raise ConflictError(
                    _("{name} certifies devices only.").format(name=row.name),
                    remedy=_("Choose a root authority as the issuer."),
                    field="issuer_id",
                )
            issuer = self.issuer(change.connection, issuer_id)
            contents = _contents(change, subject, key, not_after, _ISSUING_PATH_LENGTH)
            certificate = build(contents, issuer.info.der, issuer.key, new_serial())
            return self._add(change, name, certificate, issuer_id, key)

    def get(self, actor: Actor, authority_id: int) -> Authority:
        """One authority; `NotFoundError` when there is none the actor may see."""
        found = {authority.id: authority for authority in self.all(actor)}
        if authority_id not in found:
            raise _not_found()
        return found[authority_id]

    def all(self, actor: Actor) -> tuple[Authority, ...]:
        """Every authority within the actor's reach, by name."""
        require(actor, Operation.AUTHORITY_VIEW)
        table = tables.authority
        query = select(table).where(visible(actor, Operation.AUTHORITY_VIEW, table))
        with self._store.read(actor) as connection:
            rows = connection.execute(query.order_by(table.c.name))
            return tuple(_authority(row) for row in rows)

    def certificate_info(self, connection: Connection, authority_id: int) -> CertificateInfo:
        """The certificate of an authority; needs no key."""
        if authority_id not in self._certificates:
            row = _row(connection, authority_id)
            self._certificates[authority_id] = read_certificate(row.certificate)
        return self._certificates[authority_id]

    def chain(self, connection: Connection, authority_id: int) -> tuple[bytes, ...]:
        """Certificates (DER) from this authority up to its root, the root last."""
        if authority_id not in self._chains:
            chain: list[bytes] = []
            next_id: int | None = authority_id
            while next_id is not None:
                row = _row(connection, next_id)
                chain.append(row.certificate)
                next_id = row.issuer_id
            self._chains[authority_id] = tuple(chain)
        return self._chains[authority_id]

    def issuer(self, connection: Connection, authority_id: int) -> Issuer:
        """The authority ready to sign.

        Raises `ConflictError` when it is inactive or its key is not the certificate's,
        `LockedError` when the keys are locked, `NotFoundError` when there is no such authority.
        """
        row = _row(connection, authority_id)
        if not row.active:
            raise ConflictError(
                _("The authority {name} is not active.").format(name=row.name),
                remedy=_("Activate it, or choose a template of another authority."),
            )
        issuer = self._issuers.get(authority_id) or self._open(connection, row)
        self._issuers[authority_id] = issuer
        if self._store.vault.locked:  # by another thread, which may have dropped keys before this
            self._issuers.clear()
            return self._open(connection, row)
        return issuer

    def _open(self, connection: Connection, row: Row[Any]) -> Issuer:
        secret = read_secret(connection, self._store.vault, row.key_secret_id)
        key = SoftwareKey(keys.private_key_from_der(secret))
        info = self.certificate_info(connection, row.id)
        if key.public_key != info.public_key:
            raise ConflictError(
                _("The key of {name} does not belong to its certificate.").format(name=row.name),
                cause=_("The database was changed by something else than this program."),
                remedy=_("Put back a backup of the workspace."),
            )
        return Issuer(row.id, info, key)

    def _add(
        self, change: Change, name: str, certificate: bytes, issuer_id: int | None, key: PrivateKey
    ) -> Authority:
        table = tables.authority
        check_new_name(change, table.c.name, name)
        secret_id = keep_secret(
            change, self._store.vault, Purpose.AUTHORITY_KEY, keys.private_key_to_der(key)
        )
        values = {
            "name": name,
            "certificate": certificate,
            "issuer_id": issuer_id,
            "key_secret_id": secret_id,
            "active": True,
        } | sharing_columns(change.connection, EVERYWHERE)
        authority = Authority(change.insert(table, values), name, certificate, issuer_id)
        info = read_certificate(certificate)
        change.audit(
            "authority.create",
            "authority",
            authority.id,
            name,
            after={
                "subject": subject_text(info.subject),
                "issuer": subject_text(info.issuer),
                "serial": info.serial_hex,
                "fingerprint": info.fingerprint,
                "not_after": info.not_after.isoformat(),
            },
        )
        return authority


def _contents(
    change: Change, subject: Subject, key: PrivateKey, not_after: datetime, path_length: int
) -> CertificateContents:
    """A CA certificate as RFC 5280 sections 4.2.1.2, 4.2.1.3 and 4.2.1.9 ask for."""
    change.check_clock()
    if not subject:
        raise InvalidInputError(_("An authority needs a subject."), field="subject")
    if not_after <= change.now:
        raise InvalidInputError(_("The authority would end before it begins."), field="not_after")
    return CertificateContents(
        subject=subject,
        san=(),
        public_key=keys.public_key_der(key.public_key()),
        not_before=change.now.replace(microsecond=0) - _BACKDATED,
        not_after=not_after,
        key_usage=frozenset({KeyUsage.KEY_CERT_SIGN, KeyUsage.CRL_SIGN}),
        extended_key_usage=(),
        ca=True,
        path_length=path_length,
    )


def _row(connection: Connection, authority_id: int) -> Row[Any]:
    table = tables.authority
    row = connection.execute(select(table).where(table.c.id == authority_id)).first()
    if row is None:
        raise _not_found()
    return row


def _not_found() -> NotFoundError:
    return NotFoundError(
        _("The authority does not exist."), remedy=_("Choose one from the list of authorities.")
    )


def _authority(row: Row[Any]) -> Authority:
    return Authority(row.id, row.name, row.certificate, row.issuer_id, row.active, sharing_of(row))
