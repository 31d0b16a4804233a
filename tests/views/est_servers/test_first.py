"""The way to the first EST server of a workspace, in the window."""

import pytest
from pytestqt.qtbot import QtBot

from app.models.domain.access import SYSTEM, Actor
from app.models.services.workspace.workspace import Workspace
from app.views.est_servers.page import EstServersPage
from app.views.jobs import Jobs
from app.views.pages import page_entries
from app.views.settings.settings_page import SettingsPage
from app.views.shell.main_window import MainWindow
from tests.views.est_servers.bench import stored
from tests.views.hands import buttons, form, press
from tests.views.soon import soon
from tests.views.station import FakeListener


@pytest.mark.req("EST-07", "SYS-05", "SYS-07")
def test_the_settings_lead_to_the_first_one(
    demo: Workspace, admin: Actor, jobs: Jobs, qtbot: QtBot
) -> None:
    window = MainWindow(demo, FakeListener(), page_entries, jobs)
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.show()
    window.sign_in.signed_in.emit(admin)
    desk = window.desk
    assert desk is not None
    desk.navigation.open("settings")
    settings = desk.page()
    assert isinstance(settings, SettingsPage)
    server = stored(demo)
    demo.est_servers.set_active(SYSTEM, server.id, active=False)
    demo.est_servers.delete(SYSTEM, server.id)
    desk.navigation.open("est-servers")
    desk.navigation.open("settings")
    press(settings, "Create an EST server")
    page = desk.page()
    assert isinstance(page, EstServersPage)
    press(page, "Create the first EST server")
    assert form(page).windowTitle() == "New EST server"
    form(page).reject()
    demo.est_servers.create(SYSTEM, server)
    desk.navigation.open("settings")
    soon(lambda: "Create an EST server" not in buttons(settings))
