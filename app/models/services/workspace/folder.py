"""The folder of a workspace: made whole or not at all, and held by one process at a time."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from app.core.errors import ConflictError, InvalidInputError, NotFoundError
from app.core.language import _

DATABASE, KEYS, LOCK = "workspace.db", "keys.json", "workspace.lock"
SETTINGS, LOGS, BACKUPS = "settings.json", "logs", "backups"


@contextmanager
def folder_in_the_making(folder: Path) -> Iterator[Path]:
    """A folder beside `folder`, for its owner alone, gone afterwards unless it was renamed."""
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def is_empty(folder: Path) -> bool:
    """Whether a folder holds nothing."""
    return next(folder.iterdir(), None) is None


def check_folder(folder: Path) -> None:
    """Raise unless a whole workspace is there: `NotFoundError` for none, `InvalidInputError`."""
    missing = [name for name in (DATABASE, KEYS) if not (folder / name).is_file()]
    if len(missing) == 2:
        raise NotFoundError(
            _("There is no workspace in {folder}.").format(folder=folder),
            remedy=_("Choose the folder of a workspace, or make one with: birthmark init"),
            field="folder",
        )
    if missing:
        raise InvalidInputError(
            _("The workspace in {folder} is incomplete.").format(folder=folder),
            cause=_("{name} is missing.").format(name=missing[0]),
            remedy=_("Put the file back from a backup."),
            field="folder",
        )


def hold(folder: Path, held: ExitStack) -> None:
    """Hold the workspace until `held` is left; raises `ConflictError` while another one does."""
    lock = FileLock(folder / LOCK, timeout=0, mode=0o600, thread_local=False)
    try:
        held.enter_context(lock)
    except Timeout as error:
        raise ConflictError(
            _("This workspace is open already."),
            cause=_("Another window or process of the program uses {folder}.").format(
                folder=folder
            ),
            remedy=_("Go on in that window, or close it first."),
            field="folder",
        ) from error
