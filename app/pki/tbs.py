"""The fields of an X.509 certificate as raw bytes, taken apart strictly (RFC 5280 section 4.1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.core.language import _
from app.pki import der
from app.pki.extensions import CustomExtension, decode_extensions

MAX_CERTIFICATE_SIZE = 64 * 1024


@dataclass(frozen=True)
class Fields:
    """What a certificate consists of; names and key are DER, times aware UTC."""

    serial: int
    signature_oid: str
    issuer: bytes
    not_before: datetime
    not_after: datetime
    subject: bytes
    public_key: bytes
    extensions: Mapping[str, CustomExtension]


def read_fields(certificate: bytes) -> Fields:
    """Takes a DER certificate apart; DerError for anything RFC 5280 does not allow.

    Refused besides malformed DER: versions other than 1 and 3, extensions in version 1,
    negative or over-long serial numbers, disagreeing signature algorithms, an empty issuer,
    times in other forms than UTC to the second, an end before the beginning.
    """
    if len(certificate) > MAX_CERTIFICATE_SIZE:
        raise der.malformed(_("The certificate is larger than 64 KiB."))
    outer = der.parse(certificate).sequence()
    if len(outer) != 3:
        raise der.malformed(_("The structure is not a certificate."))
    tbs, outer_algorithm, signature = outer
    der.read_octets(signature)
    parts = tbs.sequence()
    version = _read_version(parts)
    if len(parts) < 6:
        raise der.malformed(_("The certificate lacks a field."))
    serial, algorithm, issuer, validity, subject, key = parts[:6]
    if algorithm.encoded != outer_algorithm.encoded:
        raise der.malformed(_("The certificate names two different signature algorithms."))
    not_before, not_after = _read_validity(validity)
    if not issuer.sequence():
        raise der.malformed(_("The certificate's issuer is empty."))
    return Fields(
        serial=_read_serial(serial),
        signature_oid=_algorithm_oid(algorithm),
        issuer=issuer.encoded,
        not_before=not_before,
        not_after=not_after,
        subject=subject.expect(der.SEQUENCE).encoded,
        public_key=key.expect(der.SEQUENCE).encoded,
        extensions=_read_extensions(parts[6:], version),
    )


def _read_version(parts: list[der.Element]) -> int:
    """Takes the version off the front of `parts`: 1 or 3."""
    if not parts or parts[0].tag != 0xA0:
        return 1
    inner = parts.pop(0).children()
    if len(inner) != 1 or der.read_integer(inner[0]) != 2:
        raise der.malformed(_("The certificate is of an unknown version."))
    return 3


def _read_serial(element: der.Element) -> int:
    serial = der.read_integer(element)
    if serial < 0 or len(element.content) > 20:
        raise der.malformed(_("The serial number is negative or longer than 20 octets."))
    return serial


def _algorithm_oid(element: der.Element) -> str:
    parts = element.sequence()
    if not 1 <= len(parts) <= 2:
        raise der.malformed(_("The signature algorithm is malformed."))
    return der.read_oid(parts[0])


def _read_validity(element: der.Element) -> tuple[datetime, datetime]:
    times = element.sequence()
    if len(times) != 2:
        raise der.malformed(_("The validity is not a beginning and an end."))
    not_before, not_after = map(der.read_time, times)
    if not_after < not_before:
        raise der.malformed(_("The certificate ends before it begins."))
    return not_before, not_after


def _read_extensions(parts: list[der.Element], version: int) -> Mapping[str, CustomExtension]:
    """The extensions after the optional unique identifiers (which nobody uses)."""
    tags = [part.tag for part in parts]
    if tags != sorted(set(tags)) or not set(tags) <= {0x81, 0x82, 0xA3}:
        raise der.malformed(_("Unknown fields follow the certificate's key."))
    if version == 1 and parts:
        raise der.malformed(_("A version 1 certificate carries fields of version 3."))
    if 0xA3 not in tags:
        return {}
    inner = parts[-1].children()
    if len(inner) != 1:
        raise der.malformed(_("The extensions are malformed."))
    return decode_extensions(inner[0])
