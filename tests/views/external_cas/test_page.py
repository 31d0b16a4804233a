"""The External CAs page as administrators use it, with openssl on the manufacturer's side."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.core.errors import NotFoundError
from app.models.domain.access import SYSTEM
from app.models.domain.external_cas import ExternalCa, VerifiedBy
from app.models.services.listing import ListQuery
from app.models.services.workspace.workspace import Workspace
from app.views.external_cas.form import RegisterForm
from app.views.external_cas.page import ExternalCasPage
from app.views.external_cas.verify_form import VerifyForm
from app.views.jobs import Jobs
from app.views.widgets.certificate_dialog import CertificateDialog
from app.views.widgets.decoded_view import DecodedView
from app.views.widgets.file_field import FileField
from app.views.widgets.form_dialog import FormDialog
from tests.fakes import FakeClock
from tests.manufacturer import RSA, Manufacturer
from tests.models.services.people import person
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
    titles,
)
from tests.views.soon import soon
from tests.views.station import reached_by_tab, tab_stops

OpenPage = Callable[..., ExternalCasPage]
NAME = "Sensor maker"
UNVERIFIED = ["Verify…", "Verify without proof…", "Show certificate…", "Rename…", "Deactivate…"]
VERIFIED = ["Show certificate…", "Rename…", "Deactivate…"]
INACTIVE = ["Show certificate…", "Rename…", "Activate", "Delete…"]


@pytest.fixture
def maker(tmp_path: Path) -> Manufacturer:
    return Manufacturer(tmp_path / "maker")


@pytest.fixture
def ca(demo: Workspace, clock: FakeClock, maker: Manufacturer) -> ExternalCa:
    """The maker's CA, registered for the North plant, at the time the openssl command has."""
    clock.set(datetime.now(UTC))
    return demo.external_cas.register(SYSTEM, NAME, maker.certificate, 1, 1)


@pytest.fixture
def open_page(
    qtbot: QtBot, demo: Workspace, jobs: Jobs, ca: ExternalCa, tmp_path: Path
) -> Iterator[OpenPage]:
    def ask(_over: QWidget, _title: str, name: str, chosen: Callable[[Path], None]) -> None:
        chosen(tmp_path / name)

    def make(name: str) -> ExternalCasPage:
        return ExternalCasPage(demo, person(demo, name), jobs, ask=ask)

    with opened_pages(qtbot, make) as open_one:
        yield open_one
    assert ca.id


def stored(workspace: Workspace, name: str) -> ExternalCa:
    """The external CA of this name in the database."""
    found = workspace.external_cas.page(SYSTEM, ListQuery(), 0, 99)
    return next(row.ca for row in found if row.ca.name == name)


def file_field(shown: FormDialog, key: str) -> FileField:
    field = shown.fields[key]
    assert isinstance(field, FileField)
    return field


