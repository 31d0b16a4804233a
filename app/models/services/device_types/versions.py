"""What a device type said before it was edited: devices made then go on by it."""

from dataclasses import replace

from sqlalchemy import Connection, delete, func, insert, select

from app.models.db.tables import device, device_type_version
from app.models.domain.access import Actor, Operation
from app.models.domain.device_types import DeviceType
from app.models.services.device_types.records import content_of, with_content
from app.models.services.devices.records import in_reach
from app.models.services.store import Change

_FOLLOWED = (
    select(device.c.id)
    .where(
        device.c.type_id == device_type_version.c.type_id,
        device.c.type_version == device_type_version.c.version,
    )
    .exists()
)


def keep_version(change: Change, before: DeviceType) -> None:
    """Write down what a type says, before it says something else."""
    change.connection.execute(
        insert(device_type_version).values(
            type_id=before.id,
            version=before.version,
            content=content_of(before),
            replaced_at=change.now,
        )
    )


def drop_versions(change: Change, type_id: int) -> None:
    """Forget the older versions of a type that is about to be deleted."""
    change.connection.execute(
        delete(device_type_version).where(device_type_version.c.type_id == type_id)
    )


def at_version(connection: Connection, current: DeviceType, version: int) -> DeviceType:
    """A type as it was in a version; as it is now when there is no such version."""
    if version == current.version:
        return current
    content = connection.execute(
        select(device_type_version.c.content).where(
            device_type_version.c.type_id == current.id, device_type_version.c.version == version
        )
    ).scalar()
    return current if content is None else replace(with_content(current, content), version=version)


def versions_in_use(connection: Connection, current: DeviceType) -> tuple[DeviceType, ...]:
    """A type as it is now, then every older version that a device still follows."""
    if current.version == 1:
        return (current,)
    used = connection.scalars(
        select(device_type_version.c.version)
        .where(device_type_version.c.type_id == current.id, _FOLLOWED)
        .order_by(device_type_version.c.version.desc())
    ).all()
    return (current, *(at_version(connection, current, version) for version in used))


def count_followers(connection: Connection, actor: Actor, type_id: int) -> dict[int, int]:
    """How many devices within the actor's reach go by each version, newest first."""
    rows = connection.execute(
        select(device.c.type_version, func.count().label("followers"))
        .where(device.c.type_id == type_id, *in_reach(actor, Operation.DEVICE_VIEW))
        .group_by(device.c.type_version)
        .order_by(device.c.type_version.desc())
    )
    return {row.type_version: row.followers for row in rows}


def template_ids_of_versions(connection: Connection) -> list[int]:
    """The templates named by the older versions that devices go by, as often as they are named."""
    found: list[int] = []
    for content in connection.scalars(select(device_type_version.c.content).where(_FOLLOWED)):
        named = (content["factory_template_id"], *content["operational_template_ids"])
        found += [id_ for id_ in named if id_ is not None]
    return found
