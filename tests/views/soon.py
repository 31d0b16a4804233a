"""Waiting for what a worker thread brings, patiently: the disk may be slow, a test never is."""

from collections.abc import Callable
from time import monotonic

from PySide6.QtCore import QEventLoop, QTimer

_PATIENCE_SECONDS = 30
_GLANCE_MS = 5


def soon(condition: Callable[[], bool]) -> None:
    """Go on as soon as the condition holds; fails when it does not for half a minute."""
    end = monotonic() + _PATIENCE_SECONDS
    while not condition():
        assert monotonic() < end, "it never happened"
        # Not QTest.qWait: that keeps Python's lock, and the workers would wait for it.
        loop = QEventLoop()
        QTimer.singleShot(_GLANCE_MS, loop.quit)
        loop.exec()
