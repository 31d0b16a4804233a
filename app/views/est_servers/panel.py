"""What the EST servers page tells of one beside the list."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from app.core.language import _
from app.models.domain.access import Actor, Operation, Reach, reach
from app.models.domain.applications import ApiApplication
from app.models.domain.est_servers import EstLabel, EstLabelRow, EstServer, EstServerRow
from app.models.services.listing import ListQuery
from app.models.services.workspace.workspace import Workspace
from app.views.application_links import LinkList, fits
from app.views.est_servers.words import (
    addresses_text,
    authentication_text,
    base64_text,
    enrol_command,
    est_url,
    security_text,
)
from app.views.theme.fonts import scaled
from app.views.widgets.copy_label import CopyLabel
from app.views.widgets.plain_label import plain_label
from app.views.widgets.property_list import PropertyList
from app.views.widgets.side_panel import SidePanel, section_column

_MOST = 1000


@dataclass(frozen=True)
class EstServerDetails:
    """An EST server, its labels and applications; devices come to `port`, 0 when unknown.

    It lets in the applications `linked`, and could let in `others`.
    """

    row: EstServerRow
    port: int
    labels: tuple[EstLabelRow, ...]
    linked: tuple[ApiApplication, ...]
    others: tuple[ApiApplication, ...]


@dataclass(frozen=True)
class Acts:
    """What the buttons in the details do."""

    add_label: Callable[[EstServer], None]
    remove_label: Callable[[EstServer, EstLabel], None]
    link: Callable[[EstServer, Sequence[ApiApplication]], None]
    unlink: Callable[[EstServer, ApiApplication], None]


def read_details(
    workspace: Workspace, actor: Actor, row: EstServerRow, port: int
) -> EstServerDetails:
    """What is to be told; on a worker thread."""
    linked = workspace.applications.linked(actor, row.id)
    active = workspace.applications.page(actor, ListQuery(active=True), 0, _MOST)
    others = tuple(
        one.application
        for one in active
        if fits(row.server, one.application) and one.application not in linked
    )
    labels = workspace.est_servers.labels(actor, row.id)
    return EstServerDetails(row, port, labels, linked, others)


class DetailsWriter:
    """Writes into a panel what is known of EST servers, with what `actor` may do about it."""

    def __init__(self, panel: SidePanel, actor: Actor, acts: Acts) -> None:
        self._panel = panel
        self._acts = acts
        self._may = reach(actor, Operation.EST_SERVER_MANAGE) is not Reach.NONE

    def add(self, details: EstServerDetails) -> None:
        """Append the sections of one EST server."""
        server, add = details.row.server, self._panel.add_section
        url = est_url(server.domain, details.port)
        add(_("Address"), CopyLabel(_("Address"), url))
        add("", _properties(details.row))
        add(_("Labels"), self._labels(details))
        add(_("API applications that may enrol"), self._applications(details))
        add(_("How a device enrols"), _enrolment(server, url))

    def _labels(self, details: EstServerDetails) -> QWidget:
        shown, column = section_column(scaled(10))
        server = details.row.server
        for row in details.labels:
            column.addWidget(self._label(details, row))
        if not details.labels:
            column.addWidget(plain_label(_("None."), "dim"))
        if self._may:
            add = QPushButton(_("Add label…"))
            add.clicked.connect(lambda: self._acts.add_label(server))
            column.addWidget(add, 0, Qt.AlignmentFlag.AlignLeft)
        return shown

    def _label(self, details: EstServerDetails, row: EstLabelRow) -> QWidget:
        shown, column = section_column(scaled(2))
        column.setContentsMargins(0, 0, 0, 0)
        server, name = details.row.server, row.label.name
        column.addWidget(plain_label(name, "mono", wrap=False))
        line = QHBoxLayout()
        line.setSpacing(scaled(8))
        line.addWidget(plain_label(row.device_type_name, "dim"), 1)
        if self._may:
            remove = QPushButton(_("Remove…"))
            remove.setAccessibleName(_("Remove label {name}").format(name=name))
            remove.clicked.connect(lambda: self._acts.remove_label(server, row.label))
            line.addWidget(remove)
        column.addLayout(line)
        url = est_url(server.domain, details.port, name)
        column.addWidget(CopyLabel(_("Address of {name}").format(name=name), url))
        return shown

    def _applications(self, details: EstServerDetails) -> QWidget:
        server, acts = details.row.server, self._acts
        shown = LinkList(details.linked, may_change=self._may, more=bool(details.others))
        shown.link_requested.connect(lambda: acts.link(server, details.others))
        shown.unlink_requested.connect(lambda application: acts.unlink(server, application))
        return shown


def _properties(row: EstServerRow) -> PropertyList:
    server, known = row.server, PropertyList()
    known.add(_("Device type"), row.device_type_name)
    known.add(_("Tenant"), row.tenant_name)
    known.add(_("Organization"), row.organization_name)
    known.add(_("Authentication"), authentication_text(server))
    known.add(_("Allowed from"), addresses_text(server))
    known.add(_("Security"), security_text(server))
    known.add(_("Base64"), base64_text(server.base64_form))
    return known


def _enrolment(server: EstServer, url: str) -> QWidget:
    shown, column = section_column(scaled(6))
    about = _(
        "{domain} has to lead to this computer, by DNS or a hosts file. ca.pem holds the root"
        " certificates; NAME is the name of the device."
    ).format(domain=server.domain)
    if not server.password_authentication:
        about += " " + _("idevid.pem is its factory certificate, idevid.key the key of that.")
    column.addWidget(plain_label(about, "dim"))
    column.addWidget(CopyLabel(_("Commands"), enrol_command(server, url)))
    if server.active:
        about = _("“Client files…” has more for curl, Azure IoT, strongSwan and libest.")
        column.addWidget(plain_label(about, "dim"))
    return shown
