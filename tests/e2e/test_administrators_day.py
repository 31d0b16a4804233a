"""An administrator comes from an empty workspace to an EST server by nothing but the window."""

import base64
import shutil
import subprocess
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from ssl import PEM_cert_to_DER_cert
from typing import cast

import pytest
import shiboken6
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from app.core.clock import SystemClock
from app.main import LateListener
from app.models.domain.access import SYSTEM, Access, Role, Sharing
from app.models.domain.external_cas import ExternalCa, VerifiedBy
from app.models.services.devices.listed import DeviceQuery
from app.models.services.listing import ListQuery
from app.models.services.workspace.opening import create_workspace, open_workspace
from app.models.services.workspace.workspace import Workspace
from app.views.device_types.form import DeviceTypeForm
from app.views.est_servers.page import EstServersPage
from app.views.external_cas.verify_form import VerifyForm
from app.views.jobs import Jobs
from app.views.pages import page_entries
from app.views.shell.main_window import MainWindow
from app.views.widgets.file_field import FileField
from app.views.widgets.form_dialog import FormDialog
from tests.e2e.pki_walk import COMPANY, ISSUING, TEMPLATE, PkiWalk
from tests.manufacturer import Manufacturer
from tests.views.device_types.acting import mapping, operational
from tests.views.est_servers.bench import copied, tick
from tests.views.hands import AnyPage, cells, choose, click, dialog, fill, form, offered, press
from tests.views.shell.signing import shown
from tests.views.soon import soon
from tests.workspace_fixtures import CHEAP, PASSPHRASE

ADMIN, PASSWORD = "grace", "eleven quiet rivers"
PLANT = "North plant"
MAKER, STRANGER = "Sensor maker", "Motor works"
TYPE = "Flow sensor"
BENCH = "North bench"
DEVICE = "FS-0001"
HERE, ELSEWHERE = "Issued here, from a template", "Issued by an external CA"


class AdministratorsDay(PkiWalk):
    """What an administrator does before and after the PKI, where there is nothing yet."""

    def unlock(self) -> None:
        """Sign in first after a start, which takes the passphrase, too."""
        QTest.keyClicks(self._window.sign_in.passphrase.input, PASSPHRASE)
        self.sign_in(ADMIN, PASSWORD)

    def make_owner(self, title: str, begin: str, name: str) -> None:
        """Make a tenant or an organization; there is one tenant at most to choose."""
        page = self._open(title)
        press(page, begin)
        new = form(page)
        fill(new, "name", name)
        click(new.save)
        soon(lambda: page.banner.text() == f"{name} was created.")

    def register(self, name: str, certificate: bytes) -> None:
        """Register the CA of a manufacturer by pasting its certificate."""
        page, new = self._begin("External CAs", "Register external CA")
        fill(new, "name", name)
        assert offered(new, "tenant_id") == [COMPANY]
        _paste(new, "certificate", certificate)
        click(new.save)
        soon(lambda: page.banner.text().startswith(f"{name} is registered. It counts once"))
        choose(page, name)
        assert cells(page, name)["Verification"] == "Unverified"

    def verify(self, name: str, maker: Manufacturer) -> None:
        """Have the manufacturer sign the code that is shown, and paste the answer."""
        page = self._open("External CAs")
        choose(page, name)
        press(page.panel, "Verify…")
        asked = form(page)
        assert isinstance(asked, VerifyForm)
        code = _copied(asked, "Code")
        _paste(asked, "proof", maker.certify("-subj", f"/CN={code}", days=1))
        click(asked.save)
        soon(lambda: page.banner.text() == f"{name} is verified.")
        soon(lambda: cells(page, name)["Verification"] == "Verified")

    def make_type(self) -> dict[str, str]:
        """Make a type whose devices come with a certificate of the maker; its row in the list."""
        page, new = self._begin("Device types", "New device type")
        assert isinstance(new, DeviceTypeForm)
        fill(new, "name", TYPE)
        _unfold(new, "Factory certificate")
        assert offered(new, "source")[1:] == [HERE, ELSEWHERE]
        fill(new, "source", ELSEWHERE)
        assert offered(new, "external_ca_id") == ["Choose…"]
        assert "but not for the tenant" in new.fields["external_ca_id"].message()
        fill(new, "access", "Tenant")
        assert new.fields["external_ca_id"].message() == ""
        assert offered(new, "external_ca_id") == ["Choose…", MAKER]
        fill(new, "external_ca_id", MAKER)
        _unfold(new, "Operational certificates")
        templates = operational(new)
        assert templates.offer.currentText() == TEMPLATE
        click(templates.add)
        assert mapping(new).combos["subject.CN"].currentText() == "Device name"
        _unfold(new, "Registration and modes")
        tick(new, "auto_registration")
        click(new.save)
        soon(lambda: page.banner.text() == f"{TYPE} is saved.")
        choose(page, TYPE)
        return cells(page, TYPE)

    def make_server(self) -> EstServersPage:
        """Make an EST server for devices with certificates of the maker, and test it."""
        page, new = self._begin("EST servers", "New EST server")
        assert isinstance(page, EstServersPage)
        fill(new, "name", BENCH)
        assert offered(new, "device_type_id") == [TYPE]
        tick(new, "password_authentication")
        click(new.save)
        soon(lambda: page.banner.text().startswith(f"{BENCH} is saved."))
        choose(page, BENCH)
        press(page.panel, "Test connection")
        press(dialog(page), "Start and test")
        soon(lambda: page.banner.text().startswith(f"{BENCH} answers: "))
        return page

    def come_to_a_type(self, folder: Path) -> tuple[Manufacturer, dict[str, str]]:
        """Go all the way from an empty workspace to a type; its maker, its row in the list."""
        self.unlock()
        self.make_owner("Tenants", "New tenant", COMPANY)
        self.make_owner("Organizations", "New organization", PLANT)
        self.make_root(None)
        self.make_issuing()
        self.make_template()
        maker, stranger = Manufacturer(folder / "maker"), Manufacturer(folder / "x", "Motor CA")
        self.register(MAKER, maker.certificate)
        self.register(STRANGER, stranger.certificate)
        self.verify(MAKER, maker)
        return maker, self.make_type()

    def _begin(self, title: str, action: str) -> tuple[AnyPage, FormDialog]:
        """A page, and the form that its main action opens."""
        page = cast("AnyPage", self._open(title))
        press(page, action)
        soon(lambda: bool(page.findChildren(FormDialog)))
        return page, form(page)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """As `birthmark init` leaves it: locked, with an administrator and nothing else."""
    folder, clock = tmp_path / "workspace", SystemClock()
    made = create_workspace(folder, PASSPHRASE, clock, CHEAP)
    made.users.create(SYSTEM, ADMIN, PASSWORD, Role.ADMIN, must_change=False)
    made.close()
    opened = open_workspace(folder, clock, cost=CHEAP)
    opened.settings.change(listener_host="127.0.0.1", listener_port=0)
    yield opened
    opened.close()


