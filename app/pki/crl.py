"""Certificate revocation lists: signing our own, and reading them strictly (RFC 5280 section 5)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from app.core.errors import InvalidInputError
from app.core.language import _
from app.pki import der, extensions
from app.pki.certificates import KeyUsage, read_certificate
from app.pki.extensions import CustomExtension, decode_extensions, encode_extension
from app.pki.revocation import (
    RevocationReason,
    RevokedCertificate,
    encode_reason,
    read_reason,
)
from app.pki.sign import SigningKey, sign_structure, signature_algorithm

MAX_CRL_SIZE = 16 * 1024 * 1024
_MAX_ELEMENTS = 2_500_000

_CRL_NUMBER, _REASON_CODE = "2.5.29.20", "2.5.29.21"
_INVALIDITY_DATE, _ISSUING_DISTRIBUTION_POINT = "2.5.29.24", "2.5.29.28"
_V2 = der.integer(1)


class CrlError(InvalidInputError):
    """The bytes are not a revocation list this program reads."""


@dataclass(frozen=True)
class CrlInfo:
    """What a revocation list says; its signature is not checked.

    `issuer_der` is the DER Name; times are aware UTC. `partition_url` is the address the list
    is confined to: it speaks only for certificates that name this distribution point.
    """

    issuer_der: bytes
    authority_key_id: bytes
    number: int
    this_update: datetime
    next_update: datetime
    revoked: tuple[RevokedCertificate, ...]
    partition_url: str | None


def build_crl(
    issuer_certificate: bytes,
    key: SigningKey,
    revoked: Iterable[RevokedCertificate],
    *,
    number: int,
    this_update: datetime,
    next_update: datetime,
    partition_url: str | None = None,
) -> bytes:
    """Signs a complete version 2 list; returns DER. `number` must grow from list to list.

    Raises InvalidInputError when the issuer may not sign lists or does not own the key, for a
    number over 20 octets, for an end before the beginning, for a certificate revoked twice,
    and for the reason removeFromCRL, which only delta lists have.
    """
    issuer = read_certificate(issuer_certificate)
    if issuer.public_key != key.public_key:
        raise InvalidInputError(_("The signing key does not belong to the CA certificate."))
    usage = issuer.key_usage
    if not issuer.is_ca or (usage is not None and KeyUsage.CRL_SIGN not in usage):
        raise InvalidInputError(_("The issuing certificate may not sign revocation lists."))
    if not 0 <= number < 2**159:
        raise InvalidInputError(_("The list's number must fit 20 octets."))
    if next_update <= this_update:
        raise InvalidInputError(_("The list would end before it begins."))
    identifier = issuer.subject_key_id or extensions.key_identifier(issuer.public_key)
    tbs = der.sequence(
        _V2,
        signature_algorithm(key.algorithm),
        issuer.subject_der,
        der.time(this_update),
        der.time(next_update),
        _encode_entries(revoked),
        der.tlv(0xA0, _list_extensions(identifier, number, partition_url)),
    )
    return sign_structure(tbs, key)


def _encode_entries(revoked: Iterable[RevokedCertificate]) -> bytes:
    """The revokedCertificates; absent when there are none (RFC 5280 section 5.1.2.6)."""
    listed = tuple(revoked)
    entries = {
        entry.serial: der.sequence(
            der.integer(entry.serial),
            der.time(entry.revoked_at),
            _entry_extensions(entry.reason, entry.invalid_since),
        )
        for entry in listed
    }
    if len(entries) < len(listed):
        raise InvalidInputError(_("A certificate is revoked twice."))
    return der.sequence(*entries.values()) if entries else b""


@lru_cache(maxsize=1024)  # most entries of a list say the same
def _entry_extensions(reason: RevocationReason, invalid_since: datetime | None) -> bytes:
    """The crlEntryExtensions; an unspecified reason is left out (RFC 5280 section 5.3.1)."""
    if reason is RevocationReason.REMOVE_FROM_CRL:
        raise InvalidInputError(_("Only a delta list can take a certificate off a list."))
    found = b""
    if reason is not RevocationReason.UNSPECIFIED:
        found += _extension(_REASON_CODE, encode_reason(reason))
    if invalid_since is not None:
        found += _extension(_INVALIDITY_DATE, der.generalized_time(invalid_since))
    return der.sequence(found) if found else b""


def _list_extensions(key_identifier: bytes, number: int, partition_url: str | None) -> bytes:
    authority = extensions.authority_key_identifier(key_identifier)
    partition = b""
    if partition_url is not None:
        # a DistributionPoint with a name alone is encoded as an IssuingDistributionPoint is
        points = der.parse(extensions.crl_distribution_points((partition_url,)))
        point = points.children()[0].encoded
        partition = _extension(_ISSUING_DISTRIBUTION_POINT, point, critical=True)
    return der.sequence(
        _extension(extensions.AUTHORITY_KEY_IDENTIFIER, authority),
        _extension(_CRL_NUMBER, der.integer(number)),
        partition,
    )


def _extension(oid: str, value: bytes, *, critical: bool = False) -> bytes:
    return encode_extension(CustomExtension(oid, critical, value))


def read_crl(data: bytes) -> CrlInfo:
    """Takes a DER revocation list apart; raises CrlError for all but what `build_crl` could say.

    Refused besides malformed bytes: more than 16 MiB, version 1, lists without an end, a
    number or an authority key identifier, indirect and delta lists, other critical extensions.
    """
    try:
        return _read(data)
    except der.DerError as error:
        raise CrlError(
            _("The revocation list cannot be read."),
            cause=error.cause,
            remedy=_("Fetch or export it again, as DER."),
        ) from error


def _read(data: bytes) -> CrlInfo:
    if len(data) > MAX_CRL_SIZE:
        raise der.malformed(_("The revocation list is larger than 16 MiB."))
    outer = der.parse(data, _MAX_ELEMENTS).sequence()
    if len(outer) != 3:
        raise der.malformed(_("The structure is not a revocation list."))
    tbs, algorithm, signature = outer
    der.read_octets(signature)
    parts = tbs.sequence()
    entries = parts.pop(5).children() if [part.tag for part in parts[5:]] == [0x30, 0xA0] else []
    if len(parts) != 6 or parts[0].encoded != _V2:
        raise der.malformed(_("The structure is not a revocation list of version 2."))
    if parts[1].expect(der.SEQUENCE).encoded != algorithm.encoded:
        raise der.malformed(_("The list names two different signature algorithms."))
    this_update, next_update = map(der.read_time, parts[3:5])
    if next_update < this_update:
        raise der.malformed(_("The list ends before it begins."))
    found = _known_extensions(
        parts[5].sequence(0xA0),
        {extensions.AUTHORITY_KEY_IDENTIFIER, _CRL_NUMBER, _ISSUING_DISTRIBUTION_POINT},
    )
    return CrlInfo(
        issuer_der=_read_issuer(parts[2]),
        authority_key_id=_read_authority(found),
        number=_read_number(found),
        this_update=this_update,
        next_update=next_update,
        revoked=_read_entries(entries),
        partition_url=_read_partition(found),
    )


def _known_extensions(wrapped: list[der.Element], known: set[str]) -> Mapping[str, bytes]:
    """Values of the known extensions by OID; an unknown one must not be critical."""
    if len(wrapped) != 1:
        raise der.malformed(_("The extensions are malformed."))
    found = decode_extensions(wrapped[0])
    for extension in found.values():
        if extension.critical and extension.oid not in known:
            raise der.malformed(
                _("The critical extension {oid} is not supported.").format(oid=extension.oid)
            )
    return {oid: extension.value for oid, extension in found.items() if oid in known}


def _read_issuer(name: der.Element) -> bytes:
    if not name.sequence():
        raise der.malformed(_("The list's issuer is empty."))
    return name.encoded


def _read_authority(found: Mapping[str, bytes]) -> bytes:
    value = found.get(extensions.AUTHORITY_KEY_IDENTIFIER)
    identifier = None if value is None else extensions.read_authority_key_identifier(value)
    if identifier is None:
        raise der.malformed(_("The list does not identify the key that signed it."))
    return identifier


def _read_number(found: Mapping[str, bytes]) -> int:
    if _CRL_NUMBER not in found:
        raise der.malformed(_("The list has no number."))
    element = der.parse(found[_CRL_NUMBER])
    number = der.read_integer(element)
    if number < 0 or len(element.content) > 20:
        raise der.malformed(_("The list's number is negative or longer than 20 octets."))
    return number


def _read_partition(found: Mapping[str, bytes]) -> str | None:
    if _ISSUING_DISTRIBUTION_POINT not in found:
        return None
    # the distribution point, its full name, one URI: nested around nothing else
    element = der.parse(found[_ISSUING_DISTRIBUTION_POINT]).expect(der.SEQUENCE)
    for tag in (0xA0, 0xA0, 0x86):
        inner = element.children()
        if len(inner) != 1:
            raise der.malformed(_("The list is confined to more than one address."))
        element = inner[0].expect(tag)
    if not element.content.isascii():
        raise der.malformed(_("The address the list is confined to is no URI."))
    return element.content.decode("ascii")


def _read_entries(entries: list[der.Element]) -> tuple[RevokedCertificate, ...]:
    revoked = tuple(map(_read_entry, entries))
    if len({entry.serial for entry in revoked}) < len(revoked):
        raise der.malformed(_("A certificate is revoked twice."))
    return revoked


def _read_entry(entry: der.Element) -> RevokedCertificate:
    parts = entry.sequence()
    if not 2 <= len(parts) <= 3:
        raise der.malformed(_("An entry of the list is not a serial number and a time."))
    serial = der.read_integer(parts[0])
    if serial < 0 or len(parts[0].content) > 20:
        raise der.malformed(_("A serial number is negative or longer than 20 octets."))
    reason, since = RevocationReason.UNSPECIFIED, None
    if len(parts) == 3:
        reason, since = _read_entry_extensions(parts[2].encoded)
    return RevokedCertificate(serial, der.read_time(parts[1]), reason, since)


@lru_cache(maxsize=1024)
def _read_entry_extensions(data: bytes) -> tuple[RevocationReason, datetime | None]:
    found = _known_extensions([der.parse(data)], {_REASON_CODE, _INVALIDITY_DATE})
    reason, since = RevocationReason.UNSPECIFIED, None
    if _REASON_CODE in found:
        reason = read_reason(found[_REASON_CODE])
    if _INVALIDITY_DATE in found:
        since = der.read_time(der.parse(found[_INVALIDITY_DATE]))
    if reason is RevocationReason.REMOVE_FROM_CRL:
        raise der.malformed(_("Only a delta list can take a certificate off a list."))
    return reason, since
