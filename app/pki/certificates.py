"""Certificates: building them, and reading those of others (RFC 5280)."""

import base64
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import TypeVar

from app.core.errors import InvalidInputError
from app.core.language import _
from app.pki import der, extensions
from app.pki.contents import NEVER, NOT_A_CA, CertificateContents, Issuer, encode_tbs
from app.pki.extensions import (
    ANY,
    CLIENT_AUTH,
    CMC_CA,
    CMC_RA,
    CODE_SIGNING,
    EMAIL_PROTECTION,
    KEY_ESTABLISHMENT,
    OCSP_SIGNING,
    SERVER_AUTH,
    TIME_STAMPING,
    WISUN,
    CustomExtension,
    KeyUsage,
)
from app.pki.keys import KeyAlgorithm, WeakKeyError, spki_algorithm
from app.pki.names import (
    GeneralName,
    Subject,
    decode_general_names,
    decode_name,
    encode_name,
)
from app.pki.sign import SigningKey, sign_structure
from app.pki.tbs import Fields, read_fields

__all__ = [
    "ANY",
    "CLIENT_AUTH",
    "CMC_CA",
    "CMC_RA",
    "CODE_SIGNING",
    "EMAIL_PROTECTION",
    "KEY_ESTABLISHMENT",
    "NEVER",
    "NOT_A_CA",
    "OCSP_SIGNING",
    "SERVER_AUTH",
    "TIME_STAMPING",
    "WISUN",
    "CertificateContents",
    "CertificateError",
    "CertificateInfo",
    "CustomExtension",
    "KeyUsage",
    "build",
    "build_root",
    "certificate_to_pem",
    "new_serial",
    "pem",
    "read_certificate",
]

Value = TypeVar("Value")


class CertificateError(InvalidInputError):
    """The bytes are not a certificate this program reads."""


@dataclass(frozen=True)
class CertificateInfo:
    """What a certificate says.

    Fingerprints are SHA-256 in lower-case hex, of the DER and of the SPKI (DEC-10).
    `algorithm` is None for keys this program would not certify; `key_usage` is None when the
    extension is absent.
    """

    der: bytes
    subject: Subject
    subject_der: bytes
    san: tuple[GeneralName, ...]
    issuer: Subject
    issuer_der: bytes
    serial: int
    serial_hex: str
    not_before: datetime
    not_after: datetime
    algorithm: KeyAlgorithm | None
    public_key: bytes
    fingerprint: str
    public_key_fingerprint: str
    key_usage: frozenset[KeyUsage] | None
    extended_key_usage: tuple[str, ...]
    is_ca: bool
    path_length: int | None
    subject_key_id: bytes | None
    authority_key_id: bytes | None


def new_serial() -> int:
    """A random serial number of 159 bits: positive, and never more than 20 octets.

    The 160th bit is the sign of a DER INTEGER (RFC 5280 section 4.1.2.2).
    """
    return secrets.randbits(159) or 1


def build(
    contents: CertificateContents,
    issuer_certificate: bytes,
    issuer_key: SigningKey,
    serial: int,
) -> bytes:
    """Signs a certificate; returns DER.

    The validity is cut to the issuer's, so that it never reaches beyond. Raises
    InvalidInputError when the issuer is no CA, may not have CAs below it or does not own the
    key, when nothing of the validity is left, and for contents that break RFC 5280.
    """
    issuer = read_certificate(issuer_certificate)
    if issuer.public_key != issuer_key.public_key:
        raise InvalidInputError(_("The signing key does not belong to the CA certificate."))
    if not issuer.is_ca:
        raise InvalidInputError(_("The issuing certificate is not a CA certificate."))
    if contents.ca and issuer.path_length == 0:
        raise InvalidInputError(
            _("The CA may not issue CA certificates."), cause=_("Its path length is 0.")
        )
    if contents.not_before < issuer.not_before or contents.not_after > issuer.not_after:
        contents = replace(
            contents,
            not_before=max(contents.not_before, issuer.not_before),
            not_after=min(contents.not_after, issuer.not_after),
        )
    key_identifier = issuer.subject_key_id or extensions.key_identifier(issuer.public_key)
    return _sign(contents, issuer.subject_der, key_identifier, issuer_key, serial)


