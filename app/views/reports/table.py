"""The table of a report, with a bar beside each number."""

from PySide6.QtCore import (
    QAbstractTableModel,
    QLocale,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.core.language import _
from app.models.domain.reports import Report
from app.views.theme.fonts import scaled
from app.views.theme.tokens import tokens_of
from app.views.widgets.tip import plain_tip

_Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()
_SHARE = Qt.ItemDataRole.UserRole
_END = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_START = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class ReportModel(QAbstractTableModel):
    """The rows of a report and, last, its totals."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._report = Report("", (), (), ())
        self._most: tuple[int, ...] = ()

    def set_report(self, report: Report) -> None:
        """Show another report."""
        self.beginResetModel()
        self._report = report
        columns = range(len(report.columns))
        self._most = tuple(
            max((int(row[column]) for row in report.rows if self.is_count(column)), default=0)
            for column in columns
        )
        self.endResetModel()

    def is_count(self, column: int) -> bool:
        """Whether the column holds numbers."""
        return isinstance(self._report.totals[column], int)

    def rowCount(self, parent: _Index = _NO_INDEX) -> int:
        """The rows and the totals; none without rows, and none below a cell."""
        count = len(self._report.rows)
        return 0 if parent.isValid() or not count else count + 1

    def columnCount(self, parent: _Index = _NO_INDEX) -> int:
        """The columns; none below a cell."""
        return 0 if parent.isValid() else len(self._report.columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Headings of the columns."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < self.columnCount():
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _START
        return self._report.columns[section] if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """One cell."""
        if not index.isValid():
            return None
        totals = index.row() == len(self._report.rows)
        row = self._report.totals if totals else self._report.rows[index.row()]
        cell = row[index.column()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            text = _text(cell)
            return plain_tip(text) if role == Qt.ItemDataRole.ToolTipRole else text
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _END if isinstance(cell, int) else _START
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self._report.columns[index.column()]}: {_text(cell)}"
        if role == _SHARE and isinstance(cell, int) and not totals:
            return cell / max(self._most[index.column()], 1)
        return None


class BarDelegate(QStyledItemDelegate):
    """Paints texts, and numbers with a bar that is the longer the greater they are."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint one cell; the last row, the totals, is bold."""
        tokens = tokens_of(option.palette)
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, QColor(tokens.soft))
        painter.setPen(QColor(tokens.line))
        painter.drawLine(option.rect.bottomLeft(), option.rect.bottomRight())
        cell = option.rect.adjusted(scaled(12), 0, -scaled(8), 0)
        number = index.data(Qt.ItemDataRole.TextAlignmentRole) == _END
        place = cell.adjusted(0, 0, scaled(72) - cell.width(), 0) if number else cell
        place = QStyle.visualRect(option.direction, cell, place)
        font = option.font
        font.setBold(index.row() == index.model().rowCount() - 1)
        painter.setFont(font)
        painter.setPen(QColor(tokens.text))
        text = painter.fontMetrics().elidedText(
            index.data(), Qt.TextElideMode.ElideRight, place.width()
        )
        side = QStyle.visualAlignment(option.direction, _END if number else _START)
        painter.drawText(place, side, text)
        share = index.data(_SHARE)
        if share:
            bar = cell.adjusted(scaled(84), scaled(11), 0, -scaled(12))
            bar.setWidth(max(round(bar.width() * share), scaled(2)))
            bar = QStyle.visualRect(option.direction, cell, bar)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.accent))
            painter.drawRoundedRect(bar, scaled(3), scaled(3))
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """The room a text needs."""
        width = option.fontMetrics.horizontalAdvance(index.data())
        return QSize(width + scaled(12) + scaled(12), scaled(34))


class ReportTable(QTableView):
    """Shows a report; Tab leaves it, arrows move in it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = ReportModel(self)
        self.setModel(self.rows)
        self.setItemDelegate(BarDelegate(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(scaled(34))
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setSectionsClickable(False)
        self.horizontalHeader().setMinimumSectionSize(scaled(96))

    def show_report(self, report: Report) -> None:
        """Show a report from its top."""
        self.rows.set_report(report)
        self.setAccessibleName(_("Report: {title}").format(title=report.title))
        header = self.horizontalHeader()
        for column in range(self.rows.columnCount()):
            wide = column == 0 or self.rows.is_count(column)
            mode = QHeaderView.ResizeMode
            header.setSectionResizeMode(column, mode.Stretch if wide else mode.ResizeToContents)


def _text(cell: str | int) -> str:
    return QLocale().toString(cell) if isinstance(cell, int) else cell
