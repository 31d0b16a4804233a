"""The Devices page over a million devices: from the question to the painted answer.

The yardstick of each figure is the same page over a thousand devices.
"""

import time
from collections.abc import Callable
from functools import partial
from typing import cast

from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from app.models.domain.devices import DeviceMode
from app.models.services.devices.listed import DeviceQuery
from app.models.services.workspace.workspace import Workspace
from app.views.devices.page import DevicesPage
from app.views.jobs import Jobs
from app.views.theme import apply_theme
from tests.benchmarks.device_list import ADMIN, FEW_DEVICES, open_devices
from tests.benchmarks.figures import Figure, Sizes

TIMEOUT_MS = 60_000
FILTERS = {
    "name begins with ac": DeviceQuery(text="ac"),
    "contains 00042": DeviceQuery(text="00042"),
    "contains acme": DeviceQuery(text="acme"),
    "factory mode": DeviceQuery(mode=DeviceMode.FACTORY),
    "expiring in 30 days": DeviceQuery(expiring_days=30),
    "everything": DeviceQuery(),
}


def measure(sizes: Sizes) -> list[Figure]:
    """Opening, filtering and sorting, each until the rows stand in the window."""
    many, few = (_times(count) for count in (sizes.devices, FEW_DEVICES))
    return [
        Figure(f"painted, {name}", value, "ms", f"{FEW_DEVICES:,} devices", few[name])
        for name, value in many.items()
    ]


def _times(count: int) -> dict[str, float]:
    app = cast("QApplication", QApplication.instance() or QApplication(["benchmark"]))
    apply_theme(app, "light")
    workspace, jobs = open_devices(count), Jobs()
    try:
        return _page_times(workspace, jobs)
    finally:
        jobs.stop()
        workspace.close()


def _page_times(workspace: Workspace, jobs: Jobs) -> dict[str, float]:
    started = time.perf_counter()
    page = DevicesPage(workspace, ADMIN, jobs)
    page.resize(1280, 800)
    watch = PaintWatch(page)
    times = {"opened": watch.wait(page.show, started)}
    for name, query in FILTERS.items():
        times[name] = watch.wait(partial(page.model.set_filter, query))
    header = page.table.horizontalHeader()
    for section, column in enumerate(page.model.columns):
        if column.sortable and not header.isSectionHidden(section):
            times[f"sorted by {column.key}"] = watch.wait(
                partial(page.table.sortByColumn, section, Qt.SortOrder.AscendingOrder)
            )
    page.close()
    page.deleteLater()
    return times


class PaintWatch(QObject):
    """Tells when a table has painted the rows that just arrived."""

    def __init__(self, page: DevicesPage) -> None:
        super().__init__(page)
        self._loop = QEventLoop(self)
        self._timeout = QTimer(self, singleShot=True, interval=TIMEOUT_MS)
        self._timeout.timeout.connect(lambda: self._loop.exit(1))
        self._arrived = False
        page.model.loaded.connect(self._note_arrival)
        page.table.viewport().installEventFilter(self)

    def wait(self, ask: Callable[[], object], started: float | None = None) -> float:
        """Milliseconds from `started`, usually now, until the answer to `ask` is painted."""
        started = time.perf_counter() if started is None else started
        self._arrived = False
        ask()
        self._timeout.start()
        failed = self._loop.exec()
        self._timeout.stop()
        if failed:
            raise TimeoutError("the rows were not painted in time")
        return (time.perf_counter() - started) * 1000

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802  Qt's name
        """After a paint event with the new rows, leave the loop."""
        if event.type() == QEvent.Type.Paint and self._arrived:
            self._arrived = False
            QTimer.singleShot(0, self._loop, self._loop.quit)  # once it is painted
        return False

    def _note_arrival(self) -> None:
        self._arrived = True
