"""The EST servers page: the list, what it tells of one, and what is done to it."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtTest import QAbstractItemModelTester, QTest
from pytestqt.qtbot import QtBot

from app.core.errors import NotFoundError
from app.models.domain.access import SYSTEM
from app.models.domain.events import EntityChanged
from app.models.services.workspace.workspace import Workspace
from app.views.est_servers.page import EstServersPage
from tests.views.est_servers.bench import NAME, NO_TEMPLATE, copied, label_names, stored
from tests.views.est_servers.conftest import OpenPage
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

FILES = ["Client files…", "Save root certificates…"]
ACTIVE = ["Test connection", "Edit…", "Clone…", *FILES, "Deactivate…"]
INACTIVE = ["Edit…", "Clone…", "Activate", "Delete…"]
IN_SECTIONS = {"Add label…", "Remove…", "Link…", "Unlink…"}


def actions(page: EstServersPage) -> list[str]:
    """What can be done to the row, apart from the sections of its details; each once."""
    return [text for text in dict.fromkeys(buttons(page.panel)) if text not in IN_SECTIONS]


@pytest.mark.req("EST-01", "EST-17", "SYS-05")
def test_the_list_says_what_each_is_and_is_a_sound_model(
    plant: Workspace, open_page: OpenPage
) -> None:
    page = open_page()
    tester = QAbstractItemModelTester(
        page.model, QAbstractItemModelTester.FailureReportingMode.Fatal
    )
    assert cells(page, NAME) == {
        "Name": NAME,
        "Status": "Active",
        "Domain": stored(plant).domain,
        "Tenant": "Acme Controls",
        "Organization": "North plant",
        "Device type": "Gateway 200",
        "Authentication": "Password or certificate",
    }
    assert page.search is not None
    QTest.keyClicks(page.search, "gateway")
    soon(lambda: names(page) == [NAME])
    QTest.keyClicks(page.search, " of no kind")
    soon(lambda: names(page) == [])
    assert tester.model() is page.model


@pytest.mark.req("EST-02", "EST-18")
def test_the_details_tell_how_a_device_gets_there(plant: Workspace, open_page: OpenPage) -> None:
    plant.settings.change(listener_port=9443)
    page = open_page()
    choose(page, NAME)
    url = f"https://{stored(plant).domain}:9443/.well-known/est"
    soon(lambda: actions(page) == ACTIVE)
    assert copied(page, "Address") == url
    command = copied(page, "Commands")
    assert command.splitlines()[1].startswith("base64 device.csr | curl --cacert ca.pem --user")
    assert command.endswith(f"{url}/simpleenroll")
    soon(lambda: "Created" in texts(page.panel))
    assert {"Gateway 200", "everywhere", "no special rules"} <= set(texts(page.panel))
    assert not any("idevid.pem" in text for text in texts(page.panel))


@pytest.mark.req("EST-02", "EST-12")
def test_the_details_name_the_files_of_devices_without_passwords(
    plant: Workspace, open_page: OpenPage
) -> None:
    plant.est_servers.edit(SYSTEM, replace(stored(plant), password_authentication=False))
    page = open_page()
    choose(page, NAME)
    assert "--cert idevid.pem --key idevid.key" in copied(page, "Commands")
    assert any("idevid.pem is its factory certificate" in text for text in texts(page.panel))


@pytest.mark.req("LBL-01", "LBL-02", "LBL-03", "LBL-04")
def test_labels_are_added_and_removed(plant: Workspace, open_page: OpenPage) -> None:
    page = open_page("ruth.keller")
    choose(page, NAME)
    press(page.panel, "Add label…")
    shown = form(page)
    assert offered(shown, "device_type_id") == [
        "Choose…",
        NO_TEMPLATE,
        "Flow sensor",
        "Gateway 200",
    ]
    fill(shown, "name", "Flow sensors")
    fill(shown, "device_type_id", NO_TEMPLATE)
    click(shown.save)
    soon(lambda: "3 to 24" in shown.fields["name"].message() and shown.save.isEnabled())
    fill(shown, "name", "sensors")
    click(shown.save)
    soon(lambda: "no operational template" in shown.fields["device_type_id"].message())
    soon(shown.save.isEnabled)
    fill(shown, "device_type_id", "Flow sensor")
    click(shown.save)
    soon(lambda: page.banner.text() == "The label sensors was added.")
    soon(lambda: {"sensors", "Flow sensor"} <= set(texts(page.panel)))
    assert copied(page, "Address of sensors").endswith("/.well-known/est/sensors")
    assert label_names(plant) == ["sensors"]
    press(page.panel, "Remove…")
    press(dialog(page), "Remove")
    soon(lambda: label_names(plant) == [])
    soon(lambda: "sensors" not in texts(page.panel))


@pytest.mark.req("DEC-05")
def test_applications_are_linked_and_unlinked(plant: Workspace, open_page: OpenPage) -> None:
    def linked() -> list[str]:
        return [one.name for one in plant.applications.linked(SYSTEM, stored(plant).id)]

    page = open_page()
    choose(page, NAME)
    assert "Line 2 control" in texts(page.panel)
    assert "Inactive" not in texts(page.panel)
    (application,) = plant.applications.linked(SYSTEM, stored(plant).id)
    plant.applications.set_active(SYSTEM, application.id, active=False)
    page.renew()
    soon(lambda: "Inactive" in texts(page.panel))
    plant.applications.set_active(SYSTEM, application.id, active=True)
    press(page.panel, "Unlink…")
    press(dialog(page), "Unlink")
    soon(lambda: linked() == [])
    soon(lambda: "Link…" in buttons(page.panel))
    press(page.panel, "Link…")
    assert offered(form(page), "application_id") == ["Line 2 control"]
    press(form(page), "Link")
    soon(lambda: linked() == ["Line 2 control"])
    soon(lambda: "Unlink…" in buttons(page.panel))


@pytest.mark.req("EST-18", "EST-20", "RBAC-03")
@pytest.mark.parametrize("name", ["admin", "ruth.keller"])
def test_switching_off_and_deleting(plant: Workspace, open_page: OpenPage, name: str) -> None:
    server = stored(plant)
    plant.est_servers.add_label(SYSTEM, server.id, "gateways", server.device_type_id)
    page = open_page(name)
    choose(page, NAME)
    press(page.panel, "Deactivate…")
    asked = dialog(page)
    assert any(server.domain in said for said in texts(asked))
    press(asked, "Deactivate")
    soon(lambda: page.banner.text() == f"{NAME} is inactive.")
    soon(lambda: actions(page) == INACTIVE)
    press(page.panel, "Activate")
    soon(lambda: stored(plant).active)
    soon(lambda: actions(page) == ACTIVE)
    press(page.panel, "Deactivate…")
    press(dialog(page), "Deactivate")
    press(page.panel, "Delete…")
    asked = dialog(page)
    assert any("cannot be undone. Its labels go with it." in said for said in texts(asked))
    press(asked, "Delete")
    soon(lambda: names(page) == [])
    with pytest.raises(NotFoundError):
        plant.est_servers.get(SYSTEM, server.id)


@pytest.mark.req("RBAC-03")
def test_what_cannot_work_any_more_is_not_switched_on(
    plant: Workspace, open_page: OpenPage
) -> None:
    server = stored(plant)
    plant.est_servers.set_active(SYSTEM, server.id, active=False)
    plant.device_types.set_active(SYSTEM, server.device_type_id, active=False)
    page = open_page()
    choose(page, NAME)
    press(page.panel, "Activate")
    soon(lambda: page.banner.text().startswith("The device type Gateway 200 cannot be used here."))
    assert not stored(plant).active


@pytest.mark.req("EST-01", "RBAC-03")
@pytest.mark.parametrize(("name", "sees_tenants"), [("ivan.petrov", True), ("paul.jensen", False)])
def test_auditors_only_look(open_page: OpenPage, name: str, sees_tenants: bool) -> None:
    page = open_page(name)
    assert ("Tenant" in titles(page)) is sees_tenants
    choose(page, NAME)
    assert not page.new_action.isVisible()
    soon(lambda: buttons(page.panel) == FILES)
    assert "Line 2 control" in texts(page.panel)


@pytest.mark.parametrize("served", [True, False])
def test_root_certificates_are_saved(
    plant: Workspace, open_page: OpenPage, tmp_path: Path, served: bool
) -> None:
    page = open_page()
    choose(page, NAME)
    if not served:
        plant.est_servers.set_active(SYSTEM, stored(plant).id, active=False)
    press(page.panel, "Save root certificates…")
    if served:
        soon(lambda: "ca.pem" in page.banner.text())
        assert (tmp_path / "ca.pem").read_bytes() == plant.est_endpoints.trust_anchors()
    else:
        soon(lambda: page.banner.text().startswith("No EST server can answer."))
        assert not (tmp_path / "ca.pem").exists()


def test_it_follows_what_others_do(plant: Workspace, open_page: OpenPage) -> None:
    page = open_page()
    choose(page, NAME)
    server = stored(plant)
    plant.store.events.subscribe(EntityChanged, page.on_event)
    plant.est_servers.add_label(SYSTEM, server.id, "gateways", server.device_type_id)
    soon(lambda: "gateways" in texts(page.panel))


def test_tab_comes_by_everything(qtbot: QtBot, open_page: OpenPage) -> None:
    page = open_page()
    choose(page, NAME)
    check_tab_order(qtbot, page)
