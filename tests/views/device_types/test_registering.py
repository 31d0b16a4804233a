"""An external CA registered from the form of a device type, through the whole window."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.models.domain.access import SYSTEM, Actor
from app.models.services.listing import ListQuery
from app.models.services.workspace.workspace import Workspace
from app.views.device_types.ca_field import CaField
from app.views.device_types.form import DeviceTypeForm
from app.views.device_types.page import DeviceTypesPage
from app.views.external_cas.form import RegisterForm
from app.views.jobs import Jobs
from app.views.pages import page_entries
from app.views.shell.main_window import MainWindow
from app.views.widgets.file_field import FileField
from tests.manufacturer import Manufacturer
from tests.views.device_types.conftest import stored
from tests.views.hands import choose, click, fill
from tests.views.soon import soon
from tests.views.station import FakeListener


@pytest.mark.req("DTC-08", "DTC-09", "ECA-02")
def test_register_new_adds_one_that_is_chosen_once_it_is_verified(
    demo: Workspace, admin: Actor, jobs: Jobs, qtbot: QtBot, tmp_path: Path
) -> None:
    window = MainWindow(demo, FakeListener(), page_entries, jobs)
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.show()
    window.sign_in.signed_in.emit(admin)
    desk = window.desk
    assert desk is not None
    desk.navigation.open("device-types")
    page = desk.page()
    assert isinstance(page, DeviceTypesPage)
    choose(page, "Gateway 200")
    page.edit.trigger()
    soon(lambda: bool(page.findChildren(DeviceTypeForm)))
    (form,) = page.findChildren(DeviceTypeForm)
    form.sections[0].open()
    fill(form, "source", "Issued by an external CA")
    field = form.fields["external_ca_id"]
    assert isinstance(field, CaField)
    click(field.register)
    soon(lambda: bool(form.findChildren(RegisterForm)))
    (register,) = form.findChildren(RegisterForm)
    fill(register, "name", "Sensor maker")
    file = register.fields["certificate"]
    assert isinstance(file, FileField)
    file.input.received.emit(Manufacturer(tmp_path / "maker").certificate, "ca.pem")
    QTest.keyClick(register.fields["verified"].editor, Qt.Key.Key_Space)
    if not register.fields["tenant_id"].isHidden():
        fill(register, "tenant_id", "Acme Controls")
    click(register.save)
    soon(lambda: field.input.currentText() == "Sensor maker")
    click(form.save)
    soon(lambda: stored(demo).external_ca_id is not None)
    (row,) = demo.external_cas.page(SYSTEM, ListQuery("Sensor maker"), 0, 10)
    assert stored(demo).external_ca_id == row.ca.id
