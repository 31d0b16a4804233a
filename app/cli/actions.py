"""What can be done to a noun: its actions, each with the options all of them take."""

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from app.cli.acting import acting
from app.cli.arguments import add_workspace
from app.core.clock import Clock
from app.core.errors import InvalidInputError
from app.core.language import _
from app.models.domain.access import Actor
from app.models.services.workspace.workspace import Workspace
from app.pki.strings import escape_unsafe

Run = Callable[[Namespace, Workspace, Actor], None]
Find = Callable[[Namespace, Workspace, Actor], int]
Finished = Callable[..., None]

_INTERRUPTED = 130  # 128 and SIGINT, as shells have it


@dataclass(frozen=True)
class Lifecycle:
    """How an object is found, switched on and off, and deleted."""

    find: Find
    set_active: Callable[[Workspace], Finished]
    delete: Callable[[Workspace], Finished]


class Actions:
    """The actions of one noun."""

    def __init__(self, noun: ArgumentParser) -> None:
        self._parsers = noun.add_subparsers(dest="action", required=True, metavar="ACTION")

    def add(self, name: str, text: str, run: Run, *, unlock: bool = False) -> ArgumentParser:
        """Add what a signed-in person does; with `unlock` it needs the keys."""
        made = self.add_plain(name, text, partial(_perform, run, unlock=unlock))
        add_workspace(made)
        add_person(made)
        return made

    def add_plain(
        self, name: str, text: str, run: Callable[[Namespace, Clock], int]
    ) -> ArgumentParser:
        """Add what needs nobody signed in."""
        made = self._parsers.add_parser(name, help=text, description=text, allow_abbrev=False)
        made.set_defaults(run=run)
        return made

    def add_list(self, run: Run) -> ArgumentParser:
        """Add `list`."""
        made = self.add("list", _("List those within reach."), run)
        made.add_argument(
            "--search", default="", metavar="TEXT", help=_("only those that this text is found in")
        )
        add_json(made)
        return made

    def add_show(self, run: Run) -> ArgumentParser:
        """Add `show`."""
        made = self.add_one("show", _("Show one."), run)
        add_json(made)
        return made

    def add_one(self, name: str, text: str, run: Run, *, unlock: bool = False) -> ArgumentParser:
        """Add what is done to one object, named by its id or name."""
        made = self.add(name, text, run, unlock=unlock)
        made.add_argument("object", metavar="ID|NAME", help=_("its id or exact name"))
        return made

    def add_lifecycle(self, life: Lifecycle) -> None:
        """Add `activate`, `deactivate` and `delete`."""

        def switch(options: Namespace, workspace: Workspace, actor: Actor, *, active: bool) -> None:
            life.set_active(workspace)(actor, life.find(options, workspace, actor), active=active)

        def delete(options: Namespace, workspace: Workspace, actor: Actor) -> None:
            life.delete(workspace)(actor, life.find(options, workspace, actor))

        self.add_one("activate", _("Activate one."), partial(switch, active=True))
        self.add_one("deactivate", _("Deactivate one."), partial(switch, active=False))
        self.add_one("delete", _("Delete an inactive one that nothing refers to."), delete)


def add_json(to: ArgumentParser) -> None:
    """Add `--json`."""
    to.add_argument("--json", action="store_true", help=_("print JSON instead of a table"))


def add_secret(to: ArgumentParser, option: str, variable: str, text: str) -> None:
    """Add an option that names the file of a secret, which is never an argument itself."""
    to.add_argument(
        option,
        type=Path,
        metavar="FILE",
        help=_("file whose first line is {what}; else {variable}, else a prompt").format(
            what=text, variable=variable
        ),
    )


def add_person(to: ArgumentParser) -> None:
    """Add the options that say who acts."""
    to.add_argument("--user", required=True, metavar="NAME", help=_("who does it"))
    add_secret(to, "--password-file", "BIRTHMARK_PASSWORD", _("that user's password"))
    to.add_argument(
        "--certificate-file",
        type=Path,
        metavar="FILE",
        help=_("PKCS#12 or PEM file with the private key of that user's certificate"),
    )
    add_secret(
        to,
        "--certificate-passphrase-file",
        "BIRTHMARK_CERTIFICATE_PASSPHRASE",
        _("the passphrase of that file"),
    )


def _perform(run: Run, options: Namespace, clock: Clock, *, unlock: bool) -> int:
    _check_text(options)
    try:
        with acting(options, clock, unlock=unlock) as (workspace, actor):
            run(options, workspace, actor)
        sys.stdout.flush()
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    except BrokenPipeError:  # who reads it has had enough; spare the flush at exit the same
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _check_text(options: Namespace) -> None:
    """Refuse arguments that are no text in the terminal's encoding: no database keeps them."""
    for value in vars(options).values():
        texts = value if isinstance(value, list) else [value]
        for text in texts:
            if isinstance(text, str) and not text.isprintable():
                raise InvalidInputError(
                    _("An argument has characters that cannot be printed."),
                    cause=escape_unsafe(text),
                )
