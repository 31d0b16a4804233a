from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.views.widgets.times import (
    NO_TIME,
    clock_text,
    day_text,
    relative_text,
    time_text,
    zone_text,
)

BERLIN = timezone(timedelta(hours=1), "CET")
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
moments = st.datetimes(timezones=st.just(UTC))


def test_times_are_local_with_the_zone_in_the_tip() -> None:
    moment = datetime(2028, 3, 14, 23, 30, 5, tzinfo=UTC)
    assert day_text(moment, BERLIN) == "15 Mar 2028"
    assert time_text(moment, BERLIN) == "15 Mar 2028 00:30"
    assert clock_text(moment, BERLIN) == "00:30:05"
    assert zone_text(moment, BERLIN) == (
        "15 Mar 2028 00:30:05 CET (UTC+01:00)\n14 Mar 2028 23:30:05 UTC"
    )


def test_no_time_is_a_dash() -> None:
    assert day_text(None) == time_text(None) == relative_text(None, NOW) == NO_TIME
    assert zone_text(None) == ""


def test_the_end_of_9999_is_shown_in_every_zone() -> None:
    end = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert day_text(end, BERLIN) == "31 Dec 9999"
    assert "UTC+00:00" in zone_text(end, BERLIN)


@pytest.mark.parametrize(
    ("away", "words"),
    [
        (timedelta(seconds=-59), "now"),
        (timedelta(seconds=30), "now"),
        (timedelta(minutes=-2), "2 min ago"),
        (timedelta(minutes=5), "in 5 min"),
        (timedelta(hours=-1), "1 hour ago"),
        (timedelta(hours=-47), "47 hours ago"),
        (timedelta(days=9), "in 9 days"),
        (timedelta(days=-3), "3 days ago"),
        (timedelta(days=31), "24 Dec 2026"),
        (timedelta(days=-400), "19 Oct 2025"),
    ],
)
def test_how_long_ago_or_ahead(away: timedelta, words: str) -> None:
    assert relative_text(NOW + away, NOW, UTC) == words


@given(moments, st.sampled_from([None, UTC, BERLIN, ZoneInfo("Pacific/Auckland")]))
def test_every_moment_can_be_shown(moment: datetime, zone: ZoneInfo | None) -> None:
    assert day_text(moment, zone).split()[0].isdigit()
    assert zone_text(moment, zone).endswith("UTC")
    assert relative_text(moment, NOW, zone)
