"""The string types of ASN.1, and which characters a name may hold."""

import string
import unicodedata

from app.core.errors import InvalidInputError
from app.core.language import _
from app.pki import der

PRINTABLE_CHARACTERS = frozenset(string.ascii_letters + string.digits + " '()+,-./:=?")

_CODECS = {
    der.UTF8_STRING: "utf-8",
    der.PRINTABLE_STRING: "ascii",
    der.IA5_STRING: "ascii",
    der.T61_STRING: "latin-1",
    der.BMP_STRING: "utf-16-be",
    der.UNIVERSAL_STRING: "utf-32-be",
}


def is_string(element: der.Element) -> bool:
    """Whether the element is one of the string types names are made of."""
    return element.tag in _CODECS


def read_string(element: der.Element) -> str:
    """The text of a string element; DerError when its octets do not fit its type.

    PrintableString is read as ASCII because devices put `@` and `_` in it. TeletexString is
    read as Latin-1, which is what its users meant.
    """
    codec = _CODECS.get(element.tag)
    if codec is None:
        raise der.malformed(_("A value that must be text is not a string."))
    try:
        return element.content.decode(codec)
    except UnicodeDecodeError:
        raise der.malformed(_("A string holds bytes its type does not allow.")) from None


def is_unsafe(character: str) -> bool:
    """Whether a character is invisible or changes how its neighbours are shown.

    Control characters, format characters (bidirectional overrides, zero-width), line and
    paragraph separators, surrogates, private use and unassigned code points.
    """
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def check_characters(text: str, title: str) -> None:
    """InvalidInputError when `text`, called `title` to the reader, holds an unsafe character."""
    for character in text:
        if is_unsafe(character):
            raise InvalidInputError(
                _("{title} holds the invisible character U+{code:04X}.").format(
                    title=title, code=ord(character)
                ),
                remedy=_("Remove it; names may hold visible characters and spaces only."),
            )


def escape_unsafe(text: str) -> str:
    """`text` with each unsafe character written as backslash and two hex digits per octet."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        "".join(f"\\{octet:02x}" for octet in character.encode("utf-8", "surrogatepass"))
        if is_unsafe(character)
        else character
        for character in text
    )
