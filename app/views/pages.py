"""Every page of the window: its place in the navigation, and how it is made."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from app.core.language import _
from app.models.domain.access import Actor, Operation, Reach, reach
from app.models.services.workspace.workspace import Workspace
from app.views.jobs import Jobs
from app.views.shell.page_entry import PageContext, PageEntry
from app.views.widgets.page import Page


class _Follower(Protocol):
    """A page that follows what happens elsewhere."""

    def on_event(self, event: object) -> None:
        """Take note of an event."""


Followed = TypeVar("Followed", bound=_Follower)


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
        PageEntry("est-servers", configure, _("EST servers"), "server", see_est, _est_servers),
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


def _listed(make: Callable[[Workspace, Actor, Jobs], Followed], context: PageContext) -> Followed:
    """A page made in the usual way, which is told of every event."""
    page = make(context.workspace, context.actor, context.jobs)
    context.events.happened.connect(page.on_event)
    return page


def _devices(context: PageContext) -> Page:
    from app.views.devices.page import DevicesPage  # noqa: PLC0415  start-up time
    from app.views.wizard.window import DeviceWizardDialog  # noqa: PLC0415  start-up time

    page = _listed(DevicesPage, context)

    def new_device() -> None:
        DeviceWizardDialog(context.workspace, context.actor, context.jobs, page).open()

    page.new_device_requested.connect(new_device)
    return page


def _device_types(context: PageContext) -> Page:
    from app.views.device_types.form import DeviceTypeForm  # noqa: PLC0415  start-up time
    from app.views.device_types.page import DeviceTypesPage  # noqa: PLC0415  start-up time
    from app.views.external_cas.form import open_register_form  # noqa: PLC0415  start-up time

    page = _listed(DeviceTypesPage, context)

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


def _est_servers(context: PageContext) -> Page:
    from app.views.est_servers.page import EstServersPage  # noqa: PLC0415  start-up time

    page = EstServersPage(context.workspace, context.actor, context.jobs, context.listener)
    context.events.happened.connect(page.on_event)
    return page


def _external_cas(context: PageContext) -> Page:
    from app.views.external_cas.page import ExternalCasPage  # noqa: PLC0415  start-up time

    return _listed(ExternalCasPage, context)


def _certificates(context: PageContext) -> Page:
    from app.views.certificates.page import CertificatesPage  # noqa: PLC0415  start-up time

    return _listed(CertificatesPage, context)


def _authorities(context: PageContext) -> Page:
    from app.views.authorities.page import AuthoritiesPage  # noqa: PLC0415  start-up time

    return _listed(AuthoritiesPage, context)


def _templates(context: PageContext) -> Page:
    from app.views.templates.page import TemplatesPage  # noqa: PLC0415  start-up time

    return _listed(TemplatesPage, context)


def _extensions(context: PageContext) -> Page:
    from app.views.extensions.page import ExtensionsPage  # noqa: PLC0415  start-up time

    return _listed(ExtensionsPage, context)


def _tenants(context: PageContext) -> Page:
    from app.views.tenants.page import TenantsPage  # noqa: PLC0415  start-up time

    return _listed(TenantsPage, context)


def _organizations(context: PageContext) -> Page:
    from app.views.organizations.page import OrganizationsPage  # noqa: PLC0415  start-up time

    return _listed(OrganizationsPage, context)


def _users(context: PageContext) -> Page:
    from app.views.users.page import UsersPage  # noqa: PLC0415  start-up time

    return _listed(UsersPage, context)


def _applications(context: PageContext) -> Page:
    from app.views.applications.page import ApplicationsPage  # noqa: PLC0415  start-up time

    page = ApplicationsPage(context.workspace, context.actor, context.jobs, context.listener)
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

    page = SettingsPage(context.workspace, context.actor, context.jobs, context.listener)
    page.est_servers_requested.connect(lambda: context.commands.action("go.est-servers").trigger())
    return page
