"""`birthmark audit`: read or export the log, and check an exported one with only the file."""

from argparse import ArgumentParser, Namespace
from contextlib import ExitStack
from pathlib import Path

from app.cli.actions import Actions, add_json
from app.cli.choosing import count, moment
from app.cli.output import print_rows
from app.core.errors import InvalidInputError
from app.core.language import _
from app.models.domain.access import Actor
from app.models.domain.audit import verify_lines
from app.models.services.audit.log import AuditFilter
from app.models.services.workspace.workspace import Workspace

_COLUMNS = (
    *("number", "at", "actor", "channel", "address", "action", "object_kind", "object_id"),
    *("object_name", "outcome", "reason"),
)
_DETAILS = ("role", "before", "after")


def add(noun: ArgumentParser) -> None:
    """Add the actions of the noun."""
    actions = Actions(noun)
    _add_filters(actions.add("list", _("List events, the newest first."), _list))
    verify_ = actions.add_plain(
        "verify",
        _("Check that an exported log was not changed."),
        lambda options, _clock: verify(options.file, options.key),
    )
    verify_.add_argument("file", type=Path, metavar="FILE")
    verify_.add_argument(
        "--key", metavar="FINGERPRINT", help=_("SHA-256 of the key that must have signed it")
    )
    text = _("Write the audit log to a new file, one event a line.")
    export_ = actions.add("export", text, _export, unlock=True)
    export_.add_argument("file", type=Path, metavar="FILE")


def _add_filters(to: ArgumentParser) -> None:
    to.add_argument("--action-begins", default="", metavar="ACTION", help=_("like device.create"))
    to.add_argument("--kind", default="", metavar="KIND", help=_("kind of object, like device"))
    to.add_argument("--id", type=count, metavar="ID", help=_("id of the object"))
    to.add_argument("--search", default="", metavar="TEXT", help=_("text found anywhere"))
    to.add_argument("--actor", default="", metavar="NAME", help=_("who did it"))
    to.add_argument("--channel", default="", metavar="CHANNEL", help=_("through what"))
    to.add_argument("--outcome", default="", choices=("done", "refused", "failed"))
    to.add_argument("--since", type=moment, metavar="TIME", help=_("from then on"))
    to.add_argument("--until", type=moment, metavar="TIME", help=_("before then"))
    to.add_argument(
        "--limit", type=count, default=100, metavar="N", help=_("at most so many (usually 100)")
    )
    add_json(to)


def _list(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    wanted = AuditFilter(
        options.action_begins,
        options.kind,
        options.id,
        options.search,
        options.actor,
        options.channel,
        options.outcome,
        options.since,
        options.until,
    )
    events = workspace.audit.page(actor, 0, options.limit, wanted)
    columns = (*_COLUMNS, *_DETAILS) if options.json else _COLUMNS
    print_rows(options, columns, map(vars, events))


def _export(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    workspace.checkpoints.sign()  # or refuse, before there is a file
    try:
        with options.file.open("x", encoding="utf-8", newline="\n") as out, ExitStack() as undo:
            undo.callback(options.file.unlink)  # unless all of it was written
            count = workspace.audit.export(actor, out)
            undo.pop_all()
    except OSError as error:
        raise InvalidInputError(
            _("{file} cannot be written.").format(file=options.file), cause=str(error)
        ) from error
    print(_("Wrote {count} events to {file}.").format(count=count, file=options.file))


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
