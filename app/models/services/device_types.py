"""Device types."""

from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select

from app.core.errors import NotFoundError
from app.core.language import _
from app.models.db import tables
from app.models.domain.access import Actor, Operation, require
from app.models.domain.device_type_rules import check_device_type
from app.models.domain.device_types import DeviceField, DeviceType
from app.models.services.device_records import in_reach
from app.models.services.names import check_new_name
from app.models.services.sharing import scope_of, sharing_columns, sharing_of, visible
from app.models.services.store import Store
from app.models.services.templates import Templates


class DeviceTypes:
    """Makes, lists and hands out device types."""

    def __init__(self, store: Store, templates: Templates) -> None:
        self._store = store
        self._templates = templates

    def create(self, actor: Actor, device_type: DeviceType) -> DeviceType:
        """Store a device type; its id is given here.

        Raises `InvalidInputError` for a broken rule, `NotFoundError` for a template that does
        not exist, `ConflictError` for a taken name.
        """
        require(actor, Operation.DEVICE_TYPE_MANAGE, scope_of(device_type.sharing))
        for template_id in (device_type.factory_template_id, *device_type.operational_template_ids):
            if template_id is not None:
                self._templates.read(actor, template_id)
        table = tables.device_type
        with self._store.change(actor) as change:
            check_new_name(change, table.c.name, device_type.name)
            self._check(change.connection, device_type)
            values = _columns(device_type)
            values |= sharing_columns(change.connection, device_type.sharing)
            created = replace(device_type, id=change.insert(table, values))
            change.audit(
                "device-type.create", "device-type", created.id, created.name, after=values
            )
        return created

    def get(self, connection: Connection, type_id: int) -> DeviceType:
        """One device type, whoever asks; `NotFoundError` when there is none."""
        return _one(connection, tables.device_type.c.id == type_id)

    def seen(self, connection: Connection, actor: Actor, type_id: int) -> DeviceType:
        """One device type; `NotFoundError` when there is none the actor may see."""
        table = tables.device_type
        seen = visible(actor, Operation.DEVICE_TYPE_VIEW, table)
        return _one(connection, table.c.id == type_id, seen)

    def all(self, actor: Actor) -> tuple[DeviceType, ...]:
        """Every device type within the actor's reach, by name."""
        require(actor, Operation.DEVICE_TYPE_VIEW)
        table = tables.device_type
        query = select(table).where(visible(actor, Operation.DEVICE_TYPE_VIEW, table))
        with self._store.read(actor) as connection:
            rows = connection.execute(query.order_by(table.c.name))
            return tuple(_device_type(row) for row in rows)

    def offered(self, actor: Actor, tenant_id: int, organization_id: int) -> tuple[DeviceType, ...]:
        """The active types that devices of this organization may have, by name (DEV-09).

        None when the organization is out of reach, or when it or its tenant is not active.
        """
        plant = tables.organization
        open_ = select(plant.c.id).where(
            plant.c.id == organization_id,
            plant.c.tenant_id == tenant_id,
            plant.c.active,
            plant.c.tenant_id.in_(select(tables.tenant.c.id).where(tables.tenant.c.active)),
            *in_reach(actor, Operation.DEVICE_VIEW, plant.c.id),
        )
        with self._store.read(actor) as connection:
            if connection.execute(open_).first() is None:
                return ()
        return tuple(
            device_type
            for device_type in self.all(actor)
            if device_type.active and device_type.sharing.offered_to(tenant_id, organization_id)
        )

    def _check(self, connection: Connection, device_type: DeviceType) -> None:
        factory_id = device_type.factory_template_id
        check_device_type(
            device_type,
            None if factory_id is None else self._templates.get(connection, factory_id),
            [self._templates.get(connection, id_) for id_ in device_type.operational_template_ids],
        )


def _one(connection: Connection, *conditions: ColumnElement[bool]) -> DeviceType:
    row = connection.execute(select(tables.device_type).where(*conditions)).first()
    if row is None:
        raise NotFoundError(
            _("The device type does not exist."),
            remedy=_("Choose one from the list of device types."),
        )
    return _device_type(row)


def _columns(device_type: DeviceType) -> dict[str, Any]:
    return {
        "name": device_type.name,
        "description": device_type.description,
        "active": device_type.active,
        "fields": [asdict(field) for field in device_type.fields],
        "factory_template_id": device_type.factory_template_id,
        "factory_mapping": dict(device_type.factory_mapping),
        "operational_template_ids": list(device_type.operational_template_ids),
        "operational_mapping": dict(device_type.operational_mapping),
        "use_mapping": device_type.use_mapping,
        "enforce_factory_mode": device_type.enforce_factory_mode,
        "password_enabled": device_type.password_enabled,
        "password_retention_hours": device_type.password_retention_hours,
        "operational_renewal_hours": device_type.operational_renewal_hours,
        "factory_renewal_hours": device_type.factory_renewal_hours,
        "external_ca_id": device_type.external_ca_id,
        "auto_registration": device_type.auto_registration,
        "version": device_type.version,
    }


def _device_type(row: Row[Any]) -> DeviceType:
    values = row._asdict()
    for column in ("access", "tenant_id", "organization_id"):
        del values[column]
    values["fields"] = tuple(DeviceField(**field) for field in row.fields)
    values["operational_template_ids"] = tuple(row.operational_template_ids)
    return DeviceType(**values, sharing=sharing_of(row))
