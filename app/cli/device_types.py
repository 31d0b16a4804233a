"""`birthmark device-type`: families of devices."""

from argparse import ArgumentParser, Namespace
from dataclasses import replace
from pathlib import Path

from app.cli.actions import Actions, Lifecycle, add_json
from app.cli.choosing import chosen, every
from app.cli.files import read_file
from app.cli.output import print_fields, print_rows
from app.core.language import _
from app.models.domain.access import Actor
from app.models.services.workspace.workspace import Workspace

_COLUMNS = (
    *("id", "name", "factory_template", "external_ca", "operational_templates"),
    *("auto_registration", "devices", "access", "active"),
)


def add(noun: ArgumentParser) -> None:
    """Add the actions of the noun."""
    actions = Actions(noun)
    actions.add_list(_list)
    actions.add_show(_show)
    create = actions.add("create", _("Make a device type."), _create)
    add_json(create)
    edit = actions.add_one("edit", _("Change a device type; its devices go on as before."), _edit)
    text = _("JSON as birthmark device-type show --json prints it, and as set-up files have it")
    for made in (create, edit):
        made.add_argument("--file", type=Path, required=True, metavar="FILE", help=text)
    actions.add_lifecycle(
        Lifecycle(
            _find,
            lambda workspace: workspace.device_types.set_active,
            lambda workspace: workspace.device_types.delete,
        )
    )


def _find(options: Namespace, workspace: Workspace, actor: Actor) -> int:
    return chosen(options.object, workspace.device_types.all(actor))


def _list(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    rows = every(workspace.device_types.page, actor, options.search)
    access = ({"access": row.sharing.access.value} | vars(row) for row in rows)
    print_rows(options, _COLUMNS, access)


def _show(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    _print(options, workspace, actor, _find(options, workspace, actor))


def _create(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    new = workspace.setup_files.device_type(actor, read_file(options.file))
    _print(options, workspace, actor, workspace.device_types.create(actor, new).id)


def _edit(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    type_id = _find(options, workspace, actor)
    changed = workspace.setup_files.device_type(actor, read_file(options.file))
    workspace.device_types.edit(actor, replace(changed, id=type_id))


def _print(options: Namespace, workspace: Workspace, actor: Actor, type_id: int) -> None:
    fields = dict(workspace.setup_files.device_type_content(actor, type_id))
    if not options.json:
        sharing = fields["sharing"]
        fields["sharing"] = sharing["organization"] or sharing["tenant"] or sharing["access"]
        fields["fields"] = [one["key"] for one in fields["fields"]]
        for key in ("factory_mapping", "operational_mapping"):
            fields[key] = [f"{name}={field}" for name, field in fields[key].items()]
    print_fields(options, fields)
