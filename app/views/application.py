"""Starts the window and runs it until it is closed."""

from pathlib import Path
from typing import cast

import shiboken6
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QVBoxLayout

from app.core.clock import Clock
from app.core.errors import KnownError
from app.core.language import _, system_language
from app.models.domain.access import Operation, Reach, reach
from app.models.services.workspace import Workspace
from app.views.jobs import Jobs
from app.views.language import speak
from app.views.shell.listener_control import ListenerControl
from app.views.shell.main_window import MainWindow
from app.views.shell.page_entry import PageContext, PageEntry
from app.views.theme import ThemeMode, apply_theme
from app.views.theme.fonts import scaled
from app.views.widgets.page import Page


def run_window(
    workspace: Workspace,
    listener: ListenerControl,
    *,
    passphrase: str | None = None,
    quit_after_start: bool = False,
    demo_hint: str = "",
) -> int:
    """Show the window on an open workspace and return the exit code once it is closed.

    `passphrase` opens the keys once the window is painted, so that nobody waits for it.
    `quit_after_start` closes the window as soon as it has been painted, to measure or to try
    a start.
    """
    settings = workspace.settings.current
    app = application(settings.language)
    apply_theme(app, cast("ThemeMode", settings.theme))
    jobs = Jobs()
    window = MainWindow(workspace, listener, page_entries, jobs, demo_hint)
    if passphrase is not None:
        window.sign_in.passphrase.hide()
    window.show()
    if quit_after_start:
        app.processEvents()  # paints it
        QTimer.singleShot(0, app.quit)
    elif passphrase is not None:
        QTimer.singleShot(0, window, lambda: window.sign_in.unlock(passphrase))
    code = app.exec()
    window.close()
    jobs.stop()
    # Here and now: the garbage collector might come by on another thread, and take its timers.
    shiboken6.delete(window)
    return code


def choose_workspace(
    folder: Path, reason: KnownError, clock: Clock, *, quit_after_start: bool = False
) -> Workspace | None:
    """Let a person make or open a workspace, as there is none in `folder` for this `reason`.

    Returns it open, or None when the window was closed instead.
    """
    from app.views.signin.first_start import FirstStartPage  # noqa: PLC0415  start-up time

    app = application(system_language())
    apply_theme(app, "system")
    jobs, loop, chosen = Jobs(), QEventLoop(), list[Workspace]()
    dialog = QDialog()
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(0, 0, 0, 0)
    page = FirstStartPage(folder, reason, clock, jobs)
    layout.addWidget(page)
    dialog.resize(scaled(960), scaled(640))
    page.opened.connect(chosen.append)
    page.opened.connect(dialog.accept)
    dialog.finished.connect(loop.quit)
    app.setQuitOnLastWindowClosed(False)  # the next window is still to come
    dialog.show()
    if quit_after_start:
        app.processEvents()  # paints it
        QTimer.singleShot(0, dialog, dialog.reject)
    loop.exec()
    app.setQuitOnLastWindowClosed(True)
    jobs.stop()
    shiboken6.delete(dialog)
    return chosen[0] if chosen else None


def application(language: str) -> QApplication:
    """Qt's side of the program, whose own texts, dates and numbers are in `language` too."""
    app = cast("QApplication", QApplication.instance() or QApplication(["birthmark"]))
    app.setApplicationName("birthmark")
    app.setApplicationDisplayName("Birthmark")
    speak(app, language)
    return app


def page_entries() -> tuple[PageEntry, ...]:
    """Every page of the window, in the order of the navigation."""
    configure = _("Configure")
    provision, certificates, station = _("Provision"), _("Certificates"), _("Station")
    see_devices, see_issued = Operation.DEVICE_VIEW, Operation.CERTIFICATE_VIEW
    see_est = Operation.EST_SERVER_VIEW
    return (
        PageEntry("devices", provision, _("Devices"), "cpu", see_devices, _devices),
        PageEntry(
            "device-types",
            configure,
            _("Device types"),
            "package",
            Operation.EXTERNAL_CA_VIEW,  # operators see types only where they use them
            _device_types,
        ),
        PageEntry(
            "external-cas",
            configure,
            _("External CAs"),
            "shield-check",
            Operation.EXTERNAL_CA_VIEW,
            _external_cas,
        ),
        PageEntry(
            "certificates", certificates, _("Certificates"), "file-badge", see_issued, _certificates
        ),
        PageEntry(
            "authorities",
            certificates,
            _("Authorities"),
            "landmark",
            Operation.AUTHORITY_VIEW,
            _authorities,
        ),
        PageEntry(
            "templates",
            certificates,
            _("Templates"),
            "layers",
            Operation.TEMPLATE_VIEW,
            _templates,
        ),
        PageEntry(
            "extensions",
            certificates,
            _("Custom extensions"),
            "puzzle",
            Operation.EXTENSION_VIEW,
            _extensions,
        ),
        *_administration(),
        PageEntry("est-monitor", station, _("EST monitor"), "activity", see_est, _monitor),
        PageEntry("settings", station, _("Settings"), "settings", None, _settings),
    )


