"""Answers about single certificates: OCSP requests and responses (RFC 6960, nonces by RFC 9654)."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum

from app.core.errors import InvalidInputError
from app.core.language import _
from app.pki import der
from app.pki.certificates import OCSP_SIGNING, read_certificate
from app.pki.contents import CertificateContents
from app.pki.extensions import CustomExtension, KeyUsage, decode_extensions, encode_extension
from app.pki.names import Subject
from app.pki.revocation import RevocationReason, encode_reason
from app.pki.sign import SigningKey, signature_algorithm

MAX_REQUEST_SIZE = 4 * 1024
MAX_CERT_IDS = 16
MAX_NONCE_SIZE = 128

_BASIC_RESPONSE, _NONCE = "1.3.6.1.5.5.7.48.1.1", "1.3.6.1.5.5.7.48.1.2"
_NO_CHECK = "1.3.6.1.5.5.7.48.1.5"
_SHA1, _SHA256 = "1.3.14.3.2.26", "2.16.840.1.101.3.4.2.1"
_HASHES: Mapping[str, Callable[[bytes], bytes]] = {
    _SHA1: lambda data: hashlib.sha1(data, usedforsecurity=False).digest(),
    _SHA256: lambda data: hashlib.sha256(data).digest(),
}


@dataclass(frozen=True)
class CertId:
    """Which certificate is asked for: its serial number and hashes of its issuer's name and key.

    `encoded` is the DER as it was asked, which the answer repeats octet by octet.
    """

    hash_oid: str
    issuer_name_hash: bytes
    issuer_key_hash: bytes
    serial: int
    encoded: bytes = field(repr=False, compare=False)


@dataclass(frozen=True)
class OcspRequest:
    """What a client asks; the answer must repeat the nonce when there is one."""

    cert_ids: tuple[CertId, ...]
    nonce: bytes | None


class CertStatus(StrEnum):
    """What is known of a certificate (RFC 6960 section 2.2)."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


class OcspError(IntEnum):
    """The OCSPResponseStatus of a response that answers nothing (RFC 6960 section 4.2.1)."""

    MALFORMED_REQUEST = 1
    INTERNAL_ERROR = 2
    TRY_LATER = 3
    UNAUTHORIZED = 6


@dataclass(frozen=True)
class SingleAnswer:
    """The state of one certificate from `this_update` until newer information at `next_update`.

    `revoked_at` is for revoked ones, and `reason` if it is known; times are aware UTC.
    """

    cert_id: CertId
    status: CertStatus
    this_update: datetime
    next_update: datetime | None = None
    revoked_at: datetime | None = None
    reason: RevocationReason = RevocationReason.UNSPECIFIED


def parse_request(data: bytes) -> OcspRequest:
    """Takes a DER OCSPRequest apart; a signature on it is not looked at.

    Raises DerError for malformed bytes, more than 4 KiB or 16 certificates, an empty nonce or
    one over 128 octets, and critical extensions: the answer is MALFORMED_REQUEST.
    """
    if len(data) > MAX_REQUEST_SIZE:
        raise der.malformed(_("The request is larger than 4 KiB."))
    outer = der.parse(data).sequence()
    if [part.tag for part in outer] not in ([der.SEQUENCE], [der.SEQUENCE, 0xA0]):
        raise der.malformed(_("The structure is not an OCSP request."))
    parts = outer[0].children()
    if parts and parts[0].tag == 0xA0:  # the only version is the default, and yet some write it
        _expect_version_1(parts.pop(0))
    if parts and parts[0].tag == 0xA1:  # the requestor's name
        parts.pop(0)
    if [part.tag for part in parts] not in ([der.SEQUENCE], [der.SEQUENCE, 0xA2]):
        raise der.malformed(_("The structure is not an OCSP request."))
    requests = parts[0].children()
    if not 1 <= len(requests) <= MAX_CERT_IDS:
        raise der.malformed(_("The request asks for no certificate or for more than 16."))
    found = _read_extensions(parts[1]) if len(parts) == 2 else {}
    nonce = found.get(_NONCE)
    return OcspRequest(
        cert_ids=tuple(map(_read_single_request, requests)),
        nonce=None if nonce is None else _read_nonce(nonce.value),
    )


def _expect_version_1(wrapped: der.Element) -> None:
    inner = wrapped.children()
    if len(inner) != 1 or der.read_integer(inner[0]) != 0:
        raise der.malformed(_("The request is of an unknown version."))


def _read_extensions(wrapped: der.Element) -> Mapping[str, CustomExtension]:
    """Those around a request or one of its parts; only the nonce may be critical."""
    inner = wrapped.children()
    if len(inner) != 1:
        raise der.malformed(_("The extensions are malformed."))
    found = decode_extensions(inner[0])
    for extension in found.values():
        if extension.critical and extension.oid != _NONCE:
            raise der.malformed(
                _("The critical extension {oid} is not supported.").format(oid=extension.oid)
            )
    return found


def _read_nonce(value: bytes) -> bytes:
    nonce = der.parse(value).expect(der.OCTET_STRING).content
    if not 1 <= len(nonce) <= MAX_NONCE_SIZE:
        raise der.malformed(_("The nonce is empty or longer than 128 octets."))
    return nonce


