"""Slows down guessing without ever locking anybody out."""

from collections import OrderedDict
from datetime import datetime, timedelta
from threading import Lock

from app.core.clock import Clock
from app.core.errors import ThrottledError
from app.core.language import _

FREE_FAILURES = 5
LONGEST_DELAY = timedelta(seconds=60)
REMEMBERED_NAMES = 10_000


class Throttle:
    """After five failures of a name each further one doubles the wait, up to a minute.

    Kept in memory, for the names that failed last. Safe to share by threads.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, tuple[int, datetime]] = OrderedDict()
        self._lock = Lock()

    def check(self, name: str) -> None:
        """Raise `ThrottledError` while `name` has to wait."""
        with self._lock:
            _count, until = self._failures.get(name.casefold(), (0, self._clock.now()))
        wait = min(until - self._clock.now(), LONGEST_DELAY)
        if wait > timedelta():
            seconds = -(-wait // timedelta(seconds=1))
            raise ThrottledError(
                _("Too many failed attempts."),
                remedy=_("Try again in {seconds} seconds.").format(seconds=seconds),
                retry_after=seconds,
            )

    def failed(self, name: str) -> None:
        """Count a failure."""
        key = name.casefold()
        with self._lock:
            count = self._failures.pop(key, (0, None))[0] + 1
            doublings = min(count - FREE_FAILURES, 6)
            delay = timedelta(seconds=2**doublings) if doublings >= 0 else timedelta()
            self._failures[key] = (count, self._clock.now() + min(delay, LONGEST_DELAY))
            if len(self._failures) > REMEMBERED_NAMES:
                self._failures.popitem(last=False)

    def succeeded(self, name: str) -> None:
        """Forget the failures of a name."""
        with self._lock:
            self._failures.pop(name.casefold(), None)
