"""Secrets a command needs: from a file, an environment variable or a prompt, never an argument.

Arguments can be read by everybody on the machine.
"""

import getpass
import os
import sys
from pathlib import Path

from app.core.errors import InvalidInputError
from app.core.language import _

PASSPHRASE_VARIABLE = "BIRTHMARK_PASSPHRASE"  # noqa: S105  a name, not a passphrase
ADMIN_PASSWORD_VARIABLE = "BIRTHMARK_ADMIN_PASSWORD"  # noqa: S105  a name, not a password


def given_secret(file: Path | None, variable: str) -> str | None:
    """The first line of `file`, else the environment variable, else None."""
    if file is None:
        return os.environ.get(variable)
    try:
        return file.read_text("utf-8").partition("\n")[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(
            _("{file} cannot be read.").format(file=file), cause=str(error)
        ) from error


def secret(file: Path | None, variable: str, question: str, *, twice: bool = False) -> str:
    """The secret from file or environment, else typed at a prompt, `twice` for a new one.

    Raises `InvalidInputError` when nobody is there to ask, or the two do not agree.
    """
    given = given_secret(file, variable)
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise InvalidInputError(
            _("A secret is missing: {what}").format(what=question),
            remedy=_("Set {variable}, or name a file that holds it.").format(variable=variable),
        )
    typed = _typed(question)
    if twice and _typed(_("Once more:")) != typed:
        raise InvalidInputError(_("The two are not the same."))
    return typed


def _typed(question: str) -> str:
    try:
        return getpass.getpass(f"{question} ")
    except EOFError as error:
        raise InvalidInputError(_("Nothing was typed: {what}").format(what=question)) from error
