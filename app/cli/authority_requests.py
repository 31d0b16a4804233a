"""Authorities from elsewhere: requests for another CA, its answers, and what is brought along."""

from argparse import Namespace
from pathlib import Path

from app.cli.actions import Actions, add_json, add_secret
from app.cli.authority_keys import add_key_choice, key_choice
from app.cli.authority_options import add_out, add_subject, print_authority, subject_of
from app.cli.choosing import add_owner, chosen, sharing
from app.cli.files import check_free, read_file, write_out
from app.cli.output import print_rows
from app.cli.passphrases import secret
from app.core.language import _
from app.models.domain.access import Actor
from app.models.services.authorities.imports import Bundle
from app.models.services.workspace.workspace import Workspace

IMPORT_VARIABLE = "BIRTHMARK_IMPORT_PASSPHRASE"


def add_request_actions(actions: Actions) -> None:
    """Add what concerns authorities certified, or made, elsewhere."""
    request = actions.add(
        "request", _("Make a key and the request for another CA."), _request, unlock=True
    )
    request.add_argument("name", metavar="NAME")
    add_subject(request)
    add_key_choice(request)
    add_owner(request)
    add_out(request)
    add_json(actions.add("requests", _("List requests that wait for another CA."), _requests))
    accept = actions.add_one("accept", _("Take the answer to a request."), _accept)
    accept.add_argument(
        "file", type=Path, metavar="FILE", help=_("certificates as PEM, DER or PKCS#7")
    )
    actions.add_one("withdraw", _("Give up a request and its key."), _withdraw)
    bring = actions.add("import", _("Bring an authority along."), _import, unlock=True)
    bring.add_argument("name", metavar="NAME")
    bring.add_argument(
        "file", type=Path, metavar="FILE", help=_("certificates, only to complete chains")
    )
    bring.add_argument("--pkcs12", action="store_true", help=_("the file brings the key, too"))
    add_secret(
        bring, "--import-passphrase-file", IMPORT_VARIABLE, _("the passphrase of that PKCS#12")
    )
    add_owner(bring)
    for made in (accept, bring):
        add_json(made)


def _request(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    check_free(options.out)
    made = workspace.authority_imports.request(
        actor,
        options.name,
        subject_of(options),
        key_choice(options),
        sharing=sharing(options, workspace, actor),
    )
    write_out(options.out, made.csr_pem)


def _requests(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    rows = workspace.authority_imports.requests(actor)
    print_rows(
        options,
        ("id", "name", "created_at", "key_store"),
        (vars(row) | {"key_store": row.key_store.value} for row in rows),
    )


def _accept(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    found = chosen(options.object, workspace.authority_imports.requests(actor))
    made = workspace.authority_imports.accept(actor, found, read_file(options.file))
    print_authority(options, workspace, actor, made.id)


def _withdraw(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    found = chosen(options.object, workspace.authority_imports.requests(actor))
    workspace.authority_imports.withdraw(actor, found)


def _import(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    content, offered = read_file(options.file), sharing(options, workspace, actor)
    imports = workspace.authority_imports
    if options.pkcs12:
        question = _("Passphrase of {file}:").format(file=options.file)
        passphrase = secret(options.import_passphrase_file, IMPORT_VARIABLE, question)
        bundle = Bundle(content, passphrase)
        made = imports.import_bundle(actor, options.name, bundle, sharing=offered)
    else:
        made = imports.import_certificate(actor, options.name, content, sharing=offered)
    print_authority(options, workspace, actor, made.id)
