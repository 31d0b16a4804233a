"""The table of every list page: choosable columns, one selected row, a keyboard for all of it."""

from collections.abc import Hashable
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QByteArray, QPoint, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QGuiApplication,
    QHideEvent,
    QKeyEvent,
    QKeySequence,
    QPaintEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from app.core.language import _
from app.views.theme.fonts import scaled
from app.views.widgets.badge_delegate import BadgeDelegate
from app.views.widgets.page_model import PageModel

Row = TypeVar("Row")

_Ascending = Qt.SortOrder.AscendingOrder


class DataTable(QTableView, Generic[Row]):
    """Shows a `PageModel`; `name` says to a screen reader what the rows are.

    Keys: arrows and Page keys move, Enter opens, Ctrl+C copies the current cell, Alt+Down
    sorts by and chooses columns. Actions added by `addActions` make the context menu.

    Signals: `chosen(row | None)` when another row is selected, `opened(row)` on Enter or a
    double click, `left()` when the table is seen no more.
    """

    chosen = Signal(object)
    opened = Signal(object)
    left = Signal()

    def __init__(
        self, model: PageModel[Row, Any], name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._rows = model
        self._chosen: Hashable | None = None
        self._sorted_by = (0, _Ascending)
        self.setModel(model)
        self.setAccessibleName(name)
        self.setItemDelegate(BadgeDelegate(model, self))
        self._set_behaviour()
        self._set_header()
        self.selectionModel().currentRowChanged.connect(self._tell_chosen)
        self.doubleClicked.connect(self._open)
        model.loaded.connect(self._find_chosen)

    def selected_row(self) -> Row | None:
        """The selected row, or None."""
        index = self.currentIndex()
        return self._rows.row(index.row()) if index.isValid() else None

    def save_state(self) -> bytes:
        """Widths, order, choice and sorting of the columns, for `restore_state`."""
        return self._state_key() + bytes(self.horizontalHeader().saveState().data())

    def restore_state(self, state: bytes) -> None:
        """Bring back a saved state; one of other columns (or no state at all) is ignored."""
        key = self._state_key()
        if state.startswith(key):
            self.horizontalHeader().restoreState(QByteArray(state[len(key) :]))
            self._adjust_height()

    def header_menu(self) -> QMenu:
        """The menu that sorts by, shows and hides columns."""
        menu = QMenu(self)
        current = max(self.currentIndex().column(), 0)
        if self._rows.columns[current].sortable:
            title = self._rows.columns[current].title
            for text, order in (
                (_("Sort by “{column}”, rising"), _Ascending),
                (_("Sort by “{column}”, falling"), Qt.SortOrder.DescendingOrder),
            ):
                action = menu.addAction(text.format(column=title))
                action.triggered.connect(lambda _on, order=order: self.sortByColumn(current, order))
            menu.addSeparator()
        for section, column in enumerate(self._rows.columns):
            menu.addAction(self._column_action(menu, section, column.title))
        menu.addSeparator()
        menu.addAction(_("Reset columns")).triggered.connect(self.reset_columns)
        return menu

    def reset_columns(self) -> None:
        """Columns as they were at first."""
        header = self.horizontalHeader()
        for section, column in enumerate(self._rows.columns):
            header.moveSection(header.visualIndex(section), section)
            width = max(scaled(column.width), header.sectionSizeHint(section))
            header.resizeSection(section, width)
            header.setSectionHidden(section, not column.shown)

    def copy_cell(self) -> None:
        """Put the words of the current cell on the clipboard."""
        row = self.selected_row()
        if row is not None:
            column = self._rows.columns[self.currentIndex().column()]
            QGuiApplication.clipboard().setText(column.words(row))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter, Ctrl+C and Alt+Down; the rest is Qt's."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy_cell()
        elif event.key() == Qt.Key.Key_Down and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self._popup(self.header_menu(), self.horizontalHeader().mapToGlobal(QPoint(0, 0)))
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's; called from here, the cells are painted without waiting for Python's lock."""
        super().paintEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Tell that the table is left."""
        super().hideEvent(event)
        self.left.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The actions of the table, and what works in every table."""
        menu = QMenu(self)
        menu.addActions(self.actions())
        menu.addSeparator()
        copy = menu.addAction(_("Copy cell"))
        copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        copy.triggered.connect(self.copy_cell)
        columns = self.header_menu()
        columns.setTitle(_("Columns"))
        menu.addMenu(columns)
        self._popup(menu, event.globalPos())

    def _set_behaviour(self) -> None:
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)  # Tab leaves the table, arrows move in it
        self.setCornerButtonEnabled(False)

    def _set_header(self) -> None:
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._adjust_height()
        header = self.horizontalHeader()
        header.setSectionsMovable(True)
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        header.setMinimumSectionSize(scaled(48))
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(
            lambda at: self._popup(self.header_menu(), header.mapToGlobal(at))
        )
        header.setSortIndicator(*self._sorted_by)
        header.sortIndicatorChanged.connect(self._sort)
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        self.reset_columns()

    def _adjust_height(self) -> None:
        self.verticalHeader().setDefaultSectionSize(scaled(34))

    def _column_action(self, menu: QMenu, section: int, title: str) -> QAction:
        header = self.horizontalHeader()
        action = QAction(title, menu)
        action.setCheckable(True)
        action.setChecked(not header.isSectionHidden(section))
        # The last column shown stays: an empty table could not be explained.
        only = header.count() - header.hiddenSectionCount() == 1
        action.setEnabled(not (only and action.isChecked()))
        action.toggled.connect(lambda shown: header.setSectionHidden(section, not shown))
        return action

    def _sort(self, section: int, order: Qt.SortOrder) -> None:
        if self._rows.columns[section].sortable:
            self._sorted_by = (section, order)
            self._rows.sort(section, order)
        else:
            self.horizontalHeader().setSortIndicator(*self._sorted_by)

    def _popup(self, menu: QMenu, at: QPoint) -> None:
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)

    def _state_key(self) -> bytes:
        return ",".join(column.key for column in self._rows.columns).encode() + b"\n"

    def _open(self) -> None:
        row = self.selected_row()
        if row is not None:
            self.opened.emit(row)

    def _tell_chosen(self) -> None:
        row = self.selected_row()
        self._chosen = None if row is None else self._rows.identity(row)
        self.chosen.emit(row)

    def _find_chosen(self) -> None:
        """After rows arrived: select the same thing again, wherever it is now."""
        if self._chosen is None:
            return
        number = self._rows.find(self._chosen)
        if number is None:
            self.clearSelection()
            self.setCurrentIndex(self._rows.index(-1, -1))
            return
        if number != self.currentIndex().row():
            self.setCurrentIndex(self._rows.index(number, max(self.currentIndex().column(), 0)))
        self.chosen.emit(self._rows.row(number))
