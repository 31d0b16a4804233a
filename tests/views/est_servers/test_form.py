"""The form of an EST server as administrators use it."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPlainTextEdit
from pytestqt.qtbot import QtBot

from app.models.domain.access import SYSTEM, Access, Sharing
from app.models.domain.est_servers import Base64Form
from app.models.services.workspace.workspace import Workspace
from app.views.widgets.field import ChoiceField, TextField
from app.views.widgets.form_dialog import FormDialog
from tests.views.est_servers.bench import (
    NAME,
    NO_TEMPLATE,
    device_type,
    est_form,
    label_names,
    new_form,
    stored,
    tick,
    type_lines,
)
from tests.views.est_servers.conftest import OpenPage
from tests.views.hands import choose, click, fill, names, offered, shown_fields
from tests.views.soon import soon
from tests.views.station import reached_by_tab, tab_stops


def text(shown: FormDialog, key: str) -> str:
    """What stands in the field."""
    field = shown.fields[key]
    if isinstance(field, ChoiceField):
        return str(field.input.currentText())
    assert isinstance(field, TextField)
    return field.input.text()


@pytest.mark.req("EST-07", "EST-08", "EST-09", "EST-11", "EST-12", "EST-13", "SYS-05", "SYS-08")
def test_a_new_one_is_made_by_few_choices(plant: Workspace, open_page: OpenPage) -> None:
    page = open_page()
    shown = new_form(page)
    click(shown.save)
    assert shown.fields["name"].message() == "Fill this in."
    domain = text(shown, "domain")
    assert domain.endswith(".est.local")
    assert offered(shown, "tenant_id") == ["Choose…", "Acme Controls", "Rival"]
    assert offered(shown, "organization_id") == ["Choose a tenant"]
    fill(shown, "name", "South plant bench")
    fill(shown, "tenant_id", "Acme Controls")
    assert offered(shown, "organization_id") == ["Choose…", "North plant", "South plant"]
    assert offered(shown, "device_type_id") == ["Choose an organization"]
    fill(shown, "organization_id", "South plant")
    assert offered(shown, "device_type_id") == [
        "Choose…",
        NO_TEMPLATE,
        "Flow sensor",
        "Gateway 200",
    ]
    click(shown.save)
    assert shown.fields["device_type_id"].message() == "Fill this in."
    fill(shown, "device_type_id", "Gateway 200")
    click(shown.save)
    soon(lambda: page.banner.text().startswith("South plant bench is saved."))
    soon(lambda: "South plant bench" in names(page))
    made = stored(plant, "South plant bench")
    assert (made.domain, made.active, made.organization_id) == (domain, True, 2)
    assert (made.password_authentication, made.certificate_authentication) == (True, True)
    assert made.device_type_id == device_type(plant, "Gateway 200").id


@pytest.mark.req("EST-06", "EST-09")
def test_only_what_is_active_and_offered_is_asked_for(
    plant: Workspace, open_page: OpenPage
) -> None:
    plant.device_types.set_active(SYSTEM, device_type(plant, NO_TEMPLATE).id, active=False)
    sensor = device_type(plant, "Flow sensor")
    plant.device_types.edit(
        SYSTEM, replace(sensor, sharing=Sharing(Access.ORGANIZATION, 1, 1), name="North only")
    )
    shown = new_form(open_page("ruth.keller"))
    assert "tenant_id" not in shown_fields(shown)
    fill(shown, "organization_id", "South plant")
    assert offered(shown, "device_type_id") == ["Gateway 200"]
    fill(shown, "organization_id", "North plant")
    assert offered(shown, "device_type_id") == ["Choose…", "Gateway 200", "North only"]


@pytest.mark.req("EST-08", "EST-15")
def test_a_domain_is_below_the_base_and_of_one_tenant(
    plant: Workspace, open_page: OpenPage
) -> None:
    shown = new_form(open_page())
    generated = text(shown, "domain")
    fill(shown, "name", "Rival bench")
    fill(shown, "tenant_id", "Rival")
    assert text(shown, "organization_id") == "Rival plant"
    assert text(shown, "device_type_id") == "Rival board"
    for domain, said in (
        ("est.example.com", "The domain must end with .est.local."),
        (stored(plant).domain, "is used by another tenant."),
    ):
        fill(shown, "domain", domain)
        click(shown.save)
        soon(lambda said=said: said in shown.fields["domain"].message())  # type: ignore[misc]
        soon(shown.save.isEnabled)
    domain_field = shown.fields["domain"]
    assert isinstance(domain_field, TextField)
    domain_field.input.setFocus()
    domain_field.input.selectAll()
    QTest.keyClick(domain_field.input, Qt.Key.Key_Backspace)
    QTest.keyClick(domain_field.input, Qt.Key.Key_Tab)
    assert text(shown, "domain") == generated


@pytest.mark.req("EST-05", "EST-11", "EST-12", "EST-13")
def test_how_devices_authenticate_depends_on_their_type(
    plant: Workspace, open_page: OpenPage
) -> None:
    page = open_page()
    choose(page, NAME)
    shown = est_form(page, "Edit…")
    password = shown.fields["password_authentication"]
    certificate = shown.fields["certificate_authentication"]
    fill(shown, "device_type_id", "Flow sensor")
    assert password.message() == "Devices of Flow sensor have no password."
    tick(shown, "password_authentication")
    assert "has here" in password.message()
    fill(shown, "device_type_id", NO_TEMPLATE)
    assert not certificate.editor.isEnabled()
    assert not certificate.value()
    assert certificate.message().startswith(f"{NO_TEMPLATE} has no operational template")
    click(shown.save)
    soon(lambda: password.message().startswith("Devices need a way to authenticate."))
    assert stored(plant).certificate_authentication
    soon(shown.save.isEnabled)
    tick(shown, "password_authentication")
    click(shown.save)
    soon(lambda: not stored(plant).certificate_authentication)
    soon(lambda: page.banner.text().startswith(f"{NAME} is saved."))
    assert stored(plant).password_authentication


def test_passing_by_a_type_that_cannot_have_certificates_changes_nothing(
    open_page: OpenPage,
) -> None:
    page = open_page()
    choose(page, NAME)
    shown = est_form(page, "Edit…")
    certificate = shown.fields["certificate_authentication"]
    types = shown.fields["device_type_id"].editor
    types.setFocus()
    QTest.keyClick(types, Qt.Key.Key_Home)
    while text(shown, "device_type_id") != NO_TEMPLATE:
        QTest.keyClick(types, Qt.Key.Key_Down)
    assert not certificate.value()
    QTest.keyClick(types, Qt.Key.Key_Down)
    assert text(shown, "device_type_id") == "Flow sensor"
    assert certificate.editor.isEnabled()
    assert certificate.value()


@pytest.mark.req("DEC-11")
def test_the_wrong_one_of_several_addresses_is_selected(open_page: OpenPage) -> None:
    page = open_page()
    choose(page, NAME)
    shown = est_form(page, "Edit…")
    type_lines(shown, "allowed_addresses", "10.0.0.1\n\n10.0.0.5/24\n10.0.0.300\nfd00::/8")
    click(shown.save)
    addresses = shown.fields["allowed_addresses"]
    soon(lambda: addresses.message().endswith("Write the network as 10.0.0.0/24."))
    editor = addresses.editor
    assert isinstance(editor, QPlainTextEdit)
    assert editor.textCursor().selectedText() == "10.0.0.5/24"
    soon(editor.hasFocus)


@pytest.mark.req("EST-10", "EST-14", "EST-19", "DEC-11", "DEC-17", "DEC-21", "SYS-08")
def test_everything_can_be_changed(plant: Workspace, open_page: OpenPage) -> None:
    page = open_page()
    choose(page, NAME)
    shown = est_form(page, "Edit…")
    assert [section.is_open() for section in shown.sections] == [True, False, False]
    for section in shown.sections[1:]:
        section.open()
    type_lines(shown, "allowed_addresses", "10.0.0.7\n10.0.0.300\n")
    tick(shown, "require_pop")
    tick(shown, "server_key_generation")
    tick(shown, "enrol_others")
    fill(shown, "base64_form", "Always in one line")
    fill(shown, "name", "Bench 1")
    fill(shown, "domain", "bench1.est.local")
    fill(shown, "organization_id", "South plant")
    fill(shown, "device_type_id", "Flow sensor")
    click(shown.save)
    soon(lambda: "10.0.0.300" in shown.fields["allowed_addresses"].message())
    soon(shown.save.isEnabled)
    type_lines(shown, "allowed_addresses", "10.0.0.7\n10.1.0.0/16\n10.0.0.5 - 10.0.0.9")
    before = stored(plant)
    click(shown.save)
    soon(lambda: "Line 2 control" in shown.fields["organization_id"].message())
    soon(shown.save.isEnabled)
    (linked,) = plant.applications.linked(SYSTEM, before.id)
    plant.applications.unlink(SYSTEM, before.id, linked.id)
    click(shown.save)
    soon(lambda: "Bench 1" in names(page))
    changed = stored(plant, "Bench 1")
    assert changed == replace(
        before,
        name="Bench 1",
        domain="bench1.est.local",
        organization_id=2,
        device_type_id=device_type(plant, "Flow sensor").id,
        require_pop=True,
        server_key_generation=True,
        enrol_others=True,
        base64_form=Base64Form.SINGLE_LINE,
        allowed_addresses=changed.allowed_addresses,
    )
    assert changed.allowed_addresses == ("10.0.0.7", "10.1.0.0/16", "10.0.0.5-10.0.0.9")


@pytest.mark.req("EST-16", "EST-17", "LBL-01")
def test_a_clone_is_for_another_organization_and_takes_labels_along(
    plant: Workspace, open_page: OpenPage
) -> None:
    server, sensor = stored(plant), device_type(plant, "Flow sensor")
    plant.est_servers.add_label(SYSTEM, server.id, "gateways", server.device_type_id)
    plant.est_servers.add_label(SYSTEM, server.id, "sensors", sensor.id)
    plant.device_types.set_active(SYSTEM, sensor.id, active=False)
    page = open_page("ruth.keller")
    choose(page, NAME)
    shown = est_form(page, "Clone…")
    assert text(shown, "name") == f"Copy of {NAME}"
    assert text(shown, "domain") == server.domain
    assert text(shown, "organization_id") == "Choose…"
    fill(shown, "organization_id", "South plant")
    assert shown.fields["labels"].message().startswith("Not sensors:")
    assert text(shown, "device_type_id") == "Gateway 200"
    click(shown.save)
    soon(lambda: f"Copy of {NAME}" in names(page))
    made = stored(plant, f"Copy of {NAME}")
    assert made == replace(server, id=made.id, name=made.name, organization_id=2)
    assert label_names(plant, made.name) == ["gateways"]


@pytest.mark.req("EST-05", "EST-16", "LBL-04")
def test_a_label_without_certificates_comes_along_where_none_are_taken(
    plant: Workspace, open_page: OpenPage
) -> None:
    server, sensor = stored(plant), device_type(plant, "Flow sensor")
    bare = replace(sensor, id=0, name="Bare sensor", operational_template_ids=())
    bare = plant.device_types.create(SYSTEM, replace(bare, operational_mapping={}))
    plant.est_servers.edit(SYSTEM, replace(server, certificate_authentication=False))
    plant.est_servers.add_label(SYSTEM, server.id, "bare", bare.id)
    page = open_page()
    choose(page, NAME)
    shown = est_form(page, "Clone…")
    assert shown.fields["labels"].message() == ""
    tick(shown, "certificate_authentication")
    assert shown.fields["labels"].message().startswith("Not bare:")
    tick(shown, "certificate_authentication")
    assert shown.fields["labels"].message() == ""


@pytest.mark.req("EST-15", "EST-16")
def test_a_clone_for_another_tenant_has_a_domain_of_its_own(
    plant: Workspace, open_page: OpenPage
) -> None:
    page = open_page()
    choose(page, NAME)
    shown = est_form(page, "Clone…")
    fill(shown, "tenant_id", "Rival")
    assert text(shown, "domain") not in {"", stored(plant).domain}
    click(shown.save)
    soon(lambda: f"Copy of {NAME}" in names(page))
    assert stored(plant, f"Copy of {NAME}").tenant_id == 2


def test_tab_comes_by_every_field(qtbot: QtBot, open_page: OpenPage) -> None:
    shown = new_form(open_page())
    for section in shown.sections:
        section.open()
    stops = tab_stops(shown)
    assert stops <= reached_by_tab(qtbot, shown)
    assert all(one.accessibleName() or getattr(one, "text", str)() for one in stops)
