"""What a device type says, section by section, and how many devices go by which version."""

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from app.core.language import _
from app.models.domain.access import Actor
from app.models.domain.device_types import DEVICE_NAME, DeviceField, DeviceType
from app.models.domain.templates import Template
from app.models.services.device_types.rows import DeviceTypeRow
from app.models.services.workspace.workspace import Workspace
from app.views.device_types.words import (
    NOTHING,
    field_text,
    password_text,
    renewal_text,
    switches_text,
)
from app.views.widgets.property_list import PropertyList
from app.views.widgets.sharing_fields import Owners, read_owners


@dataclass(frozen=True)
class DeviceTypeDetails:
    """A row of the list with all that is known of its type."""

    row: DeviceTypeRow
    device_type: DeviceType
    factory: Template | None
    operational: tuple[Template, ...]
    followers: Mapping[int, int]
    owners: Owners


def read_details(workspace: Workspace, actor: Actor, row: DeviceTypeRow) -> DeviceTypeDetails:
    """The details of a row; for a worker thread."""
    device_type = workspace.device_types.read(actor, row.id)
    factory_id = device_type.factory_template_id
    return DeviceTypeDetails(
        row,
        device_type,
        None if factory_id is None else workspace.templates.read(actor, factory_id),
        tuple(workspace.templates.read(actor, id_) for id_ in device_type.operational_template_ids),
        workspace.device_types.followers(actor, row.id),
        read_owners(workspace.tenants, actor),
    )


def general_section(details: DeviceTypeDetails) -> QWidget:
    """Whom the type is for, what is on, and how devices sign in."""
    one, shown = details.device_type, PropertyList()
    shown.add(_("Access"), details.owners.text(one.sharing))
    shown.add(
        _("Modes"),
        switches_text(
            enforced=one.enforce_factory_mode,
            registered=one.auto_registration,
            mapped=one.use_mapping,
        ),
    )
    credentials = _("no password")
    if one.password_enabled:
        credentials = password_text(one.password_retention_hours)
    shown.add(_("Credentials"), credentials)
    return shown


def factory_section(details: DeviceTypeDetails) -> QWidget:
    """Where factory certificates come from, and what fills their fields (DTC-11)."""
    one, shown = details.device_type, PropertyList()
    if details.row.external_ca:
        shown.add(_("External CA"), details.row.external_ca)
    elif details.factory is not None:
        shown.add(_("Template"), details.factory.name)
        _add_mapping(shown, one, (details.factory,), one.factory_mapping)
    else:
        shown.add(_("Source"), _("none"))
        return shown
    shown.add(_("Renewal"), renewal_text(one.factory_renewal_hours))
    return shown


def operational_section(details: DeviceTypeDetails) -> QWidget:
    """The operational templates, the default first, and what fills their fields."""
    one, shown = details.device_type, PropertyList()
    for number, template in enumerate(details.operational):
        shown.add(_("Default") if number == 0 else _("Template"), template.name)
    if not details.operational:
        shown.add(_("Template"), NOTHING)
        return shown
    _add_mapping(shown, one, details.operational, one.operational_mapping)
    shown.add(_("Renewal"), renewal_text(one.operational_renewal_hours))
    return shown


def fields_section(fields: tuple[DeviceField, ...]) -> QWidget:
    """Properties or attributes with their rules."""
    shown = PropertyList()
    for field in fields:
        shown.add(field.label, field_text(field))
    return shown


def versions_section(details: DeviceTypeDetails) -> QWidget:
    """How many devices go by each version of the type."""
    shown = PropertyList()
    current = details.device_type.version
    for version in sorted({current, *details.followers}, reverse=True):
        name = _("Version {number}").format(number=version)
        if version == current:
            name = _("Version {number} (now)").format(number=version)
        shown.add(name, str(details.followers.get(version, 0)))
    return shown


def _add_mapping(
    shown: PropertyList,
    device_type: DeviceType,
    templates: tuple[Template, ...],
    mapping: Mapping[str, str],
) -> None:
    labels = {one.key: one.label for one in device_type.fields}
    labels[DEVICE_NAME] = _("Device name")
    fields = {field.key: field for template in templates for field in template.fields}
    for key, field in fields.items():
        if key in mapping:
            shown.add(field.title, _("from {field}").format(field=labels[mapping[key]]))
