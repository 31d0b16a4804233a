"""`birthmark est-server client-files`: the files with which a client enrols at an EST server."""

import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

from app.cli.actions import Actions
from app.cli.files import check_free, write_file
from app.core.errors import InvalidInputError
from app.core.language import _
from app.models.domain.access import Actor
from app.models.domain.client_files.setups import KEYS, ClientCredential, EstClient
from app.models.services.workspace.workspace import Workspace
from app.pki.keys import KeyAlgorithm

Find = Callable[[Namespace, Workspace, Actor], int]


def add_client_files(actions: Actions, find: Find) -> None:
    """Add the action; `find` says which EST server is meant."""

    def run(options: Namespace, workspace: Workspace, actor: Actor) -> None:
        _write(options, workspace, actor, find(options, workspace, actor))

    made = actions.add_one(
        "client-files", _("Write the files with which a client enrols there."), run
    )
    made.add_argument(
        "client",
        type=EstClient,
        choices=list(EstClient),
        metavar="CLIENT",
        help=_("the client: {clients}").format(clients=", ".join(EstClient)),
    )
    made.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help=_("folder to write them to")
    )
    made.add_argument(
        "--device",
        default="",
        metavar="NAME",
        help=_("the device (usually each fills in its own name)"),
    )
    made.add_argument("--label", default="", metavar="LABEL", help=_("one of its labels"))
    made.add_argument(
        "--by",
        type=ClientCredential,
        choices=list(ClientCredential),
        default=ClientCredential.PASSWORD,
        metavar="CREDENTIAL",
        help=_("what it shows to enrol: {credentials} (usually password)").format(
            credentials=", ".join(ClientCredential)
        ),
    )
    made.add_argument(
        "--key",
        type=KeyAlgorithm,
        choices=KEYS,
        default=KeyAlgorithm.EC_P256,
        metavar="KEY",
        help=_("its new keys: {keys} (usually ec-p256)").format(keys=", ".join(KEYS)),
    )


def _write(options: Namespace, workspace: Workspace, actor: Actor, server_id: int) -> None:
    made = workspace.client_files.make(
        actor,
        server_id,
        options.client,
        device=options.device,
        label=options.label,
        credential=options.by,
        key=options.key,
    )
    contents = {options.out / file.path: file.content for file in made.files}
    for file in contents:
        check_free(file)
    for file in contents:
        _make_folder(file.parent)
    for file, content in contents.items():
        write_file(file, content)
        print(file)
    for warning in made.warnings:
        print(warning, file=sys.stderr)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInputError(
            _("{folder} cannot be made.").format(folder=folder),
            cause=str(error),
            remedy=_("Choose another folder. Nothing was written."),
        ) from error
