"""EST servers in the database: the rows of the list, their labels, and what changed."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, select

from app.core.errors import ConflictError
from app.core.language import _
from app.models.db.tables import (
    device_type,
    est_label,
    est_server,
    est_server_application,
    organization,
    tenant,
)
from app.models.domain.access import Actor, Operation
from app.models.domain.est_servers import EstLabel, EstLabelRow, EstServer
from app.models.domain.events import EntityChanged
from app.models.services.applications.links import linked_applications
from app.models.services.applications.records import within
from app.models.services.store import Change

KIND = "est-server"
SORTED_BY: dict[str, ColumnElement[Any]] = {
    "name": est_server.c.name,
    "domain": est_server.c.domain,
    "tenant": tenant.c.name,
    "organization": organization.c.name,
    "device_type": device_type.c.name,
    "active": est_server.c.active,
}
SEARCHED = (
    est_server.c.name,
    est_server.c.domain,
    tenant.c.name,
    organization.c.name,
    device_type.c.name,
)


def rows_in_reach(actor: Actor) -> Select[Any]:
    """The select of the list."""
    labels = (
        select(func.count())
        .where(est_label.c.est_server_id == est_server.c.id)
        .correlate(est_server)
        .scalar_subquery()
    )
    joined = (
        est_server.join(tenant, tenant.c.id == est_server.c.tenant_id)
        .join(organization, organization.c.id == est_server.c.organization_id)
        .join(device_type, device_type.c.id == est_server.c.device_type_id)
    )
    return (
        select(
            est_server,
            tenant.c.name.label("tenant_name"),
            organization.c.name.label("organization_name"),
            device_type.c.name.label("device_type_name"),
            labels.label("labels"),
        )
        .select_from(joined)
        .where(within(actor, Operation.EST_SERVER_VIEW, est_server))
    )


def labels_of(connection: Connection, server_id: int) -> tuple[EstLabelRow, ...]:
    """The labels of an EST server, by name."""
    query = (
        select(est_label, device_type.c.name.label("type_name"))
        .join(device_type, device_type.c.id == est_label.c.device_type_id)
        .where(est_label.c.est_server_id == server_id)
        .order_by(est_label.c.name)
    )
    return tuple(
        EstLabelRow(EstLabel(row.id, row.name, row.device_type_id), row.type_name)
        for row in connection.execute(query)
    )


def store_label(change: Change, server_id: int, label: EstLabel) -> int:
    """Give the EST server a label and return its id; `ConflictError` for a taken name."""
    taken = select(est_label.c.id).where(
        est_label.c.est_server_id == server_id, est_label.c.name == label.name
    )
    if change.connection.execute(taken).first() is not None:
        raise ConflictError(
            _("The EST server has a label {name} already.").format(name=label.name),
            remedy=_("Choose another name."),
            field="name",
        )
    values = {"name": label.name, "device_type_id": label.device_type_id}
    return change.insert(est_label, values | {"est_server_id": server_id})


def clear(change: Change, server_id: int) -> dict[str, Any]:
    """Take away the labels and applications of an EST server; the names of what it had."""
    connection = change.connection
    had = {
        "labels": [row.label.name for row in labels_of(connection, server_id)],
        "applications": [one.name for one in linked_applications(connection, server_id)],
    }
    for table in (est_label, est_server_application):
        connection.execute(delete(table).where(table.c.est_server_id == server_id))
    return had


def record_change(
    change: Change,
    verb: str,
    server: EstServer | Row[Any],
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Record in the audit log what was done to an EST server, and tell lists of it."""
    change.audit(f"{KIND}.{verb}", KIND, server.id, server.name, before=before, after=after)
    change.publish(EntityChanged(KIND, server.id))
