"""The wizard over a real workspace, and what a person does with it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.models.domain.access import Actor
from app.models.domain.devices import Device
from app.models.services.devices.listed import DeviceQuery
from app.models.services.workspace.workspace import Workspace
from app.models.wizards.steps import Step
from app.pki.csr import build_csr
from app.pki.keys import KeyAlgorithm, generate
from app.pki.names import ATTRIBUTE_TYPES, Attribute
from app.pki.sign import SoftwareKey
from app.views.jobs import Jobs
from app.views.widgets.field import ChoiceField
from app.views.wizard.certificate_page import CertificatePage
from app.views.wizard.info_page import InfoPage
from app.views.wizard.window import DeviceWizardDialog


class Person:
    """Types, clicks and reads in the wizard."""

    def __init__(self, qtbot: QtBot, dialog: DeviceWizardDialog, folder: Path) -> None:
        self.qtbot = qtbot
        self.dialog = dialog
        self.folder = folder

    def stands_at(self, step: Step) -> None:
        """Fail unless this step is shown."""
        assert self.dialog.flow.current is step
        assert self.dialog.page().isVisible()

    def type(self, key: str, text: str) -> None:
        """Type into a field in place of what is there."""
        editor = self.dialog.page().fields[key].editor
        editor.setFocus()
        QTest.keySequence(editor, "Ctrl+A")
        QTest.keyClick(editor, Qt.Key.Key_Delete)
        QTest.keyClicks(editor, text)

    def pick(self, field: ChoiceField[int | None], text: str) -> None:
        """Choose from a list with the arrow keys."""
        field.input.setFocus()
        QTest.keyClick(field.input, Qt.Key.Key_Home)
        for _row in range(field.input.count()):
            if field.input.currentText() != text:
                QTest.keyClick(field.input, Qt.Key.Key_Down)
        assert field.input.currentText() == text

    def press(self, text: str) -> None:
        QTest.mouseClick(self.button(text), Qt.MouseButton.LeftButton)

    def button(self, text: str) -> QPushButton:
        buttons = self.dialog.findChildren(QPushButton)
        found = [b for b in buttons if b.isVisible() and b.text() == text]
        assert len(found) == 1, f"{len(found)} buttons {text}"
        return found[0]

    def sees(self, widget: QWidget | None = None) -> str:
        """Every text now visible."""
        labels = (widget or self.dialog).findChildren(QLabel)
        return "\n".join(label.text() for label in labels if label.isVisible())

    def message(self, key: str) -> str:
        return self.dialog.page().fields[key].message()

    def fill_info(self, name: str = "GW-204-000188", kind: str = "Gateway 200") -> None:
        page = self.dialog.page()
        assert isinstance(page, InfoPage)
        self.type("name", name)
        if page.tenant.isVisible():
            self.pick(page.tenant, "Acme Controls")
        if page.organization.isVisible():
            self.pick(page.organization, "North plant")
        self.pick(page.type, kind)

    def to_factory(self, name: str = "GW-204-000188") -> CertificatePage:
        """Through the first two steps of a Gateway 200."""
        self.fill_info(name)
        self.press("Next")
        self.type("serial_number", name[-6:])
        self.press("Next")
        page = self.dialog.page()
        assert isinstance(page, CertificatePage)
        return page

    def to_overview(self, name: str = "GW-204-000188", password: str = "long enough!") -> None:
        """Through everything, with keys made here and one typed password."""
        self.to_factory(name)
        self.press("Make key and CSR here")
        self.press("Next")
        self.press("Make key and CSR here")
        self.press("Next")
        self.type("password", password)
        self.press("Next")
        self.stands_at(Step.OVERVIEW)

    def save(self) -> None:
        """Press Save and wait for the device."""
        with self.qtbot.waitSignal(self.dialog.created, timeout=30_000):
            self.press("Save")

    def csr_file(self, algorithm: KeyAlgorithm = KeyAlgorithm.EC_P256, **names: str) -> Path:
        """A CSR as the device made it; names by kind, such as CN and OU."""
        subject = tuple(
            Attribute(ATTRIBUTE_TYPES[kind].oid, value) for kind, value in names.items()
        )
        path = self.folder / "device.csr"
        path.write_bytes(build_csr(SoftwareKey(generate(algorithm)), subject))
        return path


@pytest.fixture
def open_wizard(
    qtbot: QtBot, demo: Workspace, admin: Actor, jobs: Jobs, tmp_path: Path
) -> Callable[..., Person]:
    """Opens the wizard; saved files go to `saved` in the test's folder."""

    def ask(_parent: QWidget, _title: str, name: str, chosen: Callable[[Path], None]) -> None:
        (tmp_path / "saved").mkdir(exist_ok=True)
        chosen(tmp_path / "saved" / name)

    def make(actor: Actor = admin) -> Person:
        dialog = DeviceWizardDialog(demo, actor, jobs, ask=ask)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)  # noqa: FBT003
        qtbot.addWidget(dialog)
        dialog.open()
        qtbot.waitExposed(dialog)
        return Person(qtbot, dialog, tmp_path)

    return make


@pytest.fixture
def person(open_wizard: Callable[..., Person]) -> Person:
    """An administrator in front of the first step."""
    return open_wizard()


def only_device(demo: Workspace, admin: Actor) -> Device:
    """The one device there is now."""
    rows = demo.device_list.page(admin, DeviceQuery(), 0, 10)
    assert len(rows) == 1
    return demo.devices.get(admin, rows[0].id)
