"""The least a Qt program can do: show an empty window, and quit once it is painted."""

import sys

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow


def main() -> int:
    """Run and return the exit code."""
    app = QApplication(["bare"])
    window = QMainWindow()
    window.show()
    app.processEvents()  # paints it
    QTimer.singleShot(0, app.quit)
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
