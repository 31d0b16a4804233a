"""The Devices page (DEV-80): search, narrow down, sort, and the details of one device."""

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QWidget

from app.core.language import _
from app.models.domain.access import Actor, Operation, Reach, reach
from app.models.domain.devices import DeviceMode
from app.models.domain.events import DeviceChanged
from app.models.services.devices.listed import DeviceQuery, DeviceRow, DeviceSort
from app.models.services.listing import FEW
from app.models.services.workspace.workspace import Workspace
from app.views.devices.columns import device_columns
from app.views.devices.details import DeviceDetails, read_details
from app.views.devices.device_actions import DeviceActions
from app.views.devices.panel import DevicePanel
from app.views.jobs import Jobs
from app.views.saving import AskPath, Saver, ask_path
from app.views.validity import NEAR_DAYS
from app.views.widgets.history_view import add_object_history
from app.views.widgets.list_page import ListPage

_ALL, _EXPIRING = "all", "expiring"


class DevicesPage(ListPage[DeviceRow, DeviceQuery]):
    """All devices within the actor's reach.

    Signals: `new_device_requested()` when the person wants to create a device.
    """

    new_device_requested = Signal()

    def __init__(
        self,
        workspace: Workspace,
        actor: Actor,
        jobs: Jobs,
        *,
        ask: AskPath = ask_path,
        parent: QWidget | None = None,
    ) -> None:
        devices = workspace.device_list
        panel = DevicePanel()
        super().__init__(
            _("Devices"),
            jobs,
            columns=device_columns(workspace.store.clock),
            query=DeviceQuery(sort=DeviceSort.CHANGED_AT, descending=True),
            fetch=lambda query, offset, limit: devices.page(actor, query, offset, limit),
            count=lambda query: devices.count(actor, query),
            panel=panel,
            icon="cpu",
            none_yet=_(
                "No devices yet. A device gets its identity here: a name, a factory"
                " certificate and, if you like, its first operational certificate."
            ),
            no_match=_("No device matches. Change the filter."),
            refresh_on=(DeviceChanged,),
            parent=parent,
        )
        self._workspace = workspace
        self._actor = actor
        self._panel = panel
        self.new_action = self.add_new(
            _("New device"),
            _("Create the first device"),
            self.new_device_requested.emit,
            allowed=reach(actor, Operation.DEVICE_MANAGE) is not Reach.NONE,
        )
        self.device_actions = DeviceActions(workspace, actor, self, jobs, Saver(jobs, ask))
        self.add_row_actions(self.device_actions.all)
        modes = [(mode.value, mode.label) for mode in DeviceMode]
        choices = [(_ALL, _("All")), *modes, (_EXPIRING, _("Expiring"))]
        self.add_chips(_("Mode"), choices, _narrowed, self._count)
        self._note = QLabel(_("More than 10 000 devices match. Refine the filter."), self)
        self._note.setProperty("role", "label")
        self._note.hide()
        self.body.addWidget(self._note)
        self.model.counted.connect(self._tell_count)
        self.chosen.connect(self._forget)
        panel.pem_wanted.connect(self.device_actions.save_pem)
        panel.pfx_wanted.connect(self.device_actions.save_pfx)

    def show_row(self, row: DeviceRow) -> None:
        """Show all that is known of a device, and what can be done to it."""
        workspace, actor = self._workspace, self._actor
        self.show_details(lambda: read_details(workspace, actor, row.id), self._fill)

    def _fill(self, details: DeviceDetails) -> None:
        self.device_actions.set_details(details)
        self._panel.show_device(details, self._workspace.store.clock.now(), self.row_actions)
        add_object_history(
            self._panel,
            self.jobs,
            self._workspace.audit,
            self._actor,
            ("device", details.device.id),
        )

    def _forget(self, row: DeviceRow | None) -> None:
        if row is None:
            self.device_actions.set_details(None)

    def _tell_count(self, count: int) -> None:
        self._note.setVisible(bool(self.query.text) and count > FEW)

    def _count(self) -> Mapping[str, int]:
        devices = self._workspace.device_list
        modes = devices.mode_counts(self._actor)
        expiring = devices.count(self._actor, DeviceQuery(expiring_days=NEAR_DAYS))
        return {
            _ALL: sum(modes.values()),
            _EXPIRING: expiring,
            **{mode.value: count for mode, count in modes.items()},
        }


def _narrowed(query: DeviceQuery, key: str) -> DeviceQuery:
    mode = None if key in (_ALL, _EXPIRING) else DeviceMode(key)
    return replace(query, mode=mode, expiring_days=NEAR_DAYS if key == _EXPIRING else None)