def drop(shown: FormDialog, key: str, path: Path) -> None:
    """Drop a file on the field."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    copy, left, no_key = (
        Qt.DropAction.CopyAction,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    zone = file_field(shown, key).input
    zone.dropEvent(QDropEvent(QPointF(9, 9), copy, data, left, no_key))


def paste(shown: FormDialog, key: str, text: str) -> None:
    """Paste a text into the field."""
    QApplication.clipboard().setText(text)
    zone = file_field(shown, key).input
    zone.setFocus()
    QTest.keyClick(zone, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)


def register_form(page: ExternalCasPage) -> RegisterForm:
    QTest.keyClick(page, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    shown = form(page)
    assert isinstance(shown, RegisterForm)
    return shown


def verify_form(page: ExternalCasPage) -> VerifyForm:
    choose(page, NAME)
    press(page.panel, "Verify…")
    shown = form(page)
    assert isinstance(shown, VerifyForm)
    return shown


def answer(shown: VerifyForm, maker: Manufacturer, path: Path) -> None:
    """Drop what the maker signed for the challenge, and press Verify."""
    path.write_bytes(maker.answer(shown.challenge.value(), own_request=True))
    drop(shown, "proof", path)
    click(shown.save)


def test_the_list_says_what_each_is_and_is_a_sound_model(open_page: OpenPage) -> None:
    page = open_page()
    tester = QAbstractItemModelTester(
        page.model, QAbstractItemModelTester.FailureReportingMode.Fatal
    )
    shown = cells(page, NAME)
    assert shown.pop("Ends").endswith(str(datetime.now(UTC).year + 10))
    assert shown == {
        "Name": NAME,
        "Verification": "Unverified",
        "Status": "Active",
        "Tenant": "Acme Controls",
        "Organization": "North plant",
        "Subject": "CN=Sensor maker CA,O=Sensor maker",
    }
    assert page.search is not None
    QTest.keyClicks(page.search, "nothing of the kind")
    soon(lambda: names(page) == [])
    assert tester.model() is page.model


@pytest.mark.req("ECA-02", "ECA-03", "ECA-04", "ECA-05", "ECA-06", "ECA-07", "POP-11")
def test_an_administrator_registers_one_by_dropping_its_file(
    demo: Workspace, open_page: OpenPage, tmp_path: Path, maker: Manufacturer
) -> None:
    other = Manufacturer(tmp_path / "other", "Motor works CA", kind=RSA)
    path = tmp_path / "bundle.pem"
    path.write_bytes(other.certificate + maker.certificate)
    page = open_page()
    new = register_form(page)
    click(new.save)
    assert new.fields["name"].message() == "Fill this in."
    assert new.fields["certificate"].message() == "Fill this in."
    fill(new, "name", NAME)
    assert shown_fields(new) == ["name", "tenant_id", "organization_id", "certificate", "verified"]
    assert offered(new, "tenant_id") == ["Acme Controls"]
    assert offered(new, "organization_id") == ["Whole tenant", "North plant", "South plant"]
    drop(new, "certificate", path)
    assert "The first one counts: CN=Motor works CA" in new.fields["certificate"].message()
    assert "Motor works CA" in new.findChildren(DecodedView)[0].toPlainText()
    click(new.save)
    soon(lambda: f"The name {NAME} is taken." in new.fields["name"].message())
    fill(new, "name", "Motor works")
    click(new.save)
    soon(lambda: page.banner.text().startswith("Motor works is registered. It counts once"))
    soon(lambda: "Motor works" in names(page))
    made = stored(demo, "Motor works")
    assert (made.tenant_id, made.organization_id, made.verified) == (1, None, False)
    assert cells(page, "Motor works")["Organization"] == "Whole tenant"


@pytest.mark.req("ECA-06", "ECA-07", "DEC-07")
def test_one_that_is_known_for_certain_is_verified_at_once(
    demo: Workspace, open_page: OpenPage, tmp_path: Path
) -> None:
    other = Manufacturer(tmp_path / "other", "Motor works CA")
    page = open_page()
    new = register_form(page)
    fill(new, "name", "Motor works")
    fill(new, "organization_id", "South plant")
    paste(new, "certificate", "Our CA:\n" + other.certificate.decode())
    assert "though nobody has shown to have its key" in new.fields["verified"].message()
    QTest.keyClick(new.fields["verified"].editor, Qt.Key.Key_Space)
    click(new.save)
    soon(lambda: page.banner.text() == "Motor works is registered and verified.")
    made = stored(demo, "Motor works")
    assert (made.verified_by, made.organization_id) == (VerifiedBy.OVERRIDE, 2)


@pytest.mark.req("ECA-05", "RBAC-04")
def test_a_tenant_administrator_chooses_an_organization(
    demo: Workspace, open_page: OpenPage, tmp_path: Path
) -> None:
    other = Manufacturer(tmp_path / "other", "Motor works CA")
    page = open_page("ruth.keller")
    assert "Tenant" not in titles(page)
    new = register_form(page)
    assert "tenant_id" not in shown_fields(new)
    assert offered(new, "organization_id") == ["Choose…", "North plant", "South plant"]
    fill(new, "name", "Motor works")
    drop(new, "certificate", other.folder / "ca.pem")
    click(new.save)
    assert new.fields["organization_id"].message() == "Fill this in."
    fill(new, "organization_id", "North plant")
    click(new.save)
    soon(lambda: "Motor works" in names(page))
    assert stored(demo, "Motor works").organization_id == 1


@pytest.mark.req("POP-11", "ECA-06")
def test_what_will_not_do_is_refused_at_once_and_let_go(
    open_page: OpenPage, maker: Manufacturer, tmp_path: Path
) -> None:
    page = open_page()
    new = register_form(page)
    leaf = tmp_path / "leaf.pem"
    leaf.write_bytes(maker.certify("-subj", "/CN=device"))
    for path, said in (
        (maker.folder / "ca.key", "The data contains a private key."),
        (leaf, "“CN=device” is no CA certificate."),
    ):
        drop(new, "certificate", path)
        assert new.fields["certificate"].message().startswith(said)
        assert new.fields["certificate"].value() == b""
    drop(new, "certificate", maker.folder / "ca.pem")
    fill(new, "name", "Again")
    fill(new, "organization_id", "South plant")
    click(new.save)
    soon(lambda: f"registered already as {NAME}" in new.fields["certificate"].message())


@pytest.mark.req("ECA-08", "ECA-11", "ECA-12", "ECA-13", "ECA-17", "DEC-07", "POP-01")
def test_one_is_verified_with_the_saved_request(
    demo: Workspace, open_page: OpenPage, maker: Manufacturer, tmp_path: Path
) -> None:
    page = open_page()
    choose(page, NAME)
    soon(lambda: buttons(page.panel) == UNVERIFIED)
    shown = verify_form(page)
    press(shown, "Save request…")
    request = tmp_path / "proof.csr"
    soon(request.exists)
    soon(lambda: "proof.csr" in shown.banner.text())
    certificate = tmp_path / "proof.pem"
    certificate.write_text(maker.sign(request.read_text()))
    drop(shown, "proof", certificate)
    click(shown.save)
    soon(lambda: page.banner.text() == f"{NAME} is verified.")
    soon(lambda: cells(page, NAME)["Verification"] == "Verified")
    soon(lambda: buttons(page.panel) == VERIFIED)
    soon(lambda: "by proof of possession of its key" in texts(page.panel))
    soon(lambda: "Verified" in texts(page.panel))
    assert stored(demo, NAME).verified_by is VerifiedBy.POSSESSION


@pytest.mark.req("ECA-17", "POP-02", "POP-03")
def test_a_wrong_answer_says_who_signed_what(
    demo: Workspace, open_page: OpenPage, maker: Manufacturer, tmp_path: Path
) -> None:
    other = Manufacturer(tmp_path / "other", "Motor works CA")
    page = open_page()
    shown = verify_form(page)
    answer(shown, other, tmp_path / "wrong.pem")
    soon(
        lambda: (
            shown.fields["proof"]
            .message()
            .startswith(
                "This certificate was signed by “CN=Motor works CA,O=Sensor maker”,"
                " not by “CN=Sensor maker CA,O=Sensor maker”."
            )
        )
    )
    assert not stored(demo, NAME).verified
    soon(shown.save.isEnabled)
    answer(shown, maker, tmp_path / "right.pem")
    soon(lambda: stored(demo, NAME).verified)


@pytest.mark.req("ECA-17", "POP-02")
def test_the_code_stays_until_a_new_one_is_made(
    demo: Workspace, open_page: OpenPage, maker: Manufacturer, tmp_path: Path
) -> None:
    page = open_page()
    shown = verify_form(page)
    code = shown.challenge.value().code
    copied = [one for one in tab_stops(shown) if one.accessibleName() == "Copy Code"]
    click(copied[0])
    assert QApplication.clipboard().text() == code
    old = tmp_path / "old.pem"
    old.write_bytes(maker.answer(shown.challenge.value()))
    QTest.keyClick(shown, Qt.Key.Key_Escape)
    soon(lambda: not page.findChildren(VerifyForm))
    shown = verify_form(page)
    assert shown.challenge.value().code == code
    press(shown, "New code…")
    press(dialog(shown), "Make new code")
    soon(lambda: shown.banner.text() == "There is a new code.")
    assert shown.challenge.value().code != code
    drop(shown, "proof", old)
    click(shown.save)
    soon(lambda: "is not for this code" in shown.fields["proof"].message())
    assert not stored(demo, NAME).verified


@pytest.mark.req("DEC-07", "ECA-08")
def test_verifying_without_proof_is_asked_about(demo: Workspace, open_page: OpenPage) -> None:
    page = open_page()
    choose(page, NAME)
    press(page.panel, "Verify without proof…")
    asked = dialog(page)
    assert f"Verify {NAME} without proof?" in texts(asked)
    QTest.keyClick(asked, Qt.Key.Key_Return)  # Cancel has the focus
    assert not stored(demo, NAME).verified
    press(page.panel, "Verify without proof…")
    press(dialog(page), "Verify without proof")
    soon(lambda: stored(demo, NAME).verified_by is VerifiedBy.OVERRIDE)
    soon(lambda: "without proof, by an administrator" in texts(page.panel))


@pytest.mark.req("ECA-10", "ECA-12", "ECA-13", "ECA-14", "ECA-15", "ECA-16", "RBAC-05")
@pytest.mark.parametrize("name", ["admin", "ruth.keller"])
def test_switching_off_and_deleting(demo: Workspace, open_page: OpenPage, name: str) -> None:
    page = open_page(name)
    choose(page, NAME)
    press(page.panel, "Deactivate…")
    press(dialog(page), "Deactivate")
    soon(lambda: page.banner.text() == f"{NAME} is inactive.")
    soon(lambda: buttons(page.panel) == INACTIVE)
    press(page.panel, "Activate")
    soon(lambda: stored(demo, NAME).active)
    soon(lambda: buttons(page.panel) == UNVERIFIED)
    press(page.panel, "Deactivate…")
    press(dialog(page), "Deactivate")
    press(page.panel, "Delete…")
    asked = dialog(page)
    assert any("This cannot be undone." in text for text in texts(asked))
    QTest.keyClick(asked, Qt.Key.Key_Return)  # Cancel has the focus
    ca = stored(demo, NAME)
    press(page.panel, "Delete…")
    press(dialog(page), "Delete")
    soon(lambda: names(page) == [])
    with pytest.raises(NotFoundError):
        demo.external_cas.get(SYSTEM, ca.id)


def test_another_name_and_the_certificate_whole(demo: Workspace, open_page: OpenPage) -> None:
    page = open_page()
    choose(page, NAME)
    press(page.panel, "Show certificate…")
    shown = dialog(page)
    assert isinstance(shown, CertificateDialog)
    assert "Sensor maker CA" in shown.decoded.toPlainText()
    press(shown, "Close")
    press(page.panel, "Rename…")
    fill(form(page), "name", "Sensors")
    click(form(page).save)
    soon(lambda: names(page) == ["Sensors"])
    assert stored(demo, "Sensors").active


@pytest.mark.req("RBAC-04", "RBAC-05", "ECA-10")
@pytest.mark.parametrize("name", ["ivan.petrov", "paul.jensen"])
def test_auditors_only_look(open_page: OpenPage, name: str) -> None:
    page = open_page(name)
    choose(page, NAME)
    assert not page.new_action.isVisible()
    soon(lambda: buttons(page.panel) == ["Show certificate…"])


def test_tab_comes_by_everything(qtbot: QtBot, open_page: OpenPage) -> None:
    page = open_page()
    choose(page, NAME)
    check_tab_order(qtbot, page)
    for make in (register_form, verify_form):
        shown = make(page)
        stops = tab_stops(shown)
        assert stops <= reached_by_tab(qtbot, shown)
        assert all(one.accessibleName() or getattr(one, "text", str)() for one in stops)
        QTest.keyClick(shown, Qt.Key.Key_Escape)
        soon(lambda: not page.findChildren(FormDialog))
