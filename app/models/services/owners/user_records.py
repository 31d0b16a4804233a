"""Rows of users: found within the reach of who asks, and the rules for changing them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select, true

from app.core.errors import AccessDeniedError, ConflictError, InvalidInputError, NotFoundError
from app.core.language import _
from app.models.db.tables import audit_event, organization, tenant, user
from app.models.domain.access import Actor, Operation, Reach, Role, reach, require
from app.models.domain.users import User, has_organization, has_tenant
from app.models.services.store import Change

LISTED: Select[Any] = (
    select(
        user.c.id,
        user.c.name,
        user.c.role,
        tenant.c.name.label("tenant_name"),
        organization.c.name.label("organization_name"),
        user.c.active,
        user.c.certificate.is_not(None).label("second_factor"),
        user.c.last_sign_in_at,
    )
    .outerjoin(tenant, tenant.c.id == user.c.tenant_id)
    .outerjoin(organization, organization.c.id == user.c.organization_id)
)
"""The columns of `UserRow`."""

SORTED_BY: dict[str, ColumnElement[Any]] = {
    "name": user.c.name,
    "role": user.c.role,
    "tenant_name": tenant.c.name,
    "organization_name": organization.c.name,
    "active": user.c.active,
    "last_sign_in_at": user.c.last_sign_in_at,
}
SEARCHED = (user.c.name, tenant.c.name, organization.c.name)


def user_of(row: Row[Any]) -> User:
    """The user in a row of the table."""
    return User(
        row.id,
        row.name,
        Role(row.role),
        row.tenant_id,
        row.organization_id,
        row.active,
        row.must_change_password,
        row.language,
        row.certificate,
        row.last_sign_in_at,
    )


def within_reach(actor: Actor, operation: Operation) -> ColumnElement[bool]:
    """The condition under which a user is within the actor's reach."""
    everybody = reach(actor, operation) is Reach.ALL
    return true() if everybody else user.c.tenant_id == actor.tenant_id


def user_row(connection: Connection, actor: Actor, user_id: int, operation: Operation) -> Row[Any]:
    """A row of the table; `NotFoundError` for one out of reach as for one that is not there."""
    require(actor, operation)
    query = select(user).where(user.c.id == user_id, within_reach(actor, operation))
    row = connection.execute(query).first()
    if row is None:
        raise NotFoundError(
            _("The user does not exist."), remedy=_("Choose one from the list of users.")
        )
    return row


def other_user_row(connection: Connection, actor: Actor, user_id: int) -> Row[Any]:
    """The row of a user whom the actor manages and who is not the actor.

    An administrator who walks away from the window must not find the door shut behind them.
    """
    row = user_row(connection, actor, user_id, Operation.USER_MANAGE)
    if row.id == actor.user_id:
        raise AccessDeniedError(
            _("Nobody does this to themselves."),
            remedy=_("Ask another administrator, or change it in your profile."),
        )
    return row


def check_part(role: Role, tenant_id: int | None, organization_id: int | None) -> None:
    """Raise `InvalidInputError` unless the part of the workspace is one the role can have."""
    named = (tenant_id is not None, organization_id is not None)
    if named != (has_tenant(role), has_organization(role)):
        raise InvalidInputError(
            _("The tenant and organization do not fit the role."),
            remedy=_("Tenant roles name a tenant, organization operators both, others none."),
            field="tenant_id",
        )


def part_told(connection: Connection, part: Mapping[str, Any]) -> dict[str, Any]:
    """A role with its part of the workspace, as the audit log tells it: by names."""
    tenant_name = select(tenant.c.name).where(tenant.c.id == part["tenant_id"])
    organization_name = select(organization.c.name).where(
        organization.c.id == part["organization_id"]
    )
    return {
        "role": part["role"],
        "tenant": connection.scalar(tenant_name),
        "organization": connection.scalar(organization_name),
    }


def check_name_never_used(change: Change, name: str) -> None:
    """Raise `ConflictError` for the name of a deleted user.

    The audit log knows people by their names: it would tell the one what the other did.
    """
    used = select(audit_event.c.number).where(
        audit_event.c.object_kind == "user",
        audit_event.c.action == "user.delete",
        # Both by the database, which has ideas of its own about letters beyond ASCII.
        func.lower(audit_event.c.object_name) == func.lower(name),
    )
    if change.connection.execute(used.limit(1)).first() is not None:
        raise ConflictError(
            _("The name {name} was that of a user who was deleted.").format(name=name),
            cause=_("In the audit log the two could not be told apart."),
            remedy=_("Choose another name."),
            field="name",
        )


def check_admin_remains(connection: Connection, row: Row[Any]) -> None:
    """Raise `ConflictError` when this is the last active Admin (without one nobody gets on)."""
    others = select(user.c.id).where(
        user.c.role == Role.ADMIN.value, user.c.active, user.c.id != row.id
    )
    if row.role == Role.ADMIN.value and connection.execute(others.limit(1)).first() is None:
        raise ConflictError(
            _("{name} is the last active administrator.").format(name=row.name),
            remedy=_("Make another administrator first."),
        )
