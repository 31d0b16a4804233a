"""A thread-safe publish/subscribe bus for facts that have already been committed."""

import logging
from collections import defaultdict
from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar

Event = TypeVar("Event")

log = logging.getLogger(__name__)


class Events:
    """Hands each published event to the subscribers of exactly its type.

    Subscribers run on the publishing thread; the window hops to its own thread itself.
    """

    def __init__(self) -> None:
        self._subscribers: dict[type[Any], list[Callable[[Any], None]]] = defaultdict(list)
        self._lock = Lock()

    def subscribe(self, kind: type[Event], callback: Callable[[Event], None]) -> Callable[[], None]:
        """Call `callback` with every event of type `kind`; returns the way to stop that."""
        with self._lock:
            self._subscribers[kind].append(callback)

        def unsubscribe() -> None:
            with self._lock:
                if callback in self._subscribers[kind]:
                    self._subscribers[kind].remove(callback)

        return unsubscribe

    def publish(self, event: object) -> None:
        """Tell every subscriber. A subscriber that fails is logged and harms nobody else."""
        with self._lock:
            callbacks = list(self._subscribers[type(event)])
        for callback in callbacks:
            try:
                callback(event)
            except Exception:  # a subscriber's bug must not undo what is already committed
                log.exception("A subscriber of %s failed", type(event).__name__)
