"""The part of the form that says who may enrol, and how: addresses and switches."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.core.language import _
from app.models.domain.est_servers import Base64Form, EstServer
from app.views.est_servers.addresses_field import AddressesField
from app.views.est_servers.words import base64_text
from app.views.widgets.field import CheckField, ChoiceField, Field

WHO = ("password_authentication", "certificate_authentication", "allowed_addresses")
SECURITY = ("require_pop", "server_key_generation", "enrol_others")
ANSWERS = ("base64_form",)


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
