"""`birthmark org`."""

from argparse import ArgumentParser, Namespace

from app.cli.actions import Actions, Lifecycle, add_json
from app.cli.choosing import chosen, every, shown_owner
from app.cli.output import print_fields, print_rows
from app.core.language import _
from app.models.domain.access import Actor, Scope
from app.models.domain.tenants import Organization
from app.models.services.workspace.workspace import Workspace

_COLUMNS = ("id", "name", "tenant", "active", "users", "devices")


def add(noun: ArgumentParser) -> None:
    """Add the actions of the noun."""
    actions = Actions(noun)
    actions.add_list(_list)
    actions.add_show(_show)
    create = actions.add("create", _("Make an organization of a tenant."), _create)
    create.add_argument("name", metavar="NAME")
    create.add_argument("--tenant", required=True, metavar="ID|NAME", help=_("its tenant"))
    add_json(create)
    edit = actions.add_one("edit", _("Give an organization another name."), _edit)
    edit.add_argument("--name", required=True, metavar="NAME", help=_("its new name"))
    actions.add_lifecycle(
        Lifecycle(
            _find,
            lambda workspace: workspace.tenants.set_organization_active,
            lambda workspace: workspace.tenants.delete_organization,
        )
    )


def _find(options: Namespace, workspace: Workspace, actor: Actor) -> int:
    return chosen(options.object, workspace.tenants.organizations(actor))


def _list(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    rows = every(workspace.tenants.page_of_organizations, actor, options.search)
    print_rows(options, _COLUMNS, (vars(row) | {"tenant": row.tenant_name} for row in rows))


def _show(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    found = workspace.tenants.organization(actor, _find(options, workspace, actor))
    counts = dict(vars(workspace.tenants.consequences_of_organization(actor, found.id)))
    del counts["organizations"]
    print_fields(options, _shown(found, workspace, actor) | counts)


def _create(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    tenant_id = chosen(options.tenant, workspace.tenants.tenants(actor))
    made = workspace.tenants.create_organization(actor, tenant_id, options.name)
    print_fields(options, _shown(made, workspace, actor))


def _edit(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    workspace.tenants.rename_organization(actor, _find(options, workspace, actor), options.name)


def _shown(found: Organization, workspace: Workspace, actor: Actor) -> dict[str, object]:
    tenant = shown_owner(Scope(found.tenant_id), workspace, actor)["tenant"]
    return {"id": found.id, "name": found.name, "tenant": tenant, "active": found.active}
