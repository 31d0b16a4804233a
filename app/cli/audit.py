"""`birthmark audit`: export the log, and check an exported one with nothing but the file."""

from pathlib import Path

from app.core.clock import Clock
from app.core.errors import InvalidInputError
from app.core.language import _
from app.models.domain.access import SYSTEM
from app.models.domain.audit import verify_lines
from app.models.services.workspace import open_workspace


def verify(file: Path, key: str | None = None) -> int:
    """Check the hash chain of an exported log and its checkpoint; returns the exit code.

    `key` is the fingerprint (SHA-256, hex, colons allowed) of the key that must have signed it.
    """
    try:
        with file.open(encoding="utf-8") as lines:
            log = verify_lines(lines)
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(
            _("{file} cannot be read.").format(file=file), cause=str(error)
        ) from error
    signer = log.checkpoint.key_fingerprint
    if key is not None and key.replace(":", "").lower() != signer:
        raise InvalidInputError(
            _("The audit log was signed by another key."),
            cause=_("The fingerprint of its key is {fingerprint}.").format(fingerprint=signer),
            remedy=_("Do not trust it: it may have been written anew from its beginning."),
            field="key",
        )
    at = log.checkpoint.at.isoformat(timespec="seconds")
    print(_("The log is whole: {count} events, none changed.").format(count=log.count))
    print(_("Its end was signed at {time}.").format(time=at))
    print(_("Fingerprint of the key: {fingerprint}").format(fingerprint=signer))
    return 0


def export(folder: Path, file: Path, clock: Clock, passphrase: str | None = None) -> int:
    """Write the workspace's log to a new file and return the exit code.

    Raises `LockedError` without the passphrase, when the newest events are not signed yet.
    """
    workspace = open_workspace(folder, clock, passphrase, exclusive=False)
    try:
        workspace.checkpoints.sign()  # or refuse, before there is a file
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
