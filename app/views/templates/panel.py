"""What a template allows, and who uses it, in words."""

from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from app.core.language import _
from app.models.domain.access import Actor
from app.models.domain.subjects import NamePart
from app.models.domain.templates import Template
from app.models.services.templates.templates import TemplateRow
from app.models.services.workspace.workspace import Workspace
from app.views.certificate_words import kind_text
from app.views.templates.words import (
    NOTHING,
    field_text,
    keys_text,
    purposes_text,
    retention_text,
    usages_text,
    validity_text,
)
from app.views.widgets.property_list import PropertyList
from app.views.widgets.sharing_fields import Owners, read_owners


@dataclass(frozen=True)
class TemplateDetails:
    """A row of the list with all that is known of its template."""

    row: TemplateRow
    template: Template
    device_types: tuple[str, ...]
    owners: Owners


def read_details(workspace: Workspace, actor: Actor, row: TemplateRow) -> TemplateDetails:
    """The details of a row; for a worker thread."""
    users = [
        one.name
        for one in workspace.device_types.all(actor)
        if row.id in (one.factory_template_id, *one.operational_template_ids)
    ]
    return TemplateDetails(
        row,
        workspace.templates.read(actor, row.id),
        tuple(users),
        read_owners(workspace.tenants, actor),
    )


def keys_section(template: Template) -> QWidget:
    """The keys a request may bring, and the one made here (FAC-07)."""
    shown = PropertyList()
    shown.add(_("Allowed"), keys_text(sorted(template.key_algorithms, key=lambda one: one.label)))
    made = f"{template.key_algorithms[0].label}, {retention_text(template.key_retention_days)}"
    shown.add(_("Made here"), made)
    return shown


def names_section(template: Template) -> QWidget:
    """Each field of subject and alternative names with its rule."""
    shown = PropertyList()
    for field in template.fields:
        subject = field.part is NamePart.SUBJECT
        shown.add(field.kind if subject else field.title, field_text(field), tip=field.title)
    return shown


def certificate_section(details: TemplateDetails) -> QWidget:
    """Everything else that stands in the certificate, and whom the template is for."""
    template, shown = details.template, PropertyList()
    shown.add(_("Kind"), kind_text(template.kind))
    shown.add(_("Authority"), details.row.authority_name)
    shown.add(_("Validity"), validity_text(template.validity_days))
    shown.add(_("Key usage"), usages_text(template.key_usage))
    shown.add(_("Extended"), purposes_text(template.extended_key_usage))
    shown.add(_("Hash"), (template.hash or "").upper() or _("suits the authority's key"))
    told = _("told in the certificate") if template.revocation_urls else _("not told")
    shown.add(_("Revocation"), told)
    for extension in template.attached:
        critical = _("critical") if extension.critical else _("not critical")
        shown.add(_("Extension"), f"{extension.oid}, {critical}")
    shown.add(_("Access"), details.owners.text(template.sharing))
    return shown


def users_section(details: TemplateDetails) -> QWidget:
    """The device types that issue from the template."""
    shown = PropertyList()
    for name in details.device_types or (NOTHING,):
        shown.add(_("Device type"), name)
    return shown
