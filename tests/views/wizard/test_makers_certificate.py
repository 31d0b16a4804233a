"""The Info step of a device that comes with its maker's certificate (DEC-03)."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtTest import QTest

from app.models.domain.access import Actor
from app.models.domain.devices import DeviceMode
from app.models.services.workspace.workspace import Workspace
from app.models.wizards.steps import Step
from app.pki.certificates import read_certificate
from app.pki.formats import certificates_in
from app.views.wizard.info_page import InfoPage
from tests.fakes import FakeClock
from tests.models.wizards.makers import external_type, sensor
from tests.pki.material import NOW as MAY
from tests.pki.material import root
from tests.views.wizard.conftest import Person, only_device


@pytest.fixture
def person(clock: FakeClock, demo: Workspace, open_wizard: Callable[..., Person]) -> Person:
    """An administrator who chose the type Sensor."""
    clock.set(MAY)  # when the maker's certificates are good
    external_type(demo)
    opened = open_wizard()
    opened.fill_info("typed before", "Sensor")
    return opened


def info_page(person: Person) -> InfoPage:
    page = person.dialog.page()
    assert isinstance(page, InfoPage)
    return page


def fingerprint_of(data: bytes) -> str:
    return read_certificate(certificates_in(data)[0]).fingerprint


def drop(person: Person, data: bytes) -> None:
    """Drag a file onto the page."""
    path = person.folder / "sensor.pem"
    path.write_bytes(data)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    zone = info_page(person).certificate.drop
    event = QDropEvent(
        QPoint(5, 5),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    zone.dropEvent(event)


def paste(person: Person, data: bytes) -> None:
    """Put a text on the clipboard and press Ctrl+V."""
    QGuiApplication.clipboard().setText(data.decode())
    zone = info_page(person).certificate.drop
    zone.setFocus()
    QTest.keySequence(zone, "Ctrl+V")


@pytest.mark.req("DEC-03", "FAC-02", "ECA-01", "MODE-02", "OVR-01")
@pytest.mark.parametrize("give", [drop, paste])
def test_from_the_certificate_to_the_device(
    person: Person, demo: Workspace, admin: Actor, give: Callable[[Person, bytes], None]
) -> None:
    assert not person.button("Next").isEnabled()
    give(person, data := sensor())
    name = info_page(person).name
    assert name.value() == fingerprint_of(data)
    assert name.editor.property("readOnly")
    assert "CN=sensor 1" in person.sees()
    assert "chain good" in person.sees()
    person.press("Next")
    person.type("serial_number", "S-1")
    person.press("Next")
    person.stands_at(Step.OPERATIONAL)
    assert "The device has one of its manufacturer." in person.sees(person.dialog.rail)
    person.press("Skip this step")
    person.type("password", "long enough!")
    person.press("Next")
    person.stands_at(Step.OVERVIEW)
    assert "CN=Sensor maker" in person.sees(person.dialog.page())
    assert f"{fingerprint_of(data)[:19]}…" in person.sees(person.dialog.rail)
    person.save()
    made = only_device(demo, admin)
    assert (made.name, made.mode) == (fingerprint_of(data), DeviceMode.FACTORY)


@pytest.mark.req("DEC-03")
def test_a_certificate_of_somebody_else_is_refused_in_words(person: Person) -> None:
    page = info_page(person)
    drop(person, sensor(maker=root("Motor maker", 73)))
    assert "leads to no CA trusted here" in page.certificate.problem()
    assert page.name.value() == ""
    assert not person.button("Next").isEnabled()
    drop(person, data := sensor())
    assert page.certificate.problem() == ""
    assert page.name.value() == fingerprint_of(data)


@pytest.mark.req("DEV-05", "DEC-03")
def test_enter_leads_to_what_is_missing(person: Person) -> None:
    page = info_page(person)
    QTest.keyClick(person.dialog, Qt.Key.Key_Return)
    person.stands_at(Step.INFO)
    assert page.certificate.problem() == "Load the factory certificate of the device."
    assert page.certificate.drop.hasFocus()


def test_another_type_takes_the_typed_name_back(person: Person) -> None:
    page = info_page(person)
    drop(person, sensor())
    person.pick(page.type, "Gateway 200")
    assert page.name.value() == "typed before"
    assert not page.name.editor.property("readOnly")
    assert not page.certificate.isVisible()


@pytest.mark.req("DEV-06", "DEV-13")
def test_a_device_that_exists_is_told_as_soon_as_its_certificate_is_there(person: Person) -> None:
    drop(person, data := sensor())
    person.press("Next")
    person.type("serial_number", "S-1")
    person.press("Next")
    person.press("Skip this step")
    person.type("password", "long enough!")
    person.press("Next")
    person.save()
    person.press("Create another")
    drop(person, data)
    assert "exists already" in person.message("name")
    assert not person.button("Next").isEnabled()
