"""Applications in the database: read one, see which are in reach, record what changed."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, select, true

from app.core.errors import NotFoundError
from app.core.language import _
from app.models.db.tables import api_application, organization, tenant
from app.models.domain.access import Actor, Operation, Reach, reach, require
from app.models.domain.applications import ApiApplication
from app.models.domain.events import EntityChanged
from app.models.services.store import Change


def within(actor: Actor, operation: Operation, table: Table) -> ColumnElement[bool]:
    """The condition under which a row with a tenant and an organization is in reach."""
    extent = reach(actor, operation)
    if extent is Reach.ALL:
        return true()
    if extent is Reach.TENANT:
        return table.c.tenant_id == actor.tenant_id
    return table.c.organization_id == actor.organization_id


def application_in_reach(
    connection: Connection, actor: Actor, operation: Operation, application_id: int
) -> ApiApplication:
    """The application, when the actor may carry out `operation` on it.

    Raises `AccessDeniedError` when the actor may do it nowhere, `NotFoundError` when there is
    none within reach.
    """
    require(actor, operation)
    table = api_application
    query = select(table).where(table.c.id == application_id, within(actor, operation, table))
    row = connection.execute(query).first()
    if row is None:
        raise NotFoundError(_("The application does not exist."))
    return application_of(row)


def applications_with_owners() -> Select[Any]:
    """Applications with `tenant_active` and `organization_active`, None without organization."""
    return (
        select(
            api_application,
            tenant.c.active.label("tenant_active"),
            organization.c.active.label("organization_active"),
        )
        .join(tenant, tenant.c.id == api_application.c.tenant_id)
        .outerjoin(organization, organization.c.id == api_application.c.organization_id)
    )


def application_of(row: Row[Any]) -> ApiApplication:
    """The application in a row of its table."""
    return ApiApplication(
        id=row.id,
        name=row.name,
        tenant_id=row.tenant_id,
        organization_id=row.organization_id,
        app_id=row.app_id,
        created_at=row.created_at,
        description=row.description,
        active=row.active,
        previous_key_until=row.previous_key_until,
        last_used_at=row.last_used_at,
    )


def record_change(
    change: Change,
    verb: str,
    application: ApiApplication,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Record in the audit log what was done to an application, and tell lists of it."""
    change.audit(
        f"application.{verb}",
        "application",
        application.id,
        application.name,
        before=before,
        after=after,
    )
    change.publish(EntityChanged("application", application.id))
