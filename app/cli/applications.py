"""`birthmark app`: machine clients, their AppKeys and their certificates."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from app.cli.actions import Actions, Lifecycle, add_json
from app.cli.choosing import add_owner, chosen, count, every, owner, shown_owner
from app.cli.files import check_free, write_file
from app.cli.issuing import add_request, read_request, save_issued
from app.cli.output import print_fields, print_rows
from app.core.errors import InvalidInputError
from app.core.language import _
from app.models.domain.access import Actor, Scope
from app.models.domain.applications import ApiApplication
from app.models.services.workspace.workspace import Workspace

_COLUMNS = ("id", "name", "app_id", "tenant", "organization", "active", "last_used_at")


def add(noun: ArgumentParser) -> None:
    """Add the actions of the noun."""
    actions = Actions(noun)
    actions.add_list(_list)
    actions.add_show(_show)
    create = actions.add("create", _("Make an application and print its AppKey, once."), _create)
    create.add_argument("name", metavar="NAME")
    add_owner(create)
    create.add_argument("--description", default="", metavar="TEXT", help=_("what it is for"))
    _add_key_file(create)
    add_json(create)
    edit = actions.add_one("edit", _("Change name or description."), _edit)
    edit.add_argument("--name", metavar="NAME", help=_("its new name"))
    edit.add_argument("--description", metavar="TEXT", help=_("what it is for"))
    actions.add_lifecycle(
        Lifecycle(
            _find,
            lambda workspace: workspace.applications.set_active,
            lambda workspace: workspace.applications.delete,
        )
    )
    rotate = actions.add_one("rotate-key", _("Make a new AppKey and print it, once."), _rotate)
    rotate.add_argument(
        "--overlap-hours",
        type=count,
        default=24,
        metavar="HOURS",
        help=_("how long the old key stays good (usually 24)"),
    )
    _add_key_file(rotate)
    certificate = actions.add_one(
        "certificate", _("Issue the certificate of an application."), _certificate, unlock=True
    )
    add_request(certificate)
    add_json(certificate)


def _add_key_file(to: ArgumentParser) -> None:
    to.add_argument(
        "--key-file",
        type=Path,
        metavar="FILE",
        help=_("new file for the AppKey, which is not printed then"),
    )


def _find(options: Namespace, workspace: Workspace, actor: Actor) -> int:
    rows = every(workspace.applications.page, actor)
    return chosen(options.object, (row.application for row in rows))


def _list(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    rows = every(workspace.applications.page, actor, options.search)
    print_rows(
        options,
        _COLUMNS,
        (
            vars(row.application)
            | {"tenant": row.tenant_name, "organization": row.organization_name}
            for row in rows
        ),
    )


def _show(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    found = workspace.applications.get(actor, _find(options, workspace, actor))
    print_fields(options, _shown(found, workspace, actor))


def _create(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    check_free(options.key_file)
    scope = owner(options, workspace, actor)
    if scope.tenant_id is None:
        raise InvalidInputError(_("An application needs a tenant."), field="tenant_id")
    made = workspace.applications.create(
        actor, options.name, scope.tenant_id, scope.organization_id, options.description
    )
    shown = _shown(made.application, workspace, actor)
    if options.key_file is None:
        shown["app_key"] = made.app_key
    else:
        _save_key(options, made.app_key)
    print_fields(options, shown)


def _edit(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    old = workspace.applications.get(actor, _find(options, workspace, actor))
    workspace.applications.edit(
        actor,
        old.id,
        name=old.name if options.name is None else options.name,
        description=old.description if options.description is None else options.description,
    )


def _rotate(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    check_free(options.key_file)
    found = _find(options, workspace, actor)
    key = workspace.applications.rotate_key(actor, found, options.overlap_hours)
    if options.key_file is None:
        print(key)
    else:
        _save_key(options, key)


def _certificate(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    wanted = read_request(options, workspace, actor)
    issued = workspace.certificate_issuing.issue_for_application(
        actor,
        _find(options, workspace, actor),
        wanted.request,
        pfx_passphrase=wanted.pfx_passphrase,
    )
    save_issued(options, issued, wanted.pfx_passphrase)


def _save_key(options: Namespace, key: str) -> None:
    write_file(options.key_file, f"{key}\n".encode(), private=True)


def _shown(found: ApiApplication, workspace: Workspace, actor: Actor) -> dict[str, object]:
    scope = Scope(found.tenant_id, found.organization_id)
    return {
        "id": found.id,
        "name": found.name,
        "app_id": found.app_id,
        "description": found.description,
        **shown_owner(scope, workspace, actor),
        "active": found.active,
        "created_at": found.created_at,
        "previous_key_until": found.previous_key_until,
        "last_used_at": found.last_used_at,
    }
