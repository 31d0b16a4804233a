"""`birthmark tenant`."""

from argparse import ArgumentParser, Namespace

from app.cli.actions import Actions, Lifecycle, add_json
from app.cli.choosing import chosen, every
from app.cli.output import print_fields, print_rows
from app.core.language import _
from app.models.domain.access import Actor
from app.models.services.workspace.workspace import Workspace

_COLUMNS = ("id", "name", "active", "organizations", "users", "devices")


def add(noun: ArgumentParser) -> None:
    """Add the actions of the noun."""
    actions = Actions(noun)
    actions.add_list(_list)
    actions.add_show(_show)
    create = actions.add("create", _("Make a tenant."), _create)
    create.add_argument("name", metavar="NAME")
    add_json(create)
    edit = actions.add_one("edit", _("Give a tenant another name."), _edit)
    edit.add_argument("--name", required=True, metavar="NAME", help=_("its new name"))
    actions.add_lifecycle(
        Lifecycle(
            _find,
            lambda workspace: workspace.tenants.set_tenant_active,
            lambda workspace: workspace.tenants.delete_tenant,
        )
    )


def _find(options: Namespace, workspace: Workspace, actor: Actor) -> int:
    return chosen(options.object, workspace.tenants.tenants(actor))


def _list(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    rows = every(workspace.tenants.page_of_tenants, actor, options.search)
    print_rows(options, _COLUMNS, map(vars, rows))


def _show(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    tenant = workspace.tenants.tenant(actor, _find(options, workspace, actor))
    counts = workspace.tenants.consequences_of_tenant(actor, tenant.id)
    print_fields(options, vars(tenant) | vars(counts))


def _create(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    print_fields(options, vars(workspace.tenants.create_tenant(actor, options.name)))


def _edit(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    workspace.tenants.rename_tenant(actor, _find(options, workspace, actor), options.name)
