"""Devices: seen with their history, and led through their life."""

from sqlalchemy import select

from app.models.db.tables import device_transition
from app.models.domain.access import Actor, Operation
from app.models.domain.devices import Device, DeviceEvent, DeviceMode, Transition
from app.models.services.devices.records import device_in_reach, record_event
from app.models.services.revocation.revocation import Revocation
from app.models.services.store import Change, Store

_ACTIONS = {
    DeviceEvent.SET_AS_FACTORY: "device.set-as-factory",
    DeviceEvent.DISABLED: "device.disable",
    DeviceEvent.ENABLED: "device.enable",
}


class Devices:
    """Tells of devices and changes their mode. Safe to share by threads."""

    def __init__(self, store: Store, revocation: Revocation) -> None:
        self._store = store
        self._revocation = revocation

    def get(self, actor: Actor, device_id: int) -> Device:
        """The device; raises `NotFoundError` when there is none within reach."""
        with self._store.read(actor) as connection:
            return device_in_reach(connection, actor, Operation.DEVICE_VIEW, device_id)

    def history(self, actor: Actor, device_id: int) -> tuple[Transition, ...]:
        """The recorded changes of mode, oldest first (DEC-08)."""
        with self._store.read(actor) as connection:
            device_in_reach(connection, actor, Operation.DEVICE_VIEW, device_id)
            rows = connection.execute(
                select(device_transition)
                .where(device_transition.c.device_id == device_id)
                .order_by(device_transition.c.id)
            )
            return tuple(
                Transition(
                    row.at,
                    DeviceMode(row.before),
                    DeviceMode(row.after),
                    DeviceEvent(row.event),
                    row.actor,
                )
                for row in rows
            )

    def set_as_factory(
        self, actor: Actor, device_id: int, *, revoke_operational: bool = False
    ) -> Device:
        """Let an operational device enrol anew (DEV-83).

        Its operational certificates stay valid unless they are to be revoked with it (DEC-08).
        """
        with self._store.change(actor) as change:
            after = self._moved(change, device_id, DeviceEvent.SET_AS_FACTORY)
            if revoke_operational:
                self._revocation.revoke_operational(change, device_id)
        return after

    def disable(self, actor: Actor, device_id: int) -> Device:
        """Shut the device out of every EST server (DEV-84)."""
        return self._move(actor, device_id, DeviceEvent.DISABLED)

    def enable(self, actor: Actor, device_id: int) -> Device:
        """Let a disabled device in again, in the mode it had (DEV-85)."""
        return self._move(actor, device_id, DeviceEvent.ENABLED)

    def _move(self, actor: Actor, device_id: int, event: DeviceEvent) -> Device:
        with self._store.change(actor) as change:
            return self._moved(change, device_id, event)

    def _moved(self, change: Change, device_id: int, event: DeviceEvent) -> Device:
        before = device_in_reach(
            change.connection, change.actor, Operation.DEVICE_MANAGE, device_id
        )
        after = record_event(change, before, event)
        change.audit(
            _ACTIONS[event],
            "device",
            after.id,
            after.name,
            before={"mode": before.mode.value},
            after={"mode": after.mode.value},
        )
        return after
