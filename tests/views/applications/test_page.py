"""The API applications page as an administrator uses it."""

import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QDialog, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from app.models.domain.access import Actor, Channel, Role
from app.models.domain.applications import ApiApplication
from app.models.services.listing import ListQuery
from app.models.services.setup.demo_data import make_demo_application
from app.models.services.workspace.workspace import Workspace
from app.views.applications.key_dialog import KeyDialog
from app.views.applications.page import ApplicationsPage
from app.views.jobs import Jobs
from app.views.shell.listener_control import ListenerSwitch
from app.views.widgets.copy_label import CopyLabel
from tests.fakes import FakeClock
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
    opened_pages,
    press,
    shown_fields,
    texts,
)
from tests.views.soon import soon
from tests.views.station import FakeListener

NAME = "Line 2 control"
PASSPHRASE = "a passphrase of the line"
OpenPage = Callable[[str], ApplicationsPage]
PEOPLE = {
    "admin": Actor("admin", Channel.WINDOW, Role.ADMIN),
    "ruth.keller": Actor("ruth.keller", Channel.WINDOW, Role.TENANT_ADMIN, tenant_id=1),
    "paul.jensen": Actor("paul.jensen", Channel.WINDOW, Role.TENANT_AUDITOR, tenant_id=1),
}


@pytest.fixture
def plant(demo: Workspace) -> Workspace:
    """The demo with its application, and another tenant with one."""
    make_demo_application(demo, PEOPLE["admin"])
    other = demo.tenants.create_tenant(PEOPLE["admin"], "Rival")
    demo.applications.create(PEOPLE["admin"], "Rival MES", other.id)
    return demo


@pytest.fixture
def switch(plant: Workspace, jobs: Jobs, qapp: QApplication) -> ListenerSwitch:
    """The window's hand on a listener without a network."""
    return ListenerSwitch(FakeListener(), plant.settings, jobs, qapp)


@pytest.fixture
def open_page(
    qtbot: QtBot, plant: Workspace, jobs: Jobs, switch: ListenerSwitch
) -> Iterator[OpenPage]:
    """Opens the page of a person; files are saved as `saved` in the workspace."""

    def ask(_parent: QWidget, _title: str, _name: str, chosen: Callable[[Path], None]) -> None:
        chosen(plant.folder / "saved")

    def make(name: str) -> ApplicationsPage:
        return ApplicationsPage(plant, PEOPLE[name], jobs, switch, ask=ask)

    with opened_pages(qtbot, make) as opened:
        yield opened


def application(plant: Workspace, name: str = NAME) -> ApiApplication:
    found = plant.applications.page(PEOPLE["admin"], ListQuery(text=name), 0, 9)
    return next(row.application for row in found if row.application.name == name)


def key_dialog(page: QWidget) -> KeyDialog:
    """The dialog with the new key; nothing else is open by then."""
    soon(lambda: any(one.isVisible() for one in page.findChildren(KeyDialog)))
    shown = dialog(page)
    assert isinstance(shown, KeyDialog)
    return shown


def signs_in(plant: Workspace, app_id: str, key: str) -> bool:
    actor = plant.applications.authenticate(app_id, key, Channel.API, "10.0.0.7")
    return actor.application_id is not None


@pytest.mark.req("SYS-03", "SYS-10")
def test_the_list_is_a_sound_model_and_names_owners(plant: Workspace, open_page: OpenPage) -> None:
    page = open_page("admin")
    assert names(page) == [NAME, "Rival MES"]
    assert cells(page, NAME) == {
        "Name": NAME,
        "AppID": application(plant).app_id,
        "Tenant": "Acme Controls",
        "Organization": "North plant",
        "Last used": "never",
        "Status": "Active",
    }
    assert cells(page, "Rival MES")["Organization"] == "Whole tenant"
    tester = QAbstractItemModelTester(
        page.model, QAbstractItemModelTester.FailureReportingMode.Fatal
    )
    page.model.reload()
    assert page.search is not None
    QTest.keyClicks(page.search, application(plant).app_id[:9])
    soon(lambda: names(page) == [NAME])
    assert tester.model() is page.model


