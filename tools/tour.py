"""Drives the real windows through a whole provisioning run and takes a picture of every page.

Exits 0 only if everything happened: signing in, a device created in the wizard, an enrolment
over the real listener, a refusal seen in the monitor. `make tour` runs it on a screen of its own.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from PySide6.QtCore import QDeadlineTimer, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QTableView, QWidget

from app.cli.demo import PASSPHRASE, make_workspace, sign_in_hint
from app.cli.demo_client import EstClient
from app.cli.demo_devices import DemoDevices
from app.core.clock import SystemClock
from app.core.errors import UnavailableError
from app.main import LateListener
from app.models.domain.access import SYSTEM
from app.models.services.demo_data import DEMO_PASSWORD
from app.models.services.device_list import DeviceQuery, DeviceSort
from app.models.services.workspace import Workspace, open_workspace
from app.models.wizards.steps import Step
from app.pki.csr import build_csr
from app.pki.keys import KeyAlgorithm, generate
from app.pki.names import ATTRIBUTE_TYPES, Attribute
from app.pki.sign import SoftwareKey
from app.views.application import page_entries
from app.views.certificates.check_dialog import CheckDialog
from app.views.certificates.issue_form import IssueForm
from app.views.certificates.key_fields import KeySource
from app.views.certificates.page import CertificatesPage
from app.views.command_palette import CommandPalette
from app.views.jobs import Jobs
from app.views.profile.dialog import ProfileDialog
from app.views.shell.desk import Desk
from app.views.shell.main_window import MainWindow
from app.views.templates.form import TemplateForm
from app.views.templates.gallery import PresetGallery
from app.views.theme import ThemeMode, apply_theme
from app.views.wizard.window import DeviceWizardDialog

PATIENCE_MS = 15_000
NEIGHBOURS = 9
DEVICE_PASSWORD = "tour-device-password"  # noqa: S105  of a device that lives for seconds
FAILURES: list[str] = []
Part = TypeVar("Part", bound=QWidget)
Dialog = TypeVar("Dialog", bound=QWidget)
THEMES: tuple[ThemeMode, ...] = ("light", "dark")


class Tour:
    """One run in one theme."""

    def __init__(
        self, workspace: Workspace, listener: LateListener, out: Path, scratch: Path, theme: str
    ) -> None:
        self._workspace = workspace
        self._listener = listener
        self._out = out
        self._scratch = scratch
        self._theme = theme
        self._pictures = 0
        self._jobs = Jobs()
        self._window = MainWindow(workspace, listener, page_entries, self._jobs, sign_in_hint())
        self._name = f"GW-204-00{'018' if theme == 'light' else '019'}7"

    def run(self) -> None:
        """Walk through everything; raises `AssertionError` where something did not happen."""
        self._window.resize(1440, 900)
        self._window.show()
        self._sign_in()
        self._picture("devices-before")
        self._start_listener()
        self._create_device()
        self._add_neighbours()
        self._enrol()
        self._look_at_pages()
        self._lock()
        self._listener.stop()
        self._window.close()
        self._window.deleteLater()
        QTest.qWait(10)  # what is deleted later is deleted here
        self._jobs.stop()

    def _sign_in(self) -> None:
        page = self._window.sign_in
        _type(page.name.input, "admin")
        _type(page.password.input, "not the password")
        self._press(page.password.input, Qt.Key.Key_Return)
        self._wait(lambda: page.password.message() != "", "a wrong password is told")
        self._picture("sign-in-refused")
        _type(page.password.input, DEMO_PASSWORD)
        self._picture("sign-in")
        self._press(page.password.input, Qt.Key.Key_Return)
        self._wait(lambda: self._window.desk is not None, "signed in")

    def _start_listener(self) -> None:
        self._workspace.settings.change(listener_host="127.0.0.1", listener_port=0)
        self._command("listener.start")
        self._wait(lambda: self._listener.running, "the listener runs")

    def _create_device(self) -> None:
        self._go("devices")
        self._desk().page().new_action.trigger()  # type: ignore[attr-defined]  # the devices page
        wizard = self._dialog(DeviceWizardDialog)
        wizard.resize(1280, 820)
        info = wizard.pages[Step.INFO]
        _type(_input(info.fields["name"]), self._name)
        for field, text in (
            (info.fields["tenant_id"], "Acme Controls"),
            (info.fields["organization_id"], "North plant"),
            (info.fields["type_id"], "Gateway 200"),
        ):
            combo = _part(field, QComboBox)
            combo.setCurrentIndex(combo.findText(text))
        self._picture("wizard-1-info", wizard)
        self._next(wizard, Step.ATTRIBUTES)
        attributes = wizard.pages[Step.ATTRIBUTES]
        _type(_input(attributes.fields["serial_number"]), self._name[-6:])
        self._picture("wizard-2-attributes", wizard)
        self._next(wizard, Step.FACTORY)
        self._give_csr(wizard)
        self._picture("wizard-3-factory", wizard)
        self._next(wizard, Step.OPERATIONAL)
        self._picture("wizard-4-operational", wizard)
        QTest.mouseClick(wizard.skip, Qt.MouseButton.LeftButton)
        self._wait(lambda: wizard.flow.current is Step.CREDENTIALS, "credentials are asked for")
        credentials = wizard.pages[Step.CREDENTIALS]
        _type(_input(credentials.fields["password"]), DEVICE_PASSWORD)
        self._picture("wizard-5-credentials", wizard)
        self._next(wizard, Step.OVERVIEW)
        self._picture("wizard-6-overview", wizard)
        QTest.mouseClick(wizard.next, Qt.MouseButton.LeftButton)
        self._wait(wizard.another.isVisible, "the device is created")
        self._picture("wizard-7-created", wizard)
        wizard.reject()

    def _add_neighbours(self) -> None:
        """Some more devices, so that the list looks as it does at work."""
        actor = self._desk().actor
        devices = DemoDevices(self._workspace, actor, self._scratch)
        first = 100 if self._theme == "light" else 200
        for number in range(first, first + 4):
            devices.with_password(f"GW-204-000{number}")
        for number in range(first + 4, first + 7):
            devices.with_factory_certificate(f"GW-204-000{number}", KeyAlgorithm.EC_P256)
        for number in range(first + 7, first + 9):
            devices.ready_to_renew(f"GW-204-000{number}", KeyAlgorithm.EC_P256)
        newest = self._workspace.device_list.page(
            actor, DeviceQuery(sort=DeviceSort.CHANGED_AT, descending=True), 0, 1
        )
        self._workspace.devices.disable(actor, newest[0].id)

    def _give_csr(self, wizard: DeviceWizardDialog) -> None:
        """Paste a request, as a lab engineer would."""
        key = SoftwareKey(generate(KeyAlgorithm.EC_P256))
        csr = build_csr(key, (Attribute(ATTRIBUTE_TYPES["CN"].oid, self._name),))
        page = wizard.pages[Step.FACTORY]
        page.source.csr_received.emit(csr, f"{self._name}.csr")  # type: ignore[attr-defined]  # a certificate page
        self._wait(lambda: not wizard.flow.problems(Step.FACTORY), "the CSR is taken")

    def _enrol(self) -> None:
        client = EstClient(
            "127.0.0.1",
            int(self._listener.address.rpartition(":")[2]),
            self._workspace.est_servers.trust_anchors().decode(),
        )
        key = SoftwareKey(generate(KeyAlgorithm.EC_P256))
        csr = build_csr(key, (Attribute(ATTRIBUTE_TYPES["CN"].oid, self._name),))
        client.ca_certificates()
        try:
            client.enrol(self._name, "not its password", csr)
        except UnavailableError:
            pass  # as it must be
        else:
            raise AssertionError("a wrong device password was taken")
        assert client.enrol(self._name, DEVICE_PASSWORD, csr)  # noqa: S101  the tour is a check

    def _look_at_pages(self) -> None:
        self._go("est-monitor")
        self._choose_row(1)  # the refusal
        self._picture("est-monitor")
        pages = ("devices", "certificates", "authorities", "templates", "extensions")
        administration = ("tenants", "organizations", "users", "applications", "audit")
        for page in (*pages, *administration):
            self._go(page)
            self._settle()
            self._choose_row(0)
            self._picture(page)
        self._go("reports")
        self._picture("reports")
        self._begin_template()
        self._look_at_certificate()
        self._go("settings")
        self._picture("settings")
        self._command("palette")
        palette = self._dialog(CommandPalette)
        self._picture("command-palette", palette)
        palette.reject()
        self._command("account.profile")
        profile = self._dialog(ProfileDialog)
        self._settle()
        self._picture("profile", profile)
        profile.reject()
        self._window.resize(1024, 640)
        self._go("devices")
        self._settle()
        self._picture("devices-small")

    def _begin_template(self) -> None:
        self._go("templates")
        self._desk().page().new_action.trigger()  # type: ignore[attr-defined]  # the templates page
        gallery = self._dialog(PresetGallery)
        self._picture("template-presets", gallery)
        gallery.accept()
        form = self._dialog(TemplateForm)
        self._wait(lambda: bool(form.sample.decoded.toPlainText()), "a sample is shown")
        self._picture("template-form", form)
        form.reject()

    def _look_at_certificate(self) -> None:
        self._go("certificates")
        page = self._desk().page()
        assert isinstance(page, CertificatesPage)  # noqa: S101  the tour is a check
        page.issue.trigger()
        form = self._dialog(IssueForm)
        form.key.source.set_value(KeySource.HERE)
        self._settle()
        self._picture("certificate-issue", form)
        form.done(0)
        certificate = self._workspace.authorities.all(SYSTEM)[0].certificate
        page.check.trigger()
        check = self._dialog(CheckDialog)
        check.drop.received.emit(certificate, "authority.cer")
        self._wait(check.decoded.isVisible, "the certificate is checked")
        self._picture("certificate-check", check)
        check.done(0)

    def _lock(self) -> None:
        self._command("account.lock")
        self._wait(lambda: self._workspace.locked, "the keys are locked")
        self._picture("locked")
        self._workspace.unlock(PASSPHRASE)

    def _next(self, wizard: DeviceWizardDialog, step: Step) -> None:
        QTest.mouseClick(wizard.next, Qt.MouseButton.LeftButton)
        self._wait(lambda: wizard.flow.current is step, f"the step {step.value} is shown")

    def _desk(self) -> Desk:
        assert self._window.desk is not None  # noqa: S101  signed in before
        return self._window.desk

    def _choose_row(self, row: int) -> None:
        tables = self._desk().page().findChildren(QTableView)
        self._wait(
            lambda: any(table.isVisible() and table.model().rowCount() > row for table in tables),
            "the list is filled",
        )
        next(table for table in tables if table.isVisible()).selectRow(row)
        panel = self._desk().page().panel  # type: ignore[attr-defined]  # pages with a table have one
        self._wait(panel.isVisible, "the details are shown")
        self._settle()

    def _go(self, page: str) -> None:
        self._command(f"go.{page}")
        self._settle()

    def _command(self, command_id: str) -> None:
        self._desk().commands.action(command_id).trigger()

    def _dialog(self, kind: type[Dialog]) -> Dialog:
        found: list[Dialog] = []

        def visible() -> bool:
            found[:] = [dialog for dialog in self._window.findChildren(kind) if dialog.isVisible()]
            return bool(found)

        self._wait(visible, f"{kind.__name__} is open")
        return found[0]

    def _press(self, widget: QWidget, key: Qt.Key) -> None:
        QTest.keyClick(widget, key)

    def _settle(self) -> None:
        """Let background work arrive and the window repaint."""
        QTest.qWait(400)

    def _wait(self, happened: Callable[[], bool], what: str) -> None:
        patience = QDeadlineTimer(PATIENCE_MS)
        while not happened():
            if patience.hasExpired():
                self._picture("stuck")
                raise AssertionError(f"{self._theme}: it did not happen that {what}")
            QTest.qWait(10)
        print(f"{self._theme}: {what}")

    def _picture(self, name: str, widget: QWidget | None = None) -> None:
        QTest.qWait(120)
        self._pictures += 1
        path = self._out / f"{self._theme}-{self._pictures:02}-{name}.png"
        (widget or self._window).grab().save(str(path))


def _note_failure(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """An exception in a slot ends no event loop, but it ends the tour's good name."""
    FAILURES.append(repr(error))
    sys.__excepthook__(kind, error, trace)


