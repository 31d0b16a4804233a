"""Signing keys on PKCS#11 tokens: smart cards, USB keys, hardware security modules.

Every function may be called from any thread; the calls into a module queue for one thread
(`token_calls`). All raise InvalidInputError for a file that is no PKCS#11 module and
UnavailableError when the token fails or does not answer.
"""

import secrets
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from time import perf_counter
from typing import TYPE_CHECKING, TypeVar

from cryptography.exceptions import InvalidSignature

from app.core.errors import AuthenticationError, UnavailableError
from app.core.language import _
from app.pki import der
from app.pki.keys import KeyAlgorithm, public_key_from_der
from app.pki.sign import SigningKey, signature_algorithm, verify_signature
from app.pki.token_addresses import KeyAddress, TokenAddress, TokenInfo, TokenKey
from app.pki.token_calls import CALL_TIMEOUT, call

if TYPE_CHECKING:
    from app.pki.token_driver import TokenDriver

__all__ = [
    "TOKEN_FIELDS",
    "KeyAddress",
    "TokenAddress",
    "TokenInfo",
    "TokenKey",
    "TokenSigningKey",
    "generate_on",
    "keys_on",
    "signing_key",
    "test_sign",
    "tokens_of",
]

TOKEN_FIELDS = frozenset({"module", "token", "key", "pin"})
"""The fields of errors that are about a token: no fault of whoever asks for a signature by it."""

Result = TypeVar("Result")
_GENERATION_TIMEOUT = 300.0  # a smart card takes minutes for an RSA key


@cache
def _driver() -> "TokenDriver":
    from app.pki.token_driver import TokenDriver  # noqa: PLC0415  most stations have no token

    return TokenDriver()


def _ask(work: Callable[["TokenDriver"], Result], timeout: float = CALL_TIMEOUT) -> Result:
    """What `work` makes of the driver, on the thread that may use it."""
    return call(lambda: work(_driver()), timeout)


def tokens_of(module: str) -> tuple[TokenInfo, ...]:
    """The initialised tokens that the PKCS#11 library file `module` shows."""
    return _ask(lambda driver: driver.tokens(module))


def keys_on(address: TokenAddress, pin: str) -> tuple[TokenKey, ...]:
    """The key pairs on a token that this program can sign with.

    Raises NotFoundError when the token is not there, ConflictError when several bear its
    label and the address has no serial number, AuthenticationError for a wrong PIN.
    """
    return _ask(lambda driver: driver.keys(address, pin))


def generate_on(address: TokenAddress, pin: str, algorithm: KeyAlgorithm, label: str) -> TokenKey:
    """Makes a key pair on a token, which never lets its private half out.

    Raises InvalidInputError, naming what the token can make, for another algorithm; else as
    `keys_on`.
    """
    return _ask(lambda driver: driver.generate(address, pin, algorithm, label), _GENERATION_TIMEOUT)


class TokenSigningKey:
    """A signing key on a token; may sign from many threads. Made by `signing_key`.

    The token's session stays open until every key on it is closed, and is opened again with
    the same PIN when the token was away.
    """

    def __init__(self, token: TokenAddress, pin: str, key: TokenKey) -> None:
        self._token = token
        self._pin: str | None = pin
        self._key = key
        self._open = True

    def __repr__(self) -> str:
        return f"TokenSigningKey({self._key.label!r} on {self._token.token!r})"

    @property
    def public_key(self) -> bytes:
        """The public half as SubjectPublicKeyInfo DER."""
        return self._key.public_key

    @property
    def algorithm(self) -> KeyAlgorithm:
        """Kind and size of the key."""
        return self._key.algorithm

    def sign(self, data: bytes, hash_name: str | None = None) -> bytes:
        """X.509 signature octets over `data`, hashed as `signature_algorithm` says.

        Raises UnavailableError while the token is away, NotFoundError when it is back
        without the key, AuthenticationError when it refuses the PIN by now: that PIN is
        forgotten at once, for each further try would bring the token closer to its lock.
        """
        pin = self._pin
        if pin is None:
            raise AuthenticationError(
                _("The key on the token is not open."),
                remedy=_("Give the token's PIN again."),
                field="pin",
            )
        try:
            return _ask(lambda driver: driver.sign(self._token, pin, self._key, data, hash_name))
        except AuthenticationError:
            self._pin = None
            raise

    def close(self) -> None:
        """Forgets the PIN; logs out of the token when no other key on it is open.

        A driver that does not answer keeps nobody from closing.
        """
        self._pin = None
        if self._open:
            self._open = False
            with suppress(UnavailableError):
                _ask(lambda driver: driver.release(self._token))


def signing_key(address: KeyAddress, pin: str) -> TokenSigningKey:
    """Opens the key at an address: logs in and finds it. Close it when done.

    Raises NotFoundError when the token or the key is not there; else as `keys_on`.
    """
    token, key = _ask(lambda driver: driver.hold(address, pin))
    return TokenSigningKey(token, pin, key)


def test_sign(key: SigningKey) -> float:
    """Signs random data and checks the signature; returns the milliseconds the signing took.

    Raises UnavailableError when the signature is wrong, and whatever `sign` raises.
    """
    data = secrets.token_bytes(64)
    start = perf_counter()
    signature = key.sign(data)
    duration = 1000 * (perf_counter() - start)
    (oid, *_parameters) = der.parse(signature_algorithm(key.algorithm)).sequence()
    try:
        verify_signature(public_key_from_der(key.public_key), der.read_oid(oid), signature, data)
    except InvalidSignature:
        raise UnavailableError(
            _("The token's signature is wrong."),
            cause=_("The token or its driver is defective, or its keys were mixed up."),
            remedy=_("Do not sign with this key."),
        ) from None
    return duration
