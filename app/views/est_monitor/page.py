"""The EST monitor: a live table of what devices ask, and why they were refused."""

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.core.language import _
from app.models.services.est.monitor import EstExchange, EstMonitor
from app.views.est_monitor.exchange_panel import ExchangePanel
from app.views.est_monitor.model import columns
from app.views.event_bridge import EventBridge
from app.views.jobs import Jobs
from app.views.shell.listener_control import ListenerSwitch
from app.views.theme.fonts import scaled
from app.views.theme.icons import set_icon
from app.views.widgets.data_table import DataTable
from app.views.widgets.empty_state import EmptyState
from app.views.widgets.page import Page
from app.views.widgets.page_model import PageModel

_REDRAW_MS = 250


class EstMonitorPage(Page):
    """Newest first, redrawn at most four times a second; Pause keeps what is shown.

    `listener` is given for those who may start it.
    """

    def __init__(
        self,
        monitor: EstMonitor,
        events: EventBridge,
        jobs: Jobs,
        listener: ListenerSwitch | None,
    ) -> None:
        super().__init__(_("EST monitor"))
        self._monitor = monitor
        self._shown: tuple[EstExchange, ...] = ()
        self._paused = False
        self.pause = QAction(_("Pause"), self)
        self.pause.setShortcut("Ctrl+Space")
        set_icon(self.pause, "pause")
        self.pause.triggered.connect(self._toggle)
        self.add_action(self.pause)
        self.model: PageModel[EstExchange, None] = PageModel(
            columns(),
            lambda wanted: self._shown[wanted.offset : wanted.offset + wanted.limit],
            lambda _filter: len(self._shown),
            identity=lambda exchange: exchange.number,
            first_filter=None,
            jobs=jobs,
            parent=self,
        )
        self.table: DataTable[EstExchange] = DataTable(self.model, _("Exchanges with devices"))
        self.panel = ExchangePanel()
        self.table.horizontalHeader().setSortIndicatorShown(False)
        self.table.chosen.connect(self.panel.show_exchange)
        self._stack = QStackedWidget(self)
        self._fill(listener)
        self.model.counted.connect(lambda count: self._stack.setCurrentIndex(min(count, 1)))
        self._later = QTimer(self, singleShot=True, interval=_REDRAW_MS)
        self._later.timeout.connect(self._look)
        events.happened.connect(self._note)

    def showEvent(self, event: QShowEvent) -> None:
        """What came while nobody looked is there as soon as somebody does."""
        super().showEvent(event)
        self._look()

    def _note(self, event: object) -> None:
        if isinstance(event, EstExchange) and self.isVisible() and not self._later.isActive():
            self._later.start()

    def _look(self) -> None:
        entries = self._monitor.entries()
        if self._paused:
            shown = self._shown[0].number if self._shown else 0
            newer = sum(entry.number > shown for entry in entries)
            self.pause.setText(
                _("Continue ({count} newer)").format(count=newer) if newer else _("Continue")
            )
            return
        self._shown = entries[::-1]
        self.model.refresh()

    def _toggle(self) -> None:
        self._paused = not self._paused
        self.pause.setText(_("Continue") if self._paused else _("Pause"))
        set_icon(self.pause, "play" if self._paused else "pause")
        self._look()

    def _fill(self, listener: ListenerSwitch | None) -> None:
        start = self._start_action(listener) if listener else None
        sentence = _("No device has asked for anything since the program started.")
        self._stack.addWidget(EmptyState("activity", sentence, start))
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(scaled(16))
        layout.addWidget(self.table, 1)
        layout.addWidget(self.panel)
        self._stack.addWidget(content)
        self.body.addWidget(self._stack, 1)

    def _start_action(self, listener: ListenerSwitch) -> QAction:
        self._listener = listener
        self._start = QAction(_("Start EST listener"), self)
        self._start.triggered.connect(lambda _on: listener.start())
        listener.changed.connect(self._follow_listener)
        self._follow_listener()
        return self._start

    def _follow_listener(self) -> None:
        self._start.setVisible(not self._listener.address)
        self._start.setEnabled(not self._listener.busy)
