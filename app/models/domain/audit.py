"""Audit events and the hash chain that makes a change to any of them show.

Each event carries the hash of the one before it; its own hash is the SHA-256 of its
canonical JSON (sorted keys, no spaces, UTF-8) including that link. An exported log is one
such JSON object a line, so that it can be checked without this program's database; its last
line is a checkpoint, which shows that nothing is missing behind it.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from app.core.errors import InvalidInputError
from app.core.language import _
from app.models.domain.checkpoints import Checkpoint, checkpoint_from_line

GENESIS = "0" * 64
_CHECKPOINT_LINE = '{"checkpoint": '


@dataclass(frozen=True)
class AuditEvent:
    """What happened: who did what to which object, from where, and how it ended.

    `number` counts from 1 without gaps. `before` and `after` hold only values declared safe
    to show. `reason` says why, when the outcome is not `done`. `role` is what a person acted
    as; None for everybody else, and in events from before roles were recorded.
    """

    number: int
    at: datetime
    actor: str
    channel: str
    address: str
    action: str
    object_kind: str
    object_id: int | None
    object_name: str
    outcome: str
    reason: str
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    previous_hash: str = GENESIS
    role: str | None = None

    def canonical(self) -> dict[str, Any]:
        """The event as the JSON object that is hashed and exported; without a role if it has none.

        So events that were recorded before there were roles keep their hashes.
        """
        event = vars(self) | {"at": self.at.astimezone(UTC).isoformat(timespec="microseconds")}
        if self.role is None:
            del event["role"]
        return event

    @property
    def hash(self) -> str:
        """SHA-256 over the canonical JSON, lower-case hex."""
        return digest(self.canonical())


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(canonical: dict[str, Any]) -> str:
    """The hash of an event in its canonical form."""
    text = _CANONICAL.encode(canonical)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def to_line(event: AuditEvent, stored_hash: str) -> str:
    """The event as one line of an exported log, with the hash that was stored beside it.

    The hash is not worked out anew: that would hide a change to the stored event.
    """
    return _line(event.canonical() | {"hash": stored_hash})


def _line(event: dict[str, Any]) -> str:
    return json.dumps(event, sort_keys=True, ensure_ascii=False)


@dataclass(frozen=True)
class VerifiedLog:
    """An exported log that is whole: how many events it holds, and the checkpoint at its end."""

    count: int
    checkpoint: Checkpoint


def verify_lines(lines: Iterable[str]) -> VerifiedLog:
    """Check an exported log, to the letter.

    Raises `InvalidInputError` that names the first line that was changed, removed, added or
    moved, or says that the end was cut off. Who signed the checkpoint is for the caller to
    compare: a log written anew from its beginning has another key.
    """
    previous, count = GENESIS, 0
    checkpoint: Checkpoint | None = None
    for number, line in enumerate(lines, start=1):
        text = line.removesuffix("\n")
        if checkpoint is not None:
            raise _broken(number, _("Something follows the checkpoint, which ends a log."))
        if text.startswith(_CHECKPOINT_LINE):
            checkpoint = checkpoint_from_line(text)
        else:
            previous, count = _check_line(text, number, previous), number
    if checkpoint is None:
        raise _cut_off(_("Or it was written by an early version, which made no checkpoints."))
    if (checkpoint.number, checkpoint.hash) != (count, previous):
        cause = _("It ends at event {count}, the checkpoint is of event {number}.")
        raise _cut_off(cause.format(count=count, number=checkpoint.number))
    return VerifiedLog(count, checkpoint)


def _check_line(text: str, number: int, previous: str) -> str:
    """The hash of the event in a line; raises unless it follows the event before it."""
    event = _read_line(text, number)
    spelt = _line(event)
    claimed = event.pop("hash", None)
    if event.get("number") != number or event.get("previous_hash") != previous:
        raise _broken(number, _("It does not follow the event before it."))
    found = digest(event)
    if claimed != found or spelt != text:
        raise _broken(number, _("Its content was changed after it was written."))
    return found


def _read_line(line: str, number: int) -> dict[str, Any]:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        event = None
    if not isinstance(event, dict):
        raise _broken(number, _("It is not an audit event."))
    return event


def _broken(number: int, cause: str) -> InvalidInputError:
    return InvalidInputError(
        _("The audit log is broken at line {number}.").format(number=number),
        cause=cause,
        remedy=_("Compare with an earlier export; do not trust the events from here on."),
    )


def _cut_off(cause: str) -> InvalidInputError:
    return InvalidInputError(
        _("The audit log ends without its checkpoint: its end was cut off."),
        cause=cause,
        remedy=_("Compare with another export; do not take this one for the whole log."),
    )
