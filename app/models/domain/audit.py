"""Audit events and the hash chain that makes a change to any of them show.

Each event carries the hash of the one before it; its own hash is the SHA-256 of its
canonical JSON (sorted keys, no spaces, UTF-8) including that link. An exported log is one
such JSON object a line, so that it can be checked without this program's database.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from app.core.errors import InvalidInputError
from app.core.language import _

GENESIS = "0" * 64


@dataclass(frozen=True)
class AuditEvent:
    """What happened: who did what to which object, from where, and how it ended.

    `number` counts from 1 without gaps. `before` and `after` hold only values declared safe
    to show. `reason` says why, when the outcome is not `done`.
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

    def canonical(self) -> dict[str, Any]:
        """The event as the JSON object that is hashed and exported."""
        return vars(self) | {"at": self.at.astimezone(UTC).isoformat(timespec="microseconds")}

    @property
    def hash(self) -> str:
        """SHA-256 over the canonical JSON, lower-case hex."""
        return _digest(self.canonical())


def _digest(canonical: dict[str, Any]) -> str:
    text = json.dumps(canonical, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def to_line(event: AuditEvent, stored_hash: str) -> str:
    """The event as one line of an exported log, with the hash that was stored beside it.

    The hash is not worked out anew: that would hide a change to the stored event.
    """
    line = event.canonical() | {"hash": stored_hash}
    return json.dumps(line, sort_keys=True, ensure_ascii=False)


def verify_lines(lines: Iterable[str]) -> int:
    """Check an exported log and return how many events it holds.

    Raises `InvalidInputError` that names the first line that was changed, removed, added or
    moved. A log cut off at its end cannot be told from a shorter one by the file alone.
    """
    previous, number = GENESIS, 0
    for number, line in enumerate(lines, start=1):
        event = _read_line(line, number)
        claimed = event.pop("hash", None)
        if event.get("number") != number or event.get("previous_hash") != previous:
            raise _broken(number, _("It does not follow the event before it."))
        previous = _digest(event)
        if claimed != previous:
            raise _broken(number, _("Its content was changed after it was written."))
    return number


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
