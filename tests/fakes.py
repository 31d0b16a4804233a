"""Stand-ins for what a test must control."""

from datetime import datetime, timedelta


class FakeClock:
    """A clock that stands still until it is moved."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        """The time the test says it is."""
        return self._now

    def set(self, now: datetime) -> None:
        """Make it this time."""
        self._now = now

    def advance(self, **units: float) -> None:
        """Move on (or back) by `timedelta` units."""
        self._now += timedelta(**units)
