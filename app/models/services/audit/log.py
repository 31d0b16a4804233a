"""The audit log: read by page or by object, exported whole, and refusals recorded.

Made for a million events, see `app.models.services.listing`: what is newest comes first by
walking back from the end of the log, unless an index finds few events.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TextIO

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, false, func, select, true

from app.core.errors import AccessDeniedError
from app.models.db.tables import audit_event
from app.models.domain.access import Actor, Operation, Scope, require
from app.models.domain.audit import AuditEvent, to_line
from app.models.domain.checkpoints import checkpoint_to_line
from app.models.services.audit.checkpoints import Checkpoints
from app.models.services.audit.reach import events_in_reach
from app.models.services.audit.refusals import RefusalLimit, left_out_before
from app.models.services.listing import containing, is_few, looked_up, starts_with, walked
from app.models.services.store import Store

_SEARCHED = (
    audit_event.c.object_name,
    audit_event.c.actor,
    audit_event.c.action,
    audit_event.c.address,
    audit_event.c.reason,
)
_LONGEST_REASON = 1000  # it can tell of names that the one who was refused made up
See = Callable[[ColumnElement[Any]], ColumnElement[Any]]


@dataclass(frozen=True)
class AuditFilter:
    """Which events are wanted; what is empty or None does not matter.

    `action` is the beginning of the action. `text` is looked for anywhere in the names, the
    action, the address and the reason. `since` is the first moment, `until` the first after it.
    """

    action: str = ""
    object_kind: str = ""
    object_id: int | None = None
    text: str = ""
    actor: str = ""
    channel: str = ""
    outcome: str = ""
    since: datetime | None = None
    until: datetime | None = None


class AuditLog:
    """The audit log. A tenant's supervisors read what its users did and what befell its objects."""

    def __init__(self, store: Store, checkpoints: Checkpoints) -> None:
        self._store = store
        self._checkpoints = checkpoints
        self._limit = RefusalLimit(store.clock)

    def page(
        self, actor: Actor, offset: int, limit: int, wanted: AuditFilter | None = None
    ) -> tuple[AuditEvent, ...]:
        """Events, the newest first."""
        require(actor, Operation.AUDIT_VIEW)
        with self._store.read(actor) as connection:
            query = _page(connection, actor, wanted or AuditFilter())
            rows = connection.execute(query.offset(offset).limit(limit))
            return tuple(_event(row) for row in rows)

    def count(self, actor: Actor, wanted: AuditFilter | None = None) -> int:
        """How many events match; what no index finds is looked for in every event."""
        require(actor, Operation.AUDIT_VIEW)
        wanted = wanted or AuditFilter()
        query = select(func.count()).select_from(audit_event)
        query = query.where(
            _period(wanted, looked_up),
            _object(wanted, looked_up),
            _rest(wanted),
            events_in_reach(actor, Operation.AUDIT_VIEW),
        )
        with self._store.read(actor) as connection:
            return connection.execute(query).scalar_one()

    def of_object(
        self, actor: Actor, object_kind: str, object_id: int, limit: int
    ) -> tuple[AuditEvent, ...]:
        """What happened to one object, the newest first."""
        return self.page(actor, 0, limit, AuditFilter("", object_kind, object_id))

    def export(self, actor: Actor, file: TextIO) -> int:
        """Write every event, the oldest first, a line each, and a checkpoint; returns how many.

        The lines are what `app.models.domain.audit.verify_lines` checks. Only who may see
        everything may export, since a chain with holes proves nothing. That it was exported is
        recorded afterwards, for the next export to show. Raises `LockedError` when the newest
        events are not signed yet and the keys are locked.
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
        with self._store.change(actor) as change:
            change.audit("audit.export", "audit", None, "", after={"number": checkpoint.number})
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
        """Record that `actor` was refused; `RefusalLimit` holds for who has not been let in."""
        stranger = actor.device_id is None and actor.application_id is None
        left_out = self._limit.admit(actor.address) if stranger else 0
        if left_out is None:
            return
        with self._store.change(actor) as change:
            change.audit(
                action,
                object_kind,
                object_id,
                object_name,
                outcome="refused",
                reason=reason[:_LONGEST_REASON],
                after=left_out_before(left_out),
            )

    def record_lock(self, actor: Actor) -> None:
        """Record that the keys were locked: by `actor`, or by `SYSTEM` since nobody was there.

        For whoever locked them to call: locking does not wait for the database.
        """
        with self._store.change(replace(actor, session_id=None)) as change:
            change.audit("workspace.lock", "workspace", None, "")

    def record_denial(self, actor: Actor, error: AccessDeniedError, what: str) -> None:
        """Record that a person was refused what their role does not include.

        `what` names what they tried. For whoever meets people to call, once per refusal: a
        service asks for rights before it changes anything.
        """
        with self._store.change(replace(actor, session_id=None)) as change:
            change.audit(
                "access.refuse", "access", None, what, outcome="refused", reason=error.problem
            )


def _page(connection: Connection, actor: Actor, wanted: AuditFilter) -> Select[Any]:
    """The matching events, the newest first, by the index that finds them soonest."""
    number = audit_event.c.number
    see_time, see_object = walked, walked
    order: ColumnElement[int] = number
    if wanted.object_id is not None:
        see_object = looked_up  # that index is in the order of the numbers, too
    elif (wanted.since or wanted.until) and _finds_few(connection, _period(wanted, looked_up)):
        see_time, order = looked_up, walked(number)
    elif wanted.object_kind and _finds_few(connection, _object(wanted, looked_up)):
        see_object, order = looked_up, walked(number)
    query = select(audit_event).where(
        _period(wanted, see_time),
        _object(wanted, see_object),
        _rest(wanted),
        events_in_reach(actor, Operation.AUDIT_VIEW),
    )
    return query.order_by(order.desc())


def _finds_few(connection: Connection, condition: ColumnElement[bool]) -> bool:
    return is_few(connection, select(audit_event.c.number).where(condition))


def _period(wanted: AuditFilter, see: See) -> ColumnElement[bool]:
    at = see(audit_event.c.at)
    since = true() if wanted.since is None else at >= wanted.since
    return since & (true() if wanted.until is None else at < wanted.until)


def _object(wanted: AuditFilter, see: See) -> ColumnElement[bool]:
    kind, id_ = see(audit_event.c.object_kind), see(audit_event.c.object_id)
    of_kind = kind == wanted.object_kind if wanted.object_kind else true()
    return of_kind & (true() if wanted.object_id is None else id_ == wanted.object_id)


def _rest(wanted: AuditFilter) -> ColumnElement[bool]:
    columns = audit_event.c
    exact = {
        columns.actor: wanted.actor,
        columns.channel: wanted.channel,
        columns.outcome: wanted.outcome,
    }
    if not all(value.isprintable() for value in (*exact.values(), wanted.action)):
        return false()  # nothing is called like that, and SQLite stumbles over some
    parts = [column == value for column, value in exact.items() if value]
    if wanted.action:
        parts.append(starts_with(columns.action, wanted.action))
    return and_(*parts, containing(_SEARCHED, wanted.text))


def _event(row: Row[Any]) -> AuditEvent:
    values = row._asdict()
    del values["hash"]
    return AuditEvent(**values)
