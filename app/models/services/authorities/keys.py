"""The keys authorities sign with: made, kept and opened, sealed here or on a token."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row

from app.core.errors import ConflictError
from app.core.language import _
from app.models.domain.access import Actor, Operation, Scope, require
from app.models.domain.authorities import KeyChoice
from app.models.services.secrets import Purpose, keep_secret, read_secret
from app.models.services.store import Change
from app.models.services.vault import Vault
from app.pki import keys, tokens
from app.pki.keys import PrivateKey
from app.pki.sign import SigningKey, SoftwareKey
from app.pki.tokens import KeyAddress, TokenAddress


@dataclass(frozen=True)
class NewKey:
    """A key ready to sign, and what has to be kept so that it can be opened again."""

    signing: SigningKey
    private_key: PrivateKey | None = field(default=None, repr=False)
    address: KeyAddress | None = None
    pin: str = field(default="", repr=False)


def require_tokens(actor: Actor) -> None:
    """Raise `AccessDeniedError` unless the actor manages every authority.

    Whoever names a PKCS#11 module has its code run in this process.
    """
    require(actor, Operation.AUTHORITY_MANAGE, Scope())


@contextmanager
def made_key(actor: Actor, choice: KeyChoice, label: str) -> Iterator[NewKey]:
    """The key chosen, made or found; takes up to minutes, so do it before anything is locked.

    `label` names a new key on a token; the key there is closed at the end. Raises as
    `require_tokens` and what `app.pki.tokens` raises.
    """
    if choice.token is None:
        private = keys.generate(choice.algorithm)
        yield NewKey(SoftwareKey(private), private)
        return
    require_tokens(actor)
    token, pin, key_id = choice.token.token, choice.token.pin, choice.token.key_id
    if key_id is None:
        made = tokens.generate_on(token, pin, choice.algorithm, label)
        key_id = made.id
    address = KeyAddress(token, key_id, label)
    signing = tokens.signing_key(address, pin)
    try:
        yield NewKey(signing, None, address, pin)
    finally:
        signing.close()


def kept_columns(change: Change, vault: Vault, key: NewKey) -> dict[str, Any]:
    """Seal what must be secret, and return the columns of the row that the key belongs to."""
    if key.private_key is not None:
        der = keys.private_key_to_der(key.private_key)
        return {"key_secret_id": keep_secret(change, vault, Purpose.AUTHORITY_KEY, der)}
    if key.address is None:
        return {}
    pin_secret_id = keep_secret(change, vault, Purpose.TOKEN_PIN, key.pin.encode())
    return {"key_address": _to_json(key.address), "pin_secret_id": pin_secret_id}


def open_key(connection: Connection, vault: Vault, row: Row[Any]) -> SigningKey:
    """The key of a row that `kept_columns` filled.

    Raises `ConflictError` when the key is elsewhere, `LockedError` when the workspace is
    locked, and what `app.pki.tokens.signing_key` raises.
    """
    if row.key_secret_id is not None:
        secret = read_secret(connection, vault, row.key_secret_id)
        return SoftwareKey(keys.private_key_from_der(secret))
    address = address_of(row)
    if address is None:
        raise ConflictError(
            _("The key of {name} is not in this workspace.").format(name=row.name),
            cause=_("Its certificate is here to complete chains only."),
            remedy=_("Choose an authority whose key is here or on a token."),
        )
    pin = read_secret(connection, vault, row.pin_secret_id).decode()
    return tokens.signing_key(address, pin)


def address_of(row: Row[Any]) -> KeyAddress | None:
    """Where on a token the key of a row is, None when it is not on one."""
    stored = row.key_address
    if stored is None:
        return None
    token = TokenAddress(stored["module"], stored["token"], stored["serial"])
    return KeyAddress(token, bytes.fromhex(stored["key_id"]), stored["label"])


def _to_json(address: KeyAddress) -> dict[str, str]:
    token = address.token
    return {
        "module": token.module,
        "token": token.token,
        "serial": token.serial,
        "key_id": address.key_id.hex(),
        "label": address.label,
    }
