"""Tenants and their organizations."""

from sqlalchemy import select

from app.core.errors import NotFoundError
from app.core.language import _
from app.models.db import tables
from app.models.domain.access import Actor, Operation, Reach, Scope, reach, require
from app.models.domain.tenants import Organization, Tenant
from app.models.services.names import check_new_name
from app.models.services.store import Store


class Tenants:
    """Makes and lists tenants and organizations."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def create_tenant(self, actor: Actor, name: str) -> Tenant:
        """Make an active tenant; its name is unique."""
        require(actor, Operation.TENANT_MANAGE, Scope())
        table = tables.tenant
        with self._store.change(actor) as change:
            check_new_name(change, table.c.name, name)
            tenant = Tenant(change.insert(table, {"name": name, "active": True}), name)
            change.audit("tenant.create", "tenant", tenant.id, name)
        return tenant

    def create_organization(self, actor: Actor, tenant_id: int, name: str) -> Organization:
        """Make an active organization; its name is unique in the tenant.

        Raises `NotFoundError` when there is no such tenant.
        """
        require(actor, Operation.ORGANIZATION_MANAGE, Scope(tenant_id))
        table = tables.organization
        with self._store.change(actor) as change:
            owner = select(tables.tenant.c.name).where(tables.tenant.c.id == tenant_id)
            tenant_name = change.connection.execute(owner).scalar()
            if tenant_name is None:
                raise NotFoundError(_("The tenant does not exist."), field="tenant_id")
            check_new_name(change, table.c.name, name, table.c.tenant_id == tenant_id)
            values = {"tenant_id": tenant_id, "name": name, "active": True}
            organization = Organization(change.insert(table, values), tenant_id, name)
            change.audit(
                "organization.create",
                "organization",
                organization.id,
                name,
                after={"tenant": tenant_name},
            )
        return organization

    def tenants(self, actor: Actor) -> tuple[Tenant, ...]:
        """Every tenant within the actor's reach, by name."""
        require(actor, Operation.TENANT_VIEW)
        table = tables.tenant
        query = select(table).order_by(table.c.name)
        if reach(actor, Operation.TENANT_VIEW) is not Reach.ALL:
            query = query.where(table.c.id == actor.tenant_id)
        with self._store.read(actor) as connection:
            return tuple(Tenant(**row) for row in connection.execute(query).mappings())

    def organizations(self, actor: Actor, tenant_id: int | None = None) -> tuple[Organization, ...]:
        """Every organization within the actor's reach, of one tenant or of all, by name."""
        require(actor, Operation.ORGANIZATION_VIEW)
        table = tables.organization
        query = select(table).order_by(table.c.name)
        extent = reach(actor, Operation.ORGANIZATION_VIEW)
        if extent is not Reach.ALL:
            query = query.where(table.c.tenant_id == actor.tenant_id)
        if extent is Reach.ORGANIZATION:
            query = query.where(table.c.id == actor.organization_id)
        if tenant_id is not None:
            query = query.where(table.c.tenant_id == tenant_id)
        with self._store.read(actor) as connection:
            return tuple(Organization(**row) for row in connection.execute(query).mappings())
