"""The Devices page (DEV-80): search, narrow down, sort, and the details of one device."""

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QLabel, QStackedWidget, QWidget

from app.core.language import _
from app.models.domain.access import Actor, Operation, Reach, reach
from app.models.domain.devices import DeviceMode
from app.models.domain.events import DeviceChanged
from app.models.services.device_list import DeviceQuery, DeviceRow, DeviceSort
from app.models.services.listing import FEW
from app.models.services.workspace import Workspace
from app.views.devices.columns import device_columns
from app.views.devices.details import DeviceDetails, read_details
from app.views.devices.device_actions import DeviceActions
from app.views.devices.panel import DevicePanel
from app.views.devices.words import mode_text
from app.views.jobs import Jobs, Latest
from app.views.saving import AskPath, Saver, ask_path
from app.views.theme.icons import set_icon
from app.views.validity import NEAR_DAYS
from app.views.widgets.chip_bar import ChipBar
from app.views.widgets.data_table import DataTable
from app.views.widgets.empty_state import EmptyState
from app.views.widgets.page import Page
from app.views.widgets.page_model import PageModel, PageRequest

_ALL, _EXPIRING = "all", "expiring"
_REFRESH_MS = 250  # a burst of enrolments redraws the list four times a second at most


class DevicesPage(Page):
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
        super().__init__(_("Devices"), parent)
        self._workspace = workspace
        self._actor = actor
        self._jobs = jobs
        self._details = Latest(jobs, self)
        self._query = DeviceQuery()
        self._shown: DeviceDetails | None = None
        self._dismissed: int | None = None
        self._refresh = QTimer(self, singleShot=True, interval=_REFRESH_MS)
        self._refresh.timeout.connect(self.refresh)
        self.device_actions = DeviceActions(workspace, actor, self, jobs, Saver(jobs, ask))
        self._make_new_action()
        self._make_filters()
        self._make_table()
        self._make_panel()
        self._ask_counts()

    def on_event(self, event: object) -> None:
        """Take note of what was committed somewhere else; the list follows a moment later."""
        if isinstance(event, DeviceChanged) and not self._refresh.isActive():
            self._refresh.start()

    def refresh(self) -> None:
        """Ask for everything shown again, in place."""
        self.model.refresh()
        self._ask_counts()

    def _make_new_action(self) -> None:
        self.new_action = QAction(_("New device"), self)
        self.new_action.setShortcut(QKeySequence(QKeySequence.StandardKey.New))
        self.new_action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        set_icon(self.new_action, "plus")
        may = reach(self._actor, Operation.DEVICE_MANAGE) is not Reach.NONE
        self.new_action.setVisible(may)
        self.new_action.triggered.connect(lambda _on: self.new_device_requested.emit())
        self.set_primary(self.new_action)

    def _make_filters(self) -> None:
        self.add_search(_("Filter…  Ctrl+F"))
        self.search_changed.connect(lambda text: self._narrow(replace(self._query, text=text)))
        modes = [(mode.value, mode_text(mode)) for mode in DeviceMode]
        choices = [(_ALL, _("All")), *modes, (_EXPIRING, _("Expiring"))]
        self.chips = ChipBar(_("Mode"), choices, self)
        self.chips.chosen.connect(self._choose_chip)
        self.filters.addWidget(self.chips, 1)

    def _make_table(self) -> None:
        clock = self._workspace.store.clock
        columns = device_columns(clock)
        self.model: PageModel[DeviceRow, DeviceQuery] = PageModel(
            columns,
            self._fetch,
            lambda query: self._workspace.device_list.count(self._actor, query),
            identity=lambda row: row.id,
            first_filter=self._query,
            jobs=self._jobs,
            parent=self,
        )
        self.table: DataTable[DeviceRow] = DataTable(self.model, _("Devices"), self)
        self.table.addActions([self.new_action, *self.device_actions.all])
        self.table.chosen.connect(self._show_row)
        self.table.clicked.connect(lambda _index: self._reopen())
        self.table.opened.connect(lambda _row: self._reopen())
        self.model.loaded.connect(self._show_body)
        self.model.counted.connect(self._tell_count)
        self.model.failed.connect(self.banner.show_error)
        self._note = QLabel(_("More than 10 000 devices match. Refine the filter."), self)
        self._note.hide()
        self._note.setProperty("role", "label")
        none_yet = _(
            "No devices yet. A device gets its identity here: a name, a factory"
            " certificate and, if you like, its first operational certificate."
        )
        first = QAction(_("Create the first device"), self)
        first.setVisible(self.new_action.isVisible())
        first.triggered.connect(self.new_action.trigger)
        self._stack = QStackedWidget(self)
        self._empty = EmptyState("cpu", none_yet, first)
        self._no_match = EmptyState("search", _("No device matches. Change the filter."), None)
        for widget in (self.table, self._empty, self._no_match):
            self._stack.addWidget(widget)
        self.body.addWidget(self._stack, 1)
        self.body.addWidget(self._note)
        newest_first = [column.key for column in columns].index("changed_at")
        self.table.sortByColumn(newest_first, Qt.SortOrder.DescendingOrder)

    def _make_panel(self) -> None:
        self.panel = DevicePanel(self.device_actions.all, self)
        self.panel.pem_wanted.connect(self.device_actions.save_pem)
        self.panel.pfx_wanted.connect(self.device_actions.save_pfx)
        self.panel.closed.connect(self._dismiss)
        self.set_side(self.panel)

    def _fetch(self, request: PageRequest[DeviceQuery]) -> tuple[DeviceRow, ...]:
        sort = DeviceSort(request.sort)
        query = replace(request.filter, sort=sort, descending=request.descending)
        return self._workspace.device_list.page(self._actor, query, request.offset, request.limit)

    def _choose_chip(self, key: str) -> None:
        mode = None if key in (_ALL, _EXPIRING) else DeviceMode(key)
        days = NEAR_DAYS if key == _EXPIRING else None
        self._narrow(replace(self._query, mode=mode, expiring_days=days))

    def _narrow(self, query: DeviceQuery) -> None:
        self._query = query
        self.banner.clear()
        self.model.set_filter(self._query)

    def _ask_counts(self) -> None:
        self._jobs.run(self, self._count, self.chips.set_counts, self.banner.show_error)

    def _count(self) -> Mapping[str, int]:
        devices = self._workspace.device_list
        modes = devices.mode_counts(self._actor)
        expiring = devices.count(self._actor, DeviceQuery(expiring_days=NEAR_DAYS))
        return {
            _ALL: sum(modes.values()),
            _EXPIRING: expiring,
            **{mode.value: count for mode, count in modes.items()},
        }

    def _show_body(self) -> None:
        if self.model.rowCount():
            self._stack.setCurrentWidget(self.table)
        elif self._query == DeviceQuery():
            self._stack.setCurrentWidget(self._empty)
        else:
            self._stack.setCurrentWidget(self._no_match)

    def _tell_count(self, count: int) -> None:
        self._show_body()
        self._note.setVisible(bool(self._query.text) and count > FEW)

    def _show_row(self, row: DeviceRow | None) -> None:
        if row is None:
            self._details.cancel()
            self.device_actions.set_details(None)
            self.panel.hide()
            return
        if row.id == self._dismissed:
            return
        self._dismissed = None
        self._details.run(
            lambda: read_details(self._workspace, self._actor, row.id),
            self._show_details,
            self.banner.show_error,
        )

    def _dismiss(self) -> None:
        """A panel that was closed stays closed until its row is chosen again."""
        row = self.table.selected_row()
        self._dismissed = row.id if row else None
        self.table.setFocus()

    def _reopen(self) -> None:
        if self.panel.isHidden():
            self._dismissed = None
            self._show_row(self.table.selected_row())

    def _show_details(self, details: DeviceDetails) -> None:
        if details == self._shown and self.panel.isVisible():
            return  # made anew, the panel would lose the focus and its place
        self._shown = details
        self.device_actions.set_details(details)
        self.panel.show_details(details, self._workspace.store.clock.now())
