"""Logged-in sessions on PKCS#11 tokens; used on the thread of `token_calls` only."""

import logging
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from hmac import compare_digest
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pkcs11
from pkcs11 import PKCS11Error, TokenFlag

from app.core.errors import (
    AuthenticationError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    UnavailableError,
)
from app.core.language import _
from app.pki.token_addresses import TokenAddress, TokenInfo, TokenKey

if TYPE_CHECKING:
    from pkcs11._pkcs11 import lib as Library  # noqa: N812  a class in lower case

log = logging.getLogger(__name__)
Result = TypeVar("Result")


class TokenNotFoundError(NotFoundError):
    """No token of this label, and serial number if given, is plugged in."""


@dataclass
class HeldKey:
    """A key of an open session: its handle, valid as long as the session, and what it is."""

    handle: pkcs11.SignMixin
    key: TokenKey
    pin_each_time: bool


@dataclass
class OpenToken:
    """A session with the token at a full address, logged in by `pin`; keys found so far by id."""

    address: TokenAddress
    session: pkcs11.Session
    pin: str = field(repr=False)
    keys: dict[bytes, HeldKey] = field(default_factory=dict)


class TokenSessions:
    """One session a token, open while somebody holds it.

    Every failure is answered the same way: the module is started anew (C_Finalize and
    C_Initialize), which drops all of its sessions and shows it what was plugged in since.
    Whoever held a session opens it again at the next call.
    """

    def __init__(self) -> None:
        self._libraries: dict[str, Library] = {}
        self._open: dict[TokenAddress, OpenToken] = {}
        self._holders: Counter[TokenAddress] = Counter()

    def run(self, module: str, work: Callable[[], Result]) -> Result:
        """What `work` returns; tried once more with the module started anew when that fails.

        UnavailableError when it fails again. Sessions nobody holds are closed afterwards.
        """
        try:
            return self._retried(module, work)
        finally:
            self._close_unheld()

    def _retried(self, module: str, work: Callable[[], Result]) -> Result:
        try:
            return work()
        except PKCS11Error as error:
            self._restart(module, error)
        try:
            return work()
        except PKCS11Error as error:
            self._restart(module, error)
            raise UnavailableError(
                _("The token cannot be used."),
                cause=_("It was removed, or its driver failed ({code}).").format(
                    code=type(error).__name__
                ),
                remedy=_("Plug the token in and try again."),
            ) from error

    def tokens(self, module: str) -> list[TokenInfo]:
        """The initialised tokens the module shows, with those plugged in a moment ago."""
        if all(address.module != _resolved(module) for address in self._open):
            self._restart(module)
        return [
            TokenInfo(
                token.label,
                _serial(token),
                token.manufacturer_id,
                token.model,
                bool(token.flags & TokenFlag.LOGIN_REQUIRED),
            )
            for token in self._tokens(module)
        ]

    def open(self, address: TokenAddress, pin: str) -> OpenToken:
        """The session with a token, logged in; raises AuthenticationError for a wrong PIN.

        A session that another PIN opened is closed first: the token decides which is right.
        """
        known = self._open.get(address)
        if known is None:
            token = self._find(address)
            address = _address(address.module, token)
            known = self._open.get(address)
        if known is not None:
            if compare_digest(known.pin.encode(), pin.encode()):
                return known
            self._restart(address.module)
            token = self._find(address)
        opened = OpenToken(address, self._log_in(address, token, pin), pin)
        self._open[address] = opened
        return opened

    def hold(self, address: TokenAddress) -> None:
        """Keeps the session at this full address open until `release`."""
        self._holders[address] += 1

    def release(self, address: TokenAddress) -> None:
        """Undoes one `hold`."""
        self._holders[address] -= 1
        self._close_unheld()

    def _close_unheld(self) -> None:
        for address in [address for address in self._open if self._holders[address] <= 0]:
            with suppress(PKCS11Error):
                self._open.pop(address).session.close()

    def _restart(self, module: str, error: PKCS11Error | None = None) -> None:
        path = _resolved(module)
        if error is not None:
            log.warning("PKCS#11 module %s failed with %s", path, type(error).__name__)
        for address in [address for address in self._open if address.module == path]:
            del self._open[address]
        if path in self._libraries:
            with suppress(PKCS11Error):
                self._libraries[path].finalize()

    def _find(self, address: TokenAddress) -> pkcs11.Token:
        for _time in range(2):
            found = [
                token
                for token in self._tokens(address.module)
                if token.label == address.token and address.serial in {"", _serial(token)}
            ]
            if len(found) > 1:
                raise ConflictError(
                    _('Several tokens are called "{label}".').format(label=address.token),
                    remedy=_("Choose the token by its serial number too."),
                )
            if found:
                return found[0]
            self._restart(address.module)
        raise TokenNotFoundError(
            _('The token "{label}" is not there.').format(label=address.token),
            remedy=_("Plug it in, or choose another token."),
            field="token",
        )

    def _tokens(self, module: str) -> list[pkcs11.Token]:
        tokens = self._library(module).get_tokens()
        return [token for token in tokens if token.flags & TokenFlag.TOKEN_INITIALIZED]

    def _library(self, module: str) -> "Library":
        path = _resolved(module)
        try:
            # starts it too, also again after `finalize`
            library = self._libraries[path] = pkcs11.lib(path)
        except PKCS11Error as error:
            if path in self._libraries or type(error) is not PKCS11Error:
                raise
            log.warning("cannot load PKCS#11 module: %s", error)
            raise InvalidInputError(
                _("{path} is not a PKCS#11 module.").format(path=module),
                remedy=_("Choose the library that came with the token."),
                field="module",
            ) from error
        return library

    def _log_in(self, address: TokenAddress, token: pkcs11.Token, pin: str) -> pkcs11.Session:
        writable = not token.flags & TokenFlag.WRITE_PROTECTED
        if not token.flags & TokenFlag.LOGIN_REQUIRED:
            return token.open(rw=writable)
        if not pin:
            raise AuthenticationError(_("The token needs its PIN."), field="pin")
        try:
            return token.open(rw=writable, user_pin=pin)
        except (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange) as error:
            refusal = wrong_pin(token.slot.get_token().flags)
            # the library keeps the session of a failed login open: started anew, it is gone
            self._restart(address.module, error)
            raise refusal from error
        except (pkcs11.PinLocked, pkcs11.PinExpired, pkcs11.UserPinNotInitialized) as error:
            self._restart(address.module, error)
            raise no_pin(error) from error


