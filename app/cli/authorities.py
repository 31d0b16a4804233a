"""`birthmark ca`: certification authorities, their keys and their revocation lists."""

from argparse import ArgumentParser, Namespace
from datetime import datetime

from app.cli.actions import Actions, Lifecycle, add_json
from app.cli.authority_keys import add_key_choice, add_token_actions, key_choice
from app.cli.authority_options import add_out, add_subject, print_authority, subject_of
from app.cli.authority_requests import add_request_actions
from app.cli.choosing import (
    add_owner,
    add_reason,
    add_sharing,
    changed_sharing,
    chosen,
    count,
    every,
    moment,
    sharing,
)
from app.cli.files import check_free, write_out
from app.cli.output import print_fields, print_rows
from app.core.language import _
from app.models.domain.access import Actor
from app.models.domain.authority_presets import end_after
from app.models.services.authorities.revocation import AUTHORITY_REASONS
from app.models.services.workspace.workspace import Workspace
from app.pki.revocation import RevocationReason

_COLUMNS = (
    *("id", "name", "subject", "issuer", "algorithm", "key_store", "not_after", "path_length"),
    *("access", "active", "revoked_at"),
)
_ROOT_YEARS, _ISSUING_YEARS = 30, 10


def add(noun: ArgumentParser) -> None:
    """Add the actions of the noun."""
    actions = Actions(noun)
    actions.add_list(_list)
    actions.add_show(_show)
    _add_making(actions)
    add_request_actions(actions)
    edit = actions.add_one("edit", _("Change what is not in the certificate."), _edit)
    edit.add_argument("--name", metavar="NAME", help=_("its new name"))
    edit.add_argument(
        "--crl-hours", type=count, metavar="HOURS", help=_("how long a revocation list is good")
    )
    edit.add_argument(
        "--crl-partition-size",
        type=count,
        metavar="N",
        help=_("begin a new list after so many certificates; 0: never"),
    )
    add_sharing(edit)
    actions.add_lifecycle(
        Lifecycle(
            _find,
            lambda workspace: workspace.authorities.set_active,
            lambda workspace: workspace.authorities.delete,
        )
    )
    revoke = actions.add_one(
        "revoke", _("Revoke one for good, on the list of the authority above."), _revoke
    )
    add_reason(revoke, AUTHORITY_REASONS)
    test = actions.add_one("test-sign", _("Sign something now."), _test_sign, unlock=True)
    add_json(test)
    crl = actions.add_one("crl", _("Write the revocation list (DER)."), _crl, unlock=True)
    crl.add_argument("--part", type=count, default=0, metavar="N", help=_("which part, from 0 on"))
    add_out(crl)
    certificate = actions.add_one(
        "certificate", _("Write the certificate and those above it (PEM)."), _certificate
    )
    add_out(certificate)
    add_token_actions(actions)


def _add_making(actions: Actions) -> None:
    root = actions.add("create-root", _("Make a root."), _create_root, unlock=True)
    issuing = actions.add(
        "create-issuing", _("Make an authority below another one."), _create_issuing, unlock=True
    )
    for made in (root, issuing):
        made.add_argument("name", metavar="NAME")
        add_subject(made)
        add_owner(made)
    issuing.add_argument("--issuer", required=True, metavar="ID|NAME", help=_("who certifies it"))
    roll = actions.add_one(
        "roll-over", _("Make one with a new key that takes its place."), _roll_over, unlock=True
    )
    roll.add_argument("name", metavar="NAME", help=_("name of the new one"))
    for made, length in ((root, 1), (issuing, 0)):
        made.add_argument(
            "--path-length",
            type=count,
            default=length,
            metavar="N",
            help=_("levels of authorities below it (usually {count})").format(count=length),
        )
    for made, years in ((root, _ROOT_YEARS), (issuing, _ISSUING_YEARS), (roll, _ISSUING_YEARS)):
        made.add_argument(
            "--until",
            type=moment,
            metavar="TIME",
            help=_("last moment (usually {years} years on)").format(years=years),
        )
        add_json(made)
    for made in (root, issuing, roll):
        add_key_choice(made)


def _find(options: Namespace, workspace: Workspace, actor: Actor) -> int:
    return chosen(options.object, workspace.authorities.all(actor))


def _list(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    rows = every(workspace.authorities.page, actor, options.search)
    print_rows(
        options,
        _COLUMNS,
        (
            vars(row)
            | {
                "issuer": row.issuer_name,
                "algorithm": row.key,
                "key_store": row.key_store.value,
                "access": row.sharing.access.value,
            }
            for row in rows
        ),
    )


def _show(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    print_authority(options, workspace, actor, _find(options, workspace, actor))


def _create_root(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    made = workspace.authority_making.create_root(
        actor,
        options.name,
        subject_of(options),
        key_choice(options),
        not_after=_end(options, workspace, _ROOT_YEARS),
        path_length=options.path_length,
        sharing=sharing(options, workspace, actor),
    )
    print_authority(options, workspace, actor, made.id)


def _create_issuing(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    made = workspace.authority_making.create_issuing(
        actor,
        chosen(options.issuer, workspace.authorities.all(actor)),
        options.name,
        subject_of(options),
        key_choice(options),
        not_after=_end(options, workspace, _ISSUING_YEARS),
        path_length=options.path_length,
        sharing=sharing(options, workspace, actor),
    )
    print_authority(options, workspace, actor, made.id)


def _roll_over(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    found = _find(options, workspace, actor)
    end = _end(options, workspace, _ISSUING_YEARS)
    key = key_choice(options)
    making = workspace.authority_making
    print_authority(
        options,
        workspace,
        actor,
        making.roll_over(actor, found, options.name, key, not_after=end).id,
    )


def _edit(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    old = workspace.authorities.get(actor, _find(options, workspace, actor))
    size = options.crl_partition_size
    workspace.authorities.edit(
        actor,
        old.id,
        name=old.name if options.name is None else options.name,
        sharing=changed_sharing(options, workspace, actor, old.sharing),
        crl_hours=old.crl_hours if options.crl_hours is None else options.crl_hours,
        crl_partition_size=old.crl_partition_size if size is None else size or None,
    )


def _revoke(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    found = _find(options, workspace, actor)
    reason = RevocationReason(options.reason)
    workspace.authority_revocation.revoke(actor, found, reason, options.since)


def _test_sign(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    took = workspace.authorities.test_sign(actor, _find(options, workspace, actor))
    print_fields(options, {"milliseconds": round(took, 1)})


def _crl(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    check_free(options.out)
    found = _find(options, workspace, actor)
    write_out(options.out, workspace.crls.download(actor, found, options.part))


def _certificate(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    check_free(options.out)
    found = workspace.authority_details.of(actor, _find(options, workspace, actor))
    write_out(options.out, found.chain_pem)


def _end(options: Namespace, workspace: Workspace, years: int) -> datetime:
    until: datetime | None = options.until
    return end_after(workspace.store.clock.now(), years) if until is None else until
