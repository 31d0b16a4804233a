"""What belongs to tenants and organizations: as their lists count it, and by what it is called."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, ScalarSelect, Table, func, select

from app.core.language import ngettext
from app.models.db import tables
from app.models.db.tables import organization, tenant, user
from app.models.domain.tenants import Consequences


def _owned(table: Table, owner: Table) -> ScalarSelect[int]:
    """How many rows of `table` belong to the owner in the row at hand."""
    belongs = table.c[f"{owner.name}_id"] == owner.c.id
    query = select(func.count()).select_from(table).where(belongs)
    return query.correlate(owner).scalar_subquery()


_TENANT_COUNTS: Mapping[str, ScalarSelect[int]] = {
    "organizations": _owned(organization, tenant),
    "users": _owned(user, tenant),
    "devices": _owned(tables.device, tenant),
}
LISTED_TENANTS = select(
    tenant.c.id,
    tenant.c.name,
    tenant.c.active,
    *(count.label(name) for name, count in _TENANT_COUNTS.items()),
)
"""The columns of `TenantRow`."""

TENANTS_SORTED_BY: dict[str, ColumnElement[Any]] = {
    "name": tenant.c.name,
    "active": tenant.c.active,
    **_TENANT_COUNTS,
}
TENANTS_SEARCHED = (tenant.c.name,)

_ORGANIZATION_COUNTS: Mapping[str, ScalarSelect[int]] = {
    "users": _owned(user, organization),
    "devices": _owned(tables.device, organization),
}
LISTED_ORGANIZATIONS = select(
    organization.c.id,
    organization.c.name,
    organization.c.tenant_id,
    tenant.c.name.label("tenant_name"),
    organization.c.active,
    *(count.label(name) for name, count in _ORGANIZATION_COUNTS.items()),
).join(tenant, tenant.c.id == organization.c.tenant_id)
"""The columns of `OrganizationRow`."""

ORGANIZATIONS_SORTED_BY: dict[str, ColumnElement[Any]] = {
    "name": organization.c.name,
    "tenant_name": tenant.c.name,
    "active": organization.c.active,
    **_ORGANIZATION_COUNTS,
}
ORGANIZATIONS_SEARCHED = (organization.c.name, tenant.c.name)

# What people call the rows of each table that has an owner.
WORDS: Mapping[str, Callable[[int], str]] = {
    "organization": lambda count: ngettext("organization", "organizations", count),
    "user": lambda count: ngettext("user", "users", count),
    "device": lambda count: ngettext("device", "devices", count),
    "device_type": lambda count: ngettext("device type", "device types", count),
    "external_ca": lambda count: ngettext("external CA", "external CAs", count),
    "est_server": lambda count: ngettext("EST server", "EST servers", count),
    "api_application": lambda count: ngettext("API application", "API applications", count),
    "template": lambda count: ngettext("certificate template", "certificate templates", count),
    "custom_extension": lambda count: ngettext("custom extension", "custom extensions", count),
    "authority": lambda count: ngettext("authority", "authorities", count),
    "authority_request": lambda count: ngettext("CA request", "CA requests", count),
    "certificate": lambda count: ngettext("certificate", "certificates", count),
}


def hanging_on(connection: Connection, owner: Table, owner_id: int) -> dict[str, int]:
    """How many rows refer to a tenant or organization, by what people call them."""
    counts = ((name, _count(connection, name, owner, owner_id)) for name in WORDS)
    return {WORDS[name](count): count for name, count in counts}


def consequences(connection: Connection, owner: Table, owner_id: int) -> Consequences:
    """How many things stop working with a tenant or organization."""

    def count(name: str) -> int:
        return _count(connection, name, owner, owner_id, only_active=True)

    return Consequences(
        organizations=count("organization"),
        users=count("user"),
        devices=count("device"),
        est_servers=count("est_server"),
        device_types=count("device_type"),
        applications=count("api_application"),
    )


def _count(
    connection: Connection, name: str, owner: Table, owner_id: int, *, only_active: bool = False
) -> int:
    """How many rows of the table of this name refer to the owner."""
    table = tables.metadata.tables[name]
    column = table.c.get(f"{owner.name}_id")
    if column is None:
        return 0
    query = select(func.count()).where(column == owner_id)
    if only_active and "active" in table.c:
        query = query.where(table.c.active)
    return connection.execute(query).scalar_one()
