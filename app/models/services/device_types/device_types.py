"""Device types."""

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, func, select, update

from app.core.errors import NotFoundError
from app.core.language import _, ngettext
from app.models.db.tables import device, device_type, est_label, est_server, organization, tenant
from app.models.domain.access import Actor, Operation, require
from app.models.domain.device_types import DeviceType
from app.models.domain.devices import Device
from app.models.domain.events import EntityChanged
from app.models.services.device_types.checks import DeviceTypeChecks
from app.models.services.device_types.records import columns_of, content_of, device_type_of
from app.models.services.device_types.rows import (
    SEARCHED,
    DeviceTypeRow,
    row_of,
    rows_in_reach,
    template_names,
)
from app.models.services.device_types.separate_cas import SeparateCas
from app.models.services.device_types.versions import (
    at_version,
    count_followers,
    drop_versions,
    keep_version,
    versions_in_use,
)
from app.models.services.devices.records import in_reach
from app.models.services.lifecycle import remove, switch
from app.models.services.listing import ListQuery, count_of, page_of
from app.models.services.names import check_new_name, unused_id
from app.models.services.sharing import scope_of, sharing_columns, sharing_of, visible
from app.models.services.store import Change, Store
from app.models.services.templates.templates import Templates

_KIND = "device-type"
_VIEW, _MANAGE = Operation.DEVICE_TYPE_VIEW, Operation.DEVICE_TYPE_MANAGE
# Made once: building a statement costs as much as running it.
_BY_ID = select(device_type).where(device_type.c.id == bindparam("type_id"))


