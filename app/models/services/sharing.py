"""Whom a shareable row is offered to, and who may see it (DEC-01)."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, and_, or_, select, true

from app.core.errors import ConflictError, InvalidInputError, NotFoundError
from app.core.language import _
from app.models.db import tables
from app.models.domain.access import Access, Actor, Operation, Reach, Scope, Sharing, reach


def scope_of(sharing: Sharing) -> Scope:
    """Where the entity lives: the whole workspace, a tenant or an organization."""
    return Scope(sharing.tenant_id, sharing.organization_id)


def sharing_of(row: Row[Any]) -> Sharing:
    """The sharing of a row of a shareable table."""
    return Sharing(Access(row.access), row.tenant_id, row.organization_id)


def check_owners(connection: Connection, tenant_id: int, organization_id: int | None) -> None:
    """Raise unless the tenant, or its organization, can have something new.

    `NotFoundError` for a tenant that does not exist, `InvalidInputError` for an organization
    that is not the tenant's, `ConflictError` when one of them is not active.
    """
    tenant, organization = tables.tenant, tables.organization
    query = select(tenant.c.active).where(tenant.c.id == tenant_id)
    tenant_active = connection.execute(query).scalar()
    if organization_id is not None:
        query = select(organization.c.active).where(
            organization.c.id == organization_id, organization.c.tenant_id == tenant_id
        )
        organization_active = connection.execute(query).scalar()
        if organization_active is None:
            raise InvalidInputError(
                _("The organization does not belong to the tenant."),
                remedy=_("Choose an organization of the tenant."),
                field="organization_id",
            )
        if not organization_active:
            raise _inactive(_("The organization is not active."), "organization_id")
    if tenant_active is None:
        raise NotFoundError(_("The tenant does not exist."), field="tenant_id")
    if not tenant_active:
        raise _inactive(_("The tenant is not active."), "tenant_id")


def _inactive(problem: str, field: str) -> ConflictError:
    return ConflictError(
        problem, remedy=_("Choose another one, or have it activated."), field=field
    )


def owner_active(table: Table) -> ColumnElement[bool]:
    """The condition under which the tenant and organization of a row are active.

    What belongs to the whole workspace has none, and is not held up by any.
    """
    tenants = select(tables.tenant.c.id).where(tables.tenant.c.active)
    organizations = select(tables.organization.c.id).where(tables.organization.c.active)
    tenant_id, organization_id = table.c.tenant_id, table.c.organization_id
    return and_(
        or_(tenant_id.is_(None), tenant_id.in_(tenants)),
        or_(organization_id.is_(None), organization_id.in_(organizations)),
    )


def sharing_columns(connection: Connection, sharing: Sharing) -> dict[str, Any]:
    """The columns of a shareable row.

    Raises `InvalidInputError` unless the sharing names exactly what its access needs: nothing
    for global, the tenant, or the tenant and its organization.
    """
    tenant_id, organization_id = sharing.tenant_id, sharing.organization_id
    named = (tenant_id is not None, organization_id is not None)
    needed = {
        Access.GLOBAL: (False, False),
        Access.TENANT: (True, False),
        Access.ORGANIZATION: (True, True),
    }
    if named != needed[sharing.access]:
        raise InvalidInputError(
            _("The access does not fit the tenant and organization given."),
            remedy=_("Global names neither, tenant access the tenant, organization access both."),
            field="access",
        )
    if tenant_id is not None:
        check_owners(connection, tenant_id, organization_id)
    return {
        "access": sharing.access.value,
        "tenant_id": tenant_id,
        "organization_id": organization_id,
    }


def visible(actor: Actor, operation: Operation, table: Table) -> ColumnElement[bool]:
    """The condition under which `actor` sees a row of a shareable table."""
    extent = reach(actor, operation)
    if extent is Reach.ALL:
        return true()
    own_tenant = table.c.tenant_id == actor.tenant_id
    if extent is Reach.ORGANIZATION:
        own_tenant = and_(
            own_tenant,
            or_(
                table.c.organization_id.is_(None),
                table.c.organization_id == actor.organization_id,
            ),
        )
    return or_(table.c.access == Access.GLOBAL.value, own_tenant)