def _part(field: QWidget, kind: type[Part]) -> Part:
    """The control inside a labelled field."""
    return field.findChildren(kind)[0]


def _input(field: QWidget) -> QLineEdit:
    return _part(field, QLineEdit)


def _type(field: QLineEdit, text: str) -> None:
    field.clear()
    QTest.keyClicks(field, text)


def main() -> int:
    """Run the tour in every theme; the exit code is 0 when all of it happened."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    out: Path = arguments.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("*.png"):
        old.unlink()
    app = QApplication(["birthmark"])
    sys.excepthook = _note_failure
    folder = Path(tempfile.mkdtemp(prefix="birthmark-tour-"))
    try:
        make_workspace(folder / "demo")
        clock = SystemClock()
        workspace = open_workspace(folder / "demo", clock, PASSPHRASE)
        for theme in THEMES:
            workspace.settings.change(theme=theme)
            apply_theme(app, theme)
            Tour(workspace, LateListener(workspace, clock), out, folder, theme).run()
        count = workspace.device_list.count(SYSTEM, DeviceQuery())
        workspace.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{count} devices created; pictures are in {out}")
    return 0 if count == len(THEMES) * (1 + NEIGHBOURS) and not FAILURES else 1


if __name__ == "__main__":
    sys.exit(main())
