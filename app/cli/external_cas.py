"""`birthmark external-ca`: manufacturers' CAs, whose factory certificates are accepted."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from app.cli.actions import Actions, Lifecycle, add_json
from app.cli.choosing import add_owner, chosen, every, owner, shown_owner
from app.cli.files import check_free, read_file, write_file
from app.cli.output import print_fields, print_rows
from app.core.errors import InvalidInputError
from app.core.language import _
from app.models.domain.access import Actor, Scope
from app.models.domain.external_cas import ExternalCa
from app.models.services.workspace.workspace import Workspace

_COLUMNS = (
    *("id", "name", "tenant", "organization", "subject", "not_after", "verified", "active"),
)


def add(noun: ArgumentParser) -> None:
    """Add the actions of the noun."""
    actions = Actions(noun)
    actions.add_list(_list)
    actions.add_show(_show)
    register = actions.add("register", _("Register the CA of a manufacturer."), _register)
    register.add_argument("name", metavar="NAME")
    register.add_argument("file", type=Path, metavar="FILE", help=_("its certificate"))
    register.add_argument(
        "--verified", action="store_true", help=_("vouch for it at once, without its proof")
    )
    add_owner(register)
    add_json(register)
    challenge = actions.add_one(
        "challenge",
        _("Make a code for its owner to sign; the one before is good no longer."),
        _challenge,
    )
    challenge.add_argument(
        "--out", type=Path, metavar="FILE", help=_("new file for a request to be signed (PEM)")
    )
    add_json(challenge)
    verify = actions.add_one("verify", _("Verify it by a certificate for the code."), _verify)
    how = verify.add_mutually_exclusive_group(required=True)
    how.add_argument("--proof", type=Path, metavar="FILE", help=_("the certificate for the code"))
    how.add_argument(
        "--override", action="store_true", help=_("vouch for it yourself; this is recorded")
    )
    actions.add_lifecycle(
        Lifecycle(
            _find,
            lambda workspace: workspace.external_cas.set_active,
            lambda workspace: workspace.external_cas.delete,
        )
    )


def _find(options: Namespace, workspace: Workspace, actor: Actor) -> int:
    return chosen(options.object, (row.ca for row in every(workspace.external_cas.page, actor)))


def _list(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    rows = every(workspace.external_cas.page, actor, options.search)
    print_rows(
        options,
        _COLUMNS,
        (
            vars(row.ca)
            | {
                "tenant": row.tenant_name,
                "organization": row.organization_name or None,
                "subject": row.subject,
                "not_after": row.not_after,
                "verified": row.ca.verified,
            }
            for row in rows
        ),
    )


def _show(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    found = workspace.external_cas.get(actor, _find(options, workspace, actor))
    types = workspace.external_cas.device_types(actor, found.id)
    print_fields(options, _shown(found, workspace, actor) | {"device_types": types})


def _register(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    whose = owner(options, workspace, actor)
    if whose.tenant_id is None:
        raise InvalidInputError(
            _("An external CA belongs to a tenant."),
            remedy=_("Name it with --tenant."),
            field="tenant_id",
        )
    made = workspace.external_cas.register(
        actor,
        options.name,
        read_file(options.file),
        whose.tenant_id,
        whose.organization_id,
        verified=options.verified,
    )
    print_fields(options, _shown(made, workspace, actor))


def _challenge(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    check_free(options.out)
    found = _find(options, workspace, actor)
    challenge = workspace.external_ca_proof.new_challenge(actor, found)
    if options.out is not None:
        write_file(options.out, challenge.request)
    print_fields(options, {"code": challenge.code, "until": challenge.until})


def _verify(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    found, proof = _find(options, workspace, actor), workspace.external_ca_proof
    if options.override:
        proof.verify_by_override(actor, found)
    else:
        proof.verify_by_possession(actor, found, read_file(options.proof))


def _shown(found: ExternalCa, workspace: Workspace, actor: Actor) -> dict[str, object]:
    return {
        "id": found.id,
        "name": found.name,
        **shown_owner(Scope(found.tenant_id, found.organization_id), workspace, actor),
        "fingerprint": found.fingerprint,
        "verified": found.verified,
        "verified_at": found.verified_at,
        "verified_by": found.verified_by and found.verified_by.value,
        "active": found.active,
    }
