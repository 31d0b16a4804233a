"""Saves what a service hands out: ask where to first, then get the content, then write it.

In this order because some content can be had only once: it must not be lost to a person who
changes their mind or to a folder that cannot be written.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from app.core.errors import ConflictError, InvalidInputError, KnownError, UnavailableError
from app.core.language import _
from app.views.jobs import Jobs

AskPath = Callable[[QWidget, str, str, Callable[[Path], None]], None]


def ask_path(parent: QWidget, title: str, name: str, chosen: Callable[[Path], None]) -> None:
    """Ask over `parent` for a file to write, proposing `name`; calls `chosen` unless cancelled."""
    dialog = QFileDialog(parent, title)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.selectFile(name)
    dialog.fileSelected.connect(lambda path: chosen(Path(path)))
    dialog.open()


class Saver:
    """Saves files through a dialog (`ask`) and a worker thread."""

    def __init__(self, jobs: Jobs, ask: AskPath = ask_path) -> None:
        self._jobs = jobs
        self._ask = ask

    def save(
        self,
        owner: QWidget,
        title: str,
        name: str,
        content: Callable[[], bytes],
        *,
        done: Callable[[Path], None],
        failed: Callable[[KnownError], None],
    ) -> None:
        """Ask for a path, then write what `content` returns there and call `done` with it.

        Nothing happens when the person cancels; then `content` is never called.
        """
        self.fill(owner, title, name, lambda file: file.write(content()), done=done, failed=failed)

    def fill(
        self,
        owner: QWidget,
        title: str,
        name: str,
        write: Callable[[BinaryIO], object],
        *,
        done: Callable[[Path], None],
        failed: Callable[[KnownError], None],
    ) -> None:
        """As `save`, for what is too much to hold at once: `write` puts it into the file."""

        def chosen(path: Path) -> None:
            self._jobs.run(owner, lambda: fill_file(path, write), done, failed)

        self._ask(owner, title, file_name(name), chosen)


def file_name(name: str) -> str:
    """`name` with everything replaced that some file system does not take."""
    return "".join(c if c.isalnum() or c in "-_. " else "_" for c in name)


def write_file(path: Path, content: Callable[[], bytes]) -> Path:
    """Write what `content` returns as `fill_file` does."""
    return fill_file(path, lambda file: file.write(content()))


def fill_file(path: Path, write: Callable[[BinaryIO], object]) -> Path:
    """Write a file whole or not at all, readable by its owner alone; returns its path.

    The new file is opened before `write` is called, so that a folder that cannot be written
    is known before. Raises `UnavailableError` when it cannot, and what `write` raises.
    """
    partial = path.with_name(f"{path.name}.part")
    try:
        partial.unlink(missing_ok=True)  # left by a crash, or by somebody who wants to read along
        opened = _create(partial)
        try:
            with opened as file:
                write(file)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise UnavailableError(
            _("The file {name} cannot be written.").format(name=path.name),
            cause=error.strerror or "",
            remedy=_("Choose a folder that you may write to and that has room."),
        ) from error
    return path


def write_new_files(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write files into a folder, which is made if need be; all of them or none.

    `contents` go by paths below the folder, with slashes; their owner alone can read them.
    Raises `ConflictError` when one is there already, `InvalidInputError` when one cannot be
    written, both with the field `folder`.
    """
    taken = [name for name in contents if os.path.lexists(folder / name)]
    if taken:
        raise ConflictError(
            _("The folder already has {names}.").format(names=", ".join(taken)),
            remedy=_("Choose another folder. Nothing was written."),
            field="folder",
        )
    written: list[Path] = []
    try:
        for name, content in contents.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with _create(path) as file:
                written.append(path)
                file.write(content)
    except OSError as error:
        _remove(written)
        raise InvalidInputError(
            _("The files cannot be written there."),
            cause=error.strerror or "",
            remedy=_("Choose a folder that you may write to and that has room."),
            field="folder",
        ) from error


def _create(path: Path) -> BinaryIO:
    """A new file, for its owner alone."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        with suppress(OSError):  # what stopped the writing may stop this
            path.unlink()
