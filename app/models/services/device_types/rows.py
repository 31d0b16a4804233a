"""The list of device types: what is selected, sorted and searched for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select

from app.models.db.tables import device, device_type, external_ca, template
from app.models.domain.access import Actor, Operation, Sharing
from app.models.services.devices.records import in_reach
from app.models.services.sharing import sharing_of, visible

SEARCHED = (device_type.c.name, device_type.c.description, template.c.name, external_ca.c.name)


@dataclass(frozen=True)
class DeviceTypeRow:
    """A device type as the list shows it, with the number of its devices within reach.

    At most one of `factory_template` and `external_ca` has a name; `operational_templates` are
    names, the default first.
    """

    id: int
    name: str
    sharing: Sharing
    factory_template: str
    external_ca: str
    operational_templates: tuple[str, ...]
    auto_registration: bool
    devices: int
    active: bool


def rows_in_reach(actor: Actor) -> tuple[Select[Any], dict[str, ColumnElement[Any]]]:
    """The select of the list, and what it can be sorted by."""
    devices = (
        select(func.count())
        .select_from(device)
        .where(device.c.type_id == device_type.c.id, *in_reach(actor, Operation.DEVICE_VIEW))
        .scalar_subquery()
    )
    statement = (
        select(
            device_type.c.id,
            device_type.c.name,
            device_type.c.access,
            device_type.c.tenant_id,
            device_type.c.organization_id,
            device_type.c.operational_template_ids,
            device_type.c.auto_registration,
            device_type.c.active,
            template.c.name.label("factory_template"),
            external_ca.c.name.label("external_ca"),
            devices.label("devices"),
        )
        .outerjoin(template, template.c.id == device_type.c.factory_template_id)
        .outerjoin(external_ca, external_ca.c.id == device_type.c.external_ca_id)
        .where(visible(actor, Operation.DEVICE_TYPE_VIEW, device_type))
    )
    columns: dict[str, ColumnElement[Any]] = {
        "name": device_type.c.name,
        "access": device_type.c.access,
        "source": func.coalesce(template.c.name, external_ca.c.name, ""),
        "devices": devices,
        "active": device_type.c.active,
    }
    return statement, columns


def template_names(connection: Connection, rows: Sequence[Row[Any]]) -> dict[int, str]:
    """The names of the operational templates that rows of the list name, by id."""
    ids = {id_ for row in rows for id_ in row.operational_template_ids}
    found = connection.execute(select(template.c.id, template.c.name).where(template.c.id.in_(ids)))
    return {row.id: row.name for row in found}


def row_of(row: Row[Any], template_names: dict[int, str]) -> DeviceTypeRow:
    """A row of the list."""
    return DeviceTypeRow(
        row.id,
        row.name,
        sharing_of(row),
        row.factory_template or "",
        row.external_ca or "",
        tuple(template_names[id_] for id_ in row.operational_template_ids),
        row.auto_registration,
        row.devices,
        row.active,
    )