@pytest.fixture
def day(workspace: Workspace, jobs: Jobs, qtbot: QtBot) -> Iterator[AdministratorsDay]:
    """The program's window; nobody has signed in."""
    listener = LateListener(workspace, SystemClock())
    window = shown(MainWindow(workspace, listener, page_entries, jobs), qtbot)
    yield AdministratorsDay(window)
    listener.stop()
    window.close()
    shiboken6.delete(window)


@pytest.mark.req("DTC-07", "DTC-08", "ECA-09")
def test_an_empty_workspace_comes_to_a_type_with_certificates_of_an_external_ca(
    day: AdministratorsDay, workspace: Workspace, tmp_path: Path
) -> None:
    _maker, row = day.come_to_a_type(tmp_path)

    assert row == {
        "Name": TYPE,
        "Access": "Tenant",
        "Factory source": MAKER,
        "Operational templates": TEMPLATE,
        "Devices": "0",
        "Status": "Active",
    }
    ca = external_ca(workspace)
    assert ca.verified_by is VerifiedBy.POSSESSION
    (tenant,) = workspace.tenants.tenants(SYSTEM)
    (organization,) = workspace.tenants.organizations(SYSTEM)
    assert (organization.name, organization.tenant_id) == (PLANT, tenant.id)
    (template,) = workspace.templates.all(SYSTEM)
    (made,) = workspace.device_types.all(SYSTEM)
    assert (made.external_ca_id, made.active) == (ca.id, True)
    assert made.operational_template_ids == (template.id,)
    assert made.operational_mapping == {"subject.CN": "name"}
    assert made.sharing == Sharing(Access.TENANT, tenant.id)
    assert workspace.authorities.get(SYSTEM, template.authority_id).name == ISSUING


@pytest.mark.skipif(
    not all(map(shutil.which, ("sh", "openssl", "curl", "base64"))), reason="needs openssl and curl"
)
@pytest.mark.req("DT-14", "DT-19", "EST-07", "EST-12", "EST-18")
def test_a_device_of_the_maker_enrols_by_the_commands_that_are_shown(
    day: AdministratorsDay, workspace: Workspace, tmp_path: Path
) -> None:
    maker, _row = day.come_to_a_type(tmp_path)
    page = day.make_server()
    commands = copied(page, "Commands").replace("NAME", DEVICE)
    address = copied(page, "Address").removeprefix("https://").partition("/")[0]
    idevid = maker.certify("-subj", f"/CN={DEVICE}")
    (maker.folder / "idevid.pem").write_bytes(idevid)
    (maker.folder / "new.key").rename(maker.folder / "idevid.key")
    (maker.folder / "ca.pem").write_bytes(workspace.est_endpoints.trust_anchors())
    commands = commands.replace("--cacert", f"--resolve {address}:127.0.0.1 --cacert")
    done = subprocess.run(
        ["sh", "-e", "-c", commands], cwd=maker.folder, capture_output=True, timeout=60, check=True
    )
    assert base64.b64decode(done.stdout)
    (device,) = workspace.device_list.page(SYSTEM, DeviceQuery(), 0, 10)
    fingerprint = sha256(PEM_cert_to_DER_cert(idevid.decode())).hexdigest()
    assert (device.name, device.type_name) == (fingerprint, TYPE)


def external_ca(workspace: Workspace) -> ExternalCa:
    """The CA of the maker, as the database has it."""
    (row,) = workspace.external_cas.page(SYSTEM, ListQuery(MAKER), 0, 10)
    return row.ca


def _paste(shown_form: FormDialog, key: str, text: bytes) -> None:
    """Paste a text into the field `key` that takes a file."""
    field = shown_form.fields[key]
    assert isinstance(field, FileField)
    QGuiApplication.clipboard().setText(text.decode())
    field.input.setFocus()
    QTest.keySequence(field.input, QKeySequence(QKeySequence.StandardKey.Paste))


def _tool(parent: FormDialog, text: str) -> QToolButton:
    """The one tool button that reads or is announced so."""
    (found,) = (
        one
        for one in parent.findChildren(QToolButton)
        if one.isVisible() and text in {one.text(), one.accessibleName()}
    )
    return found


def _copied(parent: FormDialog, name: str) -> str:
    """A value, by the button that copies it."""
    click(_tool(parent, f"Copy {name}"))
    return QGuiApplication.clipboard().text()


def _unfold(parent: FormDialog, title: str) -> None:
    """Open a section by a click on its title."""
    click(_tool(parent, title))
