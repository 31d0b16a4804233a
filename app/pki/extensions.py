"""The certificate extensions this program writes and reads (RFC 5280 section 4.2)."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.core.language import _
from app.pki import der
from app.pki.keys import read_public_key_info

SUBJECT_KEY_IDENTIFIER = "2.5.29.14"
KEY_USAGE = "2.5.29.15"
SUBJECT_ALTERNATIVE_NAME = "2.5.29.17"
BASIC_CONSTRAINTS = "2.5.29.19"
CRL_DISTRIBUTION_POINTS = "2.5.29.31"
AUTHORITY_KEY_IDENTIFIER = "2.5.29.35"
EXTENDED_KEY_USAGE = "2.5.29.37"
AUTHORITY_INFORMATION_ACCESS = "1.3.6.1.5.5.7.1.1"

SERVER_AUTH = "1.3.6.1.5.5.7.3.1"
CLIENT_AUTH = "1.3.6.1.5.5.7.3.2"
CODE_SIGNING = "1.3.6.1.5.5.7.3.3"
EMAIL_PROTECTION = "1.3.6.1.5.5.7.3.4"
TIME_STAMPING = "1.3.6.1.5.5.7.3.8"
OCSP_SIGNING = "1.3.6.1.5.5.7.3.9"
CMC_CA = "1.3.6.1.5.5.7.3.27"
CMC_RA = "1.3.6.1.5.5.7.3.28"
WISUN = "1.3.6.1.4.1.45605.1"
ANY = "2.5.29.37.0"

OCSP, CA_ISSUERS = "1.3.6.1.5.5.7.48.1", "1.3.6.1.5.5.7.48.2"
_NO_CA = b"\x30\x00"


class KeyUsage(StrEnum):
    """What a key may be used for, in the order of the extension's bits."""

    DIGITAL_SIGNATURE = "digitalSignature"
    NON_REPUDIATION = "nonRepudiation"
    KEY_ENCIPHERMENT = "keyEncipherment"
    DATA_ENCIPHERMENT = "dataEncipherment"
    KEY_AGREEMENT = "keyAgreement"
    KEY_CERT_SIGN = "keyCertSign"
    CRL_SIGN = "cRLSign"
    ENCIPHER_ONLY = "encipherOnly"
    DECIPHER_ONLY = "decipherOnly"


KEY_ESTABLISHMENT = frozenset(
    {
        KeyUsage.KEY_ENCIPHERMENT,
        KeyUsage.DATA_ENCIPHERMENT,
        KeyUsage.KEY_AGREEMENT,
        KeyUsage.ENCIPHER_ONLY,
        KeyUsage.DECIPHER_ONLY,
    }
)
"""What a key that only signs must not be used for (RFC 9295 section 3, RFC 9881 section 5)."""


@dataclass(frozen=True)
class CustomExtension:
    """An extension by its dotted OID; `value` is the DER inside the OCTET STRING."""

    oid: str
    critical: bool
    value: bytes


@dataclass(frozen=True)
class BasicConstraints:
    """Whether the subject is a CA, and how many CAs may stand below it (None: any number)."""

    ca: bool
    path_length: int | None


def encode_extension(extension: CustomExtension) -> bytes:
    """DER Extension; DerError when the OID is none or the value is not DER."""
    der.parse(extension.value)
    critical = der.tlv(der.BOOLEAN, b"\xff") if extension.critical else b""
    return der.sequence(der.oid(extension.oid), critical, der.octet_string(extension.value))


def decode_extensions(element: der.Element) -> dict[str, CustomExtension]:
    """The extensions of an Extensions SEQUENCE by OID.

    Raises DerError for an empty list, an extension that stands twice or has a bad shape. The
    values are not looked into.
    """
    found: dict[str, CustomExtension] = {}
    for item in element.sequence():
        parts = item.sequence()
        if not 2 <= len(parts) <= 3:
            raise der.malformed(_("An extension is not an identifier and a value."))
        oid = der.read_oid(parts[0])
        critical = len(parts) == 3 and der.read_boolean(parts[1])
        value = parts[-1].expect(der.OCTET_STRING).content
        if oid in found:
            raise der.malformed(_("The extension {oid} stands twice.").format(oid=oid))
        found[oid] = CustomExtension(oid, critical, value)
    if not found:
        raise der.malformed(_("The list of extensions is empty."))
    return found


