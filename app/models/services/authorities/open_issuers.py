"""Authorities whose keys are open, ready to sign."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from app.core.errors import AuthenticationError, ConflictError
from app.core.language import _
from app.models.services.authorities.keys import open_key
from app.models.services.vault import Vault
from app.pki.certificates import CertificateInfo
from app.pki.sign import SigningKey
from app.pki.tokens import TokenSigningKey


@dataclass(frozen=True)
class Issuer:
    """An authority ready to sign: its id, its certificate, and its key."""

    authority_id: int
    info: CertificateInfo
    key: SigningKey


class OpenIssuers:
    """Opens each key once, and drops it when the workspace is locked. Safe to share by threads."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._issuers: dict[int, Issuer] = {}
        self._refused_pins: set[int] = set()  # their secrets' ids: another PIN has another one
        vault.on_lock(self._forget)

    def of(self, connection: Connection, row: Row[Any], info: CertificateInfo) -> Issuer:
        """The authority in `row`, whose certificate is `info`, with its key.

        Raises `ConflictError` when its key is elsewhere or not the certificate's,
        `AuthenticationError` for a PIN that its token refused, `LockedError` when the keys are
        locked, and what a token raises.
        """
        issuer = self._issuers.get(row.id) or self._open(connection, row, info)
        self._issuers[row.id] = issuer
        if self._vault.locked:  # by another thread, which may have dropped keys before this
            self._forget()
            return self._open(connection, row, info)
        return issuer

    def drop(self, authority_id: int) -> None:
        """Close the key of an authority; it is opened again when it is needed."""
        issuer = self._issuers.pop(authority_id, None)
        if issuer is not None and isinstance(issuer.key, TokenSigningKey):
            issuer.key.close()

    def _forget(self) -> None:
        for authority_id in list(self._issuers):
            self.drop(authority_id)

    def _open(self, connection: Connection, row: Row[Any], info: CertificateInfo) -> Issuer:
        key = self._open_key(connection, row)
        if key.public_key != info.public_key:
            raise ConflictError(
                _("The key of {name} does not belong to its certificate.").format(name=row.name),
                cause=_("The database or the token was changed by something else."),
                remedy=_("Put back a backup of the workspace, or plug in the right token."),
            )
        return Issuer(row.id, info, key)

    def _open_key(self, connection: Connection, row: Row[Any]) -> SigningKey:
        """The key of an authority; a PIN that its token refused is never tried again.

        Whoever asks for a list or an answer could have the token lock itself otherwise.
        """
        pin_id = row.pin_secret_id
        if pin_id in self._refused_pins:
            raise AuthenticationError(
                _("The token refuses the PIN that is kept for {name}.").format(name=row.name),
                remedy=_("Keep the PIN that opens the token by now."),
                field="pin",
            )
        try:
            return open_key(connection, self._vault, row)
        except AuthenticationError:
            self._refused_pins.add(pin_id)
            raise
