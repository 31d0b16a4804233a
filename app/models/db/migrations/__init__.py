"""Alembic's environment and the steps between schemas, run by `app.models.db.schema`."""
