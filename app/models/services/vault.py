"""The keys of a workspace: a workspace key wrapped by the passphrase wraps a data key a record.

The workspace key is made once, and kept in `keys.json` encrypted (AES-256-GCM) under a key
derived from the operator's passphrase (Argon2id). It is in memory only while unlocked.
"""

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock

from app.core.errors import AuthenticationError, InvalidInputError, LockedError
from app.core.files import replace_file
from app.core.language import _
from app.pki.sealing import (
    KdfCost,
    SealError,
    derive_key,
    fingerprint,
    new_key,
    seal,
    unseal,
)

MIN_PASSPHRASE_LENGTH = 8
_WORKSPACE_KEY = b"birthmark workspace key"
_DATA_KEY = b"birthmark data key "
_MAC_KEY = b"birthmark mac key "


@dataclass(frozen=True)
class Sealed:
    """A secret at rest: the data key wrapped by the workspace key, and what it encrypts."""

    wrapped_key: bytes
    ciphertext: bytes


class Vault:
    """Locks and unlocks the workspace key and seals secrets with it. Safe to share by threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._key: bytes | None = None
        self._lock = Lock()
        self._on_lock: list[Callable[[], None]] = []

    @classmethod
    def create(cls, path: Path, passphrase: str, cost: KdfCost) -> "Vault":
        """Make a new workspace key, write it wrapped to `path`, and return the vault unlocked."""
        vault = cls(path)
        vault._key = new_key()
        vault._write(passphrase, cost)
        return vault

    @property
    def locked(self) -> bool:
        """Whether secrets are out of reach."""
        return self._key is None

    def check_unlocked(self) -> None:
        """Raise `LockedError` while secrets are out of reach."""
        self._workspace_key()

    def unlock(self, passphrase: str) -> None:
        """Bring the workspace key into memory; raises `AuthenticationError` when it is not it."""
        key = self._read(passphrase)
        with self._lock:
            self._key = key

    def lock(self) -> None:
        """Forget the workspace key and everything opened with it."""
        with self._lock:
            self._key = None
        for forget in self._on_lock:
            forget()

    def on_lock(self, forget: Callable[[], None]) -> None:
        """Call `forget` at each lock; it drops opened secrets from memory."""
        self._on_lock.append(forget)

    def change_passphrase(self, old: str, new: str, cost: KdfCost) -> None:
        """Wrap the same workspace key under another passphrase; sealed secrets stay as they are."""
        self._key = self._read(old)
        self._write(new, cost)

    def seal(self, plaintext: bytes, purpose: str) -> Sealed:
        """Encrypt under a data key of its own; raises `LockedError` when locked."""
        data_key = new_key()
        context = _DATA_KEY + purpose.encode()
        return Sealed(
            seal(self._workspace_key(), data_key, context), seal(data_key, plaintext, context)
        )

    def unseal(self, sealed: Sealed, purpose: str) -> bytes:
        """Decrypt; raises `LockedError` when locked and `SealError` when it was tampered with."""
        context = _DATA_KEY + purpose.encode()
        data_key = unseal(self._workspace_key(), sealed.wrapped_key, context)
        return unseal(data_key, sealed.ciphertext, context)

    def mac(self, data: bytes, purpose: str) -> bytes:
        """HMAC-SHA-256 of `data` under a key for `purpose`, the same in every process.

        Raises `LockedError` when locked.
        """
        key = fingerprint(self._workspace_key(), _MAC_KEY + purpose.encode())
        return fingerprint(key, data)

    def _workspace_key(self) -> bytes:
        key = self._key
        if key is None:
            raise LockedError(
                _("The keys of this workspace are locked."),
                remedy=_("Unlock the workspace with its passphrase."),
                retry_after=30,
            )
        return key

    def _read(self, passphrase: str) -> bytes:
        wrapping_key, wrapped = self._derive(passphrase)
        try:
            return unseal(wrapping_key, wrapped, _WORKSPACE_KEY)
        except SealError as error:
            raise AuthenticationError(
                _("The passphrase does not open this workspace."),
                remedy=_("Type the passphrase again; it cannot be recovered."),
                field="passphrase",
            ) from error

    def _derive(self, passphrase: str) -> tuple[bytes, bytes]:
        """The key derived from the passphrase as the file says, and the wrapped workspace key."""
        try:
            stored = json.loads(self._path.read_text("utf-8"))
            kdf = dict(stored["kdf"])
            salt = bytes.fromhex(kdf.pop("salt"))
            wrapped = bytes.fromhex(stored["wrapped_key"])
            return derive_key(passphrase, salt, KdfCost(**kdf)), wrapped
        except (ValueError, TypeError, KeyError) as error:
            raise InvalidInputError(
                _("The key file of the workspace is damaged."),
                cause=str(self._path),
                remedy=_("Put the file back from a backup; without it no key can be used."),
            ) from error

    def _write(self, passphrase: str, cost: KdfCost) -> None:
        if len(passphrase) < MIN_PASSPHRASE_LENGTH:
            raise InvalidInputError(
                _("The passphrase is too short."),
                remedy=_("Use at least {count} characters.").format(count=MIN_PASSPHRASE_LENGTH),
                field="passphrase",
            )
        salt = os.urandom(16)
        wrapped = seal(derive_key(passphrase, salt, cost), self._workspace_key(), _WORKSPACE_KEY)
        content = {
            "version": 1,
            "kdf": asdict(cost) | {"salt": salt.hex()},
            "wrapped_key": wrapped.hex(),
        }
        replace_file(self._path, json.dumps(content, indent=2))
