"""What columns are made of: types of our own, and the columns many tables have."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Integer,
    MetaData,
    String,
    TypeDecorator,
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


def key() -> Column[int]:
    """The number a row is known by."""
    return Column("id", Integer, primary_key=True)


def reference(name: str, target: str, *, nullable: bool = True, index: bool = False) -> Column[int]:
    """A column with the key of a row of the table `target`."""
    return Column(name, Integer, ForeignKey(f"{target}.id"), nullable=nullable, index=index)


def sharing() -> list[Column[Any]]:
    """Whom a shareable row is offered to (DEC-01)."""
    return [
        Column("access", String(16), nullable=False),
        reference("tenant_id", "tenant"),
        reference("organization_id", "organization"),
    ]
