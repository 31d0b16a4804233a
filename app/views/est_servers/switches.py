"""The part of the form that says who may enrol, and how: addresses and switches."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from app.core.errors import InvalidInputError, KnownError
from app.core.language import _
from app.models.domain.addresses import check_addresses
from app.models.domain.est_servers import Base64Form, EstServer
from app.views.est_servers.words import base64_text
from app.views.theme.fonts import mono_font, scaled
from app.views.widgets.field import CheckField, ChoiceField, Field

WHO = ("password_authentication", "certificate_authentication", "allowed_addresses")
SECURITY = ("require_pop", "server_key_generation", "enrol_others")
ANSWERS = ("base64_form",)
_ROWS = 3


class AddressesField(Field[tuple[str, ...]]):
    """Addresses, networks and ranges, one a line (DEC-11); what they say is checked on Save."""

    def __init__(self, label: str, *, hint: str) -> None:
        self.input = QPlainTextEdit()
        self.input.setTabChangesFocus(True)
        self.input.setFont(mono_font())
        self.input.setFixedHeight(scaled(20 * _ROWS + 16))
        super().__init__(label, self.input, hint=hint)
        self.input.textChanged.connect(self.changed)

    def set_error(self, error: KnownError) -> None:
        """Say what is wrong, and select the first line that is."""
        super().set_error(error)
        block = self.input.document().begin()
        try:
            while block.isValid():
                line = block.text().strip()
                check_addresses((line,) if line else ())
                block = block.next()
        except InvalidInputError:
            wrong = QTextCursor(block)
            wrong.select(QTextCursor.SelectionType.LineUnderCursor)
            self.input.setTextCursor(wrong)

    def value(self) -> tuple[str, ...]:
        """The lines that are not blank."""
        lines = (line.strip() for line in self.input.toPlainText().splitlines())
        return tuple(line for line in lines if line)

    def set_value(self, value: tuple[str, ...]) -> None:
        """Show one a line."""
        self.input.setPlainText("\n".join(value))


def switch_fields() -> dict[str, Field[Any]]:
    """A field for each of `WHO`, `SECURITY` and `ANSWERS`, by its key."""
    return {
        "password_authentication": CheckField(
            _("Device ID and password"),
            hint=_("A device gives its name, and the password it has here."),
        ),
        "certificate_authentication": CheckField(
            _("Factory certificate"),
            hint=_(
                "A device shows its factory certificate, or, to renew it, its operational one."
                " The device type needs an operational template."
            ),
        ),
        "allowed_addresses": AddressesField(
            _("Allowed addresses"),
            hint=_(
                "One a line, such as 10.0.0.7, 10.0.0.0/24, 10.0.0.5-10.0.0.9 or fd00::/8. With"
                " none, devices may come from everywhere."
            ),
        ),
        "require_pop": CheckField(
            _("Require proof of possession"),
            hint=_(
                "A request has to be tied to its TLS connection (RFC 7030, section 3.5). It is"
                " always checked when it is there; curl cannot do it."
            ),
        ),
        "server_key_generation": CheckField(
            _("Make keys for devices"),
            hint=_("A device that cannot make a good key gets one from here (/serverkeygen)."),
        ),
        "enrol_others": CheckField(
            _("A certificate may enrol other names"),
            hint=_(
                "One device may ask for certificates of others, as Azure IoT Identity Service"
                " does. Otherwise each gets its own name only."
            ),
        ),
        "base64_form": ChoiceField(
            _("Base64 of answers"),
            [(form, base64_text(form)) for form in Base64Form],
            hint=_("Only a client that cannot read the answers needs anything else."),
        ),
    }


def switched(server: EstServer, fields: Mapping[str, Field[Any]]) -> EstServer:
    """The server with what the fields of `switch_fields` say."""
    values = {key: fields[key].value() for key in (*WHO, *SECURITY, *ANSWERS)}
    return replace(server, **values)
