"""A device from the first step to the last, as a person makes it."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QPushButton
from pytestqt.qtbot import QtBot

from app.core.errors import NotFoundError
from app.models.domain.access import Actor, Channel, Role
from app.models.domain.devices import DeviceMode
from app.models.domain.templates import CertificateKind
from app.models.services.devices.listed import DeviceQuery
from app.models.services.workspace.workspace import Workspace
from app.models.wizards.steps import Step
from app.pki.certificates import read_certificate
from app.pki.pkcs12 import unpack
from app.views.wizard.info_page import InfoPage
from tests.views.soon import soon
from tests.views.wizard.conftest import Person, only_device
from tests.workspace_fixtures import PASSPHRASE

PASSWORD = "long enough!"


@pytest.mark.req("DEV-02", "DEV-04", "OVR-02", "MODE-03", "CRED-02", "CRED-03")
def test_a_device_with_everything(person: Person, demo: Workspace, admin: Actor) -> None:
    person.to_overview()
    person.save()
    assert "GW-204-000188 is created" in person.sees()
    device = only_device(demo, admin)
    assert device.mode is DeviceMode.OPERATIONAL
    assert device.values["serial_number"] == "000188"
    certificates = {c.kind: c for c in demo.certificates.of_device(admin, device.id)}
    assert set(certificates) == {CertificateKind.FACTORY, CertificateKind.OPERATIONAL}
    operational = certificates[CertificateKind.OPERATIONAL]
    pfx = unpack(demo.certificates.download_pfx(admin, operational.id), PASSWORD)
    assert pfx.certificate == demo.certificates.get(admin, operational.id).der
    assert b"long enough!" in demo.credentials.download(admin, device.id)


@pytest.mark.req("DEV-10")
@pytest.mark.parametrize("description", ["", "Spare unit of the boiler house"])
def test_a_description_may_be_given(
    person: Person, demo: Workspace, admin: Actor, description: str
) -> None:
    if description:
        person.type("description", description)
    person.to_overview()
    assert description in person.sees()
    person.save()
    assert only_device(demo, admin).description == description


@pytest.mark.req("OVR-01")
def test_the_overview_shows_what_is_then_saved(
    person: Person, demo: Workspace, admin: Actor
) -> None:
    person.to_overview()
    shown = person.sees()
    for part in ("GW-204-000188", "Gateway 200", "North plant", "000188", "C2", "MAC address",
                 "never ends", "EC P-256", "Gateways"):  # fmt: skip
        assert part in shown, part
    assert PASSWORD not in shown
    person.save()
    device = only_device(demo, admin)
    assert "Gateways" in demo.certificates.of_device(admin, device.id)[-1].subject or any(
        "Gateways" in c.subject for c in demo.certificates.of_device(admin, device.id)
    )


@pytest.mark.req("DEV-05", "DEV-06")
def test_next_needs_a_name_and_a_type(person: Person) -> None:
    assert not person.button("Next").isEnabled()
    QTest.keyClick(person.dialog, Qt.Key.Key_Return)
    person.stands_at(Step.INFO)
    assert "needs a name" in person.message("name")
    person.fill_info()
    assert person.message("name") == ""
    assert person.button("Next").isEnabled()
    person.press("Next")
    person.stands_at(Step.ATTRIBUTES)
    person.press("Back")
    person.stands_at(Step.INFO)


@pytest.mark.req("DEV-06", "DEV-13")
def test_a_taken_name_is_refused_as_one_types(person: Person) -> None:
    person.to_overview()
    person.save()
    person.press("Create another")
    person.fill_info("gw-204-000188")
    assert "exists already" in person.message("name")
    assert not person.button("Next").isEnabled()


@pytest.mark.req("DEV-07", "DEV-08")
def test_an_operator_of_a_plant_is_asked_for_no_owner(
    open_wizard: Callable[..., Person], demo: Workspace, admin: Actor
) -> None:
    north = next(o for o in demo.tenants.organizations(admin) if o.name == "North plant")
    nora = Actor(
        "nora.lind",
        Channel.WINDOW,
        Role.ORGANIZATION_OPERATOR,
        tenant_id=north.tenant_id,
        organization_id=north.id,
    )
    person = open_wizard(nora)
    page = person.dialog.page()
    assert isinstance(page, InfoPage)
    assert not page.tenant.isVisible()
    assert not page.organization.isVisible()
    person.to_overview()
    person.save()
    assert only_device(demo, admin).organization_id == north.id


@pytest.mark.req("DEV-11", "DEV-12")
def test_attributes_follow_the_type(person: Person) -> None:
    person.fill_info()
    person.press("Next")
    fields = person.dialog.page().fields
    assert fields["model"].value() == "Gateway 200"
    assert fields["model"].editor.property("readOnly")
    assert fields["hardware_version"].value() == "C2"
    person.type("hardware_version", "C3")
    assert person.dialog.flow.values["hardware_version"] == "C3"
    assert not person.button("Next").isEnabled()
    person.type("serial_number", "000188")
    assert person.button("Next").isEnabled()
    person.type("serial_number", "")
    assert "requires a value" in person.message("serial_number")


@pytest.mark.req("FAC-01", "FAC-25", "OPC-08", "CRED-01", "CRED-03")
def test_certificates_can_be_skipped(person: Person, demo: Workspace, admin: Actor) -> None:
    person.to_factory()
    person.press("Skip this step")
    person.press("Skip this step")
    person.stands_at(Step.CREDENTIALS)
    person.type("password", "short")
    assert "From 8 to 128 characters" in person.message("password")
    person.press("Make one")
    assert person.message("password") == ""
    person.press("Next")
    person.save()
    device = only_device(demo, admin)
    assert device.mode is DeviceMode.FACTORY
    assert demo.certificates.of_device(admin, device.id) == ()


@pytest.mark.req("DTP-09", "DEV-86", "DEV-87")
def test_the_result_hands_out_the_files(person: Person, demo: Workspace, admin: Actor) -> None:
    person.to_overview()
    person.save()
    saved = person.folder / "saved"
    person.press("Download credential once…")
    soon((saved / "GW-204-000188-credential.txt").exists)
    soon(lambda: not person.button("Download credential once…").isEnabled())
    with pytest.raises(NotFoundError):
        demo.credentials.download(admin, only_device(demo, admin).id)
    buttons = person.dialog.findChildren(QPushButton)
    pfx = [b for b in buttons if b.isVisible() and b.text() == "Download PFX…"]
    assert len(pfx) == 2
    QTest.mouseClick(pfx[0], Qt.MouseButton.LeftButton)
    path = saved / "GW-204-000188-factory.pfx"
    soon(path.exists)
    factory = read_certificate(unpack(path.read_bytes(), PASSWORD).certificate)
    assert factory.not_after.year == 9999


def test_create_another_keeps_the_answers_but_not_the_name(person: Person) -> None:
    person.to_overview()
    person.save()
    person.press("Create another")
    page = person.dialog.page()
    assert isinstance(page, InfoPage)
    assert page.name.value() == ""
    assert page.type.input.currentText() == "Gateway 200"
    person.stands_at(Step.INFO)


@pytest.mark.req("DEV-04")
def test_another_type_resets_what_depends_on_it_and_says_so(person: Person) -> None:
    person.to_factory()
    person.press("Back")
    person.press("Back")
    page = person.dialog.page()
    assert isinstance(page, InfoPage)
    assert "Attributes" in page.type.message()
    person.pick(page.type, "Flow sensor")
    person.press("Next")
    assert "serial_number" not in person.dialog.page().fields


def test_enter_goes_through_the_wizard(person: Person) -> None:
    person.fill_info()
    QTest.keyClick(QApplication.focusWidget() or person.dialog, Qt.Key.Key_Return)
    person.stands_at(Step.ATTRIBUTES)
    person.type("serial_number", "000188")
    QTest.keyClick(QApplication.focusWidget() or person.dialog, Qt.Key.Key_Return)
    person.stands_at(Step.FACTORY)


@pytest.mark.req("DEC-14")
def test_a_save_that_fails_leaves_nothing_and_keeps_the_answers(
    person: Person, demo: Workspace, admin: Actor
) -> None:
    person.to_overview()
    demo.lock()
    person.press("Save")
    soon(lambda: bool(person.dialog.banner.text()))
    person.stands_at(Step.OVERVIEW)
    assert demo.device_list.count(admin, DeviceQuery()) == 0
    demo.unlock(PASSPHRASE)
    person.save()
    assert only_device(demo, admin).name == "GW-204-000188"


def test_all_names_are_told_to_a_screen_reader(person: Person) -> None:
    person.to_factory()
    names = [step.accessibleName() for step in person.dialog.rail.steps]
    assert names[:3] == ["Device info: done", "Attributes: done", "Factory certificate: current"]


def test_esc_closes_at_once_only_while_nothing_is_entered(
    person: Person, qtbot: QtBot, admin: Actor, demo: Workspace
) -> None:
    person.type("name", "GW-204-000188")
    QTest.keyClick(person.dialog, Qt.Key.Key_Escape)
    (question,) = person.dialog.findChildren(QDialog)
    assert person.dialog.isVisible()
    with qtbot.waitActive(question):
        question.activateWindow()
    QTest.keyClick(question, Qt.Key.Key_Return)  # keeps what was entered
    assert person.dialog.isVisible()
    assert person.dialog.flow.info.name == "GW-204-000188"
    person.fill_info()
    person.to_overview()
    person.save()
    person.press("Close")
    assert not person.dialog.isVisible()
    assert only_device(demo, admin).name == "GW-204-000188"


def test_a_wizard_nobody_wrote_in_closes_without_a_question(person: Person) -> None:
    QTest.keyClick(person.dialog, Qt.Key.Key_Escape)
    assert not person.dialog.isVisible()


def test_the_wizard_fits_the_screen(person: Person) -> None:
    room = person.dialog.screen().availableGeometry().size()
    assert person.dialog.width() <= room.width()
    assert person.dialog.height() < room.height()


def test_a_list_without_choices_says_why(person: Person, demo: Workspace, admin: Actor) -> None:
    info = person.dialog.page()
    assert isinstance(info, InfoPage)
    shown = [info.tenant.input, info.organization.input, info.type.input]
    assert [combo.currentText() for combo in shown] == [
        "Choose…",
        "Choose the tenant first",
        "Choose the organization first",
    ]
    demo.tenants.create_tenant(admin, "New Works")
    info.load()
    person.pick(info.tenant, "New Works")
    assert info.organization.input.currentText() == "None yet, see the page “Organizations”"
