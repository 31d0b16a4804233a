"""The two certificate steps as a person uses them."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.models.domain.access import Actor
from app.models.services.workspace.workspace import Workspace
from app.models.wizards.steps import Step
from app.pki.keys import KeyAlgorithm
from app.views.wizard.certificate_page import CertificatePage
from app.views.wizard.info_page import InfoPage
from tests.views.wizard.conftest import Person, only_device

PASSWORD = "long enough!"


@pytest.mark.req("FAC-06", "FAC-07", "FAC-15", "FAC-16", "FAC-19", "OPC-03", "OPC-05")
def test_a_csr_from_the_device(person: Person, demo: Workspace, admin: Actor) -> None:
    person.to_factory()
    person.press("Skip this step")
    page = person.dialog.page()
    assert isinstance(page, CertificatePage)
    person.press("CSR from the device")
    assert not person.button("Next").isEnabled()
    assert "The template takes EC P-256, EC P-384, RSA 2048" in person.sees(page)
    page.source.drop.take_file(person.csr_file(CN="other", O="Somebody", OU="Lab", L="Bern"))
    assert "signature good" in person.sees(page)
    assert page.fields["subject.CN"].value() == "GW-204-000188"
    assert page.fields["subject.O"].value() == "Acme Controls"
    assert page.fields["subject.OU"].value() == "Lab"
    assert "from the CSR" in person.sees(person.dialog.preview)
    person.type("subject.OU", "Floor 2")
    assert "typed" in person.sees(person.dialog.preview)
    person.press("Next")
    person.type("password", PASSWORD)
    person.press("Next")
    person.save()
    certificate = demo.certificates.of_device(admin, only_device(demo, admin).id)[0]
    assert "Floor 2" in certificate.subject
    assert "Bern" not in certificate.subject
    assert certificate.key_until is None


@pytest.mark.req("FAC-07")
def test_what_is_no_csr_or_has_the_wrong_key_is_explained(person: Person) -> None:
    page = person.to_factory()
    person.press("CSR from the device")
    QApplication.clipboard().setText("not a request")
    QTest.keyClick(page.source.drop, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert "neither PEM nor DER" in page.source.problem()
    assert not person.button("Next").isEnabled()
    page.source.drop.take_file(person.csr_file(KeyAlgorithm.EC_P521, CN="x"))
    assert "P-521" in page.source.problem()
    assert not person.button("Next").isEnabled()
    page.source.drop.take_file(person.csr_file(KeyAlgorithm.EC_P384, CN="x"))
    assert page.source.problem() == ""
    assert person.button("Next").isEnabled()


@pytest.mark.req("FAC-08", "FAC-09", "OPC-03")
def test_the_note_says_until_when_the_key_can_be_had(person: Person) -> None:
    page = person.to_factory()
    person.press("Make key and CSR here")
    assert "can be downloaded until 9 Mar 2026" in person.sees(page)


@pytest.mark.req("FAC-22", "FAC-23", "FAC-24", "OPC-07")
def test_validity(person: Person) -> None:
    page = person.to_factory()
    assert page.valid_from.input.text() == "03/02/2026"
    assert page.unlimited.isChecked()
    assert not page.days.isEnabled()
    QTest.keyClick(page.unlimited, Qt.Key.Key_Space)
    assert page.days.isEnabled()
    person.type("validity_days", "10")
    assert "12 Mar 2026" in person.sees(person.dialog.preview)
    person.press("Next")
    operational = person.dialog.page()
    assert isinstance(operational, CertificatePage)
    assert operational.days.value() == 731
    assert not operational.unlimited.isChecked()


@pytest.mark.req("FAC-10", "FAC-11", "FAC-12", "FAC-14", "OPC-02", "OPC-04", "OPC-06")
def test_fields_say_why_they_have_their_value(person: Person) -> None:
    person.to_factory()
    person.press("Next")
    page = person.dialog.page()
    assert page.fields["subject.CN"].value() == "GW-204-000188"
    assert page.fields["subject.CN"].message() == "Device name"
    assert page.fields["subject.O"].message() == "Fixed by template"
    assert page.fields["subject.OU"].value() == "Gateways"
    person.type("san.dns", "not a name!")
    assert person.message("san.dns")
    assert not person.button("Next").isEnabled()
    person.type("san.dns", "gw-188.devices.example")
    assert person.message("san.dns") == ""
    assert "gw-188.devices.example" in person.sees(person.dialog.preview)


@pytest.mark.req("DEC-04", "FAC-04")
def test_the_factory_certificate_names_the_device(
    person: Person, demo: Workspace, admin: Actor
) -> None:
    page = person.dialog.page()
    assert isinstance(page, InfoPage)
    person.pick(page.tenant, "Acme Controls")
    person.pick(page.organization, "North plant")
    person.pick(page.type, "Flow sensor")
    assert page.name.input.isReadOnly()
    assert page.name.message() == "Comes from the factory certificate."
    person.press("Next")
    person.press("Next")
    person.stands_at(Step.FACTORY)
    assert not person.dialog.skip.isVisible()
    assert not person.button("Next").isEnabled()
    person.type("san.hardwareModuleName", "7f21-0042")
    person.press("Next")
    person.press("Skip this step")
    person.stands_at(Step.CREDENTIALS)
    assert "PFX passphrase *" in person.sees()
    person.type("password", PASSWORD)
    person.press("Next")
    person.save()
    assert only_device(demo, admin).name == "7f21-0042"


def test_tab_reaches_every_input_in_the_order_of_the_eye(person: Person) -> None:
    person.to_factory()
    person.press("Next")
    page = person.dialog.page()
    assert isinstance(page, CertificatePage)
    page.fields["subject.CN"].editor.setFocus()
    order = []
    for _stop in range(14):  # a date has three stops
        focused = QApplication.focusWidget()
        assert focused is not None
        order.append(focused.accessibleName() or getattr(focused, "text", str)())
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    assert order[:5] == [
        "Common name",
        "Organization",
        "Organizational unit",
        "SAN DNS",
        "Valid from, required",
    ]
    assert "Unlimited (31 December 9999)" in order
    assert "Back" in order or "Cancel" in order