def _read_single_request(element: der.Element) -> CertId:
    parts = element.sequence()
    if [part.tag for part in parts] not in ([der.SEQUENCE], [der.SEQUENCE, 0xA0]):
        raise der.malformed(_("A part of the request names no certificate."))
    if len(parts) == 2:
        _read_extensions(parts[1])
    fields = parts[0].children()
    if len(fields) != 4:
        raise der.malformed(_("A part of the request names no certificate."))
    algorithm, *hashed, serial = fields
    identifier = algorithm.sequence()
    if not 1 <= len(identifier) <= 2:
        raise der.malformed(_("The hash algorithm is malformed."))
    name_hash, key_hash = (part.expect(der.OCTET_STRING).content for part in hashed)
    return CertId(
        hash_oid=der.read_oid(identifier[0]),
        issuer_name_hash=name_hash,
        issuer_key_hash=key_hash,
        serial=der.read_integer(serial),
        encoded=parts[0].encoded,
    )


def matches(cert_id: CertId, issuer_certificate: bytes) -> bool:
    """Whether a certificate of this CA is asked for; other hashes than SHA-1 and -256 are not."""
    if cert_id.hash_oid not in _HASHES:
        return False
    hashes = _issuer_hashes(cert_id.hash_oid, issuer_certificate)
    return hashes == (cert_id.issuer_name_hash, cert_id.issuer_key_hash)


def _issuer_hashes(hash_oid: str, issuer_certificate: bytes) -> tuple[bytes, bytes]:
    issuer = read_certificate(issuer_certificate)
    digest = _HASHES[hash_oid]
    return digest(issuer.subject_der), digest(_key_bits(issuer.public_key))


def _key_bits(spki: bytes) -> bytes:
    return der.read_octets(der.parse(spki).sequence()[1])


def build_response(
    answers: Sequence[SingleAnswer],
    *,
    responder_certificate: bytes,
    key: SigningKey,
    produced_at: datetime,
    nonce: bytes | None = None,
    chain: Sequence[bytes] = (),
) -> bytes:
    """Signs a successful DER OCSPResponse with the key of a CA or of its delegated responder.

    A delegated responder's certificate is sent along, and `chain` after it. Raises
    InvalidInputError when the key is another's, the certificate may not sign responses, there
    is no answer, or a revoked certificate's lacks the time.
    """
    responder = read_certificate(responder_certificate)
    if responder.public_key != key.public_key:
        raise InvalidInputError(_("The signing key does not belong to the responder."))
    if not (responder.is_ca or OCSP_SIGNING in responder.extended_key_usage):
        raise InvalidInputError(_("The responder's certificate may not sign OCSP responses."))
    if not answers:
        raise InvalidInputError(_("An OCSP response needs an answer."))
    # ResponderID byKey is SHA-1 of the key's bits, whatever the requests hash with
    responder_id = der.tlv(0xA2, der.octet_string(_HASHES[_SHA1](_key_bits(key.public_key))))
    content = der.sequence(
        responder_id,
        der.generalized_time(produced_at),
        der.sequence(*map(_encode_answer, answers)),
        b"" if nonce is None else der.tlv(0xA1, der.sequence(_encode_nonce(nonce))),
    )
    certificates = (*(() if responder.is_ca else (responder_certificate,)), *chain)
    basic = der.sequence(
        content,
        signature_algorithm(key.algorithm),
        der.bit_string(key.sign(content)),
        der.tlv(0xA0, der.sequence(*certificates)) if certificates else b"",
    )
    body = der.sequence(der.oid(_BASIC_RESPONSE), der.octet_string(basic))
    return der.sequence(der.tlv(der.ENUMERATED, b"\x00"), der.tlv(0xA0, body))


def _encode_answer(answer: SingleAnswer) -> bytes:
    """DER SingleResponse (RFC 6960 section 4.2.1)."""
    until = answer.next_update
    return der.sequence(
        answer.cert_id.encoded,
        _encode_status(answer),
        der.generalized_time(answer.this_update),
        b"" if until is None else der.tlv(0xA0, der.generalized_time(until)),
    )


def _encode_status(answer: SingleAnswer) -> bytes:
    """DER CertStatus; an unspecified reason is left out, as it is in lists."""
    if answer.status is CertStatus.GOOD:
        return der.tlv(0x80)
    if answer.status is CertStatus.UNKNOWN:
        return der.tlv(0x82)
    if answer.revoked_at is None:
        raise InvalidInputError(_("The time of a revocation is missing."))
    known = answer.reason is not RevocationReason.UNSPECIFIED
    reason = der.tlv(0xA0, encode_reason(answer.reason)) if known else b""
    return der.tlv(0xA1, der.generalized_time(answer.revoked_at), reason)


def _encode_nonce(nonce: bytes) -> bytes:
    return encode_extension(CustomExtension(_NONCE, critical=False, value=der.octet_string(nonce)))


def error_response(error: OcspError) -> bytes:
    """The unsigned DER OCSPResponse that answers nothing."""
    return der.sequence(der.tlv(der.ENUMERATED, bytes((error,))))


def responder_contents(
    public_key: bytes, subject: Subject, not_before: datetime, not_after: datetime
) -> CertificateContents:
    """Contents of a delegated responder's certificate, to be issued by the CA it answers for.

    id-pkix-ocsp-nocheck tells clients not to ask about the responder itself, so it should
    live shortly (RFC 6960 section 4.2.2.2.1). `public_key` is SPKI DER.
    """
    no_check = CustomExtension(_NO_CHECK, critical=False, value=der.tlv(der.NULL))
    return CertificateContents(
        subject=subject,
        san=(),
        public_key=public_key,
        not_before=not_before,
        not_after=not_after,
        key_usage=frozenset({KeyUsage.DIGITAL_SIGNATURE}),
        extended_key_usage=(OCSP_SIGNING,),
        extensions=(no_check,),
    )
