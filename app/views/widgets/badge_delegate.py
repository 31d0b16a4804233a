"""Paints the cells of a table: a badge, then the text, elided to the room there is."""

from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
)

from app.views.theme.fonts import LABEL, mono_font, scaled, text_font
from app.views.theme.tokens import tokens_of
from app.views.widgets.badge import BadgeText
from app.views.widgets.column import Column
from app.views.widgets.page_model import CellRole

_Index = QModelIndex | QPersistentModelIndex


class BadgeDelegate(QStyledItemDelegate):
    """Paints the cells of a `PageModel` as its columns describe them."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint the ground and the rule of the row, the badge and the text of one cell."""
        tokens = tokens_of(option.palette)
        rect: QRect = option.rect
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(tokens.soft))
        painter.setPen(QColor(tokens.line))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        room = rect.adjusted(scaled(12), 0, -scaled(8), 0)
        badge: BadgeText | None = index.data(CellRole.BADGE)
        if badge is not None:
            room = _paint_badge(painter, option, room, badge)
        column: Column[Any] = index.data(CellRole.COLUMN)
        font = _text_font(column)
        painter.setFont(font)
        painter.setPen(QColor(tokens.dim if column.dim else tokens.text))
        text = QFontMetrics(font).elidedText(
            _text(index), Qt.TextElideMode.ElideRight, room.width()
        )
        painter.drawText(room, int(_alignment(option, index)), text)
        painter.restore()

    def sizeHint(self, _option: QStyleOptionViewItem, index: _Index) -> QSize:
        """The room the whole cell needs."""
        return QSize(_natural_width(index) + scaled(20), scaled(34))

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: _Index,
    ) -> bool:
        """Tell more about a cell: its tip, or all of it when it is elided."""
        if event.type() != QEvent.Type.ToolTip or not index.isValid():
            return super().helpEvent(event, view, option, index)
        QToolTip.showText(event.globalPos(), tooltip(index, option.rect.width()), view)
        return True


def tooltip(index: _Index, width: int) -> str:
    """What to tell about a cell that is `width` pixels wide; nothing when it shows all."""
    tip = index.data(Qt.ItemDataRole.ToolTipRole)
    if tip:
        return str(tip)
    if _natural_width(index) + scaled(20) <= width:
        return ""
    badge: BadgeText | None = index.data(CellRole.BADGE)
    return " ".join(part for part in (badge.text if badge else "", _text(index)) if part)


def _natural_width(index: _Index) -> int:
    font = _text_font(index.data(CellRole.COLUMN))
    width = QFontMetrics(font).horizontalAdvance(_text(index))
    badge: BadgeText | None = index.data(CellRole.BADGE)
    return width + (_badge_width(badge.text) + scaled(6) if badge else 0)


def _paint_badge(
    painter: QPainter, option: QStyleOptionViewItem, room: QRect, badge: BadgeText
) -> QRect:
    text_colour, ground = tokens_of(option.palette).tone(badge.tone)
    height = scaled(20)
    box = QRect(
        room.left(),
        room.center().y() - height // 2,
        min(_badge_width(badge.text), room.width()),
        height,
    )
    box = QStyle.visualRect(option.direction, room, box)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(ground))
    painter.drawRoundedRect(box, scaled(4), scaled(4))
    font = _badge_font()
    painter.setFont(font)
    painter.setPen(QColor(text_colour))
    words = QFontMetrics(font).elidedText(
        badge.text, Qt.TextElideMode.ElideRight, box.width() - scaled(16)
    )
    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), words)
    used = box.width() + scaled(6)
    if option.direction == Qt.LayoutDirection.RightToLeft:
        return room.adjusted(0, 0, -used, 0)
    return room.adjusted(used, 0, 0, 0)


def _text(index: _Index) -> str:
    return str(index.data(Qt.ItemDataRole.DisplayRole) or "")


def _alignment(option: QStyleOptionViewItem, index: _Index) -> Qt.AlignmentFlag:
    wanted = Qt.AlignmentFlag(index.data(Qt.ItemDataRole.TextAlignmentRole))
    return QStyle.visualAlignment(option.direction, wanted) | Qt.AlignmentFlag.AlignAbsolute


def _badge_width(text: str) -> int:
    return QFontMetrics(_badge_font()).horizontalAdvance(text) + scaled(17)


def _badge_font() -> QFont:
    return text_font(LABEL, QFont.Weight.Medium)


def _text_font(column: Column[Any]) -> QFont:
    return mono_font() if column.mono else text_font()
