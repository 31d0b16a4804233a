"""Devices in the database: read one, see which are in reach, move one through its life."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, bindparam, insert, select, update

from app.core.errors import NotFoundError
from app.core.language import _
from app.models.db.tables import device, device_transition, organization
from app.models.domain.access import Actor, Operation, Reach, reach, require
from app.models.domain.device_types import DeviceProperty
from app.models.domain.devices import Device, DeviceEvent, DeviceMode, next_mode
from app.models.domain.events import DeviceChanged
from app.models.services.store import Change

PROPERTIES = tuple(item.value for item in DeviceProperty)

# Made once: building a statement costs as much as running it.
_BY_ID = select(device).where(device.c.id == bindparam("device_id"))
_BY_NAME = select(device).where(
    device.c.tenant_id == bindparam("tenant_id"), device.c.name == bindparam("name")
)
_MOVE = (
    update(device)
    .where(device.c.id == bindparam("device_id"))
    .values(
        {
            name: bindparam(name)
            for name in ("mode", "mode_before_disabled", "changed_at", "operational_until")
        }
    )
)


def in_reach(
    actor: Actor,
    operation: Operation,
    organization_id: ColumnElement[int] = device.c.organization_id,
) -> tuple[ColumnElement[bool], ...]:
    """Conditions on a device's organization that hold where the actor's right extends.

    A tenant is asked for by its organizations, because the index on them also counts modes.
    """
    extent = reach(actor, operation)
    if extent is Reach.ALL:
        return ()
    if extent is Reach.TENANT:
        mine = select(organization.c.id).where(organization.c.tenant_id == actor.tenant_id)
        return (organization_id.in_(mine),)
    return (organization_id == actor.organization_id,)


def device_by_id(connection: Connection, device_id: int) -> Device:
    """The device, whoever asks; raises `NotFoundError`."""
    return _found(connection.execute(_BY_ID, {"device_id": device_id}).first())


def device_in_reach(
    connection: Connection, actor: Actor, operation: Operation, device_id: int
) -> Device:
    """The device, when the actor may carry out `operation` on it.

    Raises `AccessDeniedError` when the actor may do it nowhere, `NotFoundError` when the device
    does not exist or is out of reach: whoever may not see it does not learn that it is there.
    """
    require(actor, operation)
    wanted = select(device).where(device.c.id == device_id, *in_reach(actor, operation))
    return _found(connection.execute(wanted).first())


def device_by_name(connection: Connection, tenant_id: int, name: str) -> Device | None:
    """The device with exactly this name.

    The column compares without regard to case so that no two names differ by case alone; an
    identity is never matched that way (a `K` is not the Kelvin sign, nor a `k`).
    """
    row = connection.execute(_BY_NAME, {"tenant_id": tenant_id, "name": name}).first()
    return _device_of(row) if row is not None and row.name == name else None


def record_event(
    change: Change,
    subject: Device,
    event: DeviceEvent,
    *,
    operational_until: datetime | None = None,
) -> Device:
    """Move a device by `event` and return it as it is then; a change of mode is recorded.

    Raises `ConflictError` where the life cycle has no such step (DEC-08).
    """
    mode = next_mode(subject.mode, event, subject.mode_before_disabled)
    moved = replace(
        subject,
        mode=mode,
        mode_before_disabled=subject.mode if mode is DeviceMode.DISABLED else None,
        changed_at=change.now,
        operational_until=operational_until or subject.operational_until,
    )
    before = moved.mode_before_disabled
    change.connection.execute(
        _MOVE,
        {
            "device_id": subject.id,
            "mode": mode.value,
            "mode_before_disabled": None if before is None else before.value,
            "changed_at": moved.changed_at,
            "operational_until": moved.operational_until,
        },
    )
    if mode is not subject.mode:
        change.connection.execute(
            insert(device_transition),
            {
                "device_id": subject.id,
                "at": change.now,
                "before": subject.mode.value,
                "after": mode.value,
                "event": event.value,
                "actor": change.actor.name,
            },
        )
    change.publish(DeviceChanged(subject.id))
    return moved


def _found(row: Row[tuple[object, ...]] | None) -> Device:
    if row is None:
        raise NotFoundError(
            _("This device does not exist."),
            cause=_("It was never created here, or it belongs to somebody else."),
        )
    return _device_of(row)


def _device_of(row: Row[tuple[object, ...]]) -> Device:
    before = row.mode_before_disabled
    values = {key: row._mapping[key] for key in PROPERTIES}  # noqa: SLF001  public by SQLAlchemy's documents
    return Device(
        id=row.id,
        name=row.name,
        tenant_id=row.tenant_id,
        organization_id=row.organization_id,
        type_id=row.type_id,
        description=row.description,
        mode=DeviceMode(row.mode),
        mode_before_disabled=None if before is None else DeviceMode(before),
        created_at=row.created_at,
        changed_at=row.changed_at,
        operational_until=row.operational_until,
        values=values | row.attributes,
        type_version=row.type_version,
    )
