"""Passwords of people and devices: making, hashing and checking them."""

import secrets
from typing import NoReturn

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from app.core.errors import AuthenticationError
from app.core.language import _
from app.pki.sealing import KdfCost

# No 0/o, 1/l/i: a label is read by tired eyes. 31 characters are 4.95 bits each.
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_GROUPS, _GROUP_LENGTH = 5, 4


def new_password() -> str:
    """A random password of 99 bits, in five groups of four: `k7mq-...`."""
    return "-".join(
        "".join(secrets.choice(_ALPHABET) for _position in range(_GROUP_LENGTH))
        for _group in range(_GROUPS)
    )


def hash_password(password: str, cost: KdfCost) -> str:
    """Argon2id hash in PHC form, with a random salt of its own."""
    kdf = Argon2id(
        salt=secrets.token_bytes(16),
        length=32,
        iterations=cost.passes,
        lanes=cost.lanes,
        memory_cost=cost.memory,
    )
    return kdf.derive_phc_encoded(_octets(password))


def verify_password(password: str, phc: str) -> None:
    """Raises AuthenticationError unless `password` is the one behind the PHC hash."""
    try:
        Argon2id.verify_phc_encoded(_octets(password), phc)
    except InvalidKey:
        raise _wrong() from None


def refuse_unknown(password: str, cost: KdfCost) -> NoReturn:
    """Raises what a wrong password raises, after the same work.

    For a user or device that does not exist, so that time tells nobody which ones do.
    """
    hash_password(password, cost)
    raise _wrong()


def _octets(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")


def _wrong() -> AuthenticationError:
    return AuthenticationError(_("The name or the password is wrong."))
