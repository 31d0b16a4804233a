"""Alembic runs this file; the connection and its transaction come from `app.models.db.schema`."""

from alembic import context
from sqlalchemy import MetaData

# Names of constraints that a step leaves out; the same convention as the tables have.
naming = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=naming,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
