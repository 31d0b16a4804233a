"""The first schema.

Revision ID: 0001
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table; on SQLite also the search over devices."""
    _owners()
    _authorities()
    _device_types()
    _devices()
    _certificates()
    _est_servers()
    _audit()
    if op.get_bind().dialect.name == "sqlite":
        _device_search()


def _key() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, primary_key=True)


def _reference(name: str, target: str, *, nullable: bool = True) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, sa.ForeignKey(f"{target}.id"), nullable=nullable)


def _text(name: str, length: int, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=nullable)


def _no_case(name: str, length: int) -> sa.Column[str]:
    on_sqlite = sa.String(length, collation="NOCASE")
    return sa.Column(name, sa.String(length).with_variant(on_sqlite, "sqlite"), nullable=False)


def _needed(kind: type[sa.types.TypeEngine[Any]], *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=False) for name in names]


def _sharing() -> list[sa.Column[Any]]:
    return [
        _text("access", 16),
        _reference("tenant_id", "tenant"),
        _reference("organization_id", "organization"),
    ]


def _owners() -> None:
    op.create_table(
        "tenant",
        _key(),
        _text("name", 100),
        *_needed(sa.Boolean, "active"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "organization",
        _key(),
        _reference("tenant_id", "tenant", nullable=False),
        _text("name", 100),
        *_needed(sa.Boolean, "active"),
        sa.UniqueConstraint("tenant_id", "name"),
    )
    _indexes("organization", ["name"])
    op.create_table(
        "user",
        _key(),
        _no_case("name", 100),
        _text("role", 32),
        _reference("tenant_id", "tenant"),
        _reference("organization_id", "organization"),
        _text("password_hash", 255),
        *_needed(sa.Boolean, "active"),
        sa.UniqueConstraint("name"),
    )


def _authorities() -> None:
    op.create_table(
        "secret",
        _key(),
        _text("purpose", 32),
        sa.Column("wrapped_key", sa.LargeBinary),
        sa.Column("ciphertext", sa.LargeBinary),
        sa.Column("destroy_after", sa.DateTime),
        sa.Column("destroyed_at", sa.DateTime),
    )
    _indexes("secret", ["destroy_after"])
    op.create_table(
        "authority",
        _key(),
        _text("name", 100),
        *_needed(sa.LargeBinary, "certificate"),
        _reference("issuer_id", "authority"),
        _reference("key_secret_id", "secret", nullable=False),
        *_needed(sa.Boolean, "active"),
        *_sharing(),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "template",
        _key(),
        _text("name", 100),
        _text("kind", 16),
        _reference("authority_id", "authority", nullable=False),
        *_needed(sa.JSON, "fields", "key_algorithms", "key_usage", "extended_key_usage"),
        *_needed(sa.Boolean, "subject_key_identifier"),
        sa.Column("validity_days", sa.Integer),
        *_needed(sa.Integer, "backdate_minutes", "key_retention_days"),
        *_needed(sa.JSON, "extensions"),
        *_needed(sa.Boolean, "active"),
        *_sharing(),
        sa.UniqueConstraint("name"),
    )


def _device_types() -> None:
    op.create_table(
        "device_type",
        _key(),
        _text("name", 100),
        *_needed(sa.Text, "description"),
        *_needed(sa.Boolean, "active"),
        *_sharing(),
        *_needed(sa.JSON, "fields"),
        _reference("factory_template_id", "template"),
        *_needed(sa.JSON, "factory_mapping", "operational_template_ids", "operational_mapping"),
        *_needed(sa.Boolean, "use_mapping", "enforce_factory_mode", "password_enabled"),
        *_needed(sa.Integer, "password_retention_hours"),
        *_needed(sa.Integer, "operational_renewal_hours", "factory_renewal_hours"),
        sa.UniqueConstraint("name"),
    )


def _devices() -> None:
    op.create_table(
        "device",
        _key(),
        _no_case("name", 64),
        _reference("tenant_id", "tenant", nullable=False),
        _reference("organization_id", "organization", nullable=False),
        _reference("type_id", "device_type", nullable=False),
        *_needed(sa.Text, "description"),
        _text("mode", 16),
        _text("mode_before_disabled", 16, nullable=True),
        _no_case("serial_number", 255),
        _text("model", 255),
        _text("hardware_version", 255),
        _text("manufacturer", 255),
        _text("device_class", 255),
        _text("firmware", 255),
        _text("location", 255),
        *_needed(sa.JSON, "attributes"),
        sa.Column("operational_until", sa.DateTime),
        *_needed(sa.DateTime, "created_at", "changed_at"),
        sa.UniqueConstraint("tenant_id", "name"),
    )
    _indexes(
        "device",
        ["name", "id"],
        ["serial_number", "id"],
        ["type_id", "mode", "id"],
        ["organization_id", "mode", "id"],
        ["mode", "changed_at", "id"],
        ["operational_until", "id"],
        ["changed_at", "id"],
    )
    op.create_table(
        "device_transition",
        _key(),
        _reference("device_id", "device", nullable=False),
        *_needed(sa.DateTime, "at"),
        _text("before", 16),
        _text("after", 16),
        _text("event", 32),
        _text("actor", 100),
    )
    _indexes("device_transition", ["device_id"])
    op.create_table(
        "device_credential",
        sa.Column("device_id", sa.Integer, sa.ForeignKey("device.id"), primary_key=True),
        _text("password_hash", 255),
        _reference("secret_id", "secret"),
    )


def _certificates() -> None:
    op.create_table(
        "certificate",
        _key(),
        _text("kind", 16),
        _reference("device_id", "device", nullable=False),
        _reference("template_id", "template", nullable=False),
        _reference("authority_id", "authority", nullable=False),
        _text("serial", 40),
        _text("fingerprint", 64),
        _text("public_key_fingerprint", 64),
        _no_case("subject", 1000),
        *_needed(sa.LargeBinary, "der"),
        *_needed(sa.DateTime, "not_before", "not_after"),
        _text("status", 16),
        *_needed(sa.DateTime, "issued_at"),
        _text("issued_through", 16),
        _reference("key_secret_id", "secret"),
        sa.UniqueConstraint("authority_id", "serial"),
        sa.UniqueConstraint("fingerprint"),
    )
    _indexes(
        "certificate",
        ["public_key_fingerprint"],
        ["device_id", "kind", "id"],
        ["serial", "id"],
        ["subject", "id"],
        ["not_after", "id"],
        ["status", "not_after", "id"],
        ["issued_at", "id"],
    )


def _est_servers() -> None:
    op.create_table(
        "est_server",
        _key(),
        _text("name", 100),
        _text("domain", 253),
        _reference("tenant_id", "tenant", nullable=False),
        _reference("organization_id", "organization", nullable=False),
        _reference("device_type_id", "device_type", nullable=False),
        *_needed(sa.Boolean, "password_authentication", "certificate_authentication"),
        *_needed(sa.Boolean, "require_pop", "enrol_others"),
        _text("base64_form", 16),
        *_needed(sa.Boolean, "active"),
        sa.UniqueConstraint("name"),
    )
    _indexes("est_server", ["domain"])
    op.create_table(
        "tls_identity",
        _key(),
        _reference("authority_id", "authority", nullable=False),
        *_needed(sa.LargeBinary, "certificate"),
        _reference("key_secret_id", "secret", nullable=False),
        *_needed(sa.DateTime, "not_after"),
    )


def _audit() -> None:
    op.create_table(
        "audit_event",
        sa.Column("number", sa.Integer, primary_key=True),
        *_needed(sa.DateTime, "at"),
        _text("actor", 255),
        _text("channel", 16),
        _text("address", 64),
        _text("action", 64),
        _text("object_kind", 32),
        sa.Column("object_id", sa.Integer),
        _text("object_name", 255),
        _text("outcome", 16),
        *_needed(sa.Text, "reason"),
        *_needed(sa.JSON, "before", "after"),
        _text("previous_hash", 64),
        _text("hash", 64),
    )
    _indexes("audit_event", ["at"], ["object_kind", "object_id", "number"])


def _indexes(table: str, *columns: list[str]) -> None:
    for names in columns:
        op.create_index(f"ix_{table}_{'_'.join(names)}", table, names)


def _device_search() -> None:
    """Search for any three characters. A step that rebuilds `device` must make triggers anew."""
    op.execute(
        "CREATE VIRTUAL TABLE device_search USING fts5(name, serial_number,"
        " content='device', content_rowid='id', tokenize='trigram', detail='none')"
    )
    add = (
        "INSERT INTO device_search(rowid, name, serial_number)"
        " VALUES (new.id, new.name, new.serial_number);"
    )
    remove = (
        "INSERT INTO device_search(device_search, rowid, name, serial_number)"
        " VALUES ('delete', old.id, old.name, old.serial_number);"
    )
    for name, event, work in (
        ("insert", "INSERT", add),
        ("delete", "DELETE", remove),
        ("update", "UPDATE OF name, serial_number", remove + add),
    ):
        op.execute(f"CREATE TRIGGER device_search_{name} AFTER {event} ON device BEGIN {work} END")
