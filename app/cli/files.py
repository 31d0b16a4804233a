"""Files that commands read and write: what is there already is never overwritten."""

import os
import sys
from pathlib import Path

from app.core.errors import ConflictError, InvalidInputError
from app.core.language import _

MAX_SIZE = 16 * 1024 * 1024


def read_file(file: Path) -> bytes:
    """What a file holds; raises `InvalidInputError` when it cannot be read or is too large."""
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_SIZE + 1)
    except OSError as error:
        raise InvalidInputError(
            _("{file} cannot be read.").format(file=file), cause=str(error)
        ) from error
    if len(content) > MAX_SIZE:
        raise InvalidInputError(_("{file} is too large.").format(file=file))
    return content


def check_free(file: Path | None) -> None:
    """Raise `ConflictError` when there is a file already; call it before what cannot be undone."""
    if file is not None and file.exists():
        raise ConflictError(
            _("{file} is there already.").format(file=file), remedy=_("Name a new file.")
        )


def write_file(file: Path, content: bytes, *, private: bool = False) -> None:
    """Write a new file, for its owner alone when `private`.

    Raises `ConflictError` when it is there, `InvalidInputError` when it cannot be written.
    """
    check_free(file)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(file, flags, 0o600 if private else 0o666)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(content)
    except OSError as error:
        raise InvalidInputError(
            _("{file} cannot be written.").format(file=file), cause=str(error)
        ) from error


def write_out(file: Path | None, content: bytes, *, private: bool = False) -> None:
    """Write to a new file or, without one, to standard output as it is."""
    if file is not None:
        write_file(file, content, private=private)
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()
