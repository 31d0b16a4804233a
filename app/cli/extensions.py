"""`birthmark extension`: custom extensions for certificate templates."""

from argparse import ArgumentParser, Namespace
from dataclasses import replace

from app.cli.actions import Actions, Lifecycle, add_json
from app.cli.choosing import (
    add_owner,
    add_sharing,
    changed_sharing,
    chosen,
    every,
    sharing,
    shown_sharing,
)
from app.cli.output import print_fields, print_rows
from app.core.language import _
from app.models.domain.access import Actor
from app.models.domain.extensions import Extension
from app.models.services.workspace.workspace import Workspace
from app.pki.extension_values import ExtensionValueKind, decode_value, encode_value

_COLUMNS = ("id", "name", "oid", "critical", "kind", "value", "access", "active")


def add(noun: ArgumentParser) -> None:
    """Add the actions of the noun."""
    actions = Actions(noun)
    actions.add_list(_list)
    actions.add_show(_show)
    create = actions.add("create", _("Make a custom extension."), _create)
    create.add_argument("name", metavar="NAME")
    _add_content(create, required=True)
    create.add_argument("--description", default="", metavar="TEXT", help=_("what it is for"))
    create.add_argument(
        "--critical",
        action="store_true",
        help=_("who does not know it refuses the certificate"),
    )
    add_owner(create)
    add_json(create)
    edit = actions.add_one("edit", _("Change a custom extension."), _edit)
    edit.add_argument("--name", metavar="NAME", help=_("its new name"))
    _add_content(edit, required=False)
    edit.add_argument("--description", metavar="TEXT", help=_("what it is for"))
    add_sharing(edit)
    actions.add_lifecycle(
        Lifecycle(
            _find,
            lambda workspace: workspace.extensions.set_active,
            lambda workspace: workspace.extensions.delete,
        )
    )


def _add_content(to: ArgumentParser, *, required: bool) -> None:
    to.add_argument("--oid", required=required, metavar="OID", help=_("numbers with dots"))
    to.add_argument(
        "--kind",
        choices=[kind.value for kind in ExtensionValueKind],
        default=ExtensionValueKind.UTF8_STRING.value,
        help=_("ASN.1 type of the value"),
    )
    value = to.add_mutually_exclusive_group(required=required)
    value.add_argument("--value", metavar="TEXT", help=_("what it says, as its type is written"))
    value.add_argument("--hex", metavar="DER", help=_("its whole DER value in hexadecimal"))


def _find(options: Namespace, workspace: Workspace, actor: Actor) -> int:
    return chosen(options.object, every(workspace.extensions.page, actor))


def _list(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    rows = every(workspace.extensions.page, actor, options.search)
    print_rows(
        options,
        _COLUMNS,
        (vars(row) | _value(row) | {"access": row.sharing.access.value} for row in rows),
    )


def _show(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    found = workspace.extensions.get(actor, _find(options, workspace, actor))
    print_fields(options, _shown(found, workspace, actor))


def _create(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    made = workspace.extensions.create(
        actor,
        Extension(
            0,
            options.name,
            options.oid,
            options.critical,
            _encoded(options),
            options.description,
            sharing=sharing(options, workspace, actor),
        ),
    )
    print_fields(options, _shown(made, workspace, actor))


def _edit(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    changed = workspace.extensions.get(actor, _find(options, workspace, actor))
    given = {key: getattr(options, key) for key in ("name", "oid", "description")}
    changed = replace(changed, **{key: value for key, value in given.items() if value is not None})
    if options.value is not None or options.hex is not None:
        changed = replace(changed, value=_encoded(options))
    offered = changed_sharing(options, workspace, actor, changed.sharing)
    workspace.extensions.edit(actor, replace(changed, sharing=offered))


def _encoded(options: Namespace) -> bytes:
    if options.hex is not None:
        return encode_value(ExtensionValueKind.DER, options.hex)
    return encode_value(ExtensionValueKind(options.kind), options.value)


def _value(extension: Extension) -> dict[str, str]:
    kind, text = decode_value(extension.value)
    return {"kind": kind.value, "value": text}


def _shown(extension: Extension, workspace: Workspace, actor: Actor) -> dict[str, object]:
    return {
        "id": extension.id,
        "name": extension.name,
        "description": extension.description,
        "oid": extension.oid,
        "critical": extension.critical,
        **_value(extension),
        "hex": extension.value.hex(),
        **shown_sharing(extension.sharing, workspace, actor),
        "active": extension.active,
    }
