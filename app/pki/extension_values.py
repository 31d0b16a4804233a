"""Values of custom extensions as people write them, by ASN.1 type."""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum

from app.core.errors import InvalidInputError
from app.core.language import _
from app.pki import der
from app.pki.strings import check_characters, read_string

MAX_SIZE = 16 * 1024
"""Octets of the largest value."""

_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,999}")
_BOOLEANS = {"true": b"\xff", "false": b"\x00"}


class ExtensionValueKind(StrEnum):
    """The ASN.1 types a value is written in; DER is any other, in hexadecimal."""

    UTF8_STRING = "utf8-string"
    IA5_STRING = "ia5-string"
    INTEGER = "integer"
    OID = "oid"
    OCTET_STRING = "octet-string"
    BOOLEAN = "boolean"
    DER = "der"

    @property
    def label(self) -> str:
        """What the standards call it: `UTF8String`, `OBJECT IDENTIFIER`."""
        return _LABELS[self]


_LABELS: Mapping[ExtensionValueKind, str] = {
    ExtensionValueKind.UTF8_STRING: "UTF8String",
    ExtensionValueKind.IA5_STRING: "IA5String",
    ExtensionValueKind.INTEGER: "INTEGER",
    ExtensionValueKind.OID: "OBJECT IDENTIFIER",
    ExtensionValueKind.OCTET_STRING: "OCTET STRING",
    ExtensionValueKind.BOOLEAN: "BOOLEAN",
    ExtensionValueKind.DER: "DER",
}


def encode_value(kind: ExtensionValueKind, text: str) -> bytes:
    """The DER of a value, as `CustomExtension` takes it.

    Numbers are decimal, octets and DER hexadecimal (spaces and colons between octets may
    stand), booleans `true` or `false`. Raises InvalidInputError for field `value` otherwise,
    for an empty text, invisible characters and more than `MAX_SIZE` octets.
    """
    if not text.strip():
        raise _refusal(_("The value is empty."))
    if len(text) <= 4 * MAX_SIZE:  # hexadecimal takes up to four characters an octet
        value = _ENCODERS[kind](text)
        if len(value) <= MAX_SIZE:
            return value
    raise _refusal(_("The value is longer than {size} octets.").format(size=MAX_SIZE))


def _refusal(problem: str, remedy: str = "") -> InvalidInputError:
    return InvalidInputError(problem, remedy=remedy, field="value")


def _visible(text: str) -> None:
    try:
        check_characters(text, _("The value"))
    except InvalidInputError as error:
        raise _refusal(error.problem, error.remedy) from None


def _utf8_string(text: str) -> bytes:
    _visible(text)
    return der.tlv(der.UTF8_STRING, text.encode())


def _ia5_string(text: str) -> bytes:
    _visible(text)
    if not text.isascii():
        raise _refusal(
            _("An IA5String holds plain ASCII only."), _("Choose UTF8String for other characters.")
        )
    return der.tlv(der.IA5_STRING, text.encode())


def _integer(text: str) -> bytes:
    if not _INTEGER.fullmatch(text.strip()):
        raise _refusal(
            _("The value is not a whole number."), _("Write it in decimal digits, such as 42.")
        )
    return der.integer(int(text))


def _oid(text: str) -> bytes:
    try:
        return der.oid(text.strip())
    except der.DerError:
        raise _refusal(
            _("The value is not an object identifier."),
            _("Write numbers with dots between them, such as 1.3.6.1.4.1.99999.1."),
        ) from None


def _octet_string(text: str) -> bytes:
    return der.octet_string(_octets(text))


def _octets(text: str) -> bytes:
    try:
        return bytes.fromhex(text.replace(":", " "))
    except ValueError:
        raise _refusal(
            _("The value is not hexadecimal."), _("Write two digits 0-9, a-f for each octet.")
        ) from None


def _boolean(text: str) -> bytes:
    octet = _BOOLEANS.get(text.strip().lower())
    if octet is None:
        raise _refusal(_("The value is neither true nor false."))
    return der.tlv(der.BOOLEAN, octet)


def _any_der(text: str) -> bytes:
    value = _octets(text)
    try:
        der.parse(value)
    except der.DerError as error:
        raise InvalidInputError(error.problem, cause=error.cause, field="value") from None
    return value


_ENCODERS: Mapping[ExtensionValueKind, Callable[[str], bytes]] = {
    ExtensionValueKind.UTF8_STRING: _utf8_string,
    ExtensionValueKind.IA5_STRING: _ia5_string,
    ExtensionValueKind.INTEGER: _integer,
    ExtensionValueKind.OID: _oid,
    ExtensionValueKind.OCTET_STRING: _octet_string,
    ExtensionValueKind.BOOLEAN: _boolean,
    ExtensionValueKind.DER: _any_der,
}


def decode_value(value: bytes) -> tuple[ExtensionValueKind, str]:
    """Kind and text of a value for people; never raises.

    A value that no kind writes in exactly these octets, DER or not, comes back as hexadecimal.
    """
    try:
        element = der.parse(value)
        kind, read = _READERS[element.tag]
        text = read(element)
        if encode_value(kind, text) == value:
            return kind, text
    except (InvalidInputError, KeyError):
        pass
    return ExtensionValueKind.DER, value.hex()


def _read_integer(element: der.Element) -> str:
    number = der.read_integer(element)
    # longer ones are refused by `encode_value`, and slow to write in decimal
    return str(number) if number.bit_length() < 4096 else ""


_READERS: Mapping[int, tuple[ExtensionValueKind, Callable[[der.Element], str]]] = {
    der.UTF8_STRING: (ExtensionValueKind.UTF8_STRING, read_string),
    der.IA5_STRING: (ExtensionValueKind.IA5_STRING, read_string),
    der.INTEGER: (ExtensionValueKind.INTEGER, _read_integer),
    der.OID: (ExtensionValueKind.OID, der.read_oid),
    der.OCTET_STRING: (ExtensionValueKind.OCTET_STRING, lambda element: element.content.hex()),
    der.BOOLEAN: (
        ExtensionValueKind.BOOLEAN,
        lambda element: "true" if der.read_boolean(element) else "false",
    ),
}
