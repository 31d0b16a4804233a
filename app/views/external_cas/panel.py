"""What the External CAs page tells of one beside the list."""

from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from app.core.language import _
from app.models.domain.access import Actor
from app.models.domain.external_cas import ExternalCaRow
from app.models.services.workspace.workspace import Workspace
from app.views.external_cas.words import organization_text, verified_badge, verified_text
from app.views.theme.fonts import scaled
from app.views.validity import end_text, nearness
from app.views.widgets.copy_label import CopyLabel
from app.views.widgets.property_list import PropertyList
from app.views.widgets.side_panel import SidePanel
from app.views.widgets.times import time_text, zone_text


@dataclass(frozen=True)
class ExternalCaDetails:
    """An external CA with the names of the device types that use it."""

    row: ExternalCaRow
    device_types: tuple[str, ...]


def read_details(workspace: Workspace, actor: Actor, row: ExternalCaRow) -> ExternalCaDetails:
    """What is to be told; on a worker thread."""
    return ExternalCaDetails(row, workspace.external_cas.device_types(actor, row.id))


def add_details(panel: SidePanel, details: ExternalCaDetails, now: datetime) -> None:
    """Append the sections on verification, owner, certificate and device types."""
    ca = details.row.ca
    panel.add_section(_("Verification"), _verification(details.row))
    panel.add_section(_("Certificate"), _certificate(details.row, now))
    panel.add_section(_("SHA-256 fingerprint"), CopyLabel(_("Fingerprint"), ca.fingerprint))
    panel.add_section(_("Device types"), _device_types(details.device_types))


def _verification(row: ExternalCaRow) -> QWidget:
    ca, shown = row.ca, PropertyList()
    shown.add(_("Status"), badge=verified_badge(ca))
    shown.add(_("Verified"), verified_text(ca))
    if ca.verified_at is not None:
        shown.add(_("On"), time_text(ca.verified_at), tip=zone_text(ca.verified_at))
    shown.add(_("Registered"), time_text(ca.created_at), tip=zone_text(ca.created_at))
    shown.add(_("Tenant"), row.tenant_name)
    shown.add(_("Organization"), organization_text(row))
    return shown


def _certificate(row: ExternalCaRow, now: datetime) -> QWidget:
    shown = PropertyList()
    shown.add(_("Subject"), row.subject)
    shown.add(_("Valid until"), end_text(row.not_after), badge=nearness(row.not_after, now))
    return shown


def _device_types(names: tuple[str, ...]) -> QWidget:
    label = QLabel("\n".join(names) or _("None uses it yet."))
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setProperty("role", "" if names else "dim")
    label.setContentsMargins(scaled(8), 0, 0, 0)
    return label