def build_root(contents: CertificateContents, key: SigningKey) -> bytes:
    """Signs a CA certificate with its own key; returns DER. Raises as `build`."""
    if not contents.ca or contents.public_key != key.public_key:
        raise InvalidInputError(_("A root certificate is a CA certificate of its own key."))
    key_identifier = extensions.key_identifier(contents.public_key)
    return _sign(contents, encode_name(contents.subject), key_identifier, key, new_serial())


def _sign(
    contents: CertificateContents, issuer: bytes, issuer_id: bytes, key: SigningKey, serial: int
) -> bytes:
    tbs = encode_tbs(contents, Issuer(issuer, issuer_id, key.algorithm), serial)
    return sign_structure(tbs, key, contents.hash_name)


@lru_cache(maxsize=256)  # the same CAs are read again for each certificate
def read_certificate(data: bytes) -> CertificateInfo:
    """Reads a DER certificate; raises CertificateError for malformed or hostile bytes."""
    fields = _fields(data)
    try:
        return _info(data, fields)
    except der.DerError as error:
        raise _unreadable(error) from error


def _fields(data: bytes) -> Fields:
    try:
        return read_fields(data)
    except der.DerError as error:
        raise _unreadable(error) from error


def _unreadable(error: der.DerError) -> CertificateError:
    return CertificateError(
        _("The certificate cannot be read."),
        cause=error.cause,
        remedy=_("Export it again as PEM or DER."),
    )


def _info(data: bytes, fields: Fields) -> CertificateInfo:
    def decoded(oid: str, decode: Callable[[bytes], Value]) -> Value | None:
        return decode(fields.extensions[oid].value) if oid in fields.extensions else None

    purposes = decoded(extensions.EXTENDED_KEY_USAGE, extensions.read_extended_key_usage)
    limits = decoded(extensions.BASIC_CONSTRAINTS, extensions.read_basic_constraints)
    return CertificateInfo(
        der=data,
        subject=decode_name(fields.subject),
        subject_der=fields.subject,
        san=decoded(extensions.SUBJECT_ALTERNATIVE_NAME, decode_general_names) or (),
        issuer=decode_name(fields.issuer),
        issuer_der=fields.issuer,
        serial=fields.serial,
        serial_hex=f"{fields.serial:x}",
        not_before=fields.not_before,
        not_after=fields.not_after,
        algorithm=_algorithm(fields.public_key),
        public_key=fields.public_key,
        fingerprint=hashlib.sha256(data).hexdigest(),
        public_key_fingerprint=hashlib.sha256(fields.public_key).hexdigest(),
        key_usage=decoded(extensions.KEY_USAGE, extensions.read_key_usage),
        extended_key_usage=purposes or (),
        is_ca=limits is not None and limits.ca,
        path_length=limits.path_length if limits else None,
        subject_key_id=decoded(
            extensions.SUBJECT_KEY_IDENTIFIER, extensions.read_subject_key_identifier
        ),
        authority_key_id=decoded(
            extensions.AUTHORITY_KEY_IDENTIFIER, extensions.read_authority_key_identifier
        ),
    )


def _algorithm(spki: bytes) -> KeyAlgorithm | None:
    try:
        return spki_algorithm(spki)
    except WeakKeyError:
        return None


def thumbprint(data: bytes) -> str:
    """The SHA-1 of a DER certificate as lower-case hex: how other programs name it, no proof."""
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


def certificate_to_pem(data: bytes) -> bytes:
    """The DER certificate in PEM armour (RFC 7468 section 5)."""
    return pem("CERTIFICATE", data)


def pem(label: str, data: bytes) -> bytes:
    """DER in the armour of RFC 7468: lines of 64 characters between BEGIN and END `label`."""
    body = base64.b64encode(data).decode()
    lines = "\n".join(body[start : start + 64] for start in range(0, len(body), 64))
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n".encode()
