"""The EST servers page over a real workspace and, for those that want it, a real listener."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.main import LateListener
from app.models.services.setup.demo_data import make_demo_application
from app.models.services.workspace.workspace import Workspace
from app.views.est_servers.page import EstServersPage
from app.views.jobs import Jobs
from app.views.shell.listener_control import ListenerSwitch
from tests.fakes import FakeClock
from tests.models.services.people import person
from tests.views.est_servers.bench import add_tenant, empty_type
from tests.views.hands import opened_pages

OpenPage = Callable[..., EstServersPage]


@pytest.fixture
def plant(demo: Workspace, clock: FakeClock) -> Workspace:
    """The demo by the computer's clock, by which TLS clients judge, and another tenant.

    It has a type without operational template, and an application.
    """
    clock.set(datetime.now(UTC))
    demo.settings.change(listener_host="127.0.0.1", listener_port=0)
    make_demo_application(demo, person(demo, "admin"))
    empty_type(demo)
    add_tenant(demo)
    return demo


@pytest.fixture
def listener(plant: Workspace, clock: FakeClock) -> Iterator[LateListener]:
    """The listener of the plant, stopped at first."""
    listener = LateListener(plant, clock)
    yield listener
    listener.stop()


@pytest.fixture
def switch(
    plant: Workspace, listener: LateListener, jobs: Jobs, qapp: QApplication
) -> ListenerSwitch:
    """The window's hand on the listener."""
    return ListenerSwitch(listener, plant.settings, jobs, qapp)


@pytest.fixture
def open_page(
    qtbot: QtBot, plant: Workspace, jobs: Jobs, switch: ListenerSwitch, tmp_path: Path
) -> Iterator[OpenPage]:
    """Opens the page of a person, by name; files are saved in `tmp_path`."""

    def ask(_over: QWidget, _title: str, name: str, chosen: Callable[[Path], None]) -> None:
        chosen(tmp_path / name)

    def make(name: str) -> EstServersPage:
        return EstServersPage(plant, person(plant, name), jobs, switch, ask=ask)

    with opened_pages(qtbot, make) as open_one:
        yield open_one
