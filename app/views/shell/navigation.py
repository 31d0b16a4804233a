"""The list of pages at the left, in groups."""

from collections.abc import Sequence
from itertools import groupby

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPen
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.core.language import _
from app.views.shell.page_entry import PageEntry
from app.views.theme.fonts import scaled, text_font
from app.views.theme.icons import icon
from app.views.theme.tokens import Tokens, tokens_of

_ID = Qt.ItemDataRole.UserRole
_ICON = Qt.ItemDataRole.UserRole + 1
_HEADING_TEXT = 11


class Navigation(QListWidget):
    """One Tab stop; the arrows move from page to page.

    Signals: `chosen(str)`, the id of a page.
    """

    chosen = Signal(str)

    def __init__(self, entries: Sequence[PageEntry], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(_("Pages"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet("QListWidget { background: transparent; border: none; }")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setItemDelegate(_EntryDelegate(self))
        for group, members in groupby(entries, key=lambda entry: entry.group):
            heading = QListWidgetItem(group, self)
            heading.setFlags(Qt.ItemFlag.NoItemFlags)
            for entry in members:
                item = QListWidgetItem(entry.title, self)
                item.setData(_ID, entry.id)
                item.setData(_ICON, entry.icon)
        self.currentItemChanged.connect(lambda item, _before: self._tell(item))

    def open(self, page_id: str) -> None:
        """Choose a page; does nothing when it is not in the list."""
        for row in range(self.count()):
            if self.item(row).data(_ID) == page_id:
                self.setCurrentRow(row)

    def _tell(self, item: QListWidgetItem | None) -> None:
        if item is not None and item.data(_ID):
            self.chosen.emit(item.data(_ID))


class _EntryDelegate(QStyledItemDelegate):
    """Paints headings and pages of the navigation."""

    def sizeHint(
        self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Headings and pages are of one height."""
        return QSize(scaled(120), scaled(30))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint one line; the page shown is on a soft ground and in semibold."""
        tokens = tokens_of(QApplication.palette())  # the list's own ground is transparent
        rect: QRect = option.rect.adjusted(scaled(8), scaled(1), -scaled(8), -scaled(1))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if index.data(_ID):
            _paint_entry(painter, option, index, rect, tokens)
        else:
            font = text_font(_HEADING_TEXT, QFont.Weight.Medium)
            font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, scaled(1) * 0.6)
            painter.setFont(font)
            painter.setPen(QColor(tokens.dim))
            words = rect.adjusted(scaled(8), 0, -scaled(8), -scaled(4))
            place = Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeading
            painter.drawText(words, int(place), index.data().upper())
        painter.restore()


def _paint_entry(
    painter: QPainter,
    option: QStyleOptionViewItem,
    index: QModelIndex | QPersistentModelIndex,
    rect: QRect,
    tokens: Tokens,
) -> None:
    state = option.state
    chosen = bool(state & QStyle.StateFlag.State_Selected)
    if chosen or state & QStyle.StateFlag.State_MouseOver:
        focused = chosen and state & QStyle.StateFlag.State_HasFocus
        painter.setPen(QPen(QColor(tokens.accent), 2) if focused else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.soft if chosen else tokens.line))
        painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), scaled(6), scaled(6))
    colour = tokens.accent if chosen else tokens.text
    size = scaled(16)
    inner = rect.adjusted(scaled(8), 0, -scaled(8), 0)
    place = QRect(inner.left(), inner.center().y() - size // 2, size, size)
    drawn = icon(index.data(_ICON), tokens.accent if chosen else tokens.dim)
    drawn.paint(painter, QStyle.visualRect(option.direction, inner, place))
    painter.setFont(text_font(weight=QFont.Weight.DemiBold if chosen else QFont.Weight.Normal))
    painter.setPen(QColor(colour))
    words = inner.adjusted(size + scaled(10), 0, 0, 0)
    painter.drawText(
        QStyle.visualRect(option.direction, inner, words),
        int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading),
        index.data(),
    )