def wrong_pin(flags: TokenFlag) -> AuthenticationError:
    """The refusal of a PIN, with what the token's flags tell of the tries left."""
    if flags & TokenFlag.USER_PIN_LOCKED:
        return no_pin(pkcs11.PinLocked())
    remedy = _("Type the PIN again.")
    if flags & TokenFlag.USER_PIN_FINAL_TRY:
        remedy = _("One try is left; the token locks itself when it fails.")
    elif flags & TokenFlag.USER_PIN_COUNT_LOW:
        remedy = _("Few tries are left; the token locks itself when they fail.")
    return AuthenticationError(_("The PIN is wrong."), remedy=remedy, field="pin")


def no_pin(error: PKCS11Error) -> AuthenticationError:
    """The refusal of a token whose PIN is locked, expired or was never set."""
    problem = {
        pkcs11.PinLocked: _("The token has locked its PIN."),
        pkcs11.PinExpired: _("The token's PIN has expired."),
    }.get(type(error), _("The token has no user PIN yet."))
    return AuthenticationError(
        problem, remedy=_("Set a new PIN with the token maker's program."), field="pin"
    )


def _resolved(module: str) -> str:
    """The module's real path: one file loaded under two names would be started twice."""
    path = Path(module)
    if not path.is_file():
        raise InvalidInputError(
            _("There is no PKCS#11 module at {path}.").format(path=module),
            remedy=_("Choose the library that came with the token."),
            field="module",
        )
    return str(path.resolve())


def _serial(token: pkcs11.Token) -> str:
    return token.serial.decode("ascii", "replace")


def _address(module: str, token: pkcs11.Token) -> TokenAddress:
    return TokenAddress(_resolved(module), token.label, _serial(token))