@pytest.mark.req("SYS-10", "RBAC-06")
def test_a_new_application_shows_its_key_this_once(plant: Workspace, open_page: OpenPage) -> None:
    page = open_page("admin")
    press(page, "New API application")
    shown = form(page)
    fill(shown, "name", "Test bench 4")
    fill(shown, "tenant_id", "Acme Controls")
    assert offered(shown, "organization_id") == ["Whole tenant", "North plant", "South plant"]
    fill(shown, "organization_id", "South plant")
    QTest.keyClicks(shown.fields["description"].editor, "Bench in the lab.")
    press(shown, "Save")
    given = key_dialog(page)
    app_id, key = given.app_id.value(), given.app_key.value()
    assert any("shown only now" in text for text in texts(given))
    made = application(plant, "Test bench 4")
    assert (made.app_id, made.description) == (app_id, "Bench in the lab.")
    assert signs_in(plant, app_id, key)
    copy = next(b for b in given.findChildren(QToolButton) if b.accessibleName() == "Copy AppKey")
    click(copy)
    assert QApplication.clipboard().text() == key
    press(given, "Close")
    question = next(d for d in given.findChildren(QDialog) if d.isVisible())
    assert "Has the AppKey been kept?" in texts(question)
    press(question, "Close")
    soon(lambda: not any(one.isVisible() for one in page.findChildren(QDialog)))
    soon(lambda: "Test bench 4" in names(page))


def test_a_saved_key_closes_without_a_question(plant: Workspace, open_page: OpenPage) -> None:
    page = open_page("admin")
    choose(page, NAME)
    press(page.panel, "Rotate key…")
    press(form(page), "Make new key")
    given = key_dialog(page)
    QTest.keyClick(given, Qt.Key.Key_Escape)
    question = next(d for d in given.findChildren(QDialog) if d.isVisible())
    press(question, "Cancel")
    assert given.isVisible()
    press(given, "Save to file…")
    soon(lambda: "Saved as" in given.banner.text())
    key = given.app_key.value()
    saved = (plant.folder / "saved").read_text()
    assert saved == f"AppID: {application(plant).app_id}\nAppKey: {key}\n"
    press(given, "Close")
    soon(lambda: not any(one.isVisible() for one in page.findChildren(QDialog)))


