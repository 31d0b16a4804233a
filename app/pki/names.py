"""Names in certificates and requests: subject alternative names here, subjects from `subjects`."""

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.core.errors import InvalidInputError
from app.core.language import _
from app.pki import der
from app.pki.strings import check_characters, read_string
from app.pki.subjects import (
    ATTRIBUTE_TYPES,
    Attribute,
    AttributeType,
    Subject,
    attribute_type,
    check_attribute,
    decode_name,
    encode_name,
    names_match,
    read_requested_name,
    subject_text,
)

__all__ = [
    "ATTRIBUTE_TYPES",
    "Attribute",
    "AttributeType",
    "GeneralName",
    "SanKind",
    "Subject",
    "attribute_type",
    "check_attribute",
    "check_general_name",
    "decode_general_names",
    "decode_name",
    "encode_general_names",
    "encode_name",
    "names_match",
    "read_requested_name",
    "subject_text",
]


class SanKind(StrEnum):
    """The kinds of subject alternative name."""

    DNS = "dns"
    IP = "ip"
    URI = "uri"
    EMAIL = "email"
    HARDWARE_MODULE_NAME = "hardwareModuleName"
    OTHER = "other"


@dataclass(frozen=True)
class GeneralName:
    """One subject alternative name.

    A hardware module name (RFC 4108 section 5) is `<hwType OID>:<serial>`; a serial that is
    not printable ASCII is written `0x<hex>`. OTHER is `<type-id OID>;<text>` for an otherName
    that holds a UTF8String; others of its kind are shown as text and never issued.
    """

    kind: SanKind
    value: str


_HARDWARE_MODULE_NAME = "1.3.6.1.5.5.7.8.4"
# context tags of GeneralName (RFC 5280 section 4.2.1.6)
_OTHER_NAME, _X400_ADDRESS, _DIRECTORY_NAME, _EDI_PARTY_NAME = 0xA0, 0xA3, 0xA4, 0xA5
_IP_ADDRESS, _REGISTERED_ID = 0x87, 0x88
_MAX_OTHER_NAME = 256
_TEXT_TAGS = {SanKind.EMAIL: 0x81, SanKind.DNS: 0x82, SanKind.URI: 0x86}
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+")
_EMAIL_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")


def check_general_name(name: GeneralName) -> None:
    """Raises InvalidInputError when the alternative name cannot stand in a certificate."""
    check_characters(name.value, _("The alternative name"))
    _CHECKS[name.kind](name.value)


def _refuse(problem: str, value: str, remedy: str = "") -> InvalidInputError:
    return InvalidInputError(problem.format(value=value), remedy=remedy, field="san")


def _check_dns(value: str) -> None:
    if "*" in value:
        raise _refuse(
            _('The DNS name "{value}" is a wildcard.'), value, _("Name each host by itself.")
        )
    labels = value.split(".")
    valid = len(value) <= 253 and all(_LABEL.fullmatch(label) for label in labels)
    if not valid or labels[-1].isdigit():
        raise _refuse(
            _('"{value}" is not a DNS name.'),
            value,
            _("Use labels of letters, digits and hyphens; write international names as xn--."),
        )


def _check_ip(value: str) -> None:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        raise _refuse(_('"{value}" is not an IP address.'), value) from None
    if "%" in value:
        raise _refuse(_('The IP address "{value}" has a zone.'), value)


def _check_uri(value: str) -> None:
    if len(value) > 2048 or not _URI.fullmatch(value):
        raise _refuse(_('"{value}" is not an absolute URI.'), value)


def _check_email(value: str) -> None:
    local, at, domain = value.rpartition("@")
    if not at or len(value) > 254 or not _EMAIL_LOCAL.fullmatch(local):
        raise _refuse(_('"{value}" is not an e-mail address.'), value)
    _check_dns(domain)


def _check_hardware_module_name(value: str) -> None:
    _hardware_module_name(value)


def _check_other(value: str) -> None:
    _other_name(value)


_CHECKS: Mapping[SanKind, Callable[[str], None]] = {
    SanKind.DNS: _check_dns,
    SanKind.IP: _check_ip,
    SanKind.URI: _check_uri,
    SanKind.EMAIL: _check_email,
    SanKind.HARDWARE_MODULE_NAME: _check_hardware_module_name,
    SanKind.OTHER: _check_other,
}


