"""The TLS certificate of the listener: made when missing, replaced before it ends."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select, update

from app.models.db import tables
from app.models.domain.access import SYSTEM
from app.models.services.authorities.authorities import Authorities
from app.models.services.secrets import Purpose, destroy_secret, keep_secret, read_secret
from app.models.services.store import Change, Store
from app.pki import keys
from app.pki.certificates import (
    SERVER_AUTH,
    CertificateContents,
    CertificateInfo,
    KeyUsage,
    build,
    new_serial,
    read_certificate,
)
from app.pki.keys import KeyAlgorithm
from app.pki.names import ATTRIBUTE_TYPES, Attribute, GeneralName

LIFETIME = timedelta(days=398)  # the longest that common TLS clients accept
RENEW_AT = 0.8  # of the lifetime
_SUBJECT = (Attribute(ATTRIBUTE_TYPES["CN"].oid, "Birthmark EST"),)


@dataclass(frozen=True)
class TlsIdentity:
    """What a TLS server needs: its chain (DER, leaf first, no root) and its key (PKCS#8 DER)."""

    chain: tuple[bytes, ...]
    private_key_der: bytes = field(repr=False)


class TlsIdentities:
    """Keeps one TLS server certificate good for the names and the issuer asked for."""

    def __init__(self, store: Store, authorities: Authorities) -> None:
        self._store = store
        self._authorities = authorities

    def current(self, authority_id: int, names: Collection[GeneralName]) -> TlsIdentity:
        """The identity for at least `names`, issued by this authority; a new one when needed.

        Raises `LockedError` when the keys are locked.
        """
        with self._store.database.read() as connection:
            row = _stored(connection)
            if row is not None and self._is_good(row, authority_id, names):
                return self._identity(connection, row)
        with self._store.change(SYSTEM) as change:
            row = _stored(change.connection)
            # Another process may have replaced it just now.
            if row is None or not self._is_good(row, authority_id, names):
                row = self._replace(change, row, authority_id, names)
            return self._identity(change.connection, row)

    def _is_good(self, row: Row[Any], authority_id: int, names: Collection[GeneralName]) -> bool:
        info = read_certificate(row.certificate)
        return (
            row.authority_id == authority_id
            and info.not_before <= self._store.clock.now() < _renewal_time(info)
            and set(names) <= set(info.san)
        )

    def _identity(self, connection: Connection, row: Row[Any]) -> TlsIdentity:
        above = self._authorities.chain(connection, row.authority_id)[:-1]
        # for clients that trust a root from before a roll-over
        bridges = self._authorities.bridges(connection, row.authority_id)
        chain = (row.certificate, *above, *bridges)
        return TlsIdentity(chain, read_secret(connection, self._store.vault, row.key_secret_id))

    def _replace(
        self,
        change: Change,
        old: Row[Any] | None,
        authority_id: int,
        names: Collection[GeneralName],
    ) -> Row[Any]:
        change.check_clock()
        key = keys.generate(KeyAlgorithm.EC_P256)
        issuer = self._authorities.issuer(change.connection, authority_id)
        public_key = keys.public_key_der(key.public_key())
        contents = _contents(public_key, names, change.now)
        certificate = build(contents, issuer.info.der, issuer.key, new_serial())
        info = read_certificate(certificate)
        values = {
            "authority_id": authority_id,
            "certificate": certificate,
            "key_secret_id": keep_secret(
                change, self._store.vault, Purpose.TLS_KEY, keys.private_key_to_der(key)
            ),
            "not_after": info.not_after,
        }
        table = tables.tls_identity
        if old is None:
            change.insert(table, values)
        else:
            statement = update(table).where(table.c.id == old.id).values(values)
            change.connection.execute(statement)
            destroy_secret(change, old.key_secret_id)
        change.audit(
            "tls-identity.issue",
            "authority",
            authority_id,
            "TLS",
            after={
                "serial": info.serial_hex,
                "names": [name.value for name in names],
                "not_after": info.not_after.isoformat(),
            },
        )
        return change.connection.execute(select(table)).one()


def _stored(connection: Connection) -> Row[Any] | None:
    return connection.execute(select(tables.tls_identity)).first()


def _renewal_time(info: CertificateInfo) -> datetime:
    return info.not_before + RENEW_AT * (info.not_after - info.not_before)


def _contents(
    public_key: bytes, names: Collection[GeneralName], now: datetime
) -> CertificateContents:
    not_before = now.replace(microsecond=0)
    return CertificateContents(
        subject=_SUBJECT,
        san=tuple(names),
        public_key=public_key,
        not_before=not_before,
        not_after=not_before + LIFETIME,
        key_usage=frozenset({KeyUsage.DIGITAL_SIGNATURE}),
        extended_key_usage=(SERVER_AUTH,),
    )
