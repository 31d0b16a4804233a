"""The rule for passwords of people."""

from app.core.errors import InvalidInputError
from app.core.language import _

MIN_LENGTH = 10
MAX_LENGTH = 200  # hashing a longer one would cost the one who checks, not the one who asks
_TOO_COMMON = frozenset(
    {
        "0123456789",
        "1234567890",
        "12345678910",
        "1q2w3e4r5t",
        "1qaz2wsx3edc",
        "abcdefghij",
        "administrator",
        "administrator1",
        "changemenow",
        "letmein123",
        "password12",
        "password123",
        "password1234",
        "passwordpassword",
        "q1w2e3r4t5",
        "qwertyuiop",
        "qwertz123456",
        "qwertzuiop",
        "welcome123",
        "welcome1234",
    }
)


def check_password(password: str, name: str = "") -> None:
    """Raise `InvalidInputError` unless `password` is good enough for the user called `name`.

    From 10 to 200 characters, not one character over and over, not the name, and not among
    those that everybody tries first (NIST SP 800-63B section 5.1.1.2).
    """
    if len(password) < MIN_LENGTH:
        raise InvalidInputError(
            _("The password is too short."),
            remedy=_("Use at least {count} characters.").format(count=MIN_LENGTH),
            field="password",
        )
    if len(password) > MAX_LENGTH:
        raise InvalidInputError(
            _("The password is longer than {count} characters.").format(count=MAX_LENGTH),
            field="password",
        )
    folded = password.casefold()
    if folded in _TOO_COMMON or folded == name.casefold() or len(set(folded)) == 1:
        raise InvalidInputError(
            _("The password is too easy to guess."),
            remedy=_("Use several words that do not belong together."),
            field="password",
        )
