"""What PKCS#11 tokens are asked to do; used on the thread of `token_calls` only.

The only module of the token family to import from outside: loading it loads python-pkcs11.
"""

from app.core.errors import UnavailableError
from app.pki import token_keys
from app.pki.keys import KeyAlgorithm
from app.pki.token_addresses import KeyAddress, TokenAddress, TokenInfo, TokenKey
from app.pki.token_sessions import TokenNotFoundError, TokenSessions


class TokenDriver:
    """Runs each request in the token's session, opened for it or held by a signing key."""

    def __init__(self) -> None:
        self._sessions = TokenSessions()

    def tokens(self, module: str) -> tuple[TokenInfo, ...]:
        """The tokens the module shows."""
        return self._sessions.run(module, lambda: tuple(self._sessions.tokens(module)))

    def keys(self, address: TokenAddress, pin: str) -> tuple[TokenKey, ...]:
        """The signing keys on a token."""
        return self._sessions.run(
            address.module, lambda: token_keys.list_keys(self._sessions.open(address, pin))
        )

    def generate(
        self, address: TokenAddress, pin: str, algorithm: KeyAlgorithm, label: str
    ) -> TokenKey:
        """A new key pair on a token."""
        return self._sessions.run(
            address.module,
            lambda: token_keys.generate(self._sessions.open(address, pin), algorithm, label),
        )

    def hold(self, address: KeyAddress, pin: str) -> tuple[TokenAddress, TokenKey]:
        """The key and the full address of its token, whose session stays open until `release`."""

        def find() -> tuple[TokenAddress, TokenKey]:
            opened = self._sessions.open(address.token, pin)
            held = token_keys.find_key(opened, address.key_id)
            self._sessions.hold(opened.address)
            return opened.address, held.key

        return self._sessions.run(address.token.module, find)

    def release(self, address: TokenAddress) -> None:
        """Undoes one `hold`."""
        self._sessions.release(address)

    def sign(
        self,
        address: TokenAddress,
        pin: str,
        key: TokenKey,
        data: bytes,
        hash_name: str | None = None,
    ) -> bytes:
        """The key's signature over `data`.

        UnavailableError when the token is away, NotFoundError when it is back without the key.
        """

        def sign() -> bytes:
            opened = self._sessions.open(address, pin)
            held = token_keys.find_key(opened, key.id)
            if held.key.public_key != key.public_key:
                raise token_keys.no_key()
            return token_keys.sign(opened, held, data, hash_name)

        try:
            return self._sessions.run(address.module, sign)
        except TokenNotFoundError as error:
            raise UnavailableError(error.problem, remedy=error.remedy) from error
