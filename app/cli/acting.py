"""Acting as a person: the workspace opened, and that person signed in for one command."""

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.cli.files import read_file
from app.cli.passphrases import PASSPHRASE_VARIABLE, secret
from app.config.logs import logging_to
from app.core.clock import Clock
from app.core.errors import AccessDeniedError, SessionEndedError
from app.core.language import _
from app.models.domain.access import Actor, Channel
from app.models.domain.users import Proof
from app.models.services.owners.second_factor import proof_from_file
from app.models.services.workspace.folder import LOGS
from app.models.services.workspace.opening import open_workspace
from app.models.services.workspace.workspace import Workspace

PASSWORD_VARIABLE = "BIRTHMARK_PASSWORD"  # noqa: S105  a name, not a password
CERTIFICATE_VARIABLE = "BIRTHMARK_CERTIFICATE_PASSPHRASE"


@contextmanager
def acting(options: Namespace, clock: Clock, *, unlock: bool) -> Iterator[tuple[Workspace, Actor]]:
    """The workspace that `options` name and the person who acts there, signed out at the end.

    The workspace may be open elsewhere. Its keys are there with `unlock` only. What the person
    is refused is recorded, as in the window. Raises what opening and signing in do.
    """
    with opened(options, clock, unlock=unlock) as workspace:
        password = own_password(options)
        proof = certificate_proof(options)
        actor = workspace.users.sign_in(options.user, password, Channel.CLI, proof=proof)
        try:
            yield workspace, actor
        except AccessDeniedError as error:
            workspace.audit.record_denial(actor, error, f"{options.verb}.{options.action}")
            raise
        finally:
            _sign_out(workspace, actor)


@contextmanager
def opened(options: Namespace, clock: Clock, *, unlock: bool) -> Iterator[Workspace]:
    """The workspace that `options` name, closed at the end; its keys are there with `unlock`."""
    passphrase = None
    if unlock:
        question = _("Passphrase of the workspace:")
        passphrase = secret(options.passphrase_file, PASSPHRASE_VARIABLE, question)
    workspace = open_workspace(options.workspace, clock, passphrase, exclusive=False)
    try:
        with logging_to(workspace.folder / LOGS):
            yield workspace
    finally:
        workspace.close()


def own_password(options: Namespace) -> str:
    """The password of the person who acts."""
    question = _("Password of the user {name}:").format(name=options.user)
    return secret(options.password_file, PASSWORD_VARIABLE, question)


def certificate_proof(options: Namespace) -> Proof | None:
    """What proves that the person who acts has the key of their certificate, if they gave it."""
    if options.certificate_file is None:
        return None
    return proof_in(
        options.certificate_file, options.certificate_passphrase_file, CERTIFICATE_VARIABLE
    )


def proof_in(file: Path, passphrase_file: Path | None, variable: str) -> Proof:
    """What signs with the private key in a file; raises `InvalidInputError` if there is none."""
    content = read_file(file)
    passphrase = secret(passphrase_file, variable, _("Passphrase of {file}:").format(file=file))
    return proof_from_file(content, passphrase)


def _sign_out(workspace: Workspace, actor: Actor) -> None:
    try:
        workspace.sessions.end(actor)
    except SessionEndedError:  # by what was done: a change of one's own role
        return
