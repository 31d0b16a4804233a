"""Names and values below each other, with a rule under each."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QWidget

from app.views.theme.fonts import scaled
from app.views.widgets.badge import Badge, BadgeText

_ONE_LINE = 16
_BESIDE_A_BADGE = 24


class PropertyList(QWidget):
    """What is known of one thing; values can be selected and copied."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(scaled(12))
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(1, 1)

    def add(
        self,
        name: str,
        value: str = "",
        *,
        badge: BadgeText | None = None,
        mono: bool = False,
        tip: str = "",
    ) -> None:
        """Append a row; a badge says more about the value, or stands in its place."""
        row = self._grid.rowCount()
        label = QLabel(name, self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setProperty("role", "dim")
        label.setContentsMargins(scaled(8), 0, 0, 0)
        self._grid.setRowMinimumHeight(row, scaled(34))
        self._grid.addWidget(label, row, 0)
        self._grid.addWidget(self._value(name, value, badge, mono=mono, tip=tip), row, 1)
        rule = QFrame(self)
        rule.setProperty("role", "rule")
        self._grid.addWidget(rule, row + 1, 0, 1, 2)

    def _value(
        self, name: str, value: str, badge: BadgeText | None, *, mono: bool, tip: str
    ) -> QWidget:
        cell = QWidget(self)
        line = QHBoxLayout(cell)
        line.setContentsMargins(0, scaled(5), 0, scaled(5))
        line.setSpacing(scaled(6))
        wraps = len(value) > (_BESIDE_A_BADGE if badge else _ONE_LINE)
        if value:
            text = QLabel(value, cell)
            text.setTextFormat(Qt.TextFormat.PlainText)
            text.setProperty("role", "mono" if mono else "")
            text.setWordWrap(wraps)
            text.setToolTip(tip)
            text.setAccessibleName(f"{name}: {value}")
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            line.addWidget(text, int(wraps))
        if badge is not None:
            line.addWidget(Badge(badge, cell))
        if not wraps:
            line.addStretch(1)
        return cell
