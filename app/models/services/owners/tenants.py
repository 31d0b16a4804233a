"""Tenants and their organizations."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, select, update

from app.core.errors import NotFoundError
from app.core.language import _
from app.models.db.tables import organization, tenant, user, user_session
from app.models.domain.access import Actor, Operation, Reach, Scope, reach, require
from app.models.domain.events import EntityChanged
from app.models.domain.tenants import (
    Consequences,
    Organization,
    OrganizationRow,
    Tenant,
    TenantRow,
)
from app.models.services.lifecycle import remove, switch
from app.models.services.listing import ListQuery, count_of, page_of
from app.models.services.names import check_new_name, unused_id
from app.models.services.owners.owned import (
    LISTED_ORGANIZATIONS,
    LISTED_TENANTS,
    ORGANIZATIONS_SEARCHED,
    ORGANIZATIONS_SORTED_BY,
    TENANTS_SEARCHED,
    TENANTS_SORTED_BY,
    consequences,
    hanging_on,
)
from app.models.services.owners.sessions import end_sessions
from app.models.services.sharing import check_owners
from app.models.services.store import Change, Store


class Tenants:
    """Makes, changes and lists tenants and organizations.

    Nothing below an inactive one works: nobody signs in, no EST server answers, and no choice
    offers it. One out of the actor's reach is answered with `NotFoundError`, as one that is
    not there.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def create_tenant(self, actor: Actor, name: str) -> Tenant:
        """Make an active tenant; its name is unique."""
        require(actor, Operation.TENANT_MANAGE, Scope())
        with self._store.change(actor) as change:
            check_new_name(change, tenant.c.name, name)
            values = {"id": unused_id(change, tenant, "tenant"), "name": name, "active": True}
            made = Tenant(change.insert(tenant, values), name)
            change.audit("tenant.create", "tenant", made.id, name)
            change.publish(EntityChanged("tenant", made.id))
        return made

    def create_organization(self, actor: Actor, tenant_id: int, name: str) -> Organization:
        """Make an active organization; its name is unique in the tenant.

        Raises `NotFoundError` when there is no such tenant, `ConflictError` when it is inactive.
        """
        require(actor, Operation.ORGANIZATION_MANAGE, Scope(tenant_id))
        with self._store.change(actor) as change:
            check_owners(change.connection, tenant_id, None)
            check_new_name(change, organization.c.name, name, organization.c.tenant_id == tenant_id)
            values = {
                "id": unused_id(change, organization, "organization"),
                "tenant_id": tenant_id,
                "name": name,
                "active": True,
            }
            made = Organization(change.insert(organization, values), tenant_id, name)
            owner = change.connection.scalar(select(tenant.c.name).where(tenant.c.id == tenant_id))
            change.audit(
                "organization.create", "organization", made.id, name, after={"tenant": owner}
            )
            change.publish(EntityChanged("organization", made.id))
        return made

    def rename_tenant(self, actor: Actor, tenant_id: int, name: str) -> None:
        """Give a tenant another name; raises as `create_tenant` does."""
        with self._store.change(actor) as change:
            row = _tenant_row(change.connection, actor, tenant_id, Operation.TENANT_MANAGE)
            if name != row.name:
                check_new_name(change, tenant.c.name, name, old=row.name)
                _rename(change, tenant, row, name)

    def rename_organization(self, actor: Actor, organization_id: int, name: str) -> None:
        """Give an organization another name; raises as `create_organization` does."""
        with self._store.change(actor) as change:
            row = _managed_organization(change.connection, actor, organization_id)
            if name != row.name:
                within = organization.c.tenant_id == row.tenant_id
                check_new_name(change, organization.c.name, name, within, old=row.name)
                _rename(change, organization, row, name)

    def set_tenant_active(self, actor: Actor, tenant_id: int, *, active: bool) -> None:
        """Switch a tenant on, or off with everything below it: its users are signed out."""
        with self._store.change(actor) as change:
            row = _tenant_row(change.connection, actor, tenant_id, Operation.TENANT_MANAGE)
            if not active:
                people = select(user.c.id).where(user.c.tenant_id == row.id)
                end_sessions(change, user_session.c.user_id.in_(people))
            switch(change, tenant, "tenant", row, active=active)

    def set_organization_active(self, actor: Actor, organization_id: int, *, active: bool) -> None:
        """Switch an organization on, or off with everything below it: its users are signed out."""
        with self._store.change(actor) as change:
            row = _managed_organization(change.connection, actor, organization_id)
            if not active:
                people = select(user.c.id).where(user.c.organization_id == row.id)
                end_sessions(change, user_session.c.user_id.in_(people))
            switch(change, organization, "organization", row, active=active)

    def delete_tenant(self, actor: Actor, tenant_id: int) -> None:
        """Delete an inactive tenant; raises `ConflictError` while anything belongs to it."""
        with self._store.change(actor) as change:
            row = _tenant_row(change.connection, actor, tenant_id, Operation.TENANT_MANAGE)
            remove(change, tenant, "tenant", row, hanging_on(change.connection, tenant, row.id))

    def delete_organization(self, actor: Actor, organization_id: int) -> None:
        """Delete an inactive organization; raises `ConflictError` while anything belongs to it."""
        with self._store.change(actor) as change:
            row = _managed_organization(change.connection, actor, organization_id)
            hanging = hanging_on(change.connection, organization, row.id)
            remove(change, organization, "organization", row, hanging)

    def tenant(self, actor: Actor, tenant_id: int) -> Tenant:
        """One tenant within reach."""
        with self._store.read(actor) as connection:
            row = _tenant_row(connection, actor, tenant_id, Operation.TENANT_VIEW)
            return Tenant(**row._asdict())

    def organization(self, actor: Actor, organization_id: int) -> Organization:
        """One organization within reach."""
        view = Operation.ORGANIZATION_VIEW
        with self._store.read(actor) as connection:
            return Organization(
                **_organization_row(connection, actor, organization_id, view)._asdict()
            )

    def consequences_of_tenant(self, actor: Actor, tenant_id: int) -> Consequences:
        """How many things stop working with a tenant, to be told before."""
        with self._store.read(actor) as connection:
            row = _tenant_row(connection, actor, tenant_id, Operation.TENANT_MANAGE)
            return consequences(connection, tenant, row.id)

    def consequences_of_organization(self, actor: Actor, organization_id: int) -> Consequences:
        """How many things stop working with an organization, to be told before."""
        with self._store.read(actor) as connection:
            row = _managed_organization(connection, actor, organization_id)
            return consequences(connection, organization, row.id)

    def page_of_tenants(
        self, actor: Actor, query: ListQuery, offset: int, limit: int
    ) -> tuple[TenantRow, ...]:
        """The tenants within reach that match, from `offset` on; sorted by a field."""
        require(actor, Operation.TENANT_VIEW)
        seen = LISTED_TENANTS.where(*_own_tenant(actor, Operation.TENANT_VIEW))
        with self._store.read(actor) as connection:
            rows = page_of(
                connection, seen, query, TENANTS_SORTED_BY, TENANTS_SEARCHED, offset, limit
            )
            return tuple(TenantRow(**row._asdict()) for row in rows)

    def count_of_tenants(self, actor: Actor, query: ListQuery) -> int:
        """How many tenants within reach match."""
        require(actor, Operation.TENANT_VIEW)
        seen = LISTED_TENANTS.where(*_own_tenant(actor, Operation.TENANT_VIEW))
        with self._store.read(actor) as connection:
            return count_of(connection, seen, query, TENANTS_SORTED_BY, TENANTS_SEARCHED)

    def page_of_organizations(
        self, actor: Actor, query: ListQuery, offset: int, limit: int
    ) -> tuple[OrganizationRow, ...]:
        """The organizations within reach that match, from `offset` on; sorted by a field."""
        require(actor, Operation.ORGANIZATION_VIEW)
        seen = LISTED_ORGANIZATIONS.where(*_own_tenant(actor, Operation.ORGANIZATION_VIEW))
        with self._store.read(actor) as connection:
            rows = page_of(
                connection,
                seen,
                query,
                ORGANIZATIONS_SORTED_BY,
                ORGANIZATIONS_SEARCHED,
                offset,
                limit,
            )
            return tuple(OrganizationRow(**row._asdict()) for row in rows)

    def count_of_organizations(self, actor: Actor, query: ListQuery) -> int:
        """How many organizations within reach match."""
        require(actor, Operation.ORGANIZATION_VIEW)
        seen = LISTED_ORGANIZATIONS.where(*_own_tenant(actor, Operation.ORGANIZATION_VIEW))
        with self._store.read(actor) as connection:
            return count_of(
                connection, seen, query, ORGANIZATIONS_SORTED_BY, ORGANIZATIONS_SEARCHED
            )

    def tenants(self, actor: Actor, *, active_only: bool = False) -> tuple[Tenant, ...]:
        """The tenants whose devices the actor may see, by name: what can be chosen from."""
        require(actor, Operation.DEVICE_VIEW)
        query = select(tenant).where(*_own_tenant(actor, Operation.DEVICE_VIEW))
        if active_only:
            query = query.where(tenant.c.active)
        with self._store.read(actor) as connection:
            rows = connection.execute(query.order_by(tenant.c.name))
            return tuple(Tenant(**row._asdict()) for row in rows)

    def organizations(
        self, actor: Actor, tenant_id: int | None = None, *, active_only: bool = False
    ) -> tuple[Organization, ...]:
        """The organizations whose devices the actor may see, of one tenant or of all, by name.

        `active_only` leaves out those of an inactive tenant, too.
        """
        require(actor, Operation.DEVICE_VIEW)
        query = select(organization).join(tenant, tenant.c.id == organization.c.tenant_id)
        query = query.where(*_own_tenant(actor, Operation.DEVICE_VIEW))
        if reach(actor, Operation.DEVICE_VIEW) is Reach.ORGANIZATION:
            query = query.where(organization.c.id == actor.organization_id)
        if tenant_id is not None:
            query = query.where(organization.c.tenant_id == tenant_id)
        if active_only:
            query = query.where(organization.c.active, tenant.c.active)
        with self._store.read(actor) as connection:
            rows = connection.execute(query.order_by(organization.c.name, organization.c.id))
            return tuple(Organization(**row._asdict()) for row in rows)


