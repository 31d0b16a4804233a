"""Who owns things and who may sign in: tenants, organizations, users, machine clients."""

from sqlalchemy import Boolean, Column, LargeBinary, String, Table, Text, UniqueConstraint, false

from app.models.db.tables.columns import NoCaseText, UtcDateTime, key, metadata, reference

tenant = Table(
    "tenant",
    metadata,
    key(),
    Column("name", String(100), nullable=False, unique=True),
    Column("active", Boolean, nullable=False),
)

organization = Table(
    "organization",
    metadata,
    key(),
    reference("tenant_id", "tenant", nullable=False),
    Column("name", String(100), nullable=False, index=True),
    Column("active", Boolean, nullable=False),
    UniqueConstraint("tenant_id", "name"),
)

user = Table(
    "user",
    metadata,
    key(),
    Column("name", NoCaseText(100), nullable=False, unique=True),
    Column("role", String(32), nullable=False),
    reference("tenant_id", "tenant"),
    reference("organization_id", "organization"),
    Column("password_hash", String(255), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("must_change_password", Boolean, nullable=False, server_default=false()),
    Column("language", String(8), nullable=False, server_default=""),
    Column("certificate", LargeBinary),
    Column("last_sign_in_at", UtcDateTime),
)

# A person signed in. Whoever ends it signs that person out with the next thing they do.
user_session = Table(
    "user_session",
    metadata,
    key(),
    reference("user_id", "user", nullable=False, index=True),
    Column("channel", String(16), nullable=False),
    Column("address", String(64), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
)

# A machine client. Two keys are good while one replaces the other.
api_application = Table(
    "api_application",
    metadata,
    key(),
    Column("name", String(100), nullable=False),
    Column("description", Text, nullable=False),
    reference("tenant_id", "tenant", nullable=False),
    reference("organization_id", "organization"),
    Column("app_id", String(32), nullable=False, unique=True),
    Column("key_hash", String(255), nullable=False),
    Column("previous_key_hash", String(255)),
    Column("previous_key_until", UtcDateTime),
    Column("active", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime),
    UniqueConstraint("tenant_id", "name"),
)
