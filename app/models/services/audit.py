"""The audit log: read by page or by object, exported whole, and refusals recorded."""

from dataclasses import dataclass
from typing import Any, TextIO

from sqlalchemy import ColumnElement, Row, Table, and_, or_, select

from app.models.db import tables
from app.models.db.tables import audit_event
from app.models.domain.access import Actor, Channel, Operation, Reach, Scope, reach, require
from app.models.domain.audit import AuditEvent, to_line
from app.models.domain.checkpoints import checkpoint_to_line
from app.models.services.checkpoints import Checkpoints
from app.models.services.store import Store

# Objects that belong to one tenant, so that its supervisors may read what happened to them.
_OWNED: dict[str, Table] = {
    "organization": tables.organization,
    "user": tables.user,
    "template": tables.template,
    "device-type": tables.device_type,
    "device": tables.device,
    "est-server": tables.est_server,
}


@dataclass(frozen=True)
class AuditFilter:
    """Which events are wanted: by the beginning of the action, and by the object."""

    action: str = ""
    object_kind: str = ""
    object_id: int | None = None


class AuditLog:
    """The audit log. A tenant's supervisors read what its users did and what befell its objects."""

    def __init__(self, store: Store, checkpoints: Checkpoints) -> None:
        self._store = store
        self._checkpoints = checkpoints

    def page(
        self, actor: Actor, offset: int, limit: int, wanted: AuditFilter | None = None
    ) -> tuple[AuditEvent, ...]:
        """Events, the newest first."""
        require(actor, Operation.AUDIT_VIEW)
        table = audit_event
        query = select(table).where(*_conditions(actor, wanted or AuditFilter()))
        query = query.order_by(table.c.number.desc()).offset(offset).limit(limit)
        with self._store.read(actor) as connection:
            return tuple(_event(row) for row in connection.execute(query))

    def of_object(
        self, actor: Actor, object_kind: str, object_id: int, limit: int
    ) -> tuple[AuditEvent, ...]:
        """What happened to one object, the newest first."""
        return self.page(actor, 0, limit, AuditFilter("", object_kind, object_id))

    def export(self, actor: Actor, file: TextIO) -> int:
        """Write every event, the oldest first, a line each, and a checkpoint; returns how many.

        The lines are what `app.models.domain.audit.verify_lines` checks. Only who may see
        everything may export, since a chain with holes proves nothing. Raises `LockedError`
        when the newest events are not signed yet and the keys are locked.
        """
        require(actor, Operation.AUDIT_VIEW, Scope())
        checkpoint = self._checkpoints.sign()
        number = audit_event.c.number
        query = select(audit_event).where(number <= checkpoint.number).order_by(number)
        count = 0
        with self._store.read(actor) as connection:
            for row in connection.execution_options(yield_per=1000).execute(query):
                file.write(to_line(_event(row), row.hash) + "\n")
                count += 1
        file.write(checkpoint_to_line(checkpoint) + "\n")
        return count

    def record_refusal(  # noqa: PLR0917  the parts of an event, in its order
        self,
        actor: Actor,
        action: str,
        object_kind: str,
        object_id: int | None,
        object_name: str,
        reason: str,
    ) -> None:
        """Record that `actor` was refused; anybody can be."""
        with self._store.change(actor) as change:
            change.audit(
                action, object_kind, object_id, object_name, outcome="refused", reason=reason
            )


def _conditions(actor: Actor, wanted: AuditFilter) -> list[ColumnElement[bool]]:
    columns = audit_event.c
    conditions = []
    if wanted.action:
        conditions.append(columns.action.startswith(wanted.action, autoescape=True))
    if wanted.object_kind:
        conditions.append(columns.object_kind == wanted.object_kind)
    if wanted.object_id is not None:
        conditions.append(columns.object_id == wanted.object_id)
    if reach(actor, Operation.AUDIT_VIEW) is not Reach.ALL:
        conditions.append(_of_tenant(actor.tenant_id))
    return conditions


def _of_tenant(tenant_id: int | None) -> ColumnElement[bool]:
    """Done by a person of the tenant, or to an object of the tenant."""
    columns = audit_event.c
    people = select(tables.user.c.name).where(tables.user.c.tenant_id == tenant_id)
    own_certificates = (
        select(tables.certificate.c.id)
        .join(tables.device, tables.device.c.id == tables.certificate.c.device_id)
        .where(tables.device.c.tenant_id == tenant_id)
    )
    return or_(
        # A device may bear the name of a person; a person comes through these channels only.
        and_(
            columns.channel.in_([Channel.WINDOW.value, Channel.CLI.value]),
            columns.actor.in_(people),
        ),
        and_(columns.object_kind == "certificate", columns.object_id.in_(own_certificates)),
        *(
            and_(
                columns.object_kind == kind,
                columns.object_id.in_(select(table.c.id).where(table.c.tenant_id == tenant_id)),
            )
            for kind, table in _OWNED.items()
        ),
    )


def _event(row: Row[Any]) -> AuditEvent:
    values = row._asdict()
    del values["hash"]
    return AuditEvent(**values)
