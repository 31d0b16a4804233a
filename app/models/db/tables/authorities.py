"""Sealed secrets, and the authorities whose keys are among them."""

from sqlalchemy import JSON, Boolean, Column, Integer, LargeBinary, String, Table, UniqueConstraint

from app.models.db.tables.columns import UtcDateTime, key, metadata, reference, sharing

# A sealed secret. Destroying one clears both blobs: without `wrapped_key` the ciphertext is noise.
secret = Table(
    "secret",
    metadata,
    key(),
    Column("purpose", String(32), nullable=False),
    Column("wrapped_key", LargeBinary),
    Column("ciphertext", LargeBinary),
    Column("destroy_after", UtcDateTime, index=True),
    Column("destroyed_at", UtcDateTime),
)

authority = Table(
    "authority",
    metadata,
    key(),
    Column("name", String(100), nullable=False, unique=True),
    Column("certificate", LargeBinary, nullable=False),
    reference("issuer_id", "authority"),
    reference("key_secret_id", "secret"),
    Column("active", Boolean, nullable=False),
    *sharing(),
    Column("key_address", JSON),
    reference("pin_secret_id", "secret"),
    reference("predecessor_id", "authority"),
    Column("crl_hours", Integer, nullable=False, server_default="168"),
    Column("crl_partition_size", Integer),
    Column("revoked_at", UtcDateTime),
    Column("revocation_reason", String(32)),
    Column("invalid_since", UtcDateTime),
)

# A key made here that waits for the certificate another authority makes for it.
authority_request = Table(
    "authority_request",
    metadata,
    key(),
    Column("name", String(100), nullable=False, unique=True),
    Column("csr", LargeBinary, nullable=False),
    reference("key_secret_id", "secret"),
    Column("key_address", JSON),
    reference("pin_secret_id", "secret"),
    Column("created_at", UtcDateTime, nullable=False),
    *sharing(),
)

# One root's certificate for another root's key, while the one takes over from the other.
cross_certificate = Table(
    "cross_certificate",
    metadata,
    key(),
    reference("authority_id", "authority", nullable=False, index=True),
    reference("issuer_id", "authority", nullable=False),
    Column("certificate", LargeBinary, nullable=False),
)

# The newest revocation list of an authority, one row a partition.
crl = Table(
    "crl",
    metadata,
    key(),
    reference("authority_id", "authority", nullable=False),
    Column("partition", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("this_update", UtcDateTime, nullable=False),
    Column("next_update", UtcDateTime, nullable=False, index=True),
    Column("der", LargeBinary, nullable=False),
    UniqueConstraint("authority_id", "partition"),
)

# The delegated OCSP responder of an authority (RFC 6960 section 4.2.2.2).
ocsp_responder = Table(
    "ocsp_responder",
    metadata,
    key(),
    reference("authority_id", "authority", nullable=False),
    Column("certificate", LargeBinary, nullable=False),
    reference("key_secret_id", "secret", nullable=False),
    Column("not_after", UtcDateTime, nullable=False),
    UniqueConstraint("authority_id"),
)

# The listener's own TLS certificate and key; replaced before it ends.
tls_identity = Table(
    "tls_identity",
    metadata,
    key(),
    reference("authority_id", "authority", nullable=False),
    Column("certificate", LargeBinary, nullable=False),
    reference("key_secret_id", "secret", nullable=False),
    Column("not_after", UtcDateTime, nullable=False),
)
