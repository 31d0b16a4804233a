"""The rule for passwords of people."""

from functools import cache

from app.config.paths import resources_folder
from app.core.errors import InvalidInputError
from app.core.language import _
from app.pki.passwords import new_password

__all__ = ["KNOWN_BAD", "MAX_LENGTH", "MIN_LENGTH", "check_password", "new_password"]

# NIST SP 800-63B-4 section 3.1.1.2 asks for 15 where a password is all there is, and for 8
# beside a second factor. Twelve, the back-off and the list of bad ones are the middle way.
MIN_LENGTH = 12
MAX_LENGTH = 128  # hashing a longer one would cost the one who checks, not the one who asks
KNOWN_BAD = "known-bad-passwords.txt"
_DECORATION = "0123456789!?.,;:*#$%&+-_=@ "


def check_password(password: str, name: str = "", field: str = "password") -> None:
    """Raise `InvalidInputError` for `field` unless `password` is good for the user `name`.

    From 12 to 128 characters, not one character over and over, not the name, and not among
    those everybody tries first; upper case and what is appended to a word (`123!`) make no
    difference (NIST SP 800-63B-4 section 3.1.1.2).
    """
    if len(password) < MIN_LENGTH:
        raise InvalidInputError(
            _("The password is too short."),
            remedy=_("Use at least {count} characters.").format(count=MIN_LENGTH),
            field=field,
        )
    if len(password) > MAX_LENGTH:
        raise InvalidInputError(
            _("The password is longer than {count} characters.").format(count=MAX_LENGTH),
            field=field,
        )
    folded, base = password.casefold(), _undecorated(password)
    guessed = folded in _known_bad() or base in _known_bad() or base == _undecorated(name)
    if guessed or not base or len(set(folded)) == 1:
        raise InvalidInputError(
            _("The password is too easy to guess."),
            remedy=_("Use several words that do not belong together."),
            field=field,
        )


def _undecorated(password: str) -> str:
    return password.casefold().rstrip(_DECORATION)


@cache
def _known_bad() -> frozenset[str]:
    """The list that comes with the program: lower case, one a line, without decoration."""
    return frozenset((resources_folder() / KNOWN_BAD).read_text(encoding="utf-8").split())
