"""Distinguished names: the attributes of a subject, their limits, DER and text (RFC 5280)."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from app.core.errors import InvalidInputError
from app.core.language import _
from app.pki import der
from app.pki.strings import (
    PRINTABLE_CHARACTERS,
    check_characters,
    escape_unsafe,
    is_string,
    read_string,
)


@dataclass(frozen=True)
class AttributeType:
    """A kind of name attribute.

    `short` is the label in RFC 4514 text, `max_length` the upper bound in characters (RFC 5280
    appendix A, less where that is absurd), `string_tag` the DER string type it is written in.
    """

    oid: str
    short: str
    max_length: int
    string_tag: int = der.UTF8_STRING

    @property
    def title(self) -> str:
        """What a person calls it, in the chosen language; the OID for an unknown type."""
        return _titles().get(self.short, self.oid)


def _titles() -> dict[str, str]:
    return {
        "CN": _("Common name"),
        "O": _("Organization"),
        "OU": _("Organizational unit"),
        "C": _("Country"),
        "ST": _("State or province"),
        "L": _("Locality"),
        "serialNumber": _("Serial number"),
        "title": _("Title"),
        "GN": _("Given name"),
        "SN": _("Surname"),
        "name": _("Name"),
        "initials": _("Initials"),
        "generationQualifier": _("Generation qualifier"),
        "dnQualifier": _("DN qualifier"),
        "pseudonym": _("Pseudonym"),
        "street": _("Street address"),
        "postalCode": _("Postal code"),
        "DC": _("Domain component"),
        "emailAddress": _("E-mail address"),
        "UID": _("User ID"),
        "organizationIdentifier": _("Organization identifier"),
        "VID": _("Matter vendor ID"),
        "PID": _("Matter product ID"),
    }


_ALL = (
    AttributeType("2.5.4.3", "CN", 64),
    AttributeType("2.5.4.10", "O", 64),
    AttributeType("2.5.4.11", "OU", 64),
    AttributeType("2.5.4.6", "C", 2, der.PRINTABLE_STRING),
    AttributeType("2.5.4.8", "ST", 128),
    AttributeType("2.5.4.7", "L", 128),
    AttributeType("2.5.4.5", "serialNumber", 64, der.PRINTABLE_STRING),
    AttributeType("2.5.4.12", "title", 64),
    AttributeType("2.5.4.42", "GN", 64),
    AttributeType("2.5.4.4", "SN", 64),
    AttributeType("2.5.4.41", "name", 64),
    AttributeType("2.5.4.43", "initials", 64),
    AttributeType("2.5.4.44", "generationQualifier", 64),
    AttributeType("2.5.4.46", "dnQualifier", 64, der.PRINTABLE_STRING),
    AttributeType("2.5.4.65", "pseudonym", 128),
    AttributeType("2.5.4.9", "street", 128),
    AttributeType("2.5.4.17", "postalCode", 40),
    AttributeType("0.9.2342.19200300.100.1.25", "DC", 63, der.IA5_STRING),
    AttributeType("1.2.840.113549.1.9.1", "emailAddress", 255, der.IA5_STRING),
    AttributeType("0.9.2342.19200300.100.1.1", "UID", 256),
    AttributeType("2.5.4.97", "organizationIdentifier", 256),
    AttributeType("1.3.6.1.4.1.37244.2.1", "VID", 4),
    AttributeType("1.3.6.1.4.1.37244.2.2", "PID", 4),
)
ATTRIBUTE_TYPES: Mapping[str, AttributeType] = MappingProxyType({t.short: t for t in _ALL})
_BY_OID: Mapping[str, AttributeType] = MappingProxyType({t.oid: t for t in _ALL})
_UNKNOWN_MAX_LENGTH = 256
_MATTER = frozenset({"VID", "PID"})


@dataclass(frozen=True)
class Attribute:
    """One attribute of a name: dotted OID and text value."""

    oid: str
    value: str

    @property
    def short(self) -> str:
        """Short name (`CN`) or, for a type this program does not know, the dotted OID."""
        known = _BY_OID.get(self.oid)
        return known.short if known else self.oid


Subject = tuple[Attribute, ...]
_Rdns = list[list[tuple[str, der.Element]]]


def attribute_type(name: str) -> AttributeType:
    """The type of this short name or dotted OID; DerError when it is neither.

    An OID this program does not know stands for UTF-8 text of up to 256 characters.
    """
    known = ATTRIBUTE_TYPES.get(name) or _BY_OID.get(name)
    if known is None:
        der.oid(name)
        known = AttributeType(name, name, _UNKNOWN_MAX_LENGTH)
    return known


@lru_cache(maxsize=1024)  # a device's name is much like that of the next
def check_attribute(attribute: Attribute) -> None:
    """Raises InvalidInputError when the value cannot stand in a certificate.

    Refused: empty, over-long, invisible or control characters, a country that is not two
    letters, characters the type's string cannot hold, Matter IDs not of four hex digits.
    """
    kind = attribute_type(attribute.oid)
    value = attribute.value
    if not value.strip():
        raise InvalidInputError(_("{title} is empty.").format(title=kind.title), field=kind.short)
    if len(value) > kind.max_length:
        raise InvalidInputError(
            _("{title} is {length} characters long; {limit} are allowed.").format(
                title=kind.title, length=len(value), limit=kind.max_length
            ),
            field=kind.short,
        )
    if not (value.isascii() and value.isprintable()):
        check_characters(value, kind.title)
    _check_alphabet(kind, value)


def _check_alphabet(kind: AttributeType, value: str) -> None:
    if kind.short == "C" and not (len(value) == 2 and value.isascii() and value.isalpha()):
        raise InvalidInputError(
            _("The country must be its two-letter code."),
            remedy=_("Write CH, not CHE or Switzerland."),
            field="C",
        )
    if kind.short in _MATTER and not (len(value) == 4 and set(value) <= set("0123456789ABCDEF")):
        raise InvalidInputError(
            _("{title} must be four upper-case hexadecimal digits.").format(title=kind.title),
            field=kind.short,
        )
    printable = kind.string_tag == der.PRINTABLE_STRING
    if printable and not PRINTABLE_CHARACTERS.issuperset(value):
        raise InvalidInputError(
            _("{title} holds a character that is not allowed there.").format(title=kind.title),
            remedy=_("Use letters, digits, spaces and ' ( ) + , - . / : = ? only."),
            field=kind.short,
        )
    if kind.string_tag == der.IA5_STRING and not value.isascii():
        raise InvalidInputError(
            _("{title} must be plain ASCII.").format(title=kind.title), field=kind.short
        )


_ESCAPED = str.maketrans({character: f"\\{character}" for character in '\\,+"<>;'})


def subject_text(subject: Subject) -> str:
    """The subject as one line for people, last attribute first, escaped as in RFC 4514."""
    return ",".join(f"{part.short}={_escape(part.value)}" for part in reversed(subject))


def _escape(value: str) -> str:
    text = value.translate(_ESCAPED)
    if text.startswith((" ", "#")):
        text = "\\" + text
    if len(value) > 1 and value.endswith(" "):
        text = text[:-1] + "\\ "
    return escape_unsafe(text)


def encode_name(subject: Subject) -> bytes:
    """DER Name, one attribute per RDN; raises InvalidInputError for a bad attribute."""
    return der.sequence(*(der.tlv(der.SET, _encode_attribute(part)) for part in subject))


@lru_cache(maxsize=1024)
def _encode_attribute(attribute: Attribute) -> bytes:
    check_attribute(attribute)
    tag = attribute_type(attribute.oid).string_tag
    return der.sequence(der.oid(attribute.oid), der.tlv(tag, attribute.value.encode()))


def decode_name(name: bytes) -> Subject:
    """The attributes of a DER Name in order, RDNs of several attributes flattened.

    A value that is no string is shown as `#<hex of its DER>` (RFC 4514). Raises DerError.
    """
    return _attributes(_rdns(der.parse(name)))


def _attributes(rdns: _Rdns) -> Subject:
    return tuple(
        Attribute(oid, read_string(value) if is_string(value) else "#" + value.encoded.hex())
        for rdn in rdns
        for oid, value in rdn
    )


def _rdns(name: der.Element) -> _Rdns:
    """Per RDN its (OID, value element) pairs; DerError for an empty RDN or a bad shape."""
    rdns = []
    for rdn in name.sequence():
        pairs = []
        for attribute in rdn.sequence(der.SET):
            parts = attribute.sequence()
            if len(parts) != 2:
                raise der.malformed(_("A name attribute is not a type and a value."))
            pairs.append((der.read_oid(parts[0]), parts[1]))
        if not pairs:
            raise der.malformed(_("A name has an empty part."))
        rdns.append(pairs)
    return rdns


def read_requested_name(name: der.Element) -> Subject:
    """The attributes of a Name that a device may ask for, in order.

    One attribute per RDN, at most one common name, every value text that can be issued;
    raises InvalidInputError for any other name.
    """
    rdns = _rdns(name)
    if any(len(rdn) > 1 for rdn in rdns):
        raise InvalidInputError(
            _("The subject combines several attributes in one part."),
            remedy=_("Give each attribute its own part (write commas, not plus signs)."),
        )
    for ((_oid, value),) in rdns:
        if value.tag == der.T61_STRING and not value.content.isascii():
            raise InvalidInputError(
                _("The subject uses TeletexString for text that is not plain ASCII."),
                remedy=_("Encode the subject as UTF8String."),
            )
        if not is_string(value):
            raise InvalidInputError(_("The subject holds a value that is not text."))
    subject = _attributes(rdns)
    if sum(part.short == "CN" for part in subject) > 1:
        raise InvalidInputError(_("The subject has more than one common name."), field="CN")
    for part in subject:
        check_attribute(part)
    return subject


def names_match(der_a: bytes, der_b: bytes) -> bool:
    """Whether two DER Names are the same name (RFC 5280 section 7.1).

    Case, spacing and string type are ignored; the order of RDNs counts. Raises DerError.
    """
    return der_a == der_b or _folded(der_a) == _folded(der_b)


def _folded(name: bytes) -> list[list[tuple[str, str | bytes]]]:
    return [
        sorted(
            (oid, _fold(read_string(value)) if is_string(value) else value.encoded.hex())
            for oid, value in rdn
        )
        for rdn in _rdns(der.parse(name))
    ]


def _fold(value: str) -> str:
    """Case and spacing folded as LDAP string preparation does (RFC 4518)."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", value).casefold())
    return " ".join(folded.split())
