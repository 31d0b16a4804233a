"""Decoded certificates, requests and revocation lists for people, part by part."""

import hashlib
from collections.abc import Iterator

from app.core.language import _
from app.pki import der
from app.pki.certificates import CertificateInfo, read_certificate
from app.pki.crl import read_crl
from app.pki.descriptions import Line, Section, hex_line, name_lines, number_text, time_text
from app.pki.extension_text import describe_extension
from app.pki.extensions import decode_extensions
from app.pki.keys import WeakKeyError, spki_algorithm
from app.pki.sign import SIGNATURE_NAMES
from app.pki.strings import escape_unsafe
from app.pki.tbs import read_fields

_OTHER_SIGNATURES = {  # those of others that SIGNATURE_NAMES lacks, as they are not accepted
    "1.2.840.113549.1.1.4": "md5WithRSAEncryption",
    "1.2.840.113549.1.1.5": "sha1WithRSAEncryption",
    "1.2.840.113549.1.1.10": "RSASSA-PSS",
    "1.2.840.113549.1.1.14": "sha224WithRSAEncryption",
    "1.2.840.10040.4.3": "dsa-with-SHA1",
    "1.2.840.10045.4.1": "ecdsa-with-SHA1",
    "1.3.101.113": "Ed448",
}
MAX_ENTRIES = 1000
"""Entries of a revocation list that are told."""

_EXTENSION_REQUEST = "1.2.840.113549.1.9.14"
_CHALLENGE_PASSWORD = "1.2.840.113549.1.9.7"  # noqa: S105  an object identifier
_RSA, _EC = "1.2.840.113549.1.1.1", "1.2.840.10045.2.1"
_KEY_NAMES = {
    _RSA: "RSA",
    _EC: "EC",
    "1.2.840.10040.4.1": "DSA",
    "1.2.840.113549.1.1.10": "RSASSA-PSS",
    "1.3.101.110": "X25519",
    "1.3.101.113": "Ed448",
}


def describe_certificate(data: bytes) -> tuple[Section, ...]:
    """What a DER certificate says, field by field and extension by extension.

    Raises CertificateError for what `read_certificate` refuses, and nothing else: an
    extension whose content makes no sense is shown in hexadecimal.
    """
    info = read_certificate(data)
    fields = read_fields(data)
    tbs, _algorithm, signature = der.parse(data).children()
    return (
        Section(_("Certificate"), tuple(_general(info, fields.signature_oid, tbs))),
        Section(_("Issuer"), name_lines(info.issuer_der)),
        Section(
            _("Validity"),
            (
                Line(_("Not before"), time_text(info.not_before)),
                Line(_("Not after"), time_text(info.not_after)),
            ),
        ),
        Section(_("Subject"), name_lines(info.subject_der)),
        Section(_("Public key"), tuple(_public_key(info.public_key))),
        *map(describe_extension, fields.extensions.values()),
        _signature(fields.signature_oid, signature),
    )


def describe_csr(data: bytes) -> tuple[Section, ...]:
    """What a DER certification request says (RFC 2986), also one that `parse_csr` refuses.

    Nothing is checked but the outline; DerError when that is not a request's. A challenge
    password is a secret, of which only the presence is told.
    """
    outer = der.parse(data).sequence()
    parts = outer[0].sequence() if len(outer) == 3 else []
    if not 3 <= len(parts) <= 4:
        raise der.malformed(_("The structure is not a certification request."))
    attributes = parts[3].sequence(0xA0) if len(parts) == 4 else []
    return (
        Section(_("Subject"), name_lines(parts[1].encoded)),
        Section(_("Public key"), tuple(_public_key(parts[2].encoded))),
        *(section for attribute in attributes for section in _attribute(attribute)),
        _signature(_algorithm_oid(outer[1]), outer[2]),
    )


def _attribute(attribute: der.Element) -> Iterator[Section]:
    """The sections of a request's attribute: one for each extension asked for, else one."""
    parts = attribute.sequence()
    if len(parts) != 2:
        raise der.malformed(_("An attribute is not a type and its values."))
    oid = der.read_oid(parts[0])
    if oid == _EXTENSION_REQUEST:
        for wanted in parts[1].sequence(der.SET):
            yield from map(describe_extension, decode_extensions(wanted).values())
    elif oid == _CHALLENGE_PASSWORD:
        yield Section(_("Challenge password"), (Line(_("Value"), _("given, not shown")),))
    else:
        value = hex_line(_("Value"), parts[1].encoded)
        yield Section(_("Attribute {oid}").format(oid=oid), (value,))


