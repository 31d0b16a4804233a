"""Labels and switches of EST servers; certificates are found by their SHA-1 thumbprint.

Revision ID: 0004
"""

from hashlib import sha1

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add a table and columns, and work out the thumbprint of every certificate."""
    switch = sa.Column(
        "server_key_generation", sa.Boolean, nullable=False, server_default=sa.false()
    )
    op.add_column("est_server", switch)
    op.add_column(
        "est_server", sa.Column("allowed_addresses", sa.JSON, nullable=False, server_default="[]")
    )
    op.create_table(
        "est_label",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("est_server_id", sa.Integer, sa.ForeignKey("est_server.id"), nullable=False),
        sa.Column("name", sa.String(24), nullable=False),
        sa.Column("device_type_id", sa.Integer, sa.ForeignKey("device_type.id"), nullable=False),
        sa.UniqueConstraint("est_server_id", "name"),
    )
    op.add_column(
        "certificate", sa.Column("thumbprint", sa.String(40), nullable=False, server_default="")
    )
    _fill_thumbprints()
    op.create_index("ix_certificate_thumbprint", "certificate", ["thumbprint"])


def _fill_thumbprints() -> None:
    certificate = sa.table(
        "certificate", sa.column("id"), sa.column("der"), sa.column("thumbprint")
    )
    found = sa.select(certificate.c.id, certificate.c.der).order_by(certificate.c.id).limit(1000)
    fill = certificate.update().where(certificate.c.id == sa.bindparam("number"))
    connection, last = op.get_bind(), 0
    while rows := connection.execute(found.where(certificate.c.id > last)).all():
        values = [
            {"number": row.id, "thumbprint": sha1(row.der, usedforsecurity=False).hexdigest()}
            for row in rows
        ]
        connection.execute(fill, values)
        last = rows[-1].id
