"""The program's own window, signed in, with a timer that notes when it ticks.

Takes the arguments of the program. Prints `ready` once the listener runs, and the ticks as JSON
once a line has come in on standard input.
"""

import json
import sys
import time
from threading import Thread

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication

from app.main import main as run_program
from app.models.domain.access import Actor, Channel, Role
from app.views.shell.main_window import MainWindow

TICK_MS = 10


class Ticker(QObject):
    """Notes the time every 10 ms, and quits the program when told to."""

    told_to_stop = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.ticks: list[float] = []
        self._ready = False
        self._timer = QTimer(self, interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start()
        self.told_to_stop.connect(QApplication.quit, Qt.ConnectionType.QueuedConnection)
        Thread(target=self._wait_for_a_line, daemon=True).start()

    def _tick(self) -> None:
        self.ticks.append(time.monotonic())
        if not self._ready:
            self._sign_in()

    def _sign_in(self) -> None:
        """Sign in at the window once it is there, and tell when its listener runs."""
        windows = [top for top in QApplication.topLevelWidgets() if isinstance(top, MainWindow)]
        if not windows:
            return
        if windows[0].desk is None:
            windows[0].sign_in.signed_in.emit(Actor("admin", Channel.WINDOW, Role.ADMIN))
        elif windows[0].listener.running:
            self._ready = True
            sys.stdout.write("ready\n")
            sys.stdout.flush()

    def _wait_for_a_line(self) -> None:
        sys.stdin.readline()
        self.told_to_stop.emit()


def main() -> None:
    """Run the window until told to stop."""
    QApplication(["birthmark"])
    ticker = Ticker()
    code = run_program(sys.argv[1:])
    if code:
        sys.exit(code)
    json.dump(ticker.ticks, sys.stdout)


if __name__ == "__main__":
    main()
