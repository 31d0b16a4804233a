"""What the EST listener has seen lately, kept in memory for the monitor page."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from threading import Lock

from app.core.events import Events

KEPT = 1000


@dataclass(frozen=True)
class EstExchange:
    """One request and its answer, or one TLS handshake that failed.

    `showed` says in words which credential came along, `device` whom it was taken for.
    `status` is the HTTP status, 0 when no request was ever read. `outcome` is a short text;
    `problem`, `cause` and `remedy` explain a refusal.
    """

    at: datetime
    address: str
    operation: str
    status: int
    outcome: str
    tls: str = ""
    showed: str = ""
    device: str = ""
    problem: str = ""
    cause: str = ""
    remedy: str = ""
    certificate_subject: str = ""
    duration_ms: float = 0.0
    number: int = 0

    @property
    def ok(self) -> bool:
        """Whether the device got what it asked for."""
        return 200 <= self.status < 300


class EstMonitor:
    """A ring of the newest exchanges; each one is also published as an event."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._ring: deque[EstExchange] = deque(maxlen=KEPT)
        self._numbers = count(1)
        self._lock = Lock()

    def record(self, exchange: EstExchange) -> None:
        """Keep an exchange, number it and tell the window."""
        with self._lock:
            numbered = EstExchange(**(vars(exchange) | {"number": next(self._numbers)}))
            self._ring.append(numbered)
        self._events.publish(numbered)

    def entries(self) -> tuple[EstExchange, ...]:
        """The newest exchanges, oldest of them first."""
        with self._lock:
            return tuple(self._ring)
