"""Where an application signs in: addresses that can be asked, and what it may do there."""

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.models.domain.access import SYSTEM
from app.models.domain.applications import ApplicationRow
from app.models.services.listing import ListQuery
from app.models.services.setup.demo_data import make_demo_application
from app.models.services.workspace.workspace import Workspace
from app.views.applications.rest_section import rest_api_at, rest_section
from app.views.jobs import Jobs
from app.views.shell.listener_control import ListenerSwitch
from app.views.widgets.copy_label import CopyLabel
from tests.views.soon import soon
from tests.views.station import FakeListener


@pytest.fixture
def switch(demo: Workspace, jobs: Jobs, qapp: QApplication) -> ListenerSwitch:
    """The window's hand on a listener without a network."""
    return ListenerSwitch(FakeListener(), demo.settings, jobs, qapp)


def row(demo: Workspace) -> ApplicationRow:
    make_demo_application(demo, SYSTEM)
    return demo.applications.page(SYSTEM, ListQuery(), 0, 1)[0]


def started(demo: Workspace, switch: ListenerSwitch, **settings: object) -> ListenerSwitch:
    demo.settings.change(**settings)
    switch.start()
    soon(lambda: bool(switch.address))
    return switch


def told(section: QWidget) -> str:
    return "\n".join(label.text() for label in section.findChildren(QLabel))


def addresses(section: QWidget) -> list[str]:
    return [label.value() for label in section.findChildren(CopyLabel)]


@pytest.mark.parametrize(
    ("host", "port", "url"),
    [
        ("127.0.0.1", 9443, "https://127.0.0.1:9443/v2"),
        ("::1", 9443, "https://[::1]:9443/v2"),
        ("bench-3.example", 443, "https://bench-3.example:443/v2"),
        ("0.0.0.0", 9443, "https://bench-3:9443/v2"),
        ("::", 9443, "https://bench-3:9443/v2"),
    ],
)
def test_the_address_is_one_that_others_can_use(  # noqa: PLR0917  the parts of an address
    demo: Workspace,
    switch: ListenerSwitch,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    port: int,
    url: str,
) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "Bench-3")
    demo.settings.change(listener_host=host, listener_port=port)
    assert rest_api_at(switch, demo.settings.current).url == url
    started(demo, switch)
    demo.settings.change(listener_host="192.0.2.1", listener_port=1)  # counts from the next start
    assert rest_api_at(switch, demo.settings.current).url == url


def test_a_port_that_is_not_known_yet_is_left_out(demo: Workspace, switch: ListenerSwitch) -> None:
    demo.settings.change(listener_host="127.0.0.1", listener_port=0)
    assert rest_api_at(switch, demo.settings.current).url == "https://127.0.0.1/v2"


def test_a_computer_without_a_usable_name_is_localhost(
    demo: Workspace, switch: ListenerSwitch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "no name")
    assert rest_api_at(switch, demo.settings.current).url == "https://localhost:8443/v2"


def test_the_section_says_what_may_be_done_and_whether_somebody_answers(
    demo: Workspace, switch: ListenerSwitch, qtbot: QtBot
) -> None:
    application = row(demo)
    demo.settings.change(listener_host="127.0.0.1")
    section = rest_section(application, rest_api_at(switch, demo.settings.current))
    qtbot.addWidget(section)
    assert addresses(section) == [
        "https://127.0.0.1:8443/v2/auth",
        "https://127.0.0.1:8443/v2/openapi.json",
    ]
    assert f"It may do in {application.organization_name} what an operator may" in told(section)
    assert "Nobody answers there" in told(section)
    section = rest_section(application, rest_api_at(started(demo, switch), demo.settings.current))
    qtbot.addWidget(section)
    assert "Nobody answers there" not in told(section)


def test_an_application_of_a_tenant_acts_in_each_organization(
    demo: Workspace, switch: ListenerSwitch, qtbot: QtBot
) -> None:
    (tenant, *_others) = demo.tenants.tenants(SYSTEM)
    demo.applications.create(SYSTEM, "MES", tenant.id)
    (found,) = demo.applications.page(SYSTEM, ListQuery(text="MES"), 0, 1)
    section = rest_section(found, rest_api_at(switch, demo.settings.current))
    qtbot.addWidget(section)
    assert f"in each organization of {tenant.name}" in told(section)
