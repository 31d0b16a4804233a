"""The window on a demo workspace, with pages that hold nothing."""

from functools import partial

import pytest
from pytestqt.qtbot import QtBot

from app.models.domain.access import Operation
from app.models.services.workspace.workspace import Workspace
from app.views.jobs import Jobs
from app.views.shell.main_window import MainWindow
from app.views.shell.page_entry import PageContext, PageEntry
from app.views.widgets.page import Page
from tests.views.shell.signing import Entries, shown
from tests.views.station import FakeListener


@pytest.fixture
def listener() -> FakeListener:
    return FakeListener()


@pytest.fixture
def made() -> list[str]:
    """Which pages have been made, in order."""
    return []


@pytest.fixture
def entries(made: list[str]) -> Entries:
    def make(title: str, context: PageContext) -> Page:
        made.append(f"{title} for {context.actor.name}")
        return Page(title)

    return lambda: tuple(
        PageEntry(title.lower(), group, title, "cpu", operation, partial(make, title))
        for title, group, operation in (
            ("Devices", "Provision", Operation.DEVICE_VIEW),
            ("Users", "Administration", Operation.USER_VIEW),
            ("Settings", "Station", None),
        )
    )


@pytest.fixture
def window(
    demo: Workspace,
    listener: FakeListener,
    entries: Entries,
    jobs: Jobs,
    qtbot: QtBot,
) -> MainWindow:
    return shown(MainWindow(demo, listener, entries, jobs), qtbot)