def _hardware_module_name(value: str) -> bytes:
    """DER HardwareModuleName of `<oid>:<serial>`."""
    hardware_type, colon, serial = value.partition(":")
    try:
        octets = bytes.fromhex(serial[2:]) if serial.startswith("0x") else serial.encode("ascii")
    except ValueError:
        octets = b""
    if not colon or not 1 <= len(octets) <= 255:
        raise _refuse(
            _('"{value}" is not a hardware module name.'),
            value,
            _("Write the type's object identifier, a colon and the serial number."),
        )
    return der.sequence(der.oid(hardware_type), der.octet_string(octets))


def _other_name(value: str) -> tuple[bytes, bytes]:
    """DER type-id and value of `<oid>;<text>`."""
    type_id, _semicolon, text = value.partition(";")
    try:
        encoded = der.oid(type_id)
    except der.DerError:
        encoded = b""
    if not encoded or type_id == _HARDWARE_MODULE_NAME:
        raise _refuse(_('The alternative name "{value}" is of a kind that is not issued.'), value)
    if not 1 <= len(text) <= _MAX_OTHER_NAME:
        raise _refuse(
            _('The alternative name "{value}" is empty or too long.'),
            value,
            _("Use at most {count} characters.").format(count=_MAX_OTHER_NAME),
        )
    return encoded, der.tlv(der.UTF8_STRING, text.encode())


def encode_general_names(names: Iterable[GeneralName]) -> bytes:
    """DER GeneralNames; raises InvalidInputError for a name that cannot be issued."""
    return der.sequence(*map(_encode_general_name, names))


def _encode_general_name(name: GeneralName) -> bytes:
    check_general_name(name)
    if name.kind in _TEXT_TAGS:
        return der.tlv(_TEXT_TAGS[name.kind], name.value.encode("ascii"))
    if name.kind is SanKind.IP:
        return der.tlv(_IP_ADDRESS, ipaddress.ip_address(name.value).packed)
    if name.kind is SanKind.OTHER:
        type_id, value = _other_name(name.value)
        return der.tlv(_OTHER_NAME, type_id, der.tlv(0xA0, value))
    module_name = der.tlv(0xA0, _hardware_module_name(name.value))
    return der.tlv(_OTHER_NAME, der.oid(_HARDWARE_MODULE_NAME), module_name)


def decode_general_names(names: bytes) -> tuple[GeneralName, ...]:
    """The names of DER GeneralNames in order; DerError when malformed or empty."""
    elements = der.parse(names).sequence()
    if not elements:
        raise der.malformed(_("The list of alternative names is empty."))
    return tuple(map(_decode_general_name, elements))


def _decode_general_name(element: der.Element) -> GeneralName:
    for kind, tag in _TEXT_TAGS.items():
        if element.tag == tag:
            return GeneralName(kind, read_string(element._replace(tag=der.IA5_STRING)))
    if element.tag == _IP_ADDRESS and len(element.content) in {4, 16}:
        return GeneralName(SanKind.IP, str(ipaddress.ip_address(element.content)))
    if element.tag == _OTHER_NAME:
        return _decode_other_name(element)
    if element.tag == _DIRECTORY_NAME:
        return GeneralName(
            SanKind.OTHER, f"directoryName:{subject_text(decode_name(element.content))}"
        )
    if element.tag == _REGISTERED_ID:
        oid = der.read_oid(element._replace(tag=der.OID))
        return GeneralName(SanKind.OTHER, f"registeredID:{oid}")
    if element.tag in {_X400_ADDRESS, _EDI_PARTY_NAME}:
        return GeneralName(SanKind.OTHER, f"0x{element.encoded.hex()}")
    raise der.malformed(_("An alternative name is malformed or of an unknown kind."))


def _decode_other_name(element: der.Element) -> GeneralName:
    parts = element.children()
    if len(parts) != 2 or parts[1].tag != 0xA0 or len(parts[1].children()) != 1:
        raise der.malformed(_("An otherName is not a type and a value."))
    oid, value = der.read_oid(parts[0]), parts[1].children()[0]
    if oid != _HARDWARE_MODULE_NAME:
        if value.tag == der.UTF8_STRING:
            return GeneralName(SanKind.OTHER, f"{oid};{read_string(value)}")
        return GeneralName(SanKind.OTHER, f"otherName {oid}:0x{value.encoded.hex()}")
    fields = value.sequence()
    if len(fields) != 2:
        raise der.malformed(_("A hardware module name is not a type and a serial number."))
    serial = fields[1].expect(der.OCTET_STRING).content
    text = serial.decode("latin-1")
    if not text or not (text.isascii() and text.isprintable()) or text.startswith("0x"):
        text = f"0x{serial.hex()}"
    return GeneralName(SanKind.HARDWARE_MODULE_NAME, f"{der.read_oid(fields[0])}:{text}")
