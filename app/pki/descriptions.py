"""Lines and sections in which decoded structures are told to people."""

from dataclasses import dataclass
from datetime import datetime

from app.core.language import _
from app.pki.contents import NEVER
from app.pki.names import ATTRIBUTE_TYPES, Attribute, GeneralName, SanKind, decode_name
from app.pki.strings import escape_unsafe


@dataclass(frozen=True)
class Line:
    """A name and what it stands for; `mono` when columns count: hexadecimal, several rows."""

    name: str
    value: str
    mono: bool = False


@dataclass(frozen=True)
class Section:
    """Lines under a title."""

    title: str
    lines: tuple[Line, ...]


def hex_rows(octets: bytes) -> str:
    """Pairs of hexadecimal digits, sixteen octets a row."""
    rows = (octets[start : start + 16] for start in range(0, len(octets), 16))
    return "\n".join(row.hex(" ") for row in rows)


def hex_line(name: str, octets: bytes) -> Line:
    """A line of octets in hexadecimal."""
    return Line(name, hex_rows(octets), mono=True)


def number_text(number: int) -> str:
    """A number in decimal, an absurdly long one in hexadecimal."""
    return str(number) if number.bit_length() <= 160 else hex(number)


def time_text(moment: datetime) -> str:
    """An aware UTC moment, to the second."""
    if moment == NEVER:
        return _("never (9999-12-31 23:59:59 UTC)")
    return f"{moment.year:04}{moment:-%m-%d %H:%M:%S} UTC"


def name_lines(name: bytes) -> tuple[Line, ...]:
    """A line for each attribute of a DER Name, in its order; DerError when malformed."""
    subject = decode_name(name)
    if not subject:
        return (Line(_("Name"), _("empty")),)
    return tuple(Line(_attribute_title(part), escape_unsafe(part.value)) for part in subject)


def _attribute_title(attribute: Attribute) -> str:
    known = ATTRIBUTE_TYPES.get(attribute.short)
    return known.title if known else attribute.oid


def general_name_line(name: GeneralName) -> Line:
    """A line for an alternative name."""
    titles = {
        SanKind.DNS: _("DNS name"),
        SanKind.IP: _("IP address"),
        SanKind.URI: _("URI"),
        SanKind.EMAIL: _("E-mail address"),
        SanKind.HARDWARE_MODULE_NAME: _("Hardware module name"),
        SanKind.OTHER: _("Other name"),
    }
    return Line(titles[name.kind], escape_unsafe(name.value))
