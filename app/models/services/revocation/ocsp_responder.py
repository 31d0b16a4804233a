"""The OCSP responder: what is known of a certificate, signed for its authority (RFC 6960)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, select, update

from app.core.errors import KnownError
from app.models.db.tables import authority, certificate, ocsp_responder
from app.models.domain.access import SYSTEM
from app.models.domain.authorities import KeyStore
from app.models.services.authorities.authorities import Authorities
from app.models.services.authorities.records import key_store_of
from app.models.services.secrets import Purpose, destroy_secret, keep_secret, read_secret
from app.models.services.store import Change, Store
from app.pki import keys, ocsp
from app.pki.certificates import build, new_serial, read_certificate
from app.pki.keys import KeyAlgorithm
from app.pki.names import ATTRIBUTE_TYPES, Attribute
from app.pki.ocsp import CertId, CertStatus, OcspError, OcspRequest, SingleAnswer
from app.pki.revocation import RevocationReason
from app.pki.sign import SigningKey, SoftwareKey

LIFETIME = timedelta(days=30)  # short, since nobody asks whether a responder is revoked
RENEW_BEFORE = timedelta(days=10)
ANSWER_LASTS = timedelta(hours=1)
_BACKDATED = timedelta(hours=1)


@dataclass(frozen=True)
class _Responder:
    """What signs answers for one authority: a certificate (DER) from it, and a key."""

    authority_id: int
    certificate: bytes
    key: SigningKey


class OcspResponder:
    """Answers OCSP requests about certificates issued here. Safe to share by threads.

    Each authority delegates to a key of its own that is used for nothing else (section
    4.2.2.2), so that a key on a token signs once a month instead of once a question.
    """

    def __init__(self, store: Store, authorities: Authorities) -> None:
        self._store = store
        self._authorities = authorities
        self._responders: dict[int, _Responder] = {}
        store.vault.on_lock(self._responders.clear)

    def respond(self, data: bytes) -> bytes:
        """The DER OCSPResponse to a DER OCSPRequest; never raises a known error.

        All certificates of one request must be of one authority, since one key signs.
        """
        try:
            request = ocsp.parse_request(data)
        except KnownError:
            return ocsp.error_response(OcspError.MALFORMED_REQUEST)
        try:
            return self._answer(request)
        except KnownError:  # locked keys, a token that is away
            return ocsp.error_response(OcspError.TRY_LATER)

    def _answer(self, request: OcspRequest) -> bytes:
        with self._store.database.read() as connection:
            authority_ids = _asked_authorities(connection, request)
            if not authority_ids:
                return ocsp.error_response(OcspError.UNAUTHORIZED)
            answers = [self._state(connection, authority_ids, one) for one in request.cert_ids]
        responder = self._responder(authority_ids[0])
        return ocsp.build_response(
            answers,
            responder_certificate=responder.certificate,
            key=responder.key,
            produced_at=self._store.clock.now().replace(microsecond=0),
            nonce=request.nonce,
        )

    def _state(
        self, connection: Connection, authority_ids: Sequence[int], asked: CertId
    ) -> SingleAnswer:
        now = self._store.clock.now().replace(microsecond=0)
        table = certificate.c
        query: Select[Any] = select(table.revoked_at, table.revocation_reason).where(
            table.authority_id.in_(authority_ids), table.serial == f"{asked.serial:x}"
        )
        row = connection.execute(query).first()
        row = row or _authority_below(connection, authority_ids, asked.serial)
        if row is None:
            return SingleAnswer(asked, CertStatus.UNKNOWN, now, now + ANSWER_LASTS)
        if row.revoked_at is None:
            return SingleAnswer(asked, CertStatus.GOOD, now, now + ANSWER_LASTS)
        reason = RevocationReason(row.revocation_reason)
        until = now + ANSWER_LASTS
        return SingleAnswer(asked, CertStatus.REVOKED, now, until, row.revoked_at, reason)

    def _responder(self, authority_id: int) -> _Responder:
        known = self._responders.get(authority_id)
        if known is None or not self._is_good(known.certificate):
            known = self._stored(authority_id) or self._delegate(authority_id)
            self._responders[authority_id] = known
            if self._store.vault.locked:  # by another thread, which may have forgotten before this
                self._responders.clear()
        return known

    def _is_good(self, der: bytes) -> bool:
        info = read_certificate(der)
        now = self._store.clock.now()
        return info.not_before <= now < info.not_after - RENEW_BEFORE

    def _stored(self, authority_id: int) -> _Responder | None:
        with self._store.database.read() as connection:
            row = _row(connection, authority_id)
            if row is None or not self._is_good(row.certificate):
                return None
            return self._opened(connection, row)

    def _opened(self, connection: Connection, row: Row[Any]) -> _Responder:
        secret = read_secret(connection, self._store.vault, row.key_secret_id)
        key = SoftwareKey(keys.private_key_from_der(secret))
        return _Responder(row.authority_id, row.certificate, key)

    def _delegate(self, authority_id: int) -> _Responder:
        """Have the authority certify a new key for its answers."""
        key = keys.generate(KeyAlgorithm.EC_P256)
        with self._store.database.read() as connection:
            self._authorities.signer(connection, authority_id)  # a token away holds nobody up
        with self._store.change(SYSTEM) as change:
            change.check_clock()
            row = _row(change.connection, authority_id)
            if row is not None and self._is_good(row.certificate):  # another process was faster
                return self._opened(change.connection, row)
            return self._certify(change, row, authority_id, key)

    def _certify(
        self, change: Change, old: Row[Any] | None, authority_id: int, key: keys.PrivateKey
    ) -> _Responder:
        issuer = self._authorities.signer(change.connection, authority_id)
        now = change.now.replace(microsecond=0)
        subject = (Attribute(ATTRIBUTE_TYPES["CN"].oid, "Birthmark OCSP"),)
        signing = SoftwareKey(key)
        contents = ocsp.responder_contents(
            signing.public_key, subject, now - _BACKDATED, now + LIFETIME
        )
        der = build(contents, issuer.info.der, issuer.key, new_serial())
        values = {
            "authority_id": authority_id,
            "certificate": der,
            "key_secret_id": keep_secret(
                change, self._store.vault, Purpose.OCSP_KEY, keys.private_key_to_der(key)
            ),
            "not_after": read_certificate(der).not_after,
        }
        if old is None:
            change.insert(ocsp_responder, values)
        else:
            change.connection.execute(
                update(ocsp_responder).where(ocsp_responder.c.id == old.id).values(values)
            )
            destroy_secret(change, old.key_secret_id)
        serial = {"serial": read_certificate(der).serial_hex}
        change.audit("ocsp-responder.issue", "authority", authority_id, "OCSP", after=serial)
        return _Responder(authority_id, der, signing)


def _asked_authorities(connection: Connection, request: OcspRequest) -> list[int]:
    """The authorities with a key here that all the certificates asked for can be of.

    More than one when an authority got another certificate for the same name and key: requests
    do not tell the two apart.
    """
    return [
        int(row.id)
        for row in connection.execute(select(authority).order_by(authority.c.id))
        if key_store_of(row) is not KeyStore.ELSEWHERE
        and all(ocsp.matches(one, row.certificate) for one in request.cert_ids)
    ]


def _authority_below(
    connection: Connection, issuer_ids: Sequence[int], serial: int
) -> Row[Any] | None:
    """The authority below these whose certificate has the serial number."""
    rows = connection.execute(select(authority).where(authority.c.issuer_id.in_(issuer_ids)))
    return next((row for row in rows if read_certificate(row.certificate).serial == serial), None)


def _row(connection: Connection, authority_id: int) -> Row[Any] | None:
    query = select(ocsp_responder).where(ocsp_responder.c.authority_id == authority_id)
    return connection.execute(query).first()
