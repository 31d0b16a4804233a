"""A Devices page over a real workspace, with real devices."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.models.domain.access import Actor
from app.models.domain.devices import Device
from app.models.domain.issuing import IssueRequest
from app.models.services.devices.creation import NewDevice
from app.models.services.workspace.workspace import Workspace
from app.views.devices.page import DevicesPage
from app.views.jobs import Jobs

PASSWORD = "a-device-password"


@pytest.fixture
def make_device(demo: Workspace, admin: Actor) -> Callable[..., Device]:
    """Creates a Gateway 200 of the North plant; operational on wish."""

    def make(name: str, *, operational: bool = False, days: int | None = None) -> Device:
        gateway = next(t for t in demo.device_types.all(admin) if t.name == "Gateway 200")
        north = next(o for o in demo.tenants.organizations(admin) if o.name == "North plant")
        template = gateway.default_operational_template_id
        assert template is not None
        requests = (IssueRequest(template, validity_days=days),) if operational else ()
        new = NewDevice(
            name,
            north.tenant_id,
            north.id,
            gateway.id,
            values={"serial_number": name[-6:], "mac": "02:1b:44:00:01:84"},
            operational=requests,
            password=PASSWORD,
            pfx_passphrase=PASSWORD,
        )
        return demo.device_creation.create(admin, new).device

    return make


@pytest.fixture
def open_page(
    qtbot: QtBot, demo: Workspace, admin: Actor, jobs: Jobs
) -> Iterator[Callable[..., DevicesPage]]:
    """Opens the page and waits for its first rows; it is gone before its jobs are stopped."""
    pages: list[DevicesPage] = []

    def ask(_parent: QWidget, _title: str, _name: str, chosen: Callable[[Path], None]) -> None:
        chosen(demo.folder / "saved")

    def make(actor: Actor = admin) -> DevicesPage:
        page = DevicesPage(demo, actor, jobs, ask=ask)
        qtbot.addWidget(page)
        page.resize(1200, 800)
        with qtbot.waitSignal(page.model.loaded):
            page.show()
        pages.append(page)
        return page

    yield make
    for page in pages:
        shiboken6.delete(page)
