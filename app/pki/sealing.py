"""Keeping secrets: authenticated encryption, keys from passphrases, keyed fingerprints."""

import hmac
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from app.core.errors import KnownError
from app.core.language import _

KEY_SIZE = 32
_NONCE_SIZE = 12


class SealError(KnownError):
    """Sealed data cannot be opened: wrong key, wrong context, or changed bytes."""


@dataclass(frozen=True)
class KdfCost:
    """What one Argon2id run costs: memory in KiB, passes over it, and lanes (RFC 9106).

    The default takes the memory of OWASP's first choice and twice its passes.
    """

    memory: int = 47_104
    passes: int = 2
    lanes: int = 1


def new_key() -> bytes:
    """A random key for `seal`, 256 bits."""
    return secrets.token_bytes(KEY_SIZE)


def derive_key(passphrase: str, salt: bytes, cost: KdfCost) -> bytes:
    """A key for `seal` from a passphrase by Argon2id; `salt` is at least 8 octets, random."""
    kdf = Argon2id(
        salt=salt,
        length=KEY_SIZE,
        iterations=cost.passes,
        lanes=cost.lanes,
        memory_cost=cost.memory,
    )
    return kdf.derive(passphrase.encode("utf-8", "surrogatepass"))


def seal(key: bytes, plaintext: bytes, context: bytes) -> bytes:
    """Encrypts by AES-256-GCM; returns nonce and ciphertext in one.

    `context` says what the data is and where it belongs; it must be given again to open.
    """
    nonce = secrets.token_bytes(_NONCE_SIZE)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, context)


def unseal(key: bytes, sealed: bytes, context: bytes) -> bytes:
    """Opens what `seal` made; SealError for a wrong key, another context or changed bytes."""
    nonce, ciphertext = sealed[:_NONCE_SIZE], sealed[_NONCE_SIZE:]
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, context)
    except (InvalidTag, ValueError):  # ValueError: cut off inside the nonce
        raise SealError(
            _("The secret cannot be decrypted."),
            cause=_("The key is not the one it was encrypted with, or the data was changed."),
        ) from None


def fingerprint(key: bytes, data: bytes) -> bytes:
    """HMAC-SHA-256 of `data`: recognises a secret again without keeping it."""
    return hmac.digest(key, data, "sha256")
