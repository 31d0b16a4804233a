"""Carries the events of the bus, published on any thread, to the thread of the window."""

from collections import deque
from threading import Lock

from PySide6.QtCore import QObject, Qt, Signal, Slot
from shiboken6 import isValid

from app.core.events import Events
from app.models.domain.events import (
    CertificateIssued,
    CertificateRevoked,
    DeviceChanged,
    EntityChanged,
    KeysChanged,
)
from app.models.services.est.monitor import EstExchange

_KINDS = (
    CertificateIssued,
    CertificateRevoked,
    DeviceChanged,
    EntityChanged,
    EstExchange,
    KeysChanged,
)


class EventBridge(QObject):
    """Repeats what happened, in order, on the window's thread.

    However fast events are published, at most one wake-up waits in the window's queue.

    Signals: `happened(object)`, one event.
    """

    happened = Signal(object)
    _woken = Signal()

    def __init__(self, events: Events, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: deque[object] = deque()
        self._lock = Lock()
        self._woken.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        stops = [events.subscribe(kind, self._receive) for kind in _KINDS]
        self.destroyed.connect(lambda: [stop() for stop in stops])

    def _receive(self, event: object) -> None:
        # On the publishing thread: the window may be going down.
        with self._lock:
            self._waiting.append(event)
            first = len(self._waiting) == 1
        if first and isValid(self):
            self._woken.emit()

    @Slot()
    def _deliver(self) -> None:
        with self._lock:
            events = list(self._waiting)
            self._waiting.clear()
        for event in events:
            self.happened.emit(event)
