"""The tables. Column names are the domain's field names; see `app.models.domain` for meanings."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.types import TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime, stored without a zone to the microsecond."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """To the database: UTC, naive."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """From the database: aware again."""
        return None if value is None else value.replace(tzinfo=UTC)


class NoCaseText(TypeDecorator[str]):
    """Text that SQLite compares and sorts without regard to ASCII case."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        """`COLLATE NOCASE` on SQLite, so that prefix searches can use an index."""
        collation = "NOCASE" if dialect.name == "sqlite" else None
        return dialect.type_descriptor(String(self.length, collation=collation))


def _key() -> Column[int]:
    return Column("id", Integer, primary_key=True)


def _reference(
    name: str, target: str, *, nullable: bool = True, index: bool = False
) -> Column[int]:
    return Column(name, Integer, ForeignKey(f"{target}.id"), nullable=nullable, index=index)


def _sharing() -> list[Column[Any]]:
    return [
        Column("access", String(16), nullable=False),
        _reference("tenant_id", "tenant"),
        _reference("organization_id", "organization"),
    ]


tenant = Table(
    "tenant",
    metadata,
    _key(),
    Column("name", String(100), nullable=False, unique=True),
    Column("active", Boolean, nullable=False),
)

organization = Table(
    "organization",
    metadata,
    _key(),
    _reference("tenant_id", "tenant", nullable=False),
    Column("name", String(100), nullable=False, index=True),
    Column("active", Boolean, nullable=False),
    UniqueConstraint("tenant_id", "name"),
)

user = Table(
    "user",
    metadata,
    _key(),
    Column("name", NoCaseText(100), nullable=False, unique=True),
    Column("role", String(32), nullable=False),
    _reference("tenant_id", "tenant"),
    _reference("organization_id", "organization"),
    Column("password_hash", String(255), nullable=False),
    Column("active", Boolean, nullable=False),
)

# A sealed secret. Destroying one clears both blobs: without `wrapped_key` the ciphertext is noise.
secret = Table(
    "secret",
    metadata,
    _key(),
    Column("purpose", String(32), nullable=False),
    Column("wrapped_key", LargeBinary),
    Column("ciphertext", LargeBinary),
    Column("destroy_after", UtcDateTime, index=True),
    Column("destroyed_at", UtcDateTime),
)

authority = Table(
    "authority",
    metadata,
    _key(),
    Column("name", String(100), nullable=False, unique=True),
    Column("certificate", LargeBinary, nullable=False),
    _reference("issuer_id", "authority"),
    _reference("key_secret_id", "secret", nullable=False),
    Column("active", Boolean, nullable=False),
    *_sharing(),
)

template = Table(
    "template",
    metadata,
    _key(),
    Column("name", String(100), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    _reference("authority_id", "authority", nullable=False),
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
    *_sharing(),
)

device_type = Table(
    "device_type",
    metadata,
    _key(),
    Column("name", String(100), nullable=False, unique=True),
    Column("description", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    *_sharing(),
    Column("fields", JSON, nullable=False),
    _reference("factory_template_id", "template"),
    Column("factory_mapping", JSON, nullable=False),
    Column("operational_template_ids", JSON, nullable=False),
    Column("operational_mapping", JSON, nullable=False),
    Column("use_mapping", Boolean, nullable=False),
    Column("enforce_factory_mode", Boolean, nullable=False),
    Column("password_enabled", Boolean, nullable=False),
    Column("password_retention_hours", Integer, nullable=False),
    Column("operational_renewal_hours", Integer, nullable=False),
    Column("factory_renewal_hours", Integer, nullable=False),
)

device = Table(
    "device",
    metadata,
    _key(),
    Column("name", NoCaseText(64), nullable=False),
    _reference("tenant_id", "tenant", nullable=False),
    _reference("organization_id", "organization", nullable=False),
    _reference("type_id", "device_type", nullable=False),
    Column("description", Text, nullable=False),
    Column("mode", String(16), nullable=False),
    Column("mode_before_disabled", String(16)),
    Column("serial_number", NoCaseText(255), nullable=False),
    Column("model", String(255), nullable=False),
    Column("hardware_version", String(255), nullable=False),
    Column("manufacturer", String(255), nullable=False),
    Column("device_class", String(255), nullable=False),
    Column("firmware", String(255), nullable=False),
    Column("location", String(255), nullable=False),
    Column("attributes", JSON, nullable=False),
    Column("operational_until", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    UniqueConstraint("tenant_id", "name"),
    # One index a sortable column, each ending in the key, so that every sort has one order.
    Index(None, "name", "id"),
    Index(None, "serial_number", "id"),
    Index(None, "type_id", "mode", "id"),
    Index(None, "organization_id", "mode", "id"),  # and counts devices by mode
    Index(None, "mode", "changed_at", "id"),
    Index(None, "operational_until", "id"),
    Index(None, "changed_at", "id"),
)

device_transition = Table(
    "device_transition",
    metadata,
    _key(),
    _reference("device_id", "device", nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("before", String(16), nullable=False),
    Column("after", String(16), nullable=False),
    Column("event", String(32), nullable=False),
    Column("actor", String(100), nullable=False),
)

device_credential = Table(
    "device_credential",
    metadata,
    Column("device_id", Integer, ForeignKey("device.id"), primary_key=True),
    Column("password_hash", String(255), nullable=False),
    _reference("secret_id", "secret"),
)

certificate = Table(
    "certificate",
    metadata,
    _key(),
    Column("kind", String(16), nullable=False),
    _reference("device_id", "device", nullable=False),
    _reference("template_id", "template", nullable=False),
    _reference("authority_id", "authority", nullable=False),
    Column("serial", String(40), nullable=False),
    Column("fingerprint", String(64), nullable=False, unique=True),
    Column("public_key_fingerprint", String(64), nullable=False, index=True),
    Column("subject", NoCaseText(1000), nullable=False),
    Column("der", LargeBinary, nullable=False),
    Column("not_before", UtcDateTime, nullable=False),
    Column("not_after", UtcDateTime, nullable=False),
    Column("status", String(16), nullable=False),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("issued_through", String(16), nullable=False),
    _reference("key_secret_id", "secret"),
    UniqueConstraint("authority_id", "serial"),
    Index(None, "device_id", "kind", "id"),
    Index(None, "serial", "id"),
    Index(None, "subject", "id"),
    Index(None, "not_after", "id"),
    Index(None, "status", "not_after", "id"),
    Index(None, "issued_at", "id"),
)

est_server = Table(
    "est_server",
    metadata,
    _key(),
    Column("name", String(100), nullable=False, unique=True),
    Column("domain", String(253), nullable=False, index=True),
    _reference("tenant_id", "tenant", nullable=False),
    _reference("organization_id", "organization", nullable=False),
    _reference("device_type_id", "device_type", nullable=False),
    Column("password_authentication", Boolean, nullable=False),
    Column("certificate_authentication", Boolean, nullable=False),
    Column("require_pop", Boolean, nullable=False),
    Column("enrol_others", Boolean, nullable=False),
    Column("base64_form", String(16), nullable=False),
    Column("active", Boolean, nullable=False),
)

# The listener's own TLS certificate and key; replaced before it ends.
tls_identity = Table(
    "tls_identity",
    metadata,
    _key(),
    _reference("authority_id", "authority", nullable=False),
    Column("certificate", LargeBinary, nullable=False),
    _reference("key_secret_id", "secret", nullable=False),
    Column("not_after", UtcDateTime, nullable=False),
)

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
    Index(None, "object_kind", "object_id", "number"),
)
