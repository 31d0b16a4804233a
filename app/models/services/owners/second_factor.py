"""The certificate of a person as a second factor beside the password (ROLE-02)."""

import secrets
from datetime import datetime

from sqlalchemy import Connection, select

from app.core.errors import AuthenticationError, InvalidInputError
from app.core.language import _
from app.models.db import tables
from app.models.domain.certificates import CertificateStatus
from app.models.domain.users import CertificateNeededError, Proof
from app.pki.certificates import CertificateInfo, read_certificate
from app.pki.formats import certificates_in
from app.pki.keys import public_key_from_der
from app.pki.possession import (
    CHALLENGE_LENGTH,
    check_possession,
    private_key_in,
    sign_challenge,
)


def proof_from_file(data: bytes, passphrase: str) -> Proof:
    """What signs with the private key in a PKCS#12 or PEM file.

    Raises `InvalidInputError`, field `passphrase` when that may be what is wrong.
    """
    key = private_key_in(data, passphrase)
    return lambda challenge: sign_challenge(key, challenge)


def certificate_from_file(data: bytes) -> bytes:
    """The first certificate (DER) in a PEM, DER or PKCS#7 file, for `Users.set_certificate`."""
    return certificates_in(data)[0]


def check_usable(connection: Connection, certificate: bytes, proof: Proof, now: datetime) -> None:
    """Raise `InvalidInputError` unless a person can sign in with this certificate (DER).

    So `proof` has to sign a fresh challenge with its key, field `key_file` when it does not:
    whoever has another key would be kept out from then on.
    """
    info = read_certificate(certificate)
    public_key_from_der(info.public_key)
    if _is_withdrawn(connection, info):
        raise InvalidInputError(
            _("The certificate is revoked or on hold."),
            remedy=_("Choose one that is good."),
            field="certificate",
        )
    if not info.not_before <= now <= info.not_after:
        raise InvalidInputError(
            _("The certificate is not valid now."),
            remedy=_("Choose one that is."),
            field="certificate",
        )
    try:
        _check_key(info, proof)
    except AuthenticationError as error:
        raise InvalidInputError(
            _("The key does not belong to this certificate."),
            remedy=_("Choose the file with its private key."),
            field="key_file",
        ) from error


def check_proof(
    connection: Connection, certificate: bytes, proof: Proof | None, now: datetime
) -> None:
    """Raise unless `proof` signs a fresh challenge with the certificate's key.

    `CertificateNeededError` without a proof; `AuthenticationError` when it does not verify, or
    the certificate has ended, or was revoked or put on hold in this workspace.
    """
    if proof is None:
        raise CertificateNeededError(
            _("This user signs in with a certificate, too."),
            remedy=_("Choose the file with its private key."),
            field="certificate",
        )
    info = read_certificate(certificate)
    _check_good(connection, info, now)
    _check_key(info, proof)


def _check_key(info: CertificateInfo, proof: Proof) -> None:
    challenge = secrets.token_bytes(CHALLENGE_LENGTH)
    check_possession(info.public_key, challenge, proof(challenge))


def _check_good(connection: Connection, info: CertificateInfo, now: datetime) -> None:
    withdrawn = _is_withdrawn(connection, info)
    if withdrawn or not info.not_before <= now <= info.not_after:
        raise AuthenticationError(
            _("The certificate of this user is revoked or on hold.")
            if withdrawn
            else _("The certificate of this user is not valid now."),
            remedy=_("Ask an administrator to remove it."),
            field="certificate",
        )


def _is_withdrawn(connection: Connection, info: CertificateInfo) -> bool:
    table = tables.certificate
    query = select(table.c.status).where(table.c.fingerprint == info.fingerprint)
    return connection.execute(query).scalar() not in (None, CertificateStatus.ISSUED.value)
