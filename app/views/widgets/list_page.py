"""The page of every list: search, chips, a table over the database, details of one row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import Field as DataclassField
from dataclasses import replace
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeySequence, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.core.errors import KnownError, NotFoundError
from app.core.language import _
from app.views.jobs import Jobs, Latest
from app.views.theme.icons import set_icon
from app.views.theme.tokens import Tone
from app.views.widgets.chip_bar import ChipBar
from app.views.widgets.column import Column
from app.views.widgets.confirm import confirm_job
from app.views.widgets.data_table import DataTable
from app.views.widgets.empty_state import EmptyState
from app.views.widgets.page import Page
from app.views.widgets.page_model import PageModel, PageRequest
from app.views.widgets.side_panel import SidePanel
from app.views.widgets.tab_order import put_in_tab_order

_REFRESH_MS = 250  # a burst of events redraws the list four times a second at most


class Identified(Protocol):
    """A row that is told from others by its id."""

    @property
    def id(self) -> int:
        """The number of the row in the database."""


class Searching(Protocol):
    """A frozen dataclass that says which rows are wanted; `sort` is a str or a StrEnum."""

    __dataclass_fields__: ClassVar[dict[str, DataclassField[Any]]]

    @property
    def text(self) -> str:
        """What is searched for."""

    @property
    def sort(self) -> str:
        """The key of the column to sort by."""

    @property
    def descending(self) -> bool:
        """Whether the greatest comes first."""


Row = TypeVar("Row", bound=Identified)
Query = TypeVar("Query", bound=Searching)
T = TypeVar("T")


class ListPage(Page, Generic[Row, Query]):
    """A list within the actor's reach, with the details of the selected row in `panel`.

    `fetch(query, offset, limit)` and `count(query)` run on worker threads; `query` finds
    everything, in the order shown first. The list is read again after an event of one of the
    classes `refresh_on`. A subclass fills the panel in `show_row`, and adds in its constructor
    what a person can do.

    Signals: `chosen(row | None)` when another row is selected, or the one that was is not
    listed any more.
    """

    chosen = Signal(object)

    def __init__(
        self,
        title: str,
        jobs: Jobs,
        *,
        columns: Sequence[Column[Row]],
        query: Query,
        fetch: Callable[[Query, int, int], Sequence[Row]],
        count: Callable[[Query], int],
        panel: SidePanel,
        icon: str,
        none_yet: str,
        no_match: str,
        refresh_on: tuple[type, ...] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(title, parent)
        self.jobs = jobs
        self.query = self._everything = query
        self.panel = panel
        self.row_actions: list[QAction] = []
        self._fetch_rows = fetch
        self._refresh_on = refresh_on
        self._latest = Latest(jobs, self)
        self._details: object = None
        self._dismissed: int | None = None
        self._stale = False
        self._count_chips: Callable[[], Mapping[str, int]] | None = None
        self._refresh = QTimer(self, singleShot=True, interval=_REFRESH_MS)
        self._refresh.timeout.connect(self._refresh_if_seen)
        self.add_search(_("Filter…  Ctrl+F"))
        self.search_changed.connect(lambda text: self.narrow(replace(self.query, text=text)))
        self.model: PageModel[Row, Query] = PageModel(
            columns,
            self._fetch,
            count,
            identity=lambda row: row.id,
            first_filter=query,
            jobs=jobs,
            parent=self,
        )
        self.table: DataTable[Row] = DataTable(self.model, title, self)
        self._empty = EmptyState(icon, none_yet, None)
        self._no_match = EmptyState("search", no_match, None)
        self._lay_out_list()
        self._connect()
        self._sort_at_first()

    def show_row(self, row: Row) -> None:
        """Show what is known of a row in the panel, by way of `show_details`."""
        raise NotImplementedError

    def show_details(self, read: Callable[[], T], show: Callable[[T], None]) -> None:
        """`read` on a worker thread, then `show` in the panel, unless it is shown already.

        Of several calls only the newest counts. What is read must say by `==` whether it
        changed: made anew, the panel would lose the focus and its place.
        """

        def done(details: T) -> None:
            if details == self._details and self.panel.isVisible():
                return
            self._details = details
            focused = self.window().focusWidget()
            lost = focused is not None and self.panel.isAncestorOf(focused)
            show(details)
            self.panel.show()
            if lost:  # what had the focus is gone, and Qt would choose anything
                self.table.setFocus()

        def failed(error: KnownError) -> None:
            if isinstance(error, NotFoundError):
                self.panel.hide()  # deleted meanwhile; the list follows
            else:
                self.banner.show_error(error)

        self._latest.run(read, done, failed)

    def add_chips(
        self,
        name: str,
        choices: Sequence[tuple[str, str]],
        narrowed: Callable[[Query, str], Query],
        count: Callable[[], Mapping[str, int]] | None = None,
    ) -> ChipBar:
        """Put chips beside the search box; `narrowed` gives the query for the key of a chip.

        `count` says on a worker thread how many rows there are for each key.
        """
        chips = ChipBar(name, choices, self)
        chips.chosen.connect(lambda key: self.narrow(narrowed(self.query, key)))
        self.filters.addWidget(chips)
        put_in_tab_order(self.table, list(chips.buttons.values()))
        self.chips = chips
        self._count_chips = count
        self._ask_counts()
        return chips

    def add_new(
        self, text: str, first_text: str, act: Callable[[], None], *, allowed: bool
    ) -> QAction:
        """Add the page's primary action, which makes a row (Ctrl+N); hidden unless `allowed`.

        `first_text` is what it is called while there is none. The context menu has its actions
        in the order in which they were added.
        """
        action = QAction(text, self)
        action.setShortcut(QKeySequence(QKeySequence.StandardKey.New))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        set_icon(action, "plus")
        action.setVisible(allowed)
        action.triggered.connect(lambda _on: act())
        self.set_primary(action)
        first = QAction(first_text, self)
        first.setVisible(allowed)
        first.triggered.connect(action.trigger)
        self._empty.set_action(first)
        self.table.addAction(action)
        return action

    def add_row_action(
        self,
        text: str,
        icon: str,
        act: Callable[[Row], None],
        *,
        when: Callable[[Row], bool] = lambda _row: True,
    ) -> QAction:
        """Add what can be done to the selected row, shown for the rows that `when` allows."""

        def triggered() -> None:
            row = self.table.selected_row()
            if row is not None:
                act(row)

        def follow(row: Row | None) -> None:
            action.setVisible(row is not None and when(row))

        action = QAction(text, self)
        set_icon(action, icon)
        action.triggered.connect(triggered)
        action.setVisible(False)
        self.chosen.connect(follow)
        self.add_row_actions([action])
        return action

    def add_row_actions(self, actions: Sequence[QAction]) -> None:
        """Offer actions, which follow the selected row by themselves, wherever rows have any."""
        self.row_actions += actions
        self.table.addActions(actions)
        self.addActions(actions)

    def on_event(self, event: object) -> None:
        """Take note of what was committed somewhere else.

        The list follows a moment later, or once it is looked at.
        """
        if isinstance(event, self._refresh_on) and not self._refresh.isActive():
            self._refresh.start()

    def refresh(self) -> None:
        """Ask for everything shown again, in place."""
        self.model.refresh()
        self._ask_counts()

    def renew(self) -> None:
        """After something was done here: as `refresh`, and make the details anew."""
        self._details = None
        self.refresh()
        self.read_details_again()  # a row that looks the same may have more to tell

    def read_details_again(self) -> None:
        """Follow what the details of the selected row tell beside the row, if they are shown."""
        row = self.table.selected_row()
        if row is not None and self.panel.isVisible():
            self.show_row(row)

    def tell(self, text: str) -> None:
        """Say what was done, and show what became of it."""
        self.banner.show_message(Tone.GOOD, text)
        self.renew()

    def ask(
        self, title: str, text: str, action_text: str, work: Callable[[], object], success: str
    ) -> None:
        """Ask before `work` that cannot simply be undone; say `success` and show what became."""
        confirm_job(
            self,
            self.jobs,
            title,
            text,
            action_text,
            work=work,
            success=success,
            done=lambda _result: self.renew(),
            destructive=True,
        )

    def narrow(self, query: Query) -> None:
        """List what this query finds, from the top."""
        self.query = query
        self.banner.clear()
        self.model.set_filter(query)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while nobody looked."""
        super().showEvent(event)
        if self._stale:
            self._refresh_if_seen()

    def _refresh_if_seen(self) -> None:
        self._stale = not self.isVisible()
        if not self._stale:
            self.refresh()

    def _fetch(self, request: PageRequest[Query]) -> Sequence[Row]:
        sort = type(request.filter.sort)(request.sort)
        query = replace(request.filter, sort=sort, descending=request.descending)
        return self._fetch_rows(query, request.offset, request.limit)

    def _lay_out_list(self) -> None:
        self._stack = QStackedWidget(self)
        for widget in (self.table, self._empty, self._no_match):
            self._stack.addWidget(widget)
        self.body.addWidget(self._stack, 1)
        self.panel.hide()
        self.set_side(self.panel)

    def _connect(self) -> None:
        self.table.chosen.connect(self.chosen)
        self.chosen.connect(self._show_row)
        self.table.clicked.connect(lambda _index: self._reopen())
        self.table.opened.connect(lambda _row: self._reopen())
        self.model.loaded.connect(self._show_body)
        self.model.loaded.connect(self._miss_row)
        self.model.counted.connect(lambda _count: self._show_body())
        self.model.failed.connect(self.banner.show_error)
        self.panel.closed.connect(self._dismiss)

    def _sort_at_first(self) -> None:
        column = [column.key for column in self.model.columns].index(self.query.sort)
        if (column, self.query.descending) == (0, False):
            self.model.reload()  # as a table is sorted before anybody chooses
        else:
            descending, ascending = Qt.SortOrder.DescendingOrder, Qt.SortOrder.AscendingOrder
            self.table.sortByColumn(column, descending if self.query.descending else ascending)

    def _ask_counts(self) -> None:
        if self._count_chips is not None:
            self.jobs.run(self, self._count_chips, self.chips.set_counts, self.banner.show_error)

    def _show_body(self) -> None:
        if self.model.rowCount():
            self._stack.setCurrentWidget(self.table)
        elif self.query == self._everything:
            self._stack.setCurrentWidget(self._empty)
        else:
            self._stack.setCurrentWidget(self._no_match)

    def _miss_row(self) -> None:
        """A row that was filtered away leaves nothing behind; the table itself says nothing."""
        if self.table.selected_row() is None:
            self.chosen.emit(None)

    def _show_row(self, row: Row | None) -> None:
        if row is None:
            self._latest.cancel()
            self.panel.hide()
        elif row.id != self._dismissed:
            self._dismissed = None
            self.show_row(row)

    def _dismiss(self) -> None:
        """A panel that was closed stays closed until its row is chosen again."""
        row = self.table.selected_row()
        self._dismissed = row.id if row else None
        self.table.setFocus()

    def _reopen(self) -> None:
        if self.panel.isHidden():
            self._dismissed = None
            self._show_row(self.table.selected_row())
