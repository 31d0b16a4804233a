"""Which audit events are whose: what a tenant's people did and what befell its objects."""

from typing import Any

from sqlalchemy import ColumnElement, Table, and_, exists, or_, select, true

from app.models.db import tables
from app.models.db.tables import audit_event, user
from app.models.domain.access import Actor, Channel, Operation, Reach, reach
from app.models.services.listing import walked

# Objects that belong to one tenant, so that its supervisors may read what happened to them.
_OWNED: dict[str, Table] = {
    "organization": tables.organization,
    "user": tables.user,
    "application": tables.api_application,
    "authority": tables.authority,
    "extension": tables.custom_extension,
    "template": tables.template,
    "external-ca": tables.external_ca,
    "device-type": tables.device_type,
    "device": tables.device,
    "certificate": tables.certificate,
    "est-server": tables.est_server,
}


def events_in_reach(actor: Actor, operation: Operation) -> ColumnElement[bool]:
    """The condition on an audit event that holds where the actor's right extends.

    It is asked of each event that is found otherwise: no index is quicker for all its cases.
    """
    if reach(actor, operation) is Reach.ALL:
        return true()
    columns = audit_event.c
    channel, kind_of = walked(columns.channel), walked(columns.object_kind)
    return or_(
        # A device may bear the name of a person; a person comes through these channels only.
        and_(channel.in_([Channel.WINDOW.value, Channel.CLI.value]), _is_by_people(actor)),
        *(and_(kind_of == kind, _is_of(actor, kind)) for kind in _OWNED),
    )


def _is_by_people(actor: Actor) -> ColumnElement[bool]:
    """Who acted is of the actor's tenant now, and was then: no move to it came afterwards."""
    moved = audit_event.alias()
    came_later = exists(
        select(moved.c.number)
        .where(
            moved.c.object_kind == "user",
            moved.c.object_id == user.c.id,
            moved.c.number > audit_event.c.number,
            moved.c.action == "user.edit",
            _tenant_in(moved.c.before).is_distinct_from(_tenant_in(moved.c.after)),
        )
        .correlate(user, audit_event)
    )
    mine = and_(user.c.name == audit_event.c.actor, user.c.tenant_id == actor.tenant_id)
    return exists(select(user.c.id).where(mine, ~came_later).correlate(audit_event))


def _tenant_in(told: ColumnElement[Any]) -> ColumnElement[str]:
    """The tenant that an event on a user tells of, null for none."""
    name: ColumnElement[str] = told["tenant"].as_string()
    return name


def _is_of(actor: Actor, kind: str) -> ColumnElement[bool]:
    """The object belongs to the actor's tenant; looked up by its key, event by event."""
    table = _OWNED[kind].alias()
    mine = and_(table.c.id == audit_event.c.object_id, table.c.tenant_id == actor.tenant_id)
    return exists(select(table.c.id).where(mine).correlate(audit_event))
