"""Which refusals of strangers go into the audit log, so that nobody can fill it by asking."""

from collections import Counter
from datetime import timedelta
from threading import Lock

from app.core.clock import Clock

PERIOD = timedelta(minutes=1)
MOST_OF_ONE_ADDRESS = 60
MOST = 300


class RefusalLimit:
    """Lets so many a minute through, of one address and of all. Safe to share by threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since = clock.now()
        self._recorded: Counter[str] = Counter()
        self._left_out = 0
        self._lock = Lock()

    def admit(self, address: str) -> int | None:
        """How many were left out since the last one let through; None for one to leave out."""
        now = self._clock.now()
        with self._lock:
            if not timedelta() <= now - self._since < PERIOD:  # a clock may be set back
                self._since = now
                self._recorded.clear()
            mine = self._recorded[address]
            if mine >= MOST_OF_ONE_ADDRESS or self._recorded.total() >= MOST:
                self._left_out += 1
                return None
            self._recorded[address] += 1
            left_out, self._left_out = self._left_out, 0
            return left_out


def left_out_before(count: int) -> dict[str, int]:
    """What the audit log tells beside a refusal of those left out before it."""
    return {"left_out": count} if count else {}