def _own_tenant(actor: Actor, operation: Operation) -> tuple[ColumnElement[bool], ...]:
    everything = reach(actor, operation) is Reach.ALL
    return () if everything else (tenant.c.id == actor.tenant_id,)


def _tenant_row(
    connection: Connection, actor: Actor, tenant_id: int, operation: Operation
) -> Row[Any]:
    require(actor, operation)
    query = select(tenant).where(tenant.c.id == tenant_id, *_own_tenant(actor, operation))
    row = connection.execute(query).first()
    if row is None:
        raise NotFoundError(
            _("The tenant does not exist."), remedy=_("Choose one from the list of tenants.")
        )
    return row


def _organization_row(
    connection: Connection, actor: Actor, organization_id: int, operation: Operation
) -> Row[Any]:
    require(actor, operation)
    query = select(organization).join(tenant, tenant.c.id == organization.c.tenant_id)
    query = query.where(organization.c.id == organization_id, *_own_tenant(actor, operation))
    row = connection.execute(query).first()
    if row is None:
        raise NotFoundError(
            _("The organization does not exist."),
            remedy=_("Choose one from the list of organizations."),
        )
    return row


def _managed_organization(connection: Connection, actor: Actor, organization_id: int) -> Row[Any]:
    return _organization_row(connection, actor, organization_id, Operation.ORGANIZATION_MANAGE)


def _rename(change: Change, table: Table, row: Row[Any], name: str) -> None:
    kind = table.name
    change.connection.execute(update(table).where(table.c.id == row.id).values(name=name))
    before, after = {"name": row.name}, {"name": name}
    change.audit(f"{kind}.rename", kind, row.id, name, before=before, after=after)
    change.publish(EntityChanged(kind, row.id))
