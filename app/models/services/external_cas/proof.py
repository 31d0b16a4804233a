"""Verifying external CAs: by proof that their owner has the key, or on somebody's word (DEC-07)."""

import secrets
from typing import Any

from sqlalchemy import Row

from app.core.errors import ConflictError, InvalidInputError
from app.core.language import _
from app.models.domain.access import Actor
from app.models.domain.external_cas import (
    CHALLENGE_LIFETIME,
    MAX_ATTEMPTS,
    Challenge,
    VerifiedBy,
    read_proof,
)
from app.models.services.external_cas.records import (
    KIND,
    record_change,
    store_columns,
    unverified_row,
)
from app.models.services.store import Change, Store
from app.pki.ca_checks import check_proof
from app.pki.certificates import pem, read_certificate
from app.pki.csr import build_csr
from app.pki.keys import KeyAlgorithm, generate
from app.pki.names import ATTRIBUTE_TYPES, Attribute
from app.pki.sign import SoftwareKey

_CODE_OCTETS = 20


class ExternalCaProof:
    """Asks for proofs of possession and checks them. Safe to share by threads.

    A code is random, belongs to one external CA, and is good once, for a day, and for ten
    attempts. Only what is active and not verified yet can be verified; others raise
    `ConflictError`.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def new_challenge(self, actor: Actor, ca_id: int) -> Challenge:
        """Make a code; the one before is good no longer."""
        with self._store.change(actor) as change:
            row = unverified_row(change.connection, actor, ca_id)
            code, until = secrets.token_hex(_CODE_OCTETS), change.now + CHALLENGE_LIFETIME
            store_columns(
                change, row.id, challenge=code, challenge_until=until, challenge_attempts=0
            )
            record_change(
                change, "challenge", row, after={"until": until.isoformat(timespec="seconds")}
            )
        return Challenge(code, until, _request(code))

    def open_challenge(self, actor: Actor, ca_id: int) -> Challenge | None:
        """The code that is good at the moment, if there is one; its request is a new one."""
        with self._store.read(actor) as connection:
            row = unverified_row(connection, actor, ca_id)
        if row.challenge_until is None or row.challenge_until <= self._store.clock.now():
            return None
        if row.challenge_attempts >= MAX_ATTEMPTS:
            return None
        return Challenge(row.challenge, row.challenge_until, _request(row.challenge))

    def verify_by_possession(self, actor: Actor, ca_id: int, data: bytes) -> None:
        """Verify an external CA by a certificate that its key signed for the code.

        `data` is as `read_proof` takes it. Raises `InvalidInputError`, field `proof`, for one
        that proves nothing, which counts as an attempt and is audited; `ConflictError` when no
        code is good.
        """
        proof = read_proof(data)
        with self._store.change(actor) as change:
            row = unverified_row(change.connection, actor, ca_id)
            _check_open(change, row)
            try:
                check_proof(proof, row.certificate, row.challenge, change.now)
            except InvalidInputError as error:
                refusal = error  # raised once the attempt is counted
                _count_attempt(change, row, error)
            else:
                fingerprint = read_certificate(proof).fingerprint
                _verify(change, row, VerifiedBy.POSSESSION, proof=fingerprint)
                return
        raise refusal

    def verify_by_override(self, actor: Actor, ca_id: int) -> None:
        """Verify an external CA on the actor's word, as the audit log says."""
        with self._store.change(actor) as change:
            row = unverified_row(change.connection, actor, ca_id)
            _verify(change, row, VerifiedBy.OVERRIDE)


def _request(code: str) -> bytes:
    """A request for the code, with a key that nobody keeps: only who signs it proves anything."""
    subject = (Attribute(ATTRIBUTE_TYPES["CN"].oid, code),)
    key = SoftwareKey(generate(KeyAlgorithm.EC_P256))
    return pem("CERTIFICATE REQUEST", build_csr(key, subject))


def _check_open(change: Change, row: Row[Any]) -> None:
    remedy = _("Make a new code, and have that one signed.")
    if row.challenge_until is None:
        raise ConflictError(
            _("There is no code for {name} yet.").format(name=row.name), remedy=remedy
        )
    if row.challenge_until <= change.now:
        raise ConflictError(
            _("The code for {name} has expired.").format(name=row.name), remedy=remedy
        )
    if row.challenge_attempts >= MAX_ATTEMPTS:
        raise ConflictError(
            _("The code for {name} has been tried too often.").format(name=row.name),
            remedy=remedy,
        )


def _count_attempt(change: Change, row: Row[Any], error: InvalidInputError) -> None:
    store_columns(change, row.id, challenge_attempts=row.challenge_attempts + 1)
    change.audit(f"{KIND}.verify", KIND, row.id, row.name, outcome="refused", reason=error.problem)


def _verify(change: Change, row: Row[Any], by: VerifiedBy, **after: str) -> None:
    """The code is kept without its end: good no more, but known as no device's name (POP-08)."""
    store_columns(
        change, row.id, verified_at=change.now, verified_by=by.value, challenge_until=None
    )
    record_change(change, "verify", row, after={"by": by.value, **after})
