"""Sealed secrets in the database: keep, read, destroy (DEC-13)."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, select, update

from app.core.errors import NotFoundError
from app.core.language import _
from app.models.db.tables import secret
from app.models.services.store import Change
from app.models.services.vault import Sealed, Vault


class Purpose(StrEnum):
    """What a secret is for; part of what the encryption authenticates."""

    AUTHORITY_KEY = "authority-key"
    TLS_KEY = "tls-key"
    DEVICE_KEY = "device-key"
    DEVICE_CREDENTIAL = "device-credential"
    AUDIT_KEY = "audit-key"
    OCSP_KEY = "ocsp-key"
    TOKEN_PIN = "token-pin"  # noqa: S105  what a secret is for, not one


def keep_secret(
    change: Change,
    vault: Vault,
    purpose: Purpose,
    plaintext: bytes,
    destroy_after: datetime | None = None,
) -> int:
    """Seal `plaintext` and return its id. After `destroy_after` retention destroys it."""
    sealed = vault.seal(plaintext, purpose)
    return change.insert(
        secret,
        {
            "purpose": purpose.value,
            "wrapped_key": sealed.wrapped_key,
            "ciphertext": sealed.ciphertext,
            "destroy_after": destroy_after,
        },
    )


def read_secret(connection: Connection, vault: Vault, secret_id: int) -> bytes:
    """Unseal a secret; raises `NotFoundError` when it was destroyed, `LockedError` when locked."""
    row = connection.execute(select(secret).where(secret.c.id == secret_id)).one()
    if row.wrapped_key is None:
        raise NotFoundError(
            _("This secret no longer exists."),
            cause=_("It was downloaded once or its retention time is over."),
            remedy=_("Set a new password, or issue a new certificate."),
        )
    return vault.unseal(Sealed(row.wrapped_key, row.ciphertext), row.purpose)


def destroy_secret(change: Change, secret_id: int) -> None:
    """Clear the data key and the ciphertext; what is left tells only that there was a secret."""
    change.connection.execute(
        update(secret)
        .where(secret.c.id == secret_id)
        .values(wrapped_key=None, ciphertext=None, destroyed_at=change.now)
    )
