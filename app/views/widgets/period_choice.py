"""The choice of a period: the last days, or from one day until another."""

from datetime import date, timedelta

from PySide6.QtCore import QDate, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QWidget

from app.core.language import _
from app.views.theme.fonts import scaled
from app.views.widgets.day_edit import DayEdit

_CUSTOM = -1
_ANY_TIME = 0
_EARLIEST, _LATEST = QDate(2000, 1, 1), QDate(2199, 12, 31)  # every system knows these as local


class PeriodChoice(QWidget):
    """Chooses among the last days, counted back from `today`, or two days, both included.

    With `any_time` it offers, and begins with, no period at all; else with the last month.

    Signals: `changed()` when another period was chosen.
    """

    changed = Signal()

    def __init__(self, today: date, *, any_time: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._today = today
        self.choice = QComboBox(self)
        self.choice.setAccessibleName(_("Period"))
        anything = ((_ANY_TIME, _("Any time")),) if any_time else ()
        for days, text in (
            *anything,
            (1, _("Today")),
            (7, _("Last 7 days")),
            (30, _("Last 30 days")),
            (365, _("Last 12 months")),
            (_CUSTOM, _("From … until …")),
        ):
            self.choice.addItem(text, days)
        self.choice.setCurrentIndex(0 if any_time else 2)
        self.first = self._day_edit(_("First day"), today - timedelta(days=29))
        self.last = self._day_edit(_("Last day"), today)
        self._until = QLabel(_("until"), self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(scaled(8))
        for widget in (self.choice, self.first, self._until, self.last):
            layout.addWidget(widget)
        self._show_days()
        self.choice.currentIndexChanged.connect(self._show_days)
        self.choice.currentIndexChanged.connect(self.changed)

    def days(self) -> tuple[date, date] | None:
        """The first and the last day of the period; None for any time."""
        days = self.choice.currentData()
        if days == _ANY_TIME:
            return None
        if days == _CUSTOM:
            one, other = _day_of(self.first), _day_of(self.last)
            return min(one, other), max(one, other)
        return self._today - timedelta(days=days - 1), self._today

    def set_today(self, today: date) -> None:
        """Count back from another day from now on, as the days go by."""
        self._today = today

    def _show_days(self) -> None:
        custom = self.choice.currentData() == _CUSTOM
        for widget in (self.first, self._until, self.last):
            widget.setVisible(custom)

    def _day_edit(self, name: str, day: date) -> DayEdit:
        edit = DayEdit(self)
        edit.setAccessibleName(name)
        edit.setDateRange(_EARLIEST, _LATEST)
        edit.setDate(QDate(day.year, day.month, day.day))
        edit.dateChanged.connect(self.changed)
        return edit


def _day_of(edit: DayEdit) -> date:
    day = edit.date()
    return date(day.year(), day.month(), day.day())
