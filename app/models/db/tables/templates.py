"""Certificate templates and the extensions they can add."""

from sqlalchemy import JSON, Boolean, Column, Integer, LargeBinary, String, Table, Text, false

from app.models.db.tables.columns import key, metadata, reference, sharing

custom_extension = Table(
    "custom_extension",
    metadata,
    key(),
    Column("name", String(100), nullable=False, unique=True),
    Column("description", Text, nullable=False),
    Column("oid", String(255), nullable=False),
    Column("critical", Boolean, nullable=False),
    Column("value", LargeBinary, nullable=False),
    Column("active", Boolean, nullable=False),
    *sharing(),
)

template = Table(
    "template",
    metadata,
    key(),
    Column("name", String(100), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    reference("authority_id", "authority", nullable=False),
    Column("fields", JSON, nullable=False),
    Column("key_algorithms", JSON, nullable=False),
    Column("key_usage", JSON, nullable=False),
    Column("extended_key_usage", JSON, nullable=False),
    Column("subject_key_identifier", Boolean, nullable=False),
    Column("validity_days", Integer),
    Column("backdate_minutes", Integer, nullable=False),
    Column("key_retention_days", Integer, nullable=False),
    Column("extensions", JSON, nullable=False),
    Column("active", Boolean, nullable=False),
    *sharing(),
    Column("description", Text, nullable=False, server_default=""),
    Column("hash", String(8)),
    Column("extension_ids", JSON, nullable=False, server_default="[]"),
    Column("revocation_urls", Boolean, nullable=False, server_default=false()),
)
