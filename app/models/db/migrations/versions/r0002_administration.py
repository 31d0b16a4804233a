"""Administration and certificate management: sessions, applications, revocation, checkpoints.

Revision ID: 0002
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

# Reflecting a table loses how SQLite compares a text.
_NO_CASE = {("user", "name"): 100, ("certificate", "subject"): 1000}


def upgrade() -> None:
    """Add tables, and columns to those there are; what is there keeps its meaning."""
    _people()
    _authorities()
    _templates()
    _certificates()
    _audit()


def _key() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, primary_key=True)


def _reference(name: str, target: str, *, nullable: bool = True) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, sa.ForeignKey(f"{target}.id"), nullable=nullable)


def _text(name: str, length: int, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=nullable)


def _needed(kind: type[sa.types.TypeEngine[Any]], *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=False) for name in names]


def _default(name: str, kind: Any, value: Any) -> sa.Column[Any]:  # noqa: ANN401  SQLAlchemy's
    return sa.Column(name, kind, nullable=False, server_default=value)


def _sharing() -> list[sa.Column[Any]]:
    return [
        _text("access", 16),
        _reference("tenant_id", "tenant"),
        _reference("organization_id", "organization"),
    ]


def _add(table: str, *columns: sa.Column[Any], optional: str | None = None) -> None:
    """Add columns, and let the column `optional` be empty from now on."""

    def keep_case(_inspector: object, _table: object, info: dict[str, Any]) -> None:
        length = _NO_CASE.get((table, info["name"]))
        if length is not None and op.get_bind().dialect.name == "sqlite":
            info["type"] = sa.String(length, collation="NOCASE")

    listeners = {"listeners": [("column_reflect", keep_case)]}
    with op.batch_alter_table(table, reflect_kwargs=listeners) as batch:
        for column in columns:
            batch.add_column(column)
        if optional is not None:
            batch.alter_column(optional, existing_type=sa.Integer, nullable=True)


def _people() -> None:
    _add(
        "user",
        _default("must_change_password", sa.Boolean, sa.false()),
        _default("language", sa.String(8), ""),
        sa.Column("certificate", sa.LargeBinary),
        sa.Column("last_sign_in_at", sa.DateTime),
    )
    op.create_table(
        "user_session",
        _key(),
        _reference("user_id", "user", nullable=False),
        _text("channel", 16),
        _text("address", 64),
        *_needed(sa.DateTime, "started_at", "expires_at"),
        sa.Column("ended_at", sa.DateTime),
    )
    _indexes("user_session", ["user_id"])
    op.create_table(
        "api_application",
        _key(),
        _text("name", 100),
        *_needed(sa.Text, "description"),
        _reference("tenant_id", "tenant", nullable=False),
        _reference("organization_id", "organization"),
        _text("app_id", 32),
        _text("key_hash", 255),
        _text("previous_key_hash", 255, nullable=True),
        sa.Column("previous_key_until", sa.DateTime),
        *_needed(sa.Boolean, "active"),
        *_needed(sa.DateTime, "created_at"),
        sa.Column("last_used_at", sa.DateTime),
        sa.UniqueConstraint("app_id"),
        sa.UniqueConstraint("tenant_id", "name"),
    )
    op.create_table(
        "est_server_application",
        sa.Column("est_server_id", sa.Integer, sa.ForeignKey("est_server.id"), primary_key=True),
        sa.Column(
            "application_id", sa.Integer, sa.ForeignKey("api_application.id"), primary_key=True
        ),
    )


def _authorities() -> None:
    _add(
        "authority",
        sa.Column("key_address", sa.JSON),
        _reference("pin_secret_id", "secret"),
        _reference("predecessor_id", "authority"),
        _default("crl_hours", sa.Integer, "168"),
        sa.Column("crl_partition_size", sa.Integer),
        optional="key_secret_id",
    )
    op.create_table(
        "authority_request",
        _key(),
        _text("name", 100),
        *_needed(sa.LargeBinary, "csr"),
        _reference("key_secret_id", "secret"),
        sa.Column("key_address", sa.JSON),
        _reference("pin_secret_id", "secret"),
        *_needed(sa.DateTime, "created_at"),
        *_sharing(),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "cross_certificate",
        _key(),
        _reference("authority_id", "authority", nullable=False),
        _reference("issuer_id", "authority", nullable=False),
        *_needed(sa.LargeBinary, "certificate"),
    )
    _indexes("cross_certificate", ["authority_id"])
    op.create_table(
        "crl",
        _key(),
        _reference("authority_id", "authority", nullable=False),
        *_needed(sa.Integer, "partition", "number"),
        *_needed(sa.DateTime, "this_update", "next_update"),
        *_needed(sa.LargeBinary, "der"),
        sa.UniqueConstraint("authority_id", "partition"),
    )
    _indexes("crl", ["next_update"])
    op.create_table(
        "ocsp_responder",
        _key(),
        _reference("authority_id", "authority", nullable=False),
        *_needed(sa.LargeBinary, "certificate"),
        _reference("key_secret_id", "secret", nullable=False),
        *_needed(sa.DateTime, "not_after"),
        sa.UniqueConstraint("authority_id"),
    )


def _templates() -> None:
    op.create_table(
        "custom_extension",
        _key(),
        _text("name", 100),
        *_needed(sa.Text, "description"),
        _text("oid", 255),
        *_needed(sa.Boolean, "critical"),
        *_needed(sa.LargeBinary, "value"),
        *_needed(sa.Boolean, "active"),
        *_sharing(),
        sa.UniqueConstraint("name"),
    )
    _add(
        "template",
        _default("description", sa.Text, ""),
        _text("hash", 8, nullable=True),
        _default("extension_ids", sa.JSON, "[]"),
        _default("revocation_urls", sa.Boolean, sa.false()),
    )


def _certificates() -> None:
    no_case = sa.String(255).with_variant(sa.String(255, collation="NOCASE"), "sqlite")
    _add(
        "certificate",
        _default("name", no_case, ""),
        _reference("tenant_id", "tenant"),
        _reference("organization_id", "organization"),
        _reference("application_id", "api_application"),
        _reference("previous_id", "certificate"),
        _default("issued_by", sa.String(255), ""),
        sa.Column("revoked_at", sa.DateTime),
        _text("revocation_reason", 32, nullable=True),
        sa.Column("invalid_since", sa.DateTime),
        _default("crl_partition", sa.Integer, "0"),
        optional="device_id",
    )
    _indexes(
        "certificate",
        ["application_id"],
        ["name", "id"],
        ["organization_id", "issued_at", "id"],
        ["authority_id", "status", "crl_partition"],
        ["template_id", "id"],
    )
    for column in ("name", "tenant_id", "organization_id"):
        op.execute(
            f"UPDATE certificate SET {column} ="  # noqa: S608  constants
            f" (SELECT device.{column} FROM device WHERE device.id = certificate.device_id)"
        )


def _audit() -> None:
    _add("audit_event", _text("role", 32, nullable=True))
    op.create_table(
        "audit_key",
        _key(),
        *_needed(sa.LargeBinary, "public_key"),
        _reference("key_secret_id", "secret", nullable=False),
        *_needed(sa.DateTime, "created_at"),
    )
    op.create_table(
        "audit_checkpoint",
        sa.Column("number", sa.Integer, primary_key=True),
        _text("hash", 64),
        *_needed(sa.DateTime, "at"),
        _reference("key_id", "audit_key", nullable=False),
        *_needed(sa.LargeBinary, "signature"),
    )


def _indexes(table: str, *columns: list[str]) -> None:
    for names in columns:
        op.create_index(f"ix_{table}_{'_'.join(names)}", table, names)
