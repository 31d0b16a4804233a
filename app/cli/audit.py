"""`birthmark audit`: export the log, and check an exported one with nothing but the file."""

from pathlib import Path

from app.core.clock import Clock
from app.core.errors import InvalidInputError
from app.core.language import _
from app.models.domain.access import SYSTEM
from app.models.domain.audit import verify_lines
from app.models.services.workspace import open_workspace


def verify(file: Path) -> int:
    """Check the hash chain of an exported log and return the exit code."""
    try:
        with file.open(encoding="utf-8") as lines:
            count = verify_lines(lines)
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(
            _("{file} cannot be read.").format(file=file), cause=str(error)
        ) from error
    print(_("The log is whole: {count} events, none changed.").format(count=count))
    return 0


def export(folder: Path, file: Path, clock: Clock) -> int:
    """Write the workspace's log to a new file and return the exit code."""
    workspace = open_workspace(folder, clock, exclusive=False)
    try:
        with file.open("x", encoding="utf-8", newline="\n") as out:
            count = workspace.audit.export(SYSTEM, out)
    except OSError as error:
        raise InvalidInputError(
            _("{file} cannot be written.").format(file=file), cause=str(error)
        ) from error
    finally:
        workspace.close()
    print(_("Wrote {count} events to {file}.").format(count=count, file=file))
    return 0
