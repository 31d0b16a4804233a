"""Reads and writes DER (ITU-T X.690), strictly and without recursion.

Readers take untrusted bytes: `parse` walks the whole encoding once with a bounded depth and
a bounded number of elements, so that whatever is taken apart afterwards is known to be sound.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from app.core.errors import InvalidInputError
from app.core.language import _

MAX_DEPTH = 32
MAX_ELEMENTS = 20_000
_MAX_ARC = 2**64

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OID = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06
ENUMERATED = 0x0A
UTF8_STRING, PRINTABLE_STRING, T61_STRING, IA5_STRING = 0x0C, 0x13, 0x14, 0x16
UTC_TIME, GENERALIZED_TIME, UNIVERSAL_STRING, BMP_STRING = 0x17, 0x18, 0x1C, 0x1E
SEQUENCE, SET = 0x30, 0x31


class DerError(InvalidInputError):
    """The bytes are not the DER they should be."""


def malformed(cause: str) -> DerError:
    """The error for bytes that break an encoding rule; `cause` says which."""
    return DerError(_("The data is not valid DER."), cause=cause)


class Element(NamedTuple):
    """One tag-length-value: `tag` is the identifier octet; offsets point into `data`."""

    data: bytes
    tag: int
    start: int
    content_start: int
    end: int

    @property
    def content(self) -> bytes:
        """The value octets."""
        return self.data[self.content_start : self.end]

    @property
    def encoded(self) -> bytes:
        """The whole element: identifier, length and value octets."""
        return self.data[self.start : self.end]

    def children(self) -> list["Element"]:
        """The elements inside a constructed element."""
        found = []
        offset = self.content_start
        while offset < self.end:
            child = _element_at(self.data, offset, self.end)
            found.append(child)
            offset = child.end
        return found

    def sequence(self, tag: int = SEQUENCE) -> list["Element"]:
        """The children of an element that must carry `tag`; DerError otherwise."""
        return self.expect(tag).children()

    def expect(self, tag: int) -> "Element":
        """The element itself if it carries `tag`; DerError otherwise."""
        if self.tag != tag:
            raise malformed(
                _("Tag {found:#04x} stands where {wanted:#04x} belongs.").format(
                    found=self.tag, wanted=tag
                )
            )
        return self


def parse(data: bytes, max_elements: int = MAX_ELEMENTS) -> Element:
    """The one element `data` consists of, checked through and through.

    Raises DerError for truncation, trailing bytes, indefinite or over-long lengths,
    high tag numbers, too deep or too wide structures, and malformed primitive values.
    """
    root = _element_at(data, 0, len(data))
    if root.end != len(data):
        raise malformed(_("Bytes follow the end of the structure."))
    ends = [root.end]  # of the structures around `offset`, the innermost last
    offset = seen = 0
    while ends:
        if offset == ends[-1]:
            ends.pop()
            continue
        tag, start, end = _read_header(data, offset, ends[-1])
        seen += 1
        if seen > max_elements or len(ends) > MAX_DEPTH:
            raise malformed(_("The structure is too large or nested too deeply."))
        if tag & 0x20:
            ends.append(end)
            offset = start
        else:
            if tag <= OID:
                _check_primitive(Element(data, tag, offset, start, end))
            offset = end
    return root


def _element_at(data: bytes, offset: int, limit: int) -> Element:
    """The element that starts at `offset` and must end at or before `limit`."""
    tag, start, end = _read_header(data, offset, limit)
    return Element(data, tag, offset, start, end)


def _read_header(data: bytes, offset: int, end: int) -> tuple[int, int, int]:
    """Tag, start of content and end of the element at `offset`, which is at most `end`."""
    if end - offset < 2:
        raise malformed(_("The structure ends too early."))
    tag, length = data[offset], data[offset + 1]
    if tag & 0x1F == 0x1F:
        raise malformed(_("A long-form tag is used."))
    if tag & 0xC0 == 0 and (tag in {0x10, 0x11} or (tag & 0x20 and tag < SEQUENCE)):
        raise malformed(_("A primitive value is split into parts, or a structure is not one."))
    start = offset + 2
    if length & 0x80:
        start, length = _long_length(data, offset, end)
    if length > end - start:
        raise malformed(_("A length points past the end of the data."))
    return tag, start, start + length


def _long_length(data: bytes, offset: int, end: int) -> tuple[int, int]:
    """Content offset and content length of an element with a long-form length."""
    count = data[offset + 1] & 0x7F
    start = offset + 2 + count
    if not 1 <= count <= 4 or start > end:
        raise malformed(_("A length is indefinite or absurdly long."))
    length = int.from_bytes(data[offset + 2 : start])
    if length < 0x80 or length >> 8 * (count - 1) == 0:
        raise malformed(_("A length is not written in its shortest form."))
    return start, length


def _check_primitive(element: Element) -> None:
    content = element.content
    match element.tag:
        case 0x01 if content not in {b"\x00", b"\xff"}:
            raise malformed(_("A BOOLEAN is neither 00 nor FF."))
        case 0x02:
            read_integer(element)
        case 0x03:
            read_bit_string(element)
        case 0x05 if content:
            raise malformed(_("A NULL carries a value."))
        case 0x06:
            read_oid(element)


def read_integer(element: Element, tag: int = INTEGER) -> int:
    """The value of an INTEGER (or ENUMERATED, by `tag`).

    DerError when it is not one or not in its shortest form.
    """
    content = element.expect(tag).content
    redundant = len(content) > 1 and content[0] in {0, 0xFF} and content[0] >> 7 == content[1] >> 7
    if not content or redundant:
        raise malformed(_("An INTEGER is not written in its shortest form."))
    return int.from_bytes(content, signed=True)


def read_boolean(element: Element) -> bool:
    """The BOOLEAN's value; DerError when it is not one."""
    return element.expect(BOOLEAN).content == b"\xff"


