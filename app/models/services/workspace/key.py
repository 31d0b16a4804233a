"""The Ed25519 key by which a workspace signs what it says: checkpoints and set-up files."""

import hashlib

from sqlalchemy import Connection, select

from app.models.db.tables import audit_key
from app.models.domain.access import SYSTEM
from app.models.services.secrets import Purpose, keep_secret, read_secret
from app.models.services.store import Store
from app.pki.keys import KeyAlgorithm, generate, private_key_from_der, private_key_to_der
from app.pki.sign import SoftwareKey


def signing_key(store: Store) -> tuple[int, SoftwareKey]:
    """The id of the workspace's key and the key, made at the first time.

    That has a transaction of its own: nothing may ever be signed by a key that the database
    does not know. Raises `LockedError` while the keys are locked.
    """
    with store.database.read() as connection:
        row = connection.execute(select(audit_key).order_by(audit_key.c.id.desc())).first()
        if row is not None:
            sealed = read_secret(connection, store.vault, row.key_secret_id)
            return row.id, SoftwareKey(private_key_from_der(sealed))
    key = SoftwareKey(generate(KeyAlgorithm.ED25519))
    made = {"fingerprint": hashlib.sha256(key.public_key).hexdigest()}
    with store.change(SYSTEM) as change:
        plaintext = private_key_to_der(key.private_key)
        secret_id = keep_secret(change, store.vault, Purpose.AUDIT_KEY, plaintext)
        values = {
            "public_key": key.public_key,
            "key_secret_id": secret_id,
            "created_at": change.now,
        }
        change.audit("workspace.create-key", "workspace", None, "", after=made)
        return change.insert(audit_key, values), key


def is_own_key(connection: Connection, public_key: bytes) -> bool:
    """Whether a public key (SubjectPublicKeyInfo, DER) is, or was, the workspace's."""
    known = select(audit_key.c.id).where(audit_key.c.public_key == public_key)
    return connection.execute(known).first() is not None
