"""Which audit events are whose: what a tenant's people did and what befell its objects."""

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
    people = select(user.c.name).where(user.c.tenant_id == actor.tenant_id)
    return or_(
        # A device may bear the name of a person; a person comes through these channels only.
        and_(
            channel.in_([Channel.WINDOW.value, Channel.CLI.value]),
            columns.actor.in_(people),
        ),
        *(and_(kind_of == kind, _is_of(actor, kind)) for kind in _OWNED),
    )


def _is_of(actor: Actor, kind: str) -> ColumnElement[bool]:
    """The object belongs to the actor's tenant; looked up by its key, event by event."""
    table = _OWNED[kind].alias()
    mine = and_(table.c.id == audit_event.c.object_id, table.c.tenant_id == actor.tenant_id)
    return exists(select(table.c.id).where(mine).correlate(audit_event))
