"""The Devices page as a person uses it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QDialog,
    QLabel,
    QPushButton,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.core.errors import AuthenticationError, NotFoundError
from app.models.domain.access import Actor, Channel, Role
from app.models.domain.certificates import CertificateStatus
from app.models.domain.devices import Device, DeviceMode
from app.models.domain.events import DeviceChanged
from app.models.services.workspace.workspace import Workspace
from app.views.devices.page import DevicesPage
from tests.fakes import FakeClock
from tests.models.services.people import person
from tests.views.devices.conftest import PASSWORD
from tests.views.soon import soon

MakeDevice = Callable[..., Device]
OpenPage = Callable[..., DevicesPage]


def saved(demo: Workspace) -> Path:
    """The file that the save dialog of the tests chooses."""
    return demo.folder / "saved"


def names(page: DevicesPage) -> list[str]:
    rows = range(page.model.rowCount())
    return [page.model.index(row, 0).data(Qt.ItemDataRole.DisplayRole) for row in rows]


def choose(page: DevicesPage, row: int = 0) -> None:
    """Click a row and wait for its details."""
    page.panel.hide()
    at = page.table.visualRect(page.model.index(row, 0)).center()
    QTest.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    soon(page.panel.isVisible)


def texts(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.text())


def button(widget: QWidget, text: str) -> QPushButton:
    """The one button with this text, once Qt has shown it: a layout shows what is new later."""

    def found() -> list[QPushButton]:
        return [b for b in widget.findChildren(QPushButton) if b.text() == text and b.isVisible()]

    soon(lambda: len(found()) == 1)
    return found()[0]


def press(widget: QWidget, text: str) -> None:
    QTest.mouseClick(button(widget, text), Qt.MouseButton.LeftButton)


def answer_question(page: DevicesPage, text: str) -> str:
    """Press a button of the open question; returns what the question says."""
    dialog = page.findChild(QDialog)
    assert isinstance(dialog, QDialog)
    said = texts(dialog)
    press(dialog, text)
    return said


@pytest.mark.req("DEV-80")
def test_devices_are_listed_newest_first_with_counts(
    clock: FakeClock, make_device: MakeDevice, open_page: OpenPage
) -> None:
    make_device("GW-204-000184", operational=True)
    clock.advance(minutes=5)
    make_device("GW-204-000185")
    page = open_page()
    assert names(page) == ["GW-204-000185", "GW-204-000184"]
    soon(lambda: page.chips.buttons["all"].text() == "All 2")
    assert page.chips.buttons["factory"].text() == "Factory 1"
    assert page.chips.buttons["operational"].text() == "Operational 1"
    assert page.chips.buttons["expiring"].text() == "Expiring 0"


def test_the_list_is_a_sound_model(
    qtbot: QtBot, make_device: MakeDevice, open_page: OpenPage
) -> None:
    make_device("GW-204-000184")
    page = open_page()
    tester = QAbstractItemModelTester(
        page.model, QAbstractItemModelTester.FailureReportingMode.Fatal
    )
    with qtbot.waitSignal(page.model.loaded):
        page.model.reload()
    assert tester.model() is page.model


def test_an_empty_list_says_what_to_do_first(qtbot: QtBot, open_page: OpenPage) -> None:
    page = open_page()
    with qtbot.waitSignal(page.new_device_requested):
        press(page, "Create the first device")


def test_ctrl_f_filters_and_escape_shows_all_again(
    qtbot: QtBot, make_device: MakeDevice, open_page: OpenPage
) -> None:
    make_device("GW-204-000184")
    make_device("SN-7f21-0042")
    page = open_page()
    with qtbot.waitExposed(page):
        page.activateWindow()
    QTest.keyClick(page, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert page.search is not None
    soon(page.search.hasFocus)
    QTest.keyClicks(page.search, "7f21")
    soon(lambda: names(page) == ["SN-7f21-0042"])
    QTest.keyClick(page.search, Qt.Key.Key_Escape)
    soon(lambda: len(names(page)) == 2)
    QTest.keyClicks(page.search, "nothing has this")
    soon(lambda: "No device matches. Change the filter." in visible_texts(page))


def visible_texts(page: DevicesPage) -> str:
    return "\n".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())


def test_chips_narrow_the_list(make_device: MakeDevice, open_page: OpenPage) -> None:
    make_device("GW-FACTORY")
    make_device("GW-LONG", operational=True)
    make_device("GW-SHORT", operational=True, days=9)
    page = open_page()
    QTest.mouseClick(page.chips.buttons["factory"], Qt.MouseButton.LeftButton)
    soon(lambda: names(page) == ["GW-FACTORY"])
    QTest.mouseClick(page.chips.buttons["expiring"], Qt.MouseButton.LeftButton)
    soon(lambda: names(page) == ["GW-SHORT"])
    choose(page)
    assert "ends in 9 days. Inside the renewal window" in texts(page.panel)


def test_a_click_on_a_title_sorts_in_the_database(
    make_device: MakeDevice, open_page: OpenPage
) -> None:
    for name in ("B-1", "C-1", "A-1"):
        make_device(name)
    page = open_page()
    header = page.table.horizontalHeader()
    at = QPoint(header.sectionViewportPosition(0) + 10, header.height() // 2)
    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=at)
    soon(lambda: names(page) == ["A-1", "B-1", "C-1"])


@pytest.mark.req("DEV-81")
def test_details_show_properties_certificates_and_history(
    make_device: MakeDevice, open_page: OpenPage
) -> None:
    make_device("GW-204-000184", operational=True)
    page = open_page()
    choose(page)
    shown = texts(page.panel)
    for part in ("Gateway 200 · North plant", "000184", "Acme Controls", "02:1B:44:00:01:84"):
        assert part in shown
    assert "operational certificate issued by admin: Factory → Operational" in shown
    assert "password set by admin: New → Factory" in shown
    soon(lambda: "Password set" in texts(page.panel))
    assert "type: Gateway 200" in texts(page.panel)


@pytest.mark.req("DEV-81")
def test_an_operator_sees_the_life_cycle_but_not_the_audit_log(
    demo: Workspace, make_device: MakeDevice, open_page: OpenPage
) -> None:
    make_device("GW-204-000184")
    page = open_page(person(demo, "nora.lind"))
    choose(page)
    shown = texts(page.panel)
    assert "password set by admin: New → Factory" in shown
    assert "Life cycle" in shown
    assert "History" not in shown


def test_the_actions_of_a_device_are_the_page_s_for_the_palette(
    make_device: MakeDevice, open_page: OpenPage
) -> None:
    make_device("GW-204-000184")
    page = open_page()
    assert [action.text() for action in page.actions() if action.isVisible()] == ["New device"]
    choose(page)
    assert page.device_actions.disable in page.actions()
    assert page.device_actions.disable.isVisible()
    assert not page.device_actions.enable.isVisible()


def test_details_that_were_closed_stay_closed_until_asked_for(
    qtbot: QtBot, make_device: MakeDevice, open_page: OpenPage
) -> None:
    device = make_device("GW-204-000184")
    page = open_page()
    choose(page)
    close = next(b for b in page.panel.findChildren(QToolButton) if b.isVisible())
    assert close.accessibleName() == "Close details"
    QTest.mouseClick(close, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(page.model.loaded, timeout=30_000):
        page.on_event(DeviceChanged(device.id))
    assert page.panel.isHidden()
    choose(page)


@pytest.mark.req("DEV-82", "DEV-83")
def test_an_operational_device_is_set_as_factory(
    demo: Workspace, admin: Actor, make_device: MakeDevice, open_page: OpenPage
) -> None:
    device = make_device("GW-204-000184", operational=True)
    page = open_page()
    demo.store.events.subscribe(DeviceChanged, lambda _event: None)
    choose(page)
    press(page.panel, "Set as factory mode…")
    assert "GW-204-000184" in answer_question(page, "Set as factory mode")
    soon(lambda: page.banner.text() == "GW-204-000184 is in factory mode.")
    assert demo.devices.get(admin, device.id).mode is DeviceMode.FACTORY
    page.on_event(DeviceChanged(device.id))
    soon(lambda: "set as factory mode by admin" in texts(page.panel))
    assert not page.device_actions.set_as_factory.isVisible()


@pytest.mark.req("DEC-08")
def test_operational_certificates_are_revoked_with_it_when_ticked(
    demo: Workspace, admin: Actor, make_device: MakeDevice, open_page: OpenPage
) -> None:
    device = make_device("GW-204-000184", operational=True)
    page = open_page()
    choose(page)
    press(page.panel, "Set as factory mode…")
    tick = page.findChild(QCheckBox)
    assert isinstance(tick, QCheckBox)
    assert tick.text() == "Also revoke its operational certificates"
    assert not tick.isChecked()
    QTest.keyClick(tick, Qt.Key.Key_Space)
    answer_question(page, "Set as factory mode")
    soon(lambda: page.banner.text() == "GW-204-000184 is in factory mode.")
    (certificate,) = demo.certificates.of_device(admin, device.id)
    assert certificate.status is CertificateStatus.REVOKED


@pytest.mark.req("DEV-84", "DEV-85")
def test_a_device_is_disabled_and_enabled(
    demo: Workspace, admin: Actor, make_device: MakeDevice, open_page: OpenPage
) -> None:
    device = make_device("GW-204-000184")
    page = open_page()
    choose(page)
    press(page.panel, "Disable…")
    assert "Disable GW-204-000184?" in answer_question(page, "Disable")
    soon(lambda: "is disabled" in page.banner.text())
    assert demo.devices.get(admin, device.id).mode is DeviceMode.DISABLED
    page.on_event(DeviceChanged(device.id))
    soon(page.device_actions.enable.isVisible)
    assert "No EST server lets it in" in texts(page.panel)
    press(page.panel, "Enable…")
    answer_question(page, "Enable")
    soon(lambda: "is enabled" in page.banner.text())
    assert demo.devices.get(admin, device.id).mode is DeviceMode.FACTORY


@pytest.mark.req("DEC-13")
def test_a_lost_password_is_replaced_and_can_be_taken_along_once(
    demo: Workspace, admin: Actor, make_device: MakeDevice, open_page: OpenPage
) -> None:
    device = make_device("GW-204-000184")
    demo.credentials.download(admin, device.id)
    page = open_page()
    choose(page)
    press(page.panel, "Reset password…")
    said = answer_question(page, "Reset password")
    assert "Reset the password of GW-204-000184?" in said
    soon(lambda: "has a new password" in page.banner.text())
    with demo.store.database.read() as connection, pytest.raises(AuthenticationError):
        demo.credentials.verify(connection, device, PASSWORD)
    assert PASSWORD not in demo.credentials.download(admin, device.id).decode()


@pytest.mark.req("DEV-84")
def test_enter_in_the_question_cancels(
    qtbot: QtBot, demo: Workspace, admin: Actor, make_device: MakeDevice, open_page: OpenPage
) -> None:
    device = make_device("GW-204-000184")
    page = open_page()
    choose(page)
    press(page.panel, "Disable…")
    dialog = page.findChild(QDialog)
    assert isinstance(dialog, QDialog)
    with qtbot.waitSignal(dialog.rejected):
        QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert demo.devices.get(admin, device.id).mode is DeviceMode.FACTORY


@pytest.mark.req("DTP-04", "DTP-09", "DEV-86")
def test_the_credential_is_saved_once(
    demo: Workspace, admin: Actor, make_device: MakeDevice, open_page: OpenPage
) -> None:
    device = make_device("GW-204-000184")
    page = open_page()
    choose(page)
    press(page.panel, "Download credential once…")
    soon(lambda: "Saved as" in page.banner.text())
    content = saved(demo).read_text()
    assert "Device ID: GW-204-000184" in content
    assert PASSWORD in content
    with pytest.raises(NotFoundError):
        demo.credentials.download(admin, device.id)
    press(page.panel, "Download credential once…")
    soon(lambda: "is gone" in page.banner.text())
    assert saved(demo).read_text() == content
    page.on_event(DeviceChanged(device.id))
    soon(lambda: not page.device_actions.download_credential.isVisible())


@pytest.mark.req("DTP-09")
def test_a_folder_that_cannot_be_written_costs_no_credential(
    demo: Workspace, admin: Actor, make_device: MakeDevice, open_page: OpenPage
) -> None:
    device = make_device("GW-204-000184")
    (demo.folder / "saved.part").mkdir()
    page = open_page()
    choose(page)
    press(page.panel, "Download credential once…")
    soon(lambda: "cannot be written" in page.banner.text())
    assert b"GW-204-000184" in demo.credentials.download(admin, device.id)


@pytest.mark.req("DEV-87")
def test_pfx_and_pem_are_saved(
    demo: Workspace, admin: Actor, make_device: MakeDevice, open_page: OpenPage
) -> None:
    device = make_device("GW-204-000184", operational=True)
    page = open_page()
    choose(page)
    press(page.panel, "Save PEM…")
    soon(lambda: "Saved as" in page.banner.text())
    certificate = demo.certificates.of_device(admin, device.id)[0]
    assert saved(demo).read_bytes() == demo.certificates.pem(admin, certificate.id, chain=True)
    page.banner.clear()
    press(page.panel, "Download PFX…")
    soon(lambda: "Saved as" in page.banner.text())
    assert saved(demo).read_bytes() == demo.certificates.download_pfx(admin, certificate.id)


@pytest.mark.req("DEV-82")
def test_an_auditor_sees_and_changes_nothing(make_device: MakeDevice, open_page: OpenPage) -> None:
    make_device("GW-204-000184", operational=True)
    page = open_page(Actor("ivan.petrov", Channel.WINDOW, Role.AUDITOR))
    choose(page)
    assert not page.new_action.isVisible()
    assert not any(action.isVisible() for action in page.device_actions.all)


def test_the_page_works_by_keyboard(
    qtbot: QtBot, make_device: MakeDevice, open_page: OpenPage
) -> None:
    make_device("GW-204-000184")
    page = open_page()
    with qtbot.waitExposed(page):
        page.activateWindow()
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_Down)
    soon(page.panel.isVisible)
    seen: set[str] = set()
    for _step in range(40):
        focused = QApplication.focusWidget()
        if focused is None:
            break
        seen.add(focused.accessibleName() or getattr(focused, "text", str)())
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    assert {"Devices", "New device", "Disable…", "Download credential once…"} <= seen
