"""The seconds that are left to wait."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QLabel, QWidget

from app.core.language import ngettext

_SECOND_MS = 1_000


class Countdown(QLabel):
    """Hidden while there is nothing to wait for.

    Signals: `over()` when the time is up.
    """

    over = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "error")
        self.setWordWrap(True)
        self._left = 0
        self._timer = QTimer(self, interval=_SECOND_MS)
        self._timer.timeout.connect(self._count)
        self.hide()

    @property
    def running(self) -> bool:
        """Whether there is still time to wait."""
        return self._left > 0

    def start(self, seconds: int) -> None:
        """Count down from `seconds`."""
        self._left = seconds
        self._timer.start()
        self._show()

    def _count(self) -> None:
        self._left -= 1
        self._show()
        if not self.running:
            self._timer.stop()
            self.over.emit()

    def _show(self) -> None:
        self.setVisible(self.running)
        text = ngettext(
            "Too many failed attempts. Try again in {n} second.",
            "Too many failed attempts. Try again in {n} seconds.",
            self._left,
        )
        self.setText(text.format(n=self._left))
