"""External CAs, registration on first contact, and versions of device types.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add tables, and columns to device types and devices."""
    _external_cas()
    with op.batch_alter_table("device_type") as batch:
        batch.add_column(_reference("external_ca_id", "external_ca"))
        batch.add_column(_default("auto_registration", sa.Boolean, sa.false()))
        batch.add_column(_default("version", sa.Integer, "1"))
    op.create_table(
        "device_type_version",
        sa.Column("type_id", sa.Integer, sa.ForeignKey("device_type.id"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("replaced_at", sa.DateTime, nullable=False),
    )
    # Never rebuilt: the search over devices hangs on triggers of this table.
    op.add_column("device", _default("type_version", sa.Integer, "1"))
    op.create_index("ix_certificate_previous_id", "certificate", ["previous_id"])


def _reference(name: str, target: str, *, nullable: bool = True) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, sa.ForeignKey(f"{target}.id"), nullable=nullable)


def _default(
    name: str, kind: type[sa.Boolean | sa.Integer], value: "str | sa.sql.elements.False_"
) -> sa.Column[bool | int]:
    return sa.Column(name, kind, nullable=False, server_default=value)


def _external_cas() -> None:
    op.create_table(
        "external_ca",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(100), nullable=False),
        _reference("tenant_id", "tenant", nullable=False),
        _reference("organization_id", "organization"),
        sa.Column("certificate", sa.LargeBinary, nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("verified_at", sa.DateTime),
        sa.Column("verified_by", sa.String(16)),
        sa.Column("challenge", sa.String(64)),
        sa.Column("challenge_until", sa.DateTime),
        _default("challenge_attempts", sa.Integer, "0"),
        sa.UniqueConstraint("tenant_id", "name"),
        sa.UniqueConstraint("tenant_id", "fingerprint"),
    )
    op.create_index("ix_external_ca_fingerprint", "external_ca", ["fingerprint"])
    op.create_table(
        "external_certificate",
        sa.Column("id", sa.Integer, primary_key=True),
        _reference("device_id", "device", nullable=False),
        _reference("external_ca_id", "external_ca", nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("der", sa.LargeBinary, nullable=False),
        sa.Column("not_after", sa.DateTime, nullable=False),
        sa.Column("first_seen_at", sa.DateTime, nullable=False),
    )
    for column in ("device_id", "external_ca_id", "fingerprint"):
        op.create_index(f"ix_external_certificate_{column}", "external_certificate", [column])