def _administration() -> tuple[PageEntry, ...]:
    """The pages of the group “Administration”."""
    administration, see_reports = _("Administration"), Operation.REPORT_VIEW
    return (
        PageEntry(
            "tenants",
            administration,
            _("Tenants"),
            "building-2",
            Operation.TENANT_VIEW,
            _tenants,
            Reach.ALL,  # others have exactly one
        ),
        PageEntry(
            "organizations",
            administration,
            _("Organizations"),
            "building",
            Operation.ORGANIZATION_VIEW,
            _organizations,
            Reach.TENANT,
        ),
        PageEntry("users", administration, _("Users"), "users", Operation.USER_VIEW, _users),
        PageEntry(
            "applications",
            administration,
            _("API applications"),
            "key-round",
            Operation.APPLICATION_VIEW,
            _applications,
        ),
        PageEntry(
            "audit", administration, _("Audit log"), "scroll-text", Operation.AUDIT_VIEW, _audit
        ),
        PageEntry("reports", administration, _("Reports"), "chart-column", see_reports, _reports),
    )


# Each page is imported when it is first shown: nobody waits at the start for what may not be
# opened at all.


def _devices(context: PageContext) -> Page:
    from app.views.devices.page import DevicesPage  # noqa: PLC0415  start-up time
    from app.views.wizard.window import DeviceWizardDialog  # noqa: PLC0415  start-up time

    page = DevicesPage(context.workspace, context.actor, context.jobs)
    context.events.happened.connect(page.on_event)

    def new_device() -> None:
        DeviceWizardDialog(context.workspace, context.actor, context.jobs, page).open()

    page.new_device_requested.connect(new_device)
    return page


def _device_types(context: PageContext) -> Page:
    from app.views.device_types.form import DeviceTypeForm  # noqa: PLC0415  start-up time
    from app.views.device_types.page import DeviceTypesPage  # noqa: PLC0415  start-up time
    from app.views.external_cas.form import open_register_form  # noqa: PLC0415  start-up time

    page = DeviceTypesPage(context.workspace, context.actor, context.jobs)
    context.events.happened.connect(page.on_event)

    def register(form: DeviceTypeForm) -> None:
        open_register_form(
            context.workspace,
            context.actor,
            context.jobs,
            form,
            form.registered,
            form.banner.show_error,
        )

    page.register_ca_requested.connect(register)
    return page


def _external_cas(context: PageContext) -> Page:
    from app.views.external_cas.page import ExternalCasPage  # noqa: PLC0415  start-up time

    page = ExternalCasPage(context.workspace, context.actor, context.jobs)
    context.events.happened.connect(page.on_event)
    return page


def _certificates(context: PageContext) -> Page:
    from app.views.certificates.page import CertificatesPage  # noqa: PLC0415  start-up time

    page = CertificatesPage(context.workspace, context.actor, context.jobs)
    context.events.happened.connect(page.on_event)
    return page


def _authorities(context: PageContext) -> Page:
    from app.views.authorities.page import AuthoritiesPage  # noqa: PLC0415  start-up time

    page = AuthoritiesPage(context.workspace, context.actor, context.jobs)
    context.events.happened.connect(page.on_event)
    return page


def _templates(context: PageContext) -> Page:
    from app.views.templates.page import TemplatesPage  # noqa: PLC0415  start-up time

    page = TemplatesPage(context.workspace, context.actor, context.jobs)
    context.events.happened.connect(page.on_event)
    return page


def _extensions(context: PageContext) -> Page:
    from app.views.extensions.page import ExtensionsPage  # noqa: PLC0415  start-up time

    page = ExtensionsPage(context.workspace, context.actor, context.jobs)
    context.events.happened.connect(page.on_event)
    return page


def _tenants(context: PageContext) -> Page:
    from app.views.tenants.page import TenantsPage  # noqa: PLC0415  start-up time

    page = TenantsPage(context.workspace, context.actor, context.jobs)
    context.events.happened.connect(page.on_event)
    return page


def _organizations(context: PageContext) -> Page:
    from app.views.organizations.page import OrganizationsPage  # noqa: PLC0415  start-up time

    page = OrganizationsPage(context.workspace, context.actor, context.jobs)
    context.events.happened.connect(page.on_event)
    return page


def _users(context: PageContext) -> Page:
    from app.views.users.page import UsersPage  # noqa: PLC0415  start-up time

    page = UsersPage(context.workspace, context.actor, context.jobs)
    context.events.happened.connect(page.on_event)
    return page


def _applications(context: PageContext) -> Page:
    from app.views.applications.page import ApplicationsPage  # noqa: PLC0415  start-up time

    page = ApplicationsPage(context.workspace, context.actor, context.jobs)
    context.events.happened.connect(page.on_event)
    return page


def _audit(context: PageContext) -> Page:
    from app.views.audit.page import AuditPage  # noqa: PLC0415  start-up time

    return AuditPage(context.workspace, context.actor, context.jobs)


def _reports(context: PageContext) -> Page:
    from app.views.reports.page import ReportsPage  # noqa: PLC0415  start-up time

    return ReportsPage(context.workspace, context.actor, context.jobs)


def _monitor(context: PageContext) -> Page:
    from app.views.est_monitor.page import EstMonitorPage  # noqa: PLC0415  start-up time

    may_start = reach(context.actor, Operation.SETTINGS_CHANGE) is not Reach.NONE
    listener = context.listener if may_start else None
    monitor = context.workspace.est_monitor
    return EstMonitorPage(monitor, context.events, context.jobs, listener)


def _settings(context: PageContext) -> Page:
    from app.views.settings.settings_page import SettingsPage  # noqa: PLC0415  start-up time

    return SettingsPage(context.workspace, context.actor, context.jobs, context.listener)
