"""The one source of time. Every other room takes a `Clock` instead of asking the system."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the current time."""

    def now(self) -> datetime:
        """Current time, aware, in UTC."""


class SystemClock:
    """The operating system's clock."""

    def now(self) -> datetime:
        """Current time, aware, in UTC."""
        return datetime.now(UTC)