class DeviceTypes:
    """Makes, changes, lists and hands out device types. Safe to share by threads."""

    def __init__(
        self,
        store: Store,
        templates: Templates,
        separate_cas: SeparateCas,
    ) -> None:
        self._store = store
        self._templates = templates
        self._checks = DeviceTypeChecks(templates, separate_cas)

    def create(self, actor: Actor, new: DeviceType) -> DeviceType:
        """Store a device type; its id is given here.

        Raises `InvalidInputError` for a broken rule, `NotFoundError` for a template or external
        CA that does not exist, `ConflictError` for a taken name.
        """
        with self._store.change(actor) as change:
            return self.create_in(change, new)

    def create_in(self, change: Change, new: DeviceType) -> DeviceType:
        """As `create`, as a part of a transaction."""
        require(change.actor, _MANAGE, scope_of(new.sharing))
        self._check_templates_seen(change, new)
        check_new_name(change, device_type.c.name, new.name)
        self._checks.check(change.connection, new)
        values = columns_of(new) | sharing_columns(change.connection, new.sharing)
        id_ = unused_id(change, device_type, _KIND)
        created = replace(new, id=change.insert(device_type, values | {"id": id_}), version=1)
        change.audit("device-type.create", _KIND, id_, created.name, after=values)
        change.publish(EntityChanged(_KIND, id_))
        return created

    def edit(self, actor: Actor, changed: DeviceType) -> DeviceType:
        """Store a device type anew: everything but its id and whether it is active (DTL-05).

        Devices that exist go on by the version they were made with. Raises as `create` does.
        """
        with self._store.change(actor) as change:
            return self.edit_in(change, changed)

    def edit_in(self, change: Change, changed: DeviceType) -> DeviceType:
        """As `edit`, as a part of a transaction."""
        require(change.actor, _MANAGE, scope_of(changed.sharing))
        self._check_templates_seen(change, changed)
        row = _managed(change.connection, change.actor, changed.id)
        before = device_type_of(row)
        changed = replace(changed, active=before.active, version=before.version)
        check_new_name(change, device_type.c.name, changed.name, old=before.name)
        self._checks.check(change.connection, changed)
        if content_of(changed) != content_of(before):
            keep_version(change, before)
            changed = replace(changed, version=before.version + 1)
        _store_edit(change, before, changed)
        return changed

    def set_active(self, actor: Actor, type_id: int, *, active: bool) -> None:
        """Let devices of the type be created, or none any more; those that exist go on."""
        with self._store.change(actor) as change:
            row = _managed(change.connection, actor, type_id)
            switch(change, device_type, _KIND, row, active=active)

    def delete(self, actor: Actor, type_id: int) -> None:
        """Delete an inactive type that no device, EST server or label has (DTL-06)."""
        with self._store.change(actor) as change:
            row = _managed(change.connection, actor, type_id)
            devices, servers, labels = (
                _count(change.connection, column == row.id)
                for column in (
                    device.c.type_id,
                    est_server.c.device_type_id,
                    est_label.c.device_type_id,
                )
            )
            hanging = {
                ngettext("device", "devices", devices): devices,
                ngettext("EST server", "EST servers", servers): servers,
                ngettext("label", "labels", labels): labels,
            }
            drop_versions(change, row.id)
            remove(change, device_type, _KIND, row, hanging)

    def get(self, connection: Connection, type_id: int, version: int | None = None) -> DeviceType:
        """One device type, whoever asks, as it is now or was in a version.

        `NotFoundError` when there is none.
        """
        row = connection.execute(_BY_ID, {"type_id": type_id}).first()
        current = device_type_of(_found(row))
        return current if version is None else at_version(connection, current, version)

    def of_device(self, connection: Connection, owner: Device) -> DeviceType:
        """The type of a device in the version it goes by."""
        return self.get(connection, owner.type_id, owner.type_version)

    def in_use(self, connection: Connection, type_id: int) -> tuple[DeviceType, ...]:
        """A type as it is now, then every older version that a device goes by."""
        return versions_in_use(connection, self.get(connection, type_id))

    def seen(self, connection: Connection, actor: Actor, type_id: int) -> DeviceType:
        """One device type; `NotFoundError` when there is none the actor may see."""
        return device_type_of(_seen(connection, actor, type_id))

    def read(self, actor: Actor, type_id: int, version: int | None = None) -> DeviceType:
        """One device type, as it is now or was in a version.

        `NotFoundError` when there is none the actor may see.
        """
        require(actor, _VIEW)
        with self._store.read(actor) as connection:
            current = self.seen(connection, actor, type_id)
            return current if version is None else at_version(connection, current, version)

    def followers(self, actor: Actor, type_id: int) -> dict[int, int]:
        """How many devices within reach go by each version of a type, newest version first."""
        with self._store.read(actor) as connection:
            self.seen(connection, actor, type_id)
            return count_followers(connection, actor, type_id)

    def all(self, actor: Actor) -> tuple[DeviceType, ...]:
        """Every device type within the actor's reach, by name."""
        require(actor, _VIEW)
        query = select(device_type).where(visible(actor, _VIEW, device_type))
        with self._store.read(actor) as connection:
            rows = connection.execute(query.order_by(device_type.c.name))
            return tuple(device_type_of(row) for row in rows)

    def page(
        self, actor: Actor, query: ListQuery, offset: int, limit: int
    ) -> tuple[DeviceTypeRow, ...]:
        """The device types within reach that match, from `offset` on."""
        require(actor, _VIEW)
        statement, columns = rows_in_reach(actor)
        with self._store.read(actor) as connection:
            rows = page_of(connection, statement, query, columns, SEARCHED, offset, limit)
            names = template_names(connection, rows)
        return tuple(row_of(row, names) for row in rows)

    def count(self, actor: Actor, query: ListQuery) -> int:
        """How many device types within reach match."""
        require(actor, _VIEW)
        statement, columns = rows_in_reach(actor)
        with self._store.read(actor) as connection:
            return count_of(connection, statement, query, columns, SEARCHED)

    def offered(self, actor: Actor, tenant_id: int, organization_id: int) -> tuple[DeviceType, ...]:
        """The active types that devices of this organization may have, by name (DEV-09).

        None when the organization is out of reach, or when it or its tenant is not active.
        """
        open_ = select(organization.c.id).where(
            organization.c.id == organization_id,
            organization.c.tenant_id == tenant_id,
            organization.c.active,
            organization.c.tenant_id.in_(select(tenant.c.id).where(tenant.c.active)),
            *in_reach(actor, Operation.DEVICE_VIEW, organization.c.id),
        )
        with self._store.read(actor) as connection:
            if connection.execute(open_).first() is None:
                return ()
        return tuple(
            one
            for one in self.all(actor)
            if one.active and one.sharing.offered_to(tenant_id, organization_id)
        )

    def _check_templates_seen(self, change: Change, checked: DeviceType) -> None:
        for template_id in (checked.factory_template_id, *checked.operational_template_ids):
            if template_id is not None:
                self._templates.seen(change.connection, change.actor, template_id)


def _found(row: Row[Any] | None) -> Row[Any]:
    if row is None:
        raise NotFoundError(
            _("The device type does not exist."),
            remedy=_("Choose one from the list of device types."),
        )
    return row


def _seen(connection: Connection, actor: Actor, type_id: int) -> Row[Any]:
    query = select(device_type).where(
        device_type.c.id == type_id, visible(actor, _VIEW, device_type)
    )
    return _found(connection.execute(query).first())


def _managed(connection: Connection, actor: Actor, type_id: int) -> Row[Any]:
    """The row, when the actor may change it; what is seen but not owned is refused."""
    require(actor, _MANAGE)
    row = _seen(connection, actor, type_id)
    require(actor, _MANAGE, scope_of(sharing_of(row)))
    return row


def _store_edit(change: Change, before: DeviceType, changed: DeviceType) -> None:
    """Write what is different, and audit it; nothing when it is all the same."""
    old, new = (
        columns_of(one) | sharing_columns(change.connection, one.sharing) | {"version": one.version}
        for one in (before, changed)
    )
    after = {key: value for key, value in new.items() if old[key] != value}
    if not after:
        return
    change.connection.execute(
        update(device_type).where(device_type.c.id == before.id).values(after)
    )
    change.audit(
        "device-type.edit",
        _KIND,
        before.id,
        changed.name,
        before={key: old[key] for key in after},
        after=after,
    )
    change.publish(EntityChanged(_KIND, before.id))


def _count(connection: Connection, condition: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).where(condition)).scalar_one()
