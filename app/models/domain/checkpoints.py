"""Signatures over the length of the audit log, so that it shows when its end is cut off.

A hash chain shows what was changed inside it, not what is missing behind it. A checkpoint says
which event was the newest at a time; a key that only this workspace has signs that.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.core.errors import InvalidInputError, KnownError
from app.core.language import _
from app.pki.detached import check_detached

# Ed25519 signs this and then the canonical JSON of what the checkpoint says.
_CONTEXT = b"birthmark audit checkpoint\n"


@dataclass(frozen=True)
class Checkpoint:
    """At the time `at` the newest event was `number`, with this hash; 0 when there was none.

    `public_key` is a SubjectPublicKeyInfo (DER).
    """

    number: int
    hash: str
    at: datetime
    public_key: bytes
    signature: bytes

    @property
    def key_fingerprint(self) -> str:
        """SHA-256 of the public key, lower-case hex."""
        return hashlib.sha256(self.public_key).hexdigest()

    def check(self) -> None:
        """Raise `InvalidInputError` unless the signature is good."""
        check_detached(self.public_key, self.signature, to_sign(self.number, self.hash, self.at))


def to_sign(number: int, event_hash: str, at: datetime) -> bytes:
    """The octets that the key of the log signs."""
    content = _content(number, event_hash, at)
    return _CONTEXT + json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


def checkpoint_to_line(checkpoint: Checkpoint) -> str:
    """The checkpoint as one line of JSON: the last one of an exported log."""
    content = _content(checkpoint.number, checkpoint.hash, checkpoint.at) | {
        "public_key": checkpoint.public_key.hex(),
        "signature": checkpoint.signature.hex(),
    }
    return json.dumps({"checkpoint": content}, sort_keys=True)


def checkpoint_from_line(line: str) -> Checkpoint:
    """Read what `checkpoint_to_line` wrote, to the letter, and check its signature.

    Raises `InvalidInputError`.
    """
    try:
        content = json.loads(line)["checkpoint"]
        read = Checkpoint(
            number=content["number"],
            hash=content["hash"],
            at=datetime.fromisoformat(content["at"]),
            public_key=bytes.fromhex(content["public_key"]),
            signature=bytes.fromhex(content["signature"]),
        )
        if checkpoint_to_line(read) == line:
            read.check()
            return read
    except (
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        RecursionError,
        OverflowError,
    ) as error:
        raise _bad() from error
    except KnownError as error:
        raise _bad() from error
    raise _bad()


def _content(number: int, event_hash: str, at: datetime) -> dict[str, Any]:
    time = at.astimezone(UTC).isoformat(timespec="microseconds")
    return {"number": number, "hash": event_hash, "at": time}


def _bad() -> InvalidInputError:
    return InvalidInputError(
        _("The checkpoint of the audit log is not genuine."),
        cause=_("It was changed after it was signed, or it is none."),
        remedy=_("Compare with an earlier export; do not trust the end of this log."),
    )
