"""Every page on the tour, with something selected, and the forms that open from them."""

from app.models.domain.access import SYSTEM
from app.views.certificates.check_dialog import CheckDialog
from app.views.certificates.issue_form import IssueForm
from app.views.certificates.key_fields import KeySource
from app.views.certificates.page import CertificatesPage
from app.views.command_palette import CommandPalette
from app.views.device_types.form import DeviceTypeForm
from app.views.device_types.page import DeviceTypesPage
from app.views.est_servers.form import EstServerForm
from app.views.est_servers.page import EstServersPage
from app.views.external_cas.form import RegisterForm
from app.views.external_cas.page import ExternalCasPage
from app.views.external_cas.verify_form import VerifyForm
from app.views.profile.dialog import ProfileDialog
from app.views.templates.form import TemplateForm
from app.views.templates.gallery import PresetGallery
from app.views.widgets.file_field import FileField
from app.views.widgets.form_dialog import FormDialog
from tests.views.hands import press
from tools.tour.visit import SIZE, Visit, click

LISTS = (
    "devices",
    "device-types",
    "external-cas",
    "certificates",
    "authorities",
    "templates",
    "extensions",
    "tenants",
    "organizations",
    "users",
    "applications",
    "audit",
)


def look_at_pages(visit: Visit) -> None:
    """Picture the pages, as the administrator sees them."""
    visit.go("est-monitor")
    visit.choose_row(1)  # the refusal
    visit.picture("est-monitor")
    for page in LISTS:
        visit.go(page)
        visit.settle()
        visit.choose_row(0)
        visit.picture(page)
    visit.go("reports")
    visit.picture("reports")
    _look_at_device_type(visit)
    _test_est_server(visit)
    _verify_external_ca(visit)
    _begin_template(visit)
    _look_at_certificate(visit)
    visit.go("settings")
    visit.picture("settings")
    visit.command("palette")
    palette = visit.dialog(CommandPalette)
    visit.picture("command-palette", palette)
    palette.reject()
    visit.command("account.profile")
    profile = visit.dialog(ProfileDialog)
    visit.settle()
    visit.picture("profile", profile)
    profile.reject()
    visit.window.resize(1024, 640)
    visit.go("devices")
    visit.settle()
    visit.picture("devices-small")
    visit.window.resize(*SIZE)


def _look_at_device_type(visit: Visit) -> None:
    visit.go("device-types")
    visit.choose_row(1)
    page = visit.desk.page()
    assert isinstance(page, DeviceTypesPage)  # noqa: S101  the tour is a check
    page.edit.trigger()
    form = visit.dialog(DeviceTypeForm)
    for section in form.sections[:2]:
        section.open()
    visit.wait(lambda: bool(form.preview.decoded.toPlainText()), "preview of a device")
    visit.picture("device-type-form", form)
    form.done(0)


def _test_est_server(visit: Visit) -> None:
    visit.go("est-servers")
    visit.choose_row(0)
    page = visit.desk.page()
    assert isinstance(page, EstServersPage)  # noqa: S101  the tour is a check
    page.edit.trigger()
    form = visit.dialog(EstServerForm)
    visit.picture("est-server-form", form)
    form.done(0)
    press(page.panel, "Add label…")
    label = visit.dialog(FormDialog)
    name, device_type = label.fields["name"], label.fields["device_type_id"]
    name.set_value("sensors" if visit.theme == "light" else "valves")
    device_type.editor.setCurrentIndex(1)  # type: ignore[attr-defined]  # a choice
    visit.picture("est-server-label", label)
    click(label.save)
    visit.wait(lambda: " was added." in page.banner.text(), "the label is there")
    page.test.trigger()
    visit.wait(lambda: " answers: " in page.banner.text(), "the EST server answers")
    visit.settle()
    visit.picture("est-servers")


def _verify_external_ca(visit: Visit) -> None:
    visit.go("external-cas")
    visit.choose_row(0)
    page = visit.desk.page()
    assert isinstance(page, ExternalCasPage)  # noqa: S101  the tour is a check
    row = page.table.selected_row()
    assert row is not None  # noqa: S101  the tour is a check
    page.new_action.trigger()
    register = visit.dialog(RegisterForm)
    file = register.fields["certificate"]
    assert isinstance(file, FileField)  # noqa: S101  the tour is a check
    file.input.received.emit(row.ca.certificate, "borealis.cer")
    visit.picture("external-ca-register", register)
    register.done(0)
    page.verify.trigger()
    verify = visit.dialog(VerifyForm)
    visit.picture("external-ca-verify", verify)
    verify.reject()


def _begin_template(visit: Visit) -> None:
    visit.go("templates")
    visit.desk.page().new_action.trigger()  # type: ignore[attr-defined]  # the templates page
    gallery = visit.dialog(PresetGallery)
    visit.picture("template-presets", gallery)
    gallery.accept()
    form = visit.dialog(TemplateForm)
    visit.wait(lambda: bool(form.sample.decoded.toPlainText()), "a sample is shown")
    visit.picture("template-form", form)
    form.reject()


def _look_at_certificate(visit: Visit) -> None:
    visit.go("certificates")
    page = visit.desk.page()
    assert isinstance(page, CertificatesPage)  # noqa: S101  the tour is a check
    page.issue.trigger()
    form = visit.dialog(IssueForm)
    form.key.source.set_value(KeySource.HERE)
    visit.settle()
    visit.picture("certificate-issue", form)
    form.done(0)
    certificate = visit.workspace.authorities.all(SYSTEM)[0].certificate
    page.check.trigger()
    check = visit.dialog(CheckDialog)
    check.drop.received.emit(certificate, "authority.cer")
    visit.wait(check.decoded.isVisible, "the certificate is checked")
    visit.picture("certificate-check", check)
    check.done(0)
