"""The audit log and the signatures over its length."""

from sqlalchemy import JSON, Column, Index, Integer, LargeBinary, String, Table, Text

from app.models.db.tables.columns import UtcDateTime, key, metadata, reference

audit_event = Table(
    "audit_event",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("actor", String(255), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("address", String(64), nullable=False),
    Column("action", String(64), nullable=False),
    Column("object_kind", String(32), nullable=False),
    Column("object_id", Integer),
    Column("object_name", String(255), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("before", JSON, nullable=False),
    Column("after", JSON, nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("role", String(32)),
    Index(None, "object_kind", "object_id", "number"),
)

# The key that signs how long the audit log is.
audit_key = Table(
    "audit_key",
    metadata,
    key(),
    Column("public_key", LargeBinary, nullable=False),
    reference("key_secret_id", "secret", nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

audit_checkpoint = Table(
    "audit_checkpoint",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("hash", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    reference("key_id", "audit_key", nullable=False),
    Column("signature", LargeBinary, nullable=False),
)
