"""What the tests of the window share."""

import gc
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication

from app.views.jobs import Jobs
from app.views.theme import apply_theme


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let Qt's offscreen plugin say what it has no window system for."""
    item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support", extend=True))


@pytest.fixture(autouse=True)
def _garbage_stays_here() -> Iterator[None]:
    """Windows that are not needed any more end on this thread, never on a worker's."""
    gc.disable()
    yield
    gc.collect(0)  # all that is younger than the test
    gc.enable()


@pytest.fixture(autouse=True)
def _light_theme(_garbage_stays_here: None, qapp: QApplication) -> None:
    apply_theme(qapp, "light")


@pytest.fixture(autouse=True)
def _same_locale() -> Iterator[None]:
    before = QLocale()
    yield
    QLocale.setDefault(before)


@pytest.fixture
def jobs(qapp: QApplication) -> Iterator[Jobs]:
    made = Jobs(qapp)
    yield made
    made.stop()