def describe_crl(data: bytes) -> tuple[Section, ...]:
    """What a DER revocation list says, with its first `MAX_ENTRIES` entries.

    Raises CrlError for what `read_crl` refuses.
    """
    info = read_crl(data)
    lines = [
        Line(_("Number"), number_text(info.number)),
        Line(_("This update"), time_text(info.this_update)),
        Line(_("Next update"), time_text(info.next_update)),
        hex_line(_("Authority key identifier"), info.authority_key_id),
        Line(_("Revoked certificates"), str(len(info.revoked))),
    ]
    if info.partition_url is not None:
        lines.append(Line(_("Distribution point"), escape_unsafe(info.partition_url)))
    entries = tuple(
        Line(f"{entry.serial:x}", f"{time_text(entry.revoked_at)}, {entry.reason}", mono=True)
        for entry in info.revoked[:MAX_ENTRIES]
    )
    return (
        Section(_("Revocation list"), tuple(lines)),
        Section(_("Issuer"), name_lines(info.issuer_der)),
        Section(_("Revoked certificates"), entries),
    )


def _general(info: CertificateInfo, signature_oid: str, tbs: der.Element) -> Iterator[Line]:
    octets = info.serial.to_bytes((info.serial.bit_length() + 7) // 8 or 1)
    yield Line(_("Version"), "3" if tbs.children()[0].tag == 0xA0 else "1")
    yield hex_line(_("Serial number"), octets)
    yield Line(_("Signature algorithm"), _signature_name(signature_oid))
    yield hex_line(_("SHA-256 fingerprint"), bytes.fromhex(info.fingerprint))


def _signature(oid: str, signature: der.Element) -> Section:
    value = hex_line(_("Value"), der.read_octets(signature))
    return Section(_("Signature"), (Line(_("Algorithm"), _signature_name(oid)), value))


def _algorithm_oid(identifier: der.Element) -> str:
    parts = identifier.sequence()
    if not parts:
        raise der.malformed(_("An algorithm is not named."))
    return der.read_oid(parts[0])


def _signature_name(oid: str) -> str:
    return SIGNATURE_NAMES.get(oid) or _OTHER_SIGNATURES.get(oid) or oid


def _public_key(spki: bytes) -> Iterator[Line]:
    """Lines on a SubjectPublicKeyInfo of any kind; DerError when its outline is not one."""
    parts = der.parse(spki).sequence()
    if len(parts) != 2:
        raise der.malformed(_("A public key is not an algorithm and a key."))
    oid, key = _algorithm_oid(parts[0]), der.read_octets(parts[1])
    yield Line(_("Algorithm"), _key_name(spki, oid))
    try:
        yield from _rsa_numbers(key) if oid == _RSA else ()
    except der.DerError:
        yield Line(_("Malformed"), _("The key is not a modulus and an exponent."))
    for parameters in parts[0].children()[1:] if oid == _EC else ():
        if parameters.tag == der.OID:
            yield Line(_("Curve"), der.read_oid(parameters))
        else:
            yield hex_line(_("Parameters"), parameters.encoded)
    yield hex_line(_("Key"), key)
    yield hex_line(_("SHA-256 fingerprint"), hashlib.sha256(spki).digest())


def _key_name(spki: bytes, oid: str) -> str:
    try:
        return spki_algorithm(spki).label
    except (WeakKeyError, der.DerError) as error:
        name = _KEY_NAMES.get(oid, oid)
        return _("{name} (not accepted: {reason})").format(name=name, reason=error.problem)


def _rsa_numbers(key: bytes) -> Iterator[Line]:
    numbers = [der.read_integer(element) for element in der.parse(key).sequence()]
    if len(numbers) != 2:
        raise der.malformed(_("An RSA key is not a modulus and an exponent."))
    modulus, exponent = numbers
    yield Line(_("Size"), _("{bits} bits").format(bits=modulus.bit_length()))
    yield Line(_("Exponent"), number_text(exponent))
