"""`birthmark est-server`: where devices enrol, with labels and the applications let in."""

from argparse import ArgumentParser, Namespace
from dataclasses import replace

from app.cli.actions import Actions, Lifecycle, add_json
from app.cli.choosing import chosen, every, shown_owner
from app.cli.client_files import add_client_files
from app.cli.est_server_options import add_place, add_switches, given, placed
from app.cli.output import print_fields, print_rows
from app.core.language import _
from app.listener.probe import probe
from app.models.domain.access import Actor, Scope
from app.models.domain.est_labels import can_lead
from app.models.domain.est_servers import EstLabel, EstServer
from app.models.services.workspace.workspace import Workspace

_COLUMNS = (*("id", "name", "domain", "tenant", "organization", "device_type", "labels", "active"),)


def add(noun: ArgumentParser) -> None:
    """Add the actions of the noun."""
    actions = Actions(noun)
    actions.add_list(_list)
    actions.add_show(_show)
    create = actions.add("create", _("Make an EST server."), _create)
    create.add_argument("name", metavar="NAME")
    edit = actions.add_one("edit", _("Change what the options name."), _edit)
    edit.add_argument("--name", metavar="NAME", help=_("its new name"))
    clone = actions.add_one("clone", _("Make another one like it, with its labels."), _clone)
    clone.add_argument("new", metavar="NEW", help=_("the name of the new one"))
    for made in (create, edit, clone):
        add_place(made, required=made is create)
    for made in (create, edit):
        add_switches(made)
    for made in (create, clone):
        add_json(made)
    test = actions.add_one("test", _("Connect to it as a device does."), _test)
    test.add_argument(
        "--address",
        metavar="HOST:PORT",
        help=_("where its listener is (usually the workspace's setting)"),
    )
    test.add_argument("--label", default="", metavar="LABEL", help=_("one of its labels"))
    add_json(test)
    actions.add_lifecycle(
        Lifecycle(
            _find,
            lambda workspace: workspace.est_servers.set_active,
            lambda workspace: workspace.est_servers.delete,
        )
    )
    _add_belongings(actions)
    add_client_files(actions, _find)


def _add_belongings(actions: Actions) -> None:
    """What an EST server has: labels, and applications that it lets in."""
    label = actions.add_one("add-label", _("Add a label, for another device type."), _add_label)
    label.add_argument("label", metavar="LABEL", help=_("3 to 24 lower-case letters and digits"))
    label.add_argument(
        "--device-type", required=True, metavar="ID|NAME", help=_("device type behind it")
    )
    remove = actions.add_one("remove-label", _("Remove a label."), _remove_label)
    remove.add_argument("label", metavar="ID|LABEL")
    for name, text, run in (
        ("link", _("Let an application enrol devices there."), _link),
        ("unlink", _("Let an application enrol devices there no longer."), _unlink),
    ):
        made = actions.add_one(name, text, run)
        made.add_argument("application", metavar="APPLICATION", help=_("its id or exact name"))


def _find(options: Namespace, workspace: Workspace, actor: Actor) -> int:
    return chosen(options.object, workspace.est_servers.all(actor))


def _found(options: Namespace, workspace: Workspace, actor: Actor) -> EstServer:
    return workspace.est_servers.get(actor, _find(options, workspace, actor))


def _list(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    rows = every(workspace.est_servers.page, actor, options.search)
    print_rows(
        options,
        _COLUMNS,
        (
            vars(row.server)
            | {
                "tenant": row.tenant_name,
                "organization": row.organization_name,
                "device_type": row.device_type_name,
                "labels": row.labels,
            }
            for row in rows
        ),
    )


def _show(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    found = _found(options, workspace, actor)
    applications = workspace.applications.linked(actor, found.id)
    more = {"applications": [one.name for one in applications]}
    print_fields(options, _shown(options, found, workspace, actor) | more)


def _create(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    place = placed(options, workspace, actor)
    new = EstServer(0, options.name, **place, **given(options))
    made = workspace.est_servers.create(actor, new)
    print_fields(options, _shown(options, made, workspace, actor))


def _edit(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    old = _found(options, workspace, actor)
    place = placed(options, workspace, actor, old)
    name = old.name if options.name is None else options.name
    workspace.est_servers.edit(actor, replace(old, name=name, **place, **given(options)))


def _clone(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    old = _found(options, workspace, actor)
    new = replace(old, name=options.new, **placed(options, workspace, actor, old))
    if options.domain is None and not _shares_domain(old, new):
        new = replace(new, domain="")
    labels = [row.label for row in workspace.est_servers.labels(actor, old.id)]
    copied = _fitting(labels, new, workspace, actor)
    made = workspace.est_servers.create(actor, new, copied)
    left = [label.name for label in labels if label not in copied]
    print_fields(options, _shown(options, made, workspace, actor) | {"labels_left_out": left})


def _shares_domain(old: EstServer, new: EstServer) -> bool:
    """Whether devices tell the two apart by whose they are (DEC-09, EST-15)."""
    return old.tenant_id == new.tenant_id and old.organization_id != new.organization_id


def _fitting(
    labels: list[EstLabel], server: EstServer, workspace: Workspace, actor: Actor
) -> list[EstLabel]:
    """The labels whose device types can be used at the EST server."""
    types = workspace.device_types.all(actor)
    usable = {one.id for one in types if can_lead(server, one)}
    return [label for label in labels if label.device_type_id in usable]


def _test(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    found = _found(options, workspace, actor)
    settings = workspace.settings.current
    address = options.address or f"{settings.listener_host}:{settings.listener_port}"
    anchors = workspace.est_endpoints.trust_anchors()
    print_fields(options, vars(probe(address, found.domain, anchors, options.label)))


def _add_label(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    type_id = chosen(options.device_type, workspace.device_types.all(actor))
    server_id = _find(options, workspace, actor)
    workspace.est_servers.add_label(actor, server_id, options.label, type_id)


def _remove_label(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    server_id = _find(options, workspace, actor)
    labels = (row.label for row in workspace.est_servers.labels(actor, server_id))
    workspace.est_servers.remove_label(actor, server_id, chosen(options.label, labels))


def _link(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    workspace.applications.link(actor, *_pair(options, workspace, actor))


def _unlink(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    workspace.applications.unlink(actor, *_pair(options, workspace, actor))


def _pair(options: Namespace, workspace: Workspace, actor: Actor) -> tuple[int, int]:
    """The ids of the EST server and the application."""
    applications = (row.application for row in every(workspace.applications.page, actor))
    return _find(options, workspace, actor), chosen(options.application, applications)


def _shown(
    options: Namespace, found: EstServer, workspace: Workspace, actor: Actor
) -> dict[str, object]:
    scope = Scope(found.tenant_id, found.organization_id)
    labels = {
        row.label.name: row.device_type_name
        for row in workspace.est_servers.labels(actor, found.id)
    }
    type_ = workspace.device_types.read(actor, found.device_type_id)
    return {
        "id": found.id,
        "name": found.name,
        "domain": found.domain,
        **shown_owner(scope, workspace, actor),
        "device_type": type_.name,
        "password_authentication": found.password_authentication,
        "certificate_authentication": found.certificate_authentication,
        "require_pop": found.require_pop,
        "enrol_others": found.enrol_others,
        "server_key_generation": found.server_key_generation,
        "allowed_addresses": list(found.allowed_addresses),
        "base64_form": found.base64_form.value,
        "active": found.active,
        "labels": labels if options.json else [f"{name}={of}" for name, of in labels.items()],
    }
