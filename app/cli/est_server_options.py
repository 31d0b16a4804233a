"""The options that say where an EST server is and what it lets devices do."""

from argparse import ArgumentParser, BooleanOptionalAction, Namespace
from typing import Any

from app.cli.choosing import add_owner, chosen, owner
from app.core.errors import InvalidInputError
from app.core.language import _
from app.models.domain.access import Actor
from app.models.domain.est_servers import Base64Form, EstServer
from app.models.services.workspace.workspace import Workspace


def add_place(to: ArgumentParser, *, required: bool) -> None:
    """Add the options that say whose an EST server is, at which domain and for which type."""
    add_owner(to)
    to.add_argument("--domain", metavar="DOMAIN", help=_("its domain (usually one is made)"))
    to.add_argument(
        "--device-type", required=required, metavar="ID|NAME", help=_("type of its devices")
    )


def placed(
    options: Namespace, workspace: Workspace, actor: Actor, old: EstServer | None = None
) -> dict[str, Any]:
    """The fields that the options of `add_place` stand for, else as they are in `old`."""
    fields: dict[str, Any] = {"domain": ""} if old is None else {}
    if options.domain is not None:
        fields["domain"] = options.domain
    if old is None or options.tenant is not None or options.organization is not None:
        whose = owner(options, workspace, actor)
        if whose.organization_id is None:
            raise InvalidInputError(
                _("An EST server belongs to an organization."),
                remedy=_("Name it with --organization."),
                field="organization_id",
            )
        fields |= {"tenant_id": whose.tenant_id, "organization_id": whose.organization_id}
    if options.device_type is not None:
        types = workspace.device_types.all(actor)
        fields["device_type_id"] = chosen(options.device_type, types)
    return fields


def add_switches(to: ArgumentParser) -> None:
    """Add the options for everything else, each of which may be left as it is."""
    for option, field, text in (
        ("--password", "password_authentication", _("devices may show their password")),
        ("--certificate", "certificate_authentication", _("devices may show a certificate")),
        ("--require-pop", "require_pop", _("requests have to be bound to their TLS connection")),
        ("--enrol-others", "enrol_others", _("a device's certificate may enrol other names")),
        ("--server-keys", "server_key_generation", _("devices may have their keys made here")),
    ):
        to.add_argument(option, dest=field, action=BooleanOptionalAction, help=text)
    allowed = to.add_mutually_exclusive_group()
    allowed.add_argument(
        "--allow",
        dest="allowed_addresses",
        action="append",
        metavar="ADDRESS",
        help=_("accept requests from this address, network or range only; may be repeated"),
    )
    allowed.add_argument(
        "--allow-all",
        dest="allowed_addresses",
        action="store_const",
        const=(),
        help=_("accept requests from everywhere"),
    )
    to.add_argument(
        "--base64",
        dest="base64_form",
        type=Base64Form,
        choices=list(Base64Form),
        metavar="FORM",
        help=_("layout of answers: {forms}").format(forms=", ".join(Base64Form)),
    )


def given(options: Namespace) -> dict[str, Any]:
    """The fields that were named by the options of `add_switches`."""
    values = {
        field: getattr(options, field)
        for field in (
            *("password_authentication", "certificate_authentication", "require_pop"),
            *("enrol_others", "server_key_generation", "allowed_addresses", "base64_form"),
        )
    }
    return {field: value for field, value in values.items() if value is not None}
