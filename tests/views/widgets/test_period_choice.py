"""The choice of a period."""

from datetime import date

import pytest
from PySide6.QtCore import QDate
from pytestqt.qtbot import QtBot

from app.views.widgets.period_choice import PeriodChoice

TODAY = date(2026, 3, 2)


@pytest.fixture
def period(qtbot: QtBot) -> PeriodChoice:
    made = PeriodChoice(TODAY, any_time=True)
    qtbot.addWidget(made)
    made.show()
    return made


def pick(period: PeriodChoice, text: str) -> None:
    period.choice.setCurrentIndex(period.choice.findText(text))


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Today", TODAY),
        ("Last 7 days", date(2026, 2, 24)),
        ("Last 30 days", date(2026, 2, 1)),
        ("Last 12 months", date(2025, 3, 3)),
    ],
)
def test_the_last_days_end_today(period: PeriodChoice, text: str, first: date) -> None:
    assert period.days() is None
    pick(period, text)
    assert period.days() == (first, TODAY)
    assert not period.first.isVisible()


def test_days_go_by(period: PeriodChoice) -> None:
    pick(period, "Today")
    period.set_today(date(2026, 3, 3))
    assert period.days() == (date(2026, 3, 3), date(2026, 3, 3))


def test_two_days_are_told_in_their_order_whatever_was_typed(
    period: PeriodChoice, qtbot: QtBot
) -> None:
    pick(period, "From … until …")
    assert period.first.isVisible()
    with qtbot.waitSignal(period.changed):
        period.first.setDate(QDate(2026, 3, 9))
    assert period.days() == (TODAY, date(2026, 3, 9))


def test_without_any_time_the_last_month_is_chosen(qtbot: QtBot) -> None:
    period = PeriodChoice(TODAY, any_time=False)
    qtbot.addWidget(period)
    assert period.days() == (date(2026, 2, 1), TODAY)
