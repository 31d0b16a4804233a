"""`birthmark certificate`: list, issue, renew, revoke and export certificates, and check files."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from app.cli import certificate_files
from app.cli.actions import Actions, add_json, add_secret
from app.cli.certificate_files import ExportFormat
from app.cli.choosing import add_owner, add_reason, count, owner
from app.cli.files import check_free
from app.cli.issuing import (
    COLUMNS,
    PFX_VARIABLE,
    add_key,
    add_request,
    new_pfx_passphrase,
    read_csr,
    request_for,
    save_all,
    save_issued,
    shown,
)
from app.cli.output import print_rows
from app.core.errors import InvalidInputError
from app.core.language import _
from app.models.domain.access import Actor
from app.models.services.certificates.listed import CertificateQuery, CertificateState
from app.models.services.revocation.revocation import REASONS
from app.models.services.workspace.workspace import Workspace
from app.pki.revocation import RevocationReason


def add(noun: ArgumentParser) -> None:
    """Add the actions of the noun."""
    actions = Actions(noun)
    _add_list(actions)
    actions.add_show(certificate_files.show)
    issue = actions.add("issue", _("Issue certificates that no device holds."), _issue, unlock=True)
    add_request(issue, several=True)
    add_owner(issue)
    issue.add_argument("--name", default="", metavar="NAME", help=_("what lists call it"))
    renew = actions.add_one("renew", _("Issue it anew for the same key."), _renew, unlock=True)
    renew.add_argument("--out", type=Path, metavar="FILE", help=_("new file: PEM with chain"))
    rekey = actions.add_one("rekey", _("Issue it anew for another key."), _rekey, unlock=True)
    add_key(rekey)
    for made in (issue, renew, rekey):
        add_json(made)
    _add_revocation(actions)
    _add_files(actions)


def _add_list(actions: Actions) -> None:
    made = actions.add("list", _("List certificates, the newest first."), _list)
    made.add_argument(
        "--search",
        default="",
        metavar="TEXT",
        help=_("how name, subject, serial number or fingerprint begin"),
    )
    made.add_argument("--state", choices=[state.value for state in CertificateState])
    made.add_argument(
        "--limit", type=count, default=100, metavar="N", help=_("at most so many (usually 100)")
    )
    add_json(made)


def _add_revocation(actions: Actions) -> None:
    revoke = actions.add_one("revoke", _("Revoke a certificate for good."), _revoke)
    add_reason(revoke, [one for one in REASONS if one is not RevocationReason.CERTIFICATE_HOLD])
    actions.add_one("hold", _("Revoke a certificate until it is released."), _hold)
    actions.add_one("release", _("Make a certificate on hold good again."), _release)


def _add_files(actions: Actions) -> None:
    # A key is kept sealed: only PKCS#12 needs the passphrase of the workspace.
    export = actions.add_one(
        "export", _("Write a certificate to a file or standard output."), certificate_files.export
    )
    export.add_argument(
        "--format",
        choices=[one.value for one in ExportFormat],
        default=ExportFormat.PEM.value,
        help=_("pem (usual), der, pkcs7 with its chain, or pkcs12 with its key, too"),
    )
    export.add_argument("--chain", action="store_true", help=_("PEM with its authorities"))
    export.add_argument(
        "--legacy", action="store_true", help=_("PKCS#12 as old devices read it: 3DES, SHA-1")
    )
    export.add_argument("--out", type=Path, metavar="FILE", help=_("new file"))
    add_secret(export, "--pfx-passphrase-file", PFX_VARIABLE, _("the passphrase of that PKCS#12"))
    check = actions.add_plain(
        "check",
        _("Tell what certificates, requests or revocation lists in a file say, and what is wrong."),
        lambda options, _clock: certificate_files.check(options),
    )
    check.add_argument("file", type=Path, metavar="FILE")
    add_json(check)


def _list(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    state = None if options.state is None else CertificateState(options.state)
    query = CertificateQuery(options.search, state, descending=True)
    found = workspace.certificate_list.page(actor, query, 0, options.limit)
    print_rows(options, COLUMNS, map(shown, found))


def _issue(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    check_free(options.out)
    scope = owner(options, workspace, actor)
    requests = [request_for(options, workspace, actor, read_csr(file)) for file in options.csr] or [
        request_for(options, workspace, actor, None)
    ]
    issuing = workspace.certificate_issuing
    if len(requests) > 1:
        if options.name:
            raise InvalidInputError(_("Several certificates cannot have one name."), field="name")
        save_all(options, issuing.issue_group(actor, requests, scope))
        return
    passphrase = None if options.csr else new_pfx_passphrase(options)
    issued = issuing.issue(actor, requests[0], scope, options.name, pfx_passphrase=passphrase)
    save_issued(options, issued, passphrase)


def _renew(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    check_free(options.out)
    found = certificate_files.find(options, workspace, actor)
    save_all(options, [workspace.certificate_renewal.renew(actor, found)])


def _rekey(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    check_free(options.out)
    csr = None if options.csr is None else read_csr(options.csr)
    passphrase = new_pfx_passphrase(options) if csr is None else None
    found = certificate_files.find(options, workspace, actor)
    issued = workspace.certificate_renewal.rekey(actor, found, csr, pfx_passphrase=passphrase)
    save_issued(options, issued, passphrase)


def _revoke(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    found = certificate_files.find(options, workspace, actor)
    workspace.revocation.revoke(actor, found, RevocationReason(options.reason), options.since)


def _hold(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    found = certificate_files.find(options, workspace, actor)
    workspace.revocation.revoke(actor, found, RevocationReason.CERTIFICATE_HOLD)


def _release(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    workspace.revocation.release(actor, certificate_files.find(options, workspace, actor))