@pytest.mark.req("SYS-10")
def test_a_rotated_key_leaves_the_old_one_good_for_a_while(
    plant: Workspace, clock: FakeClock, open_page: OpenPage
) -> None:
    old = plant.applications.rotate_key(PEOPLE["admin"], application(plant).id, 0)
    page = open_page("admin")
    choose(page, NAME)
    press(page.panel, "Rotate key…")
    shown = form(page)
    hours = shown.fields["overlap_hours"].editor
    hours.setFocus()
    QTest.keyClick(hours, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(hours, "2")
    press(shown, "Make new key")
    given = key_dialog(page)
    assert any("The old one stays good until 2 Mar 2026" in text for text in texts(given))
    app_id = application(plant).app_id
    assert signs_in(plant, app_id, old)
    assert signs_in(plant, app_id, given.app_key.value())
    soon(lambda: "Old AppKey until" in texts(page.panel))
    until = application(plant).previous_key_until
    assert until is not None
    assert (until - clock.now()).total_seconds() == 2 * 3600


def test_a_taken_name_is_told_under_the_field(plant: Workspace, open_page: OpenPage) -> None:
    page = open_page("ruth.keller")
    press(page, "New API application")
    shown = form(page)
    assert shown_fields(shown) == ["name", "organization_id", "description"]
    fill(shown, "name", NAME)
    press(shown, "Save")
    soon(lambda: "taken" in shown.fields["name"].message())
    fill(shown, "name", "Line 3 control")
    press(shown, "Save")
    key_dialog(page)
    assert application(plant, "Line 3 control").organization_id is None


def test_edit_changes_name_and_description(plant: Workspace, open_page: OpenPage) -> None:
    page = open_page("admin")
    choose(page, NAME)
    press(page.panel, "Edit…")
    shown = form(page)
    fill(shown, "name", "Line 2 PLC")
    press(shown, "Save")
    soon(lambda: "Line 2 PLC" in names(page))
    assert application(plant, "Line 2 PLC").description.startswith("Asks for")


@pytest.mark.req("SYS-10")
def test_a_certificate_is_issued_and_saved_as_pfx(plant: Workspace, open_page: OpenPage) -> None:
    page = open_page("admin")
    choose(page, NAME)
    assert "None yet." in texts(page.panel)
    press(page.panel, "Issue certificate…")
    shown = form(page)
    assert offered(shown, "template_id") == ["Line control"]
    fill(shown, "subject.O", "Acme Controls")
    fill(shown, "pfx_passphrase", PASSPHRASE)
    fill(shown, "repeated", PASSPHRASE[:-1])
    press(shown, "Issue certificate")
    soon(lambda: shown.fields["repeated"].message() == "The two passphrases differ.")
    fill(shown, "repeated", PASSPHRASE)
    press(shown, "Issue certificate")
    soon(lambda: "Saved as" in page.banner.text())
    saved = plant.folder / "saved"
    shown_by_openssl = subprocess.run(
        ["openssl", "pkcs12", "-in", saved, "-nodes", "-passin", f"pass:{PASSPHRASE}"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "PRIVATE KEY" in shown_by_openssl
    assert "Line 2 control" in shown_by_openssl
    assert "Acme Controls" in shown_by_openssl
    (certificate,) = plant.certificates.of_application(PEOPLE["admin"], application(plant).id)
    soon(lambda: certificate.serial in _panel(page))
    press(page.panel, "Save PEM…")
    soon(lambda: saved.read_bytes().startswith(b"-----BEGIN CERTIFICATE"))
    first = saved.read_text().partition("-----END CERTIFICATE-----\n")
    der = ssl.PEM_cert_to_DER_cert(first[0] + first[1])
    assert plant.certificates.get(PEOPLE["admin"], certificate.id).der == der


def test_without_a_template_nothing_is_asked(plant: Workspace, open_page: OpenPage) -> None:
    page = open_page("admin")
    choose(page, "Rival MES")
    press(page.panel, "Issue certificate…")
    soon(lambda: "no template for certificates of Rival MES" in page.banner.text())
    assert [d for d in page.findChildren(QDialog) if d.isVisible()] == []
    assert not plant.locked


@pytest.mark.req("SYS-10")
def test_est_servers_are_unlinked_and_linked(plant: Workspace, open_page: OpenPage) -> None:
    admin = PEOPLE["admin"]
    server = plant.est_servers.all(admin)[0]
    page = open_page("admin")
    choose(page, NAME)
    assert "North plant bench" in texts(page.panel)
    press(page.panel, "Unlink…")
    press(dialog(page), "Unlink")
    soon(lambda: plant.applications.linked(admin, server.id) == ())
    soon(lambda: "Link…" in buttons(page.panel))
    press(page.panel, "Link…")
    shown = form(page)
    assert offered(shown, "est_server_id") == ["North plant bench"]
    press(shown, "Link")
    soon(lambda: "Unlink…" in buttons(page.panel))
    assert [one.name for one in plant.applications.linked(admin, server.id)] == [NAME]


@pytest.mark.req("RBAC-06")
def test_switched_off_and_deleted(plant: Workspace, open_page: OpenPage) -> None:
    page = open_page("ruth.keller")
    choose(page, NAME)
    press(page.panel, "Deactivate…")
    press(dialog(page), "Deactivate")
    soon(lambda: not application(plant).active)
    soon(lambda: "Delete…" in buttons(page.panel))
    assert not {"Rotate key…", "Issue certificate…", "Deactivate…"} & set(buttons(page.panel))
    press(page.panel, "Delete…")
    press(dialog(page), "Delete")
    soon(lambda: page.model.rowCount() == 0)
    assert "is deleted" in page.banner.text()


@pytest.mark.req("RBAC-06")
def test_an_auditor_sees_the_tenants_and_changes_nothing(open_page: OpenPage) -> None:
    page = open_page("paul.jensen")
    assert names(page) == [NAME]
    assert "New API application" not in buttons(page)
    choose(page, NAME)
    assert [text for text in buttons(page.panel) if text != "Show more"] == []


def test_tab_visits_the_list_and_the_details(open_page: OpenPage, qtbot: QtBot) -> None:
    page = open_page("admin")
    choose(page, NAME)
    soon(lambda: page.panel.findChildren(QPushButton) != [])
    check_tab_order(qtbot, page)


def _panel(page: ApplicationsPage) -> list[str]:
    """What the details say, without the places where they may break."""
    return [text.replace("\N{ZERO WIDTH SPACE}", "") for text in texts(page.panel)]


def test_the_details_follow_where_the_listener_runs(
    plant: Workspace, open_page: OpenPage, switch: ListenerSwitch
) -> None:
    plant.settings.change(listener_host="127.0.0.1", listener_port=8443)
    page = open_page("admin")
    choose(page, NAME)
    soon(lambda: "https://127.0.0.1:8443/v2/auth" in addresses(page.panel))
    plant.settings.change(listener_port=9443)
    switch.start()
    soon(lambda: "https://127.0.0.1:9443/v2/auth" in addresses(page.panel))
    copy = next(
        b
        for b in page.panel.findChildren(QToolButton)
        if b.accessibleName() == "Copy sign-in address"
    )
    click(copy)
    assert QApplication.clipboard().text() == "https://127.0.0.1:9443/v2/auth"


def addresses(panel: QWidget) -> list[str]:
    return [label.value() for label in panel.findChildren(CopyLabel)]
