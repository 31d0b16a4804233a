"""Device types, devices, and the EST servers that devices enrol at."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from app.models.db.tables.columns import NoCaseText, UtcDateTime, key, metadata, reference, sharing

# A manufacturer's CA whose factory certificates are accepted once it is verified (DEC-07).
external_ca = Table(
    "external_ca",
    metadata,
    key(),
    Column("name", String(100), nullable=False),
    reference("tenant_id", "tenant", nullable=False),
    reference("organization_id", "organization"),
    Column("certificate", LargeBinary, nullable=False),
    Column("fingerprint", String(64), nullable=False, index=True),
    Column("active", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("verified_at", UtcDateTime),
    Column("verified_by", String(16)),
    Column("challenge", String(64)),
    Column("challenge_until", UtcDateTime),
    Column("challenge_attempts", Integer, nullable=False, server_default="0"),
    UniqueConstraint("tenant_id", "name"),
    UniqueConstraint("tenant_id", "fingerprint"),
)

# A factory certificate that somebody else issued to a device here.
external_certificate = Table(
    "external_certificate",
    metadata,
    key(),
    reference("device_id", "device", nullable=False, index=True),
    reference("external_ca_id", "external_ca", nullable=False, index=True),
    Column("fingerprint", String(64), nullable=False, index=True),
    Column("der", LargeBinary, nullable=False),
    Column("not_after", UtcDateTime, nullable=False),
    Column("first_seen_at", UtcDateTime, nullable=False),
)

device_type = Table(
    "device_type",
    metadata,
    key(),
    Column("name", String(100), nullable=False, unique=True),
    Column("description", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    *sharing(),
    Column("fields", JSON, nullable=False),
    reference("factory_template_id", "template"),
    Column("factory_mapping", JSON, nullable=False),
    Column("operational_template_ids", JSON, nullable=False),
    Column("operational_mapping", JSON, nullable=False),
    Column("use_mapping", Boolean, nullable=False),
    Column("enforce_factory_mode", Boolean, nullable=False),
    Column("password_enabled", Boolean, nullable=False),
    Column("password_retention_hours", Integer, nullable=False),
    Column("operational_renewal_hours", Integer, nullable=False),
    Column("factory_renewal_hours", Integer, nullable=False),
    reference("external_ca_id", "external_ca"),
    Column("auto_registration", Boolean, nullable=False, server_default=false()),
    Column("version", Integer, nullable=False, server_default="1"),
)

# What a type said before it was edited; devices made then go on by it.
device_type_version = Table(
    "device_type_version",
    metadata,
    Column("type_id", Integer, ForeignKey("device_type.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("content", JSON, nullable=False),
    Column("replaced_at", UtcDateTime, nullable=False),
)

device = Table(
    "device",
    metadata,
    key(),
    Column("name", NoCaseText(64), nullable=False),
    reference("tenant_id", "tenant", nullable=False),
    reference("organization_id", "organization", nullable=False),
    reference("type_id", "device_type", nullable=False),
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
    Column("type_version", Integer, nullable=False, server_default="1"),
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
    key(),
    reference("device_id", "device", nullable=False, index=True),
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
    reference("secret_id", "secret"),
)

est_server = Table(
    "est_server",
    metadata,
    key(),
    Column("name", String(100), nullable=False, unique=True),
    Column("domain", String(253), nullable=False, index=True),
    reference("tenant_id", "tenant", nullable=False),
    reference("organization_id", "organization", nullable=False),
    reference("device_type_id", "device_type", nullable=False),
    Column("password_authentication", Boolean, nullable=False),
    Column("certificate_authentication", Boolean, nullable=False),
    Column("require_pop", Boolean, nullable=False),
    Column("enrol_others", Boolean, nullable=False),
    Column("base64_form", String(16), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("server_key_generation", Boolean, nullable=False, server_default=false()),
    Column("allowed_addresses", JSON, nullable=False, server_default="[]"),
)

# A further path segment of an EST server, and the device type behind it (LBL-01).
est_label = Table(
    "est_label",
    metadata,
    key(),
    reference("est_server_id", "est_server", nullable=False),
    Column("name", String(24), nullable=False),
    reference("device_type_id", "device_type", nullable=False),
    UniqueConstraint("est_server_id", "name"),
)

# The applications that an EST server lets in (DEC-05).
est_server_application = Table(
    "est_server_application",
    metadata,
    Column("est_server_id", Integer, ForeignKey("est_server.id"), primary_key=True),
    Column("application_id", Integer, ForeignKey("api_application.id"), primary_key=True),
)
