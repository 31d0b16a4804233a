"""`birthmark user`."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from app.cli.acting import certificate_proof, opened, own_password, proof_in
from app.cli.actions import Actions, Lifecycle, add_json, add_person, add_secret
from app.cli.arguments import add_workspace
from app.cli.choosing import add_owner, chosen, every, owner, shown_owner
from app.cli.files import read_file
from app.cli.output import print_fields, print_rows
from app.cli.passphrases import secret
from app.core.clock import Clock
from app.core.language import _
from app.models.domain.access import Actor, Channel, Role, Scope
from app.models.domain.users import PasswordChangeNeededError, User
from app.models.services.owners.second_factor import certificate_from_file
from app.models.services.workspace.workspace import Workspace

KEY_VARIABLE = "BIRTHMARK_KEY_PASSPHRASE"
NEW_PASSWORD_VARIABLE = "BIRTHMARK_NEW_PASSWORD"  # noqa: S105  a name, not a password

_COLUMNS = (
    *("id", "name", "role", "tenant", "organization"),
    *("active", "second_factor", "last_sign_in_at"),
)


def add(noun: ArgumentParser) -> None:
    """Add the actions of the noun."""
    actions = Actions(noun)
    actions.add_list(_list)
    actions.add_show(_show)
    create = actions.add("create", _("Make a user, who chooses another password first."), _create)
    create.add_argument("name", metavar="NAME")
    _add_role(create)
    _add_new_password(create)
    add_json(create)
    edit = actions.add_one("edit", _("Give a user another role, and sign them out."), _edit)
    _add_role(edit)
    actions.add_lifecycle(
        Lifecycle(
            _find,
            lambda workspace: workspace.users.set_active,
            lambda workspace: workspace.users.delete,
        )
    )
    reset = actions.add_one("reset-password", _("Give a user a new password."), _reset)
    _add_new_password(reset)
    actions.add_one("sign-out", _("End every session of a user."), _sign_out)
    actions.add_one(
        "remove-certificate",
        _("Let a user sign in without their certificate again."),
        _remove_certificate,
    )
    change = actions.add_plain(
        "change-password", _("Choose another password of your own."), change_password
    )
    add_workspace(change)
    add_person(change)
    _add_new_password(change)
    _add_set_certificate(actions)


def _add_set_certificate(actions: Actions) -> None:
    own = actions.add_plain(
        "set-certificate",
        _("Sign in with the key of your own certificate, too, from then on."),
        set_certificate,
    )
    add_workspace(own)
    add_person(own)
    own.add_argument("file", type=Path, metavar="FILE", help=_("the certificate"))
    own.add_argument(
        "--key-file",
        type=Path,
        required=True,
        metavar="FILE",
        help=_("PKCS#12 or PEM file with its private key; it is tried, not kept"),
    )
    add_secret(own, "--key-passphrase-file", KEY_VARIABLE, _("the passphrase of that file"))


def change_password(options: Namespace, clock: Clock) -> int:
    """Give who acts another password; also the first one of their own, without which no sign-in."""
    with opened(options, clock, unlock=False) as workspace:
        old, proof = own_password(options), certificate_proof(options)
        new = _new_password(options, options.user)
        users = workspace.users
        try:
            actor = users.sign_in(options.user, old, Channel.CLI, proof=proof)
            users.change_password(actor, old, new)
        except PasswordChangeNeededError:
            actor = users.sign_in(options.user, old, Channel.CLI, new_password=new, proof=proof)
        workspace.sessions.end(actor)
    return 0


def set_certificate(options: Namespace, clock: Clock) -> int:
    """Ask who acts for the key of a certificate, too; they show here that they have it."""
    certificate = certificate_from_file(read_file(options.file))
    with opened(options, clock, unlock=False) as workspace:
        password, users = own_password(options), workspace.users
        signing_in = certificate_proof(options)
        actor = users.sign_in(options.user, password, Channel.CLI, proof=signing_in)
        try:
            proof = proof_in(options.key_file, options.key_passphrase_file, KEY_VARIABLE)
            users.set_certificate(actor, password, certificate, proof)
        finally:
            workspace.sessions.end(actor)
    return 0


def _add_role(to: ArgumentParser) -> None:
    roles = [role.value for role in Role]
    to.add_argument("--role", required=True, choices=roles, help=_("what the user may do"))
    add_owner(to)


def _add_new_password(to: ArgumentParser) -> None:
    add_secret(to, "--new-password-file", NEW_PASSWORD_VARIABLE, _("the new password"))


def _new_password(options: Namespace, name: str) -> str:
    question = _("New password of the user {name}:").format(name=name)
    return secret(options.new_password_file, NEW_PASSWORD_VARIABLE, question, twice=True)


def _find(options: Namespace, workspace: Workspace, actor: Actor) -> int:
    return chosen(options.object, workspace.users.users(actor))


def _list(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    rows = every(workspace.users.page, actor, options.search)
    print_rows(
        options,
        _COLUMNS,
        (
            vars(row) | {"tenant": row.tenant_name, "organization": row.organization_name}
            for row in rows
        ),
    )


def _show(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    user = workspace.users.get(actor, _find(options, workspace, actor))
    print_fields(options, _shown(user, workspace, actor))


def _create(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    scope = owner(options, workspace, actor)
    user = workspace.users.create(
        actor,
        options.name,
        _new_password(options, options.name),
        Role(options.role),
        tenant_id=scope.tenant_id,
        organization_id=scope.organization_id,
    )
    print_fields(options, _shown(user, workspace, actor))


def _edit(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    scope = owner(options, workspace, actor)
    workspace.users.edit(
        actor,
        _find(options, workspace, actor),
        role=Role(options.role),
        tenant_id=scope.tenant_id,
        organization_id=scope.organization_id,
    )


def _reset(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    user = workspace.users.get(actor, _find(options, workspace, actor))
    workspace.users.reset_password(actor, user.id, _new_password(options, user.name))


def _sign_out(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    workspace.sessions.end_all(actor, _find(options, workspace, actor))


def _remove_certificate(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    workspace.users.remove_certificate(actor, _find(options, workspace, actor))


def _shown(user: User, workspace: Workspace, actor: Actor) -> dict[str, object]:
    scope = Scope(user.tenant_id, user.organization_id)
    return {
        "id": user.id,
        "name": user.name,
        "role": user.role.value,
        **shown_owner(scope, workspace, actor),
        "active": user.active,
        "must_change_password": user.must_change_password,
        "second_factor": user.certificate is not None,
        "last_sign_in_at": user.last_sign_in_at,
    }
