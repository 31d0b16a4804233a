"""What labels of EST servers may be called (LBL-03)."""

import re

from app.core.errors import InvalidInputError
from app.core.language import _

ARBITRARY = "arbitrarylabel"
"""What some clients send for a label when they have none."""

# The path segments of operations: RFC 7030, RFC 8295 and RFC 8995, as far as a label could be one.
_RESERVED = frozenset(
    {
        *("cacerts", "simpleenroll", "simplereenroll", "fullcmc", "serverkeygen", "csrattrs"),
        *("pal", "eecerts", "crls", "symmetrickeys", "firmware", "tamp"),
        *("requestvoucher", "requestauditlog", "enrollstatus"),
        ARBITRARY,
    }
)
_LABEL = re.compile(r"[a-z0-9]{3,24}").fullmatch


def check_label(name: str) -> None:
    """Raise `InvalidInputError`, field `name`, unless a label may be called so.

    It has 3 to 24 lower-case letters and digits, and is no operation's path segment
    (RFC 7030 section 3.2.2).
    """
    if _LABEL(name) is None:
        raise InvalidInputError(
            _("A label has 3 to 24 lower-case letters and digits."),
            remedy=_("Leave out spaces, capitals and other characters."),
            field="name",
        )
    if name in _RESERVED:
        raise InvalidInputError(
            _("The label {name} is reserved.").format(name=name),
            cause=_("Clients mean something else by it."),
            remedy=_("Choose another name."),
            field="name",
        )
