"""Notices that nobody has touched the program for a while."""

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer, Signal

_TOUCHES = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
    }
)


class IdleWatch(QObject):
    """Watches all windows of the program.

    `minutes` is asked at each touch, so that a changed setting counts at once; 0 is never.

    Signals: `idle()` once, then not before `start` is called again.
    """

    idle = Signal()
    _watching = False  # also for a watch whose Python half is gone while Qt still asks it

    def __init__(
        self, application: QCoreApplication, minutes: Callable[[], float], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._minutes = minutes
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._tell)
        application.installEventFilter(self)

    def start(self) -> None:
        """Count from now."""
        self._watching = True
        self._count()

    def stop(self) -> None:
        """Watch no more."""
        self._watching = False
        self._timer.stop()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Count anew at each touch; never keeps an event from anybody."""
        if self._watching and event.type() in _TOUCHES:
            self._count()
        return False

    def _count(self) -> None:
        minutes = self._minutes()
        if minutes > 0:
            self._timer.start(round(minutes * 60_000))
        else:
            self._timer.stop()

    def _tell(self) -> None:
        self.stop()
        self.idle.emit()
