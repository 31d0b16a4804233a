"""Authorities can be revoked by the one above.

Revision ID: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add columns; nothing is revoked yet."""
    op.add_column("authority", sa.Column("revoked_at", sa.DateTime))
    op.add_column("authority", sa.Column("revocation_reason", sa.String(32)))
    op.add_column("authority", sa.Column("invalid_since", sa.DateTime))
