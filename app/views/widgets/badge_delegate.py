"""Paints the cells of a table: a badge, then the text, elided to the room there is.

While devices enrol, their threads wait for Python's lock. PySide lets go of it whenever a
temporary Qt object goes away, and having it back can take milliseconds. So painting makes none
of its own: fonts and colours are made once a look, and places are whole numbers.
"""

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetrics,
    QFontMetricsF,
    QHelpEvent,
    QPainter,
    QPen,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
)

from app.views.theme.fonts import LABEL, mono_font, scaled, text_font
from app.views.theme.tokens import Tokens, Tone, tokens_of
from app.views.widgets.badge import BadgeText
from app.views.widgets.column import Column
from app.views.widgets.page_model import PageModel
from app.views.widgets.tip import plain_tip

_Index = QModelIndex | QPersistentModelIndex

_SELECTED = QStyle.StateFlag.State_Selected
_RIGHT_TO_LEFT = Qt.LayoutDirection.RightToLeft


class BadgeDelegate(QStyledItemDelegate):
    """Paints the cells of a `PageModel` as its columns describe them."""

    def __init__(self, model: PageModel[Any, Any], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._look: _Look | None = None
        self._look_key = (0, 0)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint the ground and the rule of the row, the badge and the text of one cell."""
        look = self._look_of(option)
        rect, number = option.rect, index.column()
        left, top, width, height = rect.x(), rect.y(), rect.width(), rect.height()
        painter.save()
        if option.state & _SELECTED:
            painter.fillRect(left, top, width, height, look.selected)
        painter.setPen(look.line)
        painter.drawLine(left, top + height - 1, left + width - 1, top + height - 1)
        mirrored = option.direction == _RIGHT_TO_LEFT
        before, after = (look.after, look.before) if mirrored else (look.before, look.after)
        room = _Room(left + before, top, width - before - after, height, mirrored)
        text, badge = self._model.cell(index.row(), number)
        if badge is not None:
            look.paint_badge(painter, room, badge)
        if text:
            look.paint_text(painter, room, self._model.columns[number], text)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """The room the whole cell needs."""
        look = self._look_of(option)
        return QSize(self._natural_width(look, index), scaled(34))

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
        QToolTip.showText(event.globalPos(), self.tooltip(option, index), view)
        return True

    def tooltip(self, option: QStyleOptionViewItem, index: _Index) -> str:
        """What to tell about a cell that is as wide as `option`; nothing when it shows all."""
        tip = index.data(Qt.ItemDataRole.ToolTipRole)
        if tip:
            return plain_tip(str(tip))
        if self._natural_width(self._look_of(option), index) <= option.rect.width():
            return ""
        text, badge = self._model.cell(index.row(), index.column())
        return plain_tip(" ".join(part for part in (badge.text if badge else "", text) if part))

    def _natural_width(self, look: "_Look", index: _Index) -> int:
        text, badge = self._model.cell(index.row(), index.column())
        width = look.before + look.after
        width += look.letters(self._model.columns[index.column()]).metrics.horizontalAdvance(text)
        return width + (look.badge_width(badge.text) + look.gap if badge else 0)

    def _look_of(self, option: QStyleOptionViewItem) -> "_Look":
        # Both change with the theme and the size of the text.
        key = (option.palette.cacheKey(), option.font.pixelSize())
        if self._look is None or key != self._look_key:
            self._look, self._look_key = _Look(tokens_of(option.palette)), key
        return self._look


@dataclass
class _Room:
    """What is left of a cell to paint in, in pixels."""

    left: int
    top: int
    width: int
    height: int
    mirrored: bool

    def take(self, width: int, gap: int) -> int:
        """Take so many pixels where reading begins; returns where they lie."""
        left = self.left + self.width - width if self.mirrored else self.left
        self.width -= width + gap
        if not self.mirrored:
            self.left += width + gap
        return left


class _Letters:
    """A typeface in the colour of ordinary text, and what it measures."""

    def __init__(self, font: QFont) -> None:
        self.font = font
        self.metrics = QFontMetrics(font)
        exact = QFontMetricsF(font)
        self._drop = (exact.ascent() - exact.descent()) / 2

    def baseline(self, top: int, height: int) -> int:
        """Where text stands that is in the middle of these pixels."""
        return round(top + height / 2 + self._drop)

    def elided(self, text: str, width: int) -> tuple[str, int]:
        """The text as far as it fits, and its width."""
        wide = self.metrics.horizontalAdvance(text)
        if wide <= width:
            return text, wide
        text = self.metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
        return text, self.metrics.horizontalAdvance(text)


class _Look:
    """Fonts, colours and measures of cells, in one theme and one size of text."""

    def __init__(self, tokens: Tokens) -> None:
        self.before, self.after, self.gap = scaled(12), scaled(8), scaled(6)
        self.selected = QColor(tokens.soft)
        self.line = QPen(QColor(tokens.line))
        self._text, self._dim = QPen(QColor(tokens.text)), QPen(QColor(tokens.dim))
        self._plain, self._mono = _Letters(text_font()), _Letters(mono_font())
        self._label = _Letters(text_font(LABEL, QFont.Weight.Medium))
        self._badge_height, self._radius, self._margin = scaled(20), scaled(4), scaled(8)
        self._tones = {
            tone: (QPen(QColor(text)), QBrush(QColor(ground)))
            for tone in Tone
            for text, ground in [tokens.tone(tone)]
        }

    def letters(self, column: Column[Any]) -> _Letters:
        """The typeface of a column."""
        return self._mono if column.mono else self._plain

    def badge_width(self, text: str) -> int:
        """The room a badge needs."""
        return self._label.metrics.horizontalAdvance(text) + 2 * self._margin

    def paint_badge(self, painter: QPainter, room: _Room, badge: BadgeText) -> None:
        """Paint a badge and take its place out of the room."""
        pen, brush = self._tones[badge.tone]
        width = min(self.badge_width(badge.text), room.width)
        left = room.take(width, self.gap)
        height = self._badge_height
        top = room.top + (room.height - 1) // 2 - height // 2  # the rule is below the row
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(brush)
        painter.drawRoundedRect(left, top, width, height, self._radius, self._radius)
        text, wide = self._label.elided(badge.text, width - 2 * self._margin)
        painter.setFont(self._label.font)
        painter.setPen(pen)
        painter.drawText(left + (width - wide) // 2, self._label.baseline(top, height), text)

    def paint_text(self, painter: QPainter, room: _Room, column: Column[Any], text: str) -> None:
        """Paint the text of a cell into the room a badge has left."""
        letters = self.letters(column)
        text, wide = letters.elided(text, room.width)
        right = (column.align == "start") == room.mirrored
        painter.setFont(letters.font)
        painter.setPen(self._dim if column.dim else self._text)
        left = room.left + room.width - wide if right else room.left
        painter.drawText(left, letters.baseline(room.top, room.height), text)
