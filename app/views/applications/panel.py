"""What the API applications page tells of one application beside the list."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from app.core.clock import Clock
from app.core.language import _
from app.models.domain.access import Actor, Operation, Reach, reach
from app.models.domain.applications import ApiApplication, ApplicationRow
from app.models.domain.certificates import Certificate
from app.models.domain.est_servers import EstServer
from app.views.application_links import LinkList
from app.views.applications.columns import last_used_text, organization_text
from app.views.applications.details import ApplicationDetails
from app.views.applications.rest_section import rest_section
from app.views.certificate_words import worth_badge
from app.views.theme.fonts import scaled
from app.views.widgets.badge import Badge
from app.views.widgets.copy_label import CopyLabel
from app.views.widgets.flow_layout import FlowLayout
from app.views.widgets.plain_label import plain_label
from app.views.widgets.property_list import PropertyList
from app.views.widgets.side_panel import SidePanel, section_column
from app.views.widgets.times import time_text, zone_text


@dataclass(frozen=True)
class Acts:
    """What the buttons in the details do."""

    save_pfx: Callable[[Certificate], None]
    save_pem: Callable[[Certificate], None]
    link: Callable[[ApiApplication, Sequence[EstServer]], None]
    unlink: Callable[[EstServer, ApiApplication], None]


class DetailsWriter:
    """Writes into a panel what is known of applications, with what `actor` may do about it."""

    def __init__(self, panel: SidePanel, actor: Actor, clock: Clock, acts: Acts) -> None:
        self._panel = panel
        self._clock = clock
        self._acts = acts
        self._may_download = reach(actor, Operation.SECRET_DOWNLOAD) is not Reach.NONE
        self._may_link = reach(actor, Operation.EST_SERVER_MANAGE) is not Reach.NONE

    def add(self, details: ApplicationDetails) -> None:
        """Append the sections of one application."""
        application, add = details.row.application, self._panel.add_section
        add(_("AppID"), CopyLabel(_("AppID"), application.app_id))
        if application.description:
            add(_("Description"), plain_label(application.description))
        add("", _properties(details.row, self._clock))
        add(_("REST API"), rest_section(details.row, details.rest_api))
        add(_("Certificates"), self._certificates(details))
        add(_("EST servers that let it in"), self._servers(details))

    def _certificates(self, details: ApplicationDetails) -> QWidget:
        shown, column = section_column(scaled(12))
        for certificate in details.certificates:
            column.addWidget(self._certificate(certificate))
        if not details.certificates:
            column.addWidget(plain_label(_("None yet."), "dim"))
        return shown

    def _certificate(self, certificate: Certificate) -> QWidget:
        shown, column = section_column(scaled(4))
        column.setContentsMargins(0, 0, 0, 0)
        line = QHBoxLayout()
        line.addWidget(CopyLabel(_("serial number"), certificate.serial), 1)
        line.addWidget(
            Badge(worth_badge(certificate, self._clock.now())), 0, Qt.AlignmentFlag.AlignTop
        )
        column.addLayout(line)
        buttons = QWidget()
        row = FlowLayout(buttons)
        if self._may_download and certificate.key_until is not None:
            pfx = QPushButton(_("Save PFX…"))
            until = time_text(certificate.key_until)
            pfx.setToolTip(_("With the private key, until {time}").format(time=until))
            pfx.clicked.connect(lambda: self._acts.save_pfx(certificate))
            row.addWidget(pfx)
        pem = QPushButton(_("Save PEM…"))
        pem.clicked.connect(lambda: self._acts.save_pem(certificate))
        row.addWidget(pem)
        column.addWidget(buttons)
        return shown

    def _servers(self, details: ApplicationDetails) -> QWidget:
        application, acts = details.row.application, self._acts
        shown = LinkList(details.linked, may_change=self._may_link, more=bool(details.others))
        shown.link_requested.connect(lambda: acts.link(application, details.others))
        shown.unlink_requested.connect(lambda server: acts.unlink(server, application))
        return shown


def _properties(row: ApplicationRow, clock: Clock) -> PropertyList:
    application, known = row.application, PropertyList()
    known.add(_("Tenant"), row.tenant_name)
    known.add(_("Organization"), organization_text(row))
    tip = zone_text(application.last_used_at)
    known.add(_("Last used"), last_used_text(application, clock), tip=tip)
    until = application.previous_key_until
    if until is not None and until > clock.now():
        known.add(_("Old AppKey until"), time_text(until), tip=zone_text(until))
    created = application.created_at
    known.add(_("Created"), time_text(created), tip=zone_text(created))
    return known
