"""The names people give to things."""

from app.core.errors import InvalidInputError
from app.core.language import _

MAX_NAME_LENGTH = 100


def check_display_name(name: str) -> None:
    """Raise `InvalidInputError` unless `name` can be shown in a list and told from others."""
    if not name:
        raise InvalidInputError(_("A name is required."), field="name")
    if len(name) > MAX_NAME_LENGTH:
        raise InvalidInputError(
            _("At most {count} characters are allowed here.").format(count=MAX_NAME_LENGTH),
            field="name",
        )
    if name != name.strip() or not name.isprintable():
        raise InvalidInputError(
            _("A name has no control characters and no space at its ends."), field="name"
        )
