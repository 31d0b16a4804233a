"""The Device types page as administrators, auditors and tenant administrators use it."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from pytestqt.qtbot import QtBot

from app.core.errors import NotFoundError
from app.models.domain.access import SYSTEM, Access, Sharing
from app.models.domain.device_types import DeviceField, DeviceProperty, DeviceType
from app.models.services.devices.creation import NewDevice
from app.models.services.workspace.workspace import Workspace
from app.views.device_types.page import DeviceTypesPage
from tests.views.device_types.conftest import stored
from tests.views.hands import (
    buttons,
    cells,
    check_tab_order,
    choose,
    click,
    dialog,
    fill,
    form,
    names,
    offered,
    press,
    texts,
    titles,
)
from tests.views.soon import soon

OpenPage = Callable[..., DeviceTypesPage]
GATEWAY = "Gateway 200"


def make_device(workspace: Workspace, name: str) -> None:
    wanted = NewDevice(
        name,
        1,
        1,
        stored(workspace).id,
        values={"serial_number": name},
        password="three green apples",
    )
    workspace.device_creation.create(SYSTEM, wanted)


@pytest.mark.req("DTL-01", "DTL-03", "DT-01")
def test_the_list_says_what_each_is_made_of_and_is_a_sound_model(
    demo: Workspace, open_page: OpenPage
) -> None:
    make_device(demo, "gw-1")
    page = open_page()
    tester = QAbstractItemModelTester(
        page.model, QAbstractItemModelTester.FailureReportingMode.Fatal
    )
    assert cells(page, GATEWAY) == {
        "Name": GATEWAY,
        "Access": "Tenant",
        "Factory source": "Gateway IDevID",
        "Operational templates": "Gateway mTLS client",
        "Devices": "1",
        "Status": "Active",
    }
    page.table.sortByColumn(titles(page).index("Devices"), Qt.SortOrder.DescendingOrder)
    soon(lambda: names(page)[0] == GATEWAY)
    assert page.search is not None
    QTest.keyClicks(page.search, "flow")
    soon(lambda: names(page) == ["Flow sensor"])
    assert tester.model() is page.model


@pytest.mark.req("DTL-03", "DTL-04")
def test_details_say_each_section_and_which_devices_go_by_which_version(
    demo: Workspace, open_page: OpenPage
) -> None:
    make_device(demo, "gw-1")
    demo.device_types.edit(SYSTEM, replace(stored(demo), enforce_factory_mode=True))
    make_device(demo, "gw-2")
    make_device(demo, "gw-3")
    page = open_page("ivan.petrov")
    choose(page, GATEWAY)
    soon(lambda: "Version 2 (now)" in texts(page.panel))
    read = texts(page.panel)
    for text in (
        "Acme Controls",
        "enforces factory mode",
        "password, file kept 8 hours",
        "Gateway IDevID",
        "from Device name",
        "from Serial number",
        "renewed in the last 2160 hours",
        "Fixed, “Gateway 200”",
        "Optional, “C2”",
    ):
        assert text in read
    assert read[read.index("Version 2 (now)") + 1] == "2"
    assert read[read.index("Version 1") + 1] == "1"
    assert buttons(page.panel) == []
    assert not page.new_action.isVisible()
    soon(lambda: any("Changed" in text for text in texts(page.panel)))


@pytest.mark.req("DT-02", "DT-03", "DTP-10", "DTP-11")
def test_a_new_type_has_the_seven_properties_none_of_them_required(
    demo: Workspace, open_page: OpenPage
) -> None:
    page = open_page()
    QTest.keyClick(page, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    new = form(page)
    fill(new, "name", "Pump")
    fill(new, "access", "Tenant")
    click(new.save)
    soon(lambda: page.banner.text() == "Pump is saved.")
    soon(lambda: "Pump" in names(page))
    made = stored(demo, "Pump")
    assert [one.key for one in made.fields] == list(DeviceProperty)
    assert not any(one.required or one.fixed or one.default for one in made.fields)
    assert made.sharing == Sharing(Access.TENANT, 1)


@pytest.mark.req("DTL-02", "DT-04", "DT-07", "DEC-01", "ROLE-05")
def test_a_tenant_admin_clones_what_everybody_has(demo: Workspace, open_page: OpenPage) -> None:
    demo.device_types.create(
        SYSTEM,
        DeviceType(id=0, name="Everywhere", fields=(DeviceField("mac", "MAC", required=True),)),
    )
    page = open_page("ruth.keller")
    choose(page, "Everywhere")
    soon(lambda: buttons(page.panel) == ["Clone…"])
    press(page.panel, "Clone…")
    clone = form(page)
    assert clone.fields["name"].value() == "Copy of Everywhere"
    assert offered(clone, "access") == ["Tenant", "Organization"]
    fill(clone, "access", "Organization")
    fill(clone, "organization_id", "North plant")
    fill(clone, "name", "Of the north")
    click(clone.save)
    soon(lambda: "Of the north" in names(page))
    made = stored(demo, "Of the north")
    assert made.sharing == Sharing(Access.ORGANIZATION, 1, 1)
    assert made.fields == (DeviceField("mac", "MAC", required=True),)
    choose(page, "Of the north")
    soon(lambda: buttons(page.panel) == ["Edit…", "Clone…", "Deactivate…"])


@pytest.mark.req("DTL-02", "DTL-05")
def test_an_edit_keeps_what_was_not_touched(demo: Workspace, open_page: OpenPage) -> None:
    before = stored(demo)
    page = open_page()
    choose(page, GATEWAY)
    press(page.panel, "Edit…")
    click(form(page).save)
    soon(lambda: page.banner.text() == f"{GATEWAY} is saved.")
    assert stored(demo) == before
    press(page.panel, "Edit…")
    again = form(page)
    fill(again, "name", "Gateway 300")
    fill(again, "description", "Newer.")
    click(again.save)
    soon(lambda: "Gateway 300" in names(page))
    assert stored(demo, "Gateway 300") == replace(before, name="Gateway 300", description="Newer.")


@pytest.mark.req("DTL-02", "DTL-04", "DTL-06")
def test_only_inactive_types_can_be_deleted_and_only_after_asking(
    demo: Workspace, open_page: OpenPage
) -> None:
    make_device(demo, "gw-1")
    unused = demo.device_types.create(SYSTEM, replace(stored(demo), id=0, name="Unused"))
    page = open_page()
    for name in (GATEWAY, "Unused"):
        choose(page, name)
        soon(lambda: "Deactivate…" in buttons(page.panel))
        assert "Delete…" not in buttons(page.panel)
        press(page.panel, "Deactivate…")
        asked = dialog(page)
        assert any("Devices that exist go on" in text for text in texts(asked))
        press(asked, "Deactivate")
        soon(lambda one=name: page.banner.text() == f"{one} is inactive.")  # type: ignore[misc]  # bound now
    press(page.panel, "Delete…")
    asked = dialog(page)
    assert "Delete Unused?" in texts(asked)
    assert any("cannot be undone" in text for text in texts(asked))
    press(asked, "Cancel")
    assert demo.device_types.read(SYSTEM, unused.id).name == "Unused"
    press(page.panel, "Delete…")
    press(dialog(page), "Delete")
    soon(lambda: "Unused" not in names(page))
    with pytest.raises(NotFoundError):
        demo.device_types.read(SYSTEM, unused.id)
    choose(page, GATEWAY)
    press(page.panel, "Delete…")
    press(dialog(page), "Delete")
    soon(lambda: "still in use" in page.banner.text())
    press(page.panel, "Activate")
    soon(lambda: stored(demo).active)


def test_tab_comes_by_everything(qtbot: QtBot, open_page: OpenPage) -> None:
    page = open_page()
    choose(page, GATEWAY)
    check_tab_order(qtbot, page)
