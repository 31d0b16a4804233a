"""A custom extension: bytes that templates can add to certificates (RFC 5280 section 4.2)."""

from dataclasses import dataclass, field

from app.core.errors import InvalidInputError
from app.core.language import _
from app.models.domain.access import EVERYWHERE, Sharing
from app.pki import der
from app.pki.certificates import CustomExtension

MAX_VALUE = 4096

# What the program writes itself; a second one would contradict it (RFC 5280 section 4.2).
OWN_EXTENSIONS = frozenset(
    {"2.5.29.14", "2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.35", "2.5.29.37"}
)


@dataclass(frozen=True)
class Extension:
    """An extension with a name. `value` is DER, at most `MAX_VALUE` octets."""

    id: int
    name: str
    oid: str
    critical: bool
    value: bytes = field(repr=False)
    description: str = ""
    active: bool = True
    sharing: Sharing = EVERYWHERE

    @property
    def content(self) -> CustomExtension:
        """What stands in a certificate."""
        return CustomExtension(self.oid, self.critical, self.value)


def check_extension(extension: CustomExtension) -> None:
    """Raise `InvalidInputError`, naming the field at fault, for one that cannot be issued."""
    try:
        der.oid(extension.oid)
    except InvalidInputError as error:
        raise InvalidInputError(
            error.problem,
            remedy=_("Write numbers with dots between them, like 1.3.6.1.4.1.99999.1."),
            field="oid",
        ) from error
    if extension.oid in OWN_EXTENSIONS:
        raise InvalidInputError(
            _("The extension {oid} follows from the other settings of a template.").format(
                oid=extension.oid
            ),
            remedy=_("Choose an OID of your own."),
            field="oid",
        )
    if len(extension.value) > MAX_VALUE:
        raise InvalidInputError(
            _("The value is too long."),
            remedy=_("Use at most {count} octets.").format(count=MAX_VALUE),
            field="value",
        )
    try:
        der.parse(extension.value)
    except der.DerError as error:
        raise InvalidInputError(
            _("The value is not DER."), cause=error.cause, field="value"
        ) from error