def basic_constraints(*, ca: bool, path_length: int | None = None) -> bytes:
    """DER BasicConstraints."""
    if not ca:
        return _NO_CA
    length = b"" if path_length is None else der.integer(path_length)
    return der.sequence(der.tlv(der.BOOLEAN, b"\xff"), length)


def read_basic_constraints(value: bytes) -> BasicConstraints:
    """Decodes BasicConstraints; DerError when malformed or a path length stands without CA."""
    parts = der.parse(value).sequence()
    ca = bool(parts) and parts[0].tag == der.BOOLEAN and der.read_boolean(parts.pop(0))
    path_length = der.read_integer(parts.pop(0)) if parts else None
    if parts or (path_length is not None and (path_length < 0 or not ca)):
        raise der.malformed(_("The basic constraints are malformed."))
    return BasicConstraints(ca, path_length)


def key_usage(usage: Collection[KeyUsage]) -> bytes:
    """DER KeyUsage."""
    return der.named_bits([bit for bit, name in enumerate(KeyUsage) if name in usage])


def read_key_usage(value: bytes) -> frozenset[KeyUsage]:
    """Decodes KeyUsage; DerError when malformed, empty, or with trailing zero bits."""
    octets, unused = der.read_bit_string(der.parse(value))
    bits = f"{int.from_bytes(octets):0{8 * len(octets)}b}"[: 8 * len(octets) - unused]
    if not bits.endswith("1") or len(bits) > len(KeyUsage):
        raise der.malformed(_("The key usage is malformed."))
    return frozenset(name for name, bit in zip(KeyUsage, bits, strict=False) if bit == "1")


def extended_key_usage(purposes: Sequence[str]) -> bytes:
    """DER ExtKeyUsageSyntax of dotted OIDs."""
    return der.sequence(*map(der.oid, purposes))


def read_extended_key_usage(value: bytes) -> tuple[str, ...]:
    """Dotted OIDs of an ExtKeyUsageSyntax; DerError when malformed or empty."""
    purposes = tuple(map(der.read_oid, der.parse(value).sequence()))
    if not purposes:
        raise der.malformed(_("The extended key usage is empty."))
    return purposes


def key_identifier(spki: bytes) -> bytes:
    """Leftmost 160 bits of the SHA-256 of the key's bits (RFC 7093 section 2, method 1)."""
    _algorithm, key = read_public_key_info(spki)
    return hashlib.sha256(key).digest()[:20]


def read_subject_key_identifier(value: bytes) -> bytes:
    """The identifier's octets; DerError when malformed."""
    return der.parse(value).expect(der.OCTET_STRING).content


def authority_key_identifier(identifier: bytes) -> bytes:
    """DER AuthorityKeyIdentifier with the key identifier only."""
    return der.sequence(der.tlv(0x80, identifier))


def read_authority_key_identifier(value: bytes) -> bytes | None:
    """The key identifier's octets, None when the extension has none; DerError when malformed."""
    for part in der.parse(value).sequence():
        if part.tag == 0x80:
            return part.content
    return None


def crl_distribution_points(urls: Sequence[str]) -> bytes:
    """DER CRLDistributionPoints, one point a URL."""
    return der.sequence(*(der.sequence(der.tlv(0xA0, der.tlv(0xA0, _url(url)))) for url in urls))


def authority_information_access(ocsp: Sequence[str], ca_issuers: Sequence[str]) -> bytes:
    """DER AuthorityInfoAccessSyntax."""
    methods = [(OCSP, url) for url in ocsp] + [(CA_ISSUERS, url) for url in ca_issuers]
    return der.sequence(*(der.sequence(der.oid(oid), _url(url)) for oid, url in methods))


def _url(url: str) -> bytes:
    if not (url.isascii() and url.isprintable() and "://" in url and " " not in url):
        raise der.malformed(_('"{url}" is not a URL.').format(url=url))
    return der.tlv(0x86, url.encode("ascii"))