def read_bit_string(element: Element) -> tuple[bytes, int]:
    """Octets and number of unused bits of a BIT STRING; unused bits must be zero."""
    content = element.expect(BIT_STRING).content
    unused = content[0] if content else 8
    octets = content[1:]
    if unused > 7 or (unused and (not octets or octets[-1] & ((1 << unused) - 1))):
        raise malformed(_("A BIT STRING has bad unused bits."))
    return octets, unused


def read_octets(element: Element) -> bytes:
    """The octets of a BIT STRING without unused bits: keys and signatures."""
    octets, unused = read_bit_string(element)
    if unused:
        raise malformed(_("A key or signature does not end on an octet."))
    return octets


def read_oid(element: Element) -> str:
    """Dotted text of an OBJECT IDENTIFIER; arcs of 2^64 and more are refused."""
    return _dotted(element.expect(OID).content)


@lru_cache(maxsize=1024)
def _dotted(content: bytes) -> str:
    if not content or content[-1] & 0x80 or len(content) > 128:
        raise malformed(_("An object identifier is empty, unfinished or too long."))
    arcs: list[int] = []
    arc = 0
    fresh = True
    for octet in content:
        if fresh and octet == 0x80:
            raise malformed(_("An object identifier is padded."))
        arc = arc << 7 | octet & 0x7F
        fresh = not octet & 0x80
        if arc >= _MAX_ARC:
            raise malformed(_("An object identifier has an absurdly large number in it."))
        if fresh:
            arcs.append(arc)
            arc = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(str(number) for number in (first, arcs[0] - 40 * first, *arcs[1:]))


def read_time(element: Element) -> datetime:
    """The aware UTC moment of a UTCTime or GeneralizedTime to the second; DerError otherwise."""
    digits = element.content.removesuffix(b"Z")
    if element.tag == UTC_TIME:
        # two-digit years from 50 belong to the last century (RFC 5280 section 4.1.2.5.1)
        digits = (b"19" if digits >= b"50" else b"20") + digits
    elif element.tag != GENERALIZED_TIME:
        raise malformed(_("A time is not a time."))
    if len(digits) != 14 or not digits.isdigit() or not element.content.endswith(b"Z"):
        raise malformed(_("A time is not written in UTC to the second."))
    month, day, hour, minute, second = (int(digits[at : at + 2]) for at in range(4, 14, 2))
    try:
        return datetime(int(digits[:4]), month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        raise malformed(_("A time does not exist.")) from None


def tlv(tag: int, *parts: bytes) -> bytes:
    """An element with identifier octet `tag` whose content is `parts` in a row."""
    content = b"".join(parts)
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(octets))) + octets + content


def sequence(*parts: bytes) -> bytes:
    """A SEQUENCE of encoded `parts`."""
    return tlv(SEQUENCE, *parts)


def set_of(parts: Iterable[bytes]) -> bytes:
    """A SET OF encoded `parts`, sorted as DER wants."""
    return tlv(SET, *sorted(parts))


def integer(value: int) -> bytes:
    """An INTEGER."""
    return tlv(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, signed=True))


@lru_cache(maxsize=1024)
def oid(text: str) -> bytes:
    """An OBJECT IDENTIFIER from its dotted text; DerError when the text is not one."""
    numbers = text.split(".")
    if len(numbers) < 2 or not all(part.isascii() and part.isdigit() for part in numbers):
        raise malformed(_('"{text}" is not an object identifier.').format(text=text))
    arcs = [int(part) if len(part) <= 20 else _MAX_ARC for part in numbers]
    valid_start = (arcs[0] < 2 and arcs[1] < 40) or arcs[0] == 2
    if not valid_start or max(arcs) >= _MAX_ARC - 80 or ".".join(map(str, arcs)) != text:
        raise malformed(_('"{text}" is not an object identifier.').format(text=text))
    return tlv(OID, *map(_base128, (arcs[0] * 40 + arcs[1], *arcs[2:])))


def _base128(arc: int) -> bytes:
    octets = [arc & 0x7F]
    while arc := arc >> 7:
        octets.append(arc & 0x7F | 0x80)
    return bytes(reversed(octets))


def octet_string(value: bytes) -> bytes:
    """An OCTET STRING."""
    return tlv(OCTET_STRING, value)


def bit_string(octets: bytes) -> bytes:
    """A BIT STRING of whole octets."""
    return tlv(BIT_STRING, b"\x00", octets)


def named_bits(bits: Sequence[int]) -> bytes:
    """A BIT STRING with the given bits set, trailing zero bits removed (X.690 section 11.2.2)."""
    if not bits:
        return tlv(BIT_STRING, b"\x00")
    size = max(bits) + 1
    octets = bytearray((size + 7) // 8)
    for bit in bits:
        octets[bit // 8] |= 0x80 >> bit % 8
    return tlv(BIT_STRING, bytes((-size % 8,)), bytes(octets))


def time(moment: datetime) -> bytes:
    """UTCTime through 2049, GeneralizedTime from 2050 (RFC 5280 section 4.1.2.5).

    `moment` is an aware datetime in UTC; fractions of a second are dropped.
    """
    digits = f"{moment.year:04}{moment:%m%d%H%M%S}Z".encode()
    if 1950 <= moment.year < 2050:
        return tlv(UTC_TIME, digits[2:])
    return tlv(GENERALIZED_TIME, digits)


def generalized_time(moment: datetime) -> bytes:
    """GeneralizedTime whatever the year, for what knows no UTCTime; `moment` as for `time`."""
    return tlv(GENERALIZED_TIME, f"{moment.year:04}{moment:%m%d%H%M%S}Z".encode())
