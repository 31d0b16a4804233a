"""What the Users page tells of one person beside the list."""

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from app.core.clock import Clock
from app.core.language import _
from app.models.domain.access import Actor
from app.models.domain.users import Session, UserRow
from app.models.services.workspace.workspace import Workspace
from app.views.channel_words import channel_text
from app.views.role_words import role_explained, role_text
from app.views.theme.fonts import scaled
from app.views.users.columns import last_sign_in_text, second_factor_badge
from app.views.widgets.property_list import PropertyList
from app.views.widgets.side_panel import SidePanel
from app.views.widgets.times import time_text, zone_text


@dataclass(frozen=True)
class UserDetails:
    """A person, and the times they are signed in."""

    row: UserRow
    must_change_password: bool
    sessions: tuple[Session, ...]


def read_details(workspace: Workspace, actor: Actor, row: UserRow) -> UserDetails:
    """What is to be told; on a worker thread."""
    person = workspace.users.get(actor, row.id)
    sessions = workspace.sessions.of_user(actor, row.id)
    return UserDetails(row, person.must_change_password, sessions)


def add_details(panel: SidePanel, details: UserDetails, clock: Clock, *, with_tenant: bool) -> None:
    """Append what is known of a person: role, part of the workspace, sign-in, sessions."""
    row = details.row
    known = PropertyList()
    known.add(_("Role"), role_text(row.role))
    if with_tenant and row.tenant_name:
        known.add(_("Tenant"), row.tenant_name)
    if row.organization_name:
        known.add(_("Organization"), row.organization_name)
    if row.second_factor:
        known.add(_("Second factor"), badge=second_factor_badge())
    else:
        known.add(_("Second factor"), _("none"))
    if details.must_change_password:
        known.add(_("Password"), _("to be changed at the next sign-in"))
    tip = zone_text(row.last_sign_in_at)
    known.add(_("Last sign-in"), last_sign_in_text(row, clock), tip=tip)
    panel.add_section("", _explanation(row))
    panel.add_section("", known)
    panel.add_section(_("Signed in now"), _sessions(details.sessions))


def _explanation(row: UserRow) -> QLabel:
    label = QLabel(role_explained(row.role))
    label.setWordWrap(True)
    label.setContentsMargins(scaled(8), 0, 0, 0)
    return label


def _sessions(sessions: tuple[Session, ...]) -> PropertyList | QLabel:
    if not sessions:
        label = QLabel(_("Nowhere."))
        label.setProperty("role", "dim")
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setContentsMargins(scaled(8), 0, 0, 0)
        return label
    places = PropertyList()
    for session in sessions:
        since = _("since {time}").format(time=time_text(session.started_at))
        # Only the network has addresses.
        place = session.address or channel_text(session.channel)
        places.add(place, since, tip=zone_text(session.started_at))
    return places
