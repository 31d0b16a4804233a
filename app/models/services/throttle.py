"""Slows down guessing without ever locking anybody out."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from app.core.clock import Clock
from app.core.errors import ThrottledError
from app.core.language import _

FREE_FAILURES = 5
LONGEST_DELAY = timedelta(seconds=60)
FORGOTTEN_AFTER = timedelta(minutes=15)
REMEMBERED_PLACES = 10_000
_LONGEST_PLACE = 500  # an address and a name; what is longer is nobody's, and fills the memory


@dataclass(frozen=True)
class _Failures:
    """How often a place failed, when last, until when it waits, and with which one name.

    `name` is None once there were several.
    """

    count: int
    last: datetime
    until: datetime
    name: str | None


class Throttle:
    """After five failures from a place each further one doubles its wait, up to a minute.

    A place is whatever guesses are counted by: an address, or an address and a name. Kept in
    memory, for the places that failed last; a place that stays quiet for a quarter of an hour
    is forgotten. Safe to share by threads.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, _Failures] = OrderedDict()
        self._lock = Lock()

    def check(self, place: str) -> None:
        """Raise `ThrottledError` while `place` has to wait."""
        now = self._clock.now()
        with self._lock:
            known = self._failures.get(_key(place))
        wait = min(known.until - now, LONGEST_DELAY) if known else timedelta()
        if wait > timedelta():
            seconds = -(-wait // timedelta(seconds=1))
            raise ThrottledError(
                _("Too many failed attempts."),
                remedy=_("Try again in {seconds} seconds.").format(seconds=seconds),
                retry_after=seconds,
            )

    def failed(self, place: str, name: str = "") -> None:
        """Count a failure from `place`, of somebody who claimed to be `name`."""
        now, key = self._clock.now(), _key(place)
        with self._lock:
            known = self._failures.pop(key, None)
            if known is None or now - known.last > FORGOTTEN_AFTER:
                known = _Failures(0, now, now, name.casefold())
            count = known.count + 1
            doublings = min(count - FREE_FAILURES, 6)
            delay = timedelta(seconds=2**doublings) if doublings >= 0 else timedelta()
            claimed = name.casefold() if known.name == name.casefold() else None
            self._failures[key] = _Failures(count, now, now + min(delay, LONGEST_DELAY), claimed)
            if len(self._failures) > REMEMBERED_PLACES:
                self._failures.popitem(last=False)

    def succeeded(self, place: str, name: str = "") -> None:
        """Forget the failures of a place, if they were all of the one who got in now.

        Otherwise somebody could guess the passwords of others and get in with their own in
        between.
        """
        with self._lock:
            known = self._failures.get(_key(place))
            if known is not None and known.name == name.casefold():
                del self._failures[_key(place)]


def _key(place: str) -> str:
    return place[:_LONGEST_PLACE].casefold()
