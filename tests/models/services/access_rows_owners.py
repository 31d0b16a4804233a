"""Rows of `access_cases.py`: settings, the audit log, tenants, users, applications."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO

from app.core.errors import AccessDeniedError
from app.models.domain.reports import ReportBy, ReportQuery
from tests.models.services.access_cases import EVERYTHING, Act, At, Listing, ids
from tests.models.services.company import PASSWORD
from tests.models.services.owners.test_second_factor import KEY, own_certificate, signing
from tests.workspace_fixtures import NOW

YEAR = ReportQuery(NOW - timedelta(days=1), NOW + timedelta(days=364), ReportBy.KIND)

OWN: dict[str, Callable[[At], object]] = {
    "users.me": lambda at: at.of.me(at.actor),
    "users.change_password": lambda at: at.of.change_password(at.actor, PASSWORD, "a new password"),
    "users.set_certificate": lambda at: at.of.set_certificate(
        at.actor, PASSWORD, own_certificate(KEY), signing(KEY)
    ),
    "users.remove_own_certificate": lambda at: at.of.remove_own_certificate(at.actor, PASSWORD),
    "users.set_language": lambda at: at.of.set_language(at.actor, "en"),
    "sessions.end": lambda at: at.of.end(at.actor),
    "sessions.end_others": lambda at: at.of.end_others(at.actor),
    "sessions.resume": lambda at: at.of.resume(at.actor, at.actor),
    "audit.record_lock": lambda at: at.of.record_lock(at.actor),
    "audit.record_denial": lambda at: at.of.record_denial(
        at.actor, AccessDeniedError("No."), "the settings"
    ),
    "audit.record_refusal": lambda at: at.of.record_refusal(at.actor, "a", "user", 1, "n", "why"),
}

_USERS_AND_TENANTS: dict[str, Act] = {
    "station_settings.change": Act(
        "settings.change", ("workspace",), lambda at: at.of.change(at.actor)
    ),
    "station_settings.change_passphrase": Act(
        "settings.change",
        ("workspace",),
        lambda at: at.of.change_passphrase(at.actor, "wrong", "a long passphrase"),
    ),
    "audit.export": Act(
        "audit.export", ("workspace",), lambda at: at.of.export(at.actor, StringIO())
    ),
    "audit.page": Act("audit.page", ("workspace",), lambda at: at.of.page(at.actor, 0, 1)),
    "reports.refusals": Act(
        "report.page",
        ("workspace",),
        lambda at: at.of.refusals(at.actor, YEAR.since, YEAR.until),
    ),
    "audit.count": Act("audit.page", ("workspace",), lambda at: at.of.count(at.actor)),
    "audit.of_object": Act(
        "audit.view", ("user",), lambda at: at.of.of_object(at.actor, "user", at["user"], 1)
    ),
    "tenants.create_tenant": Act(
        "tenant.manage", ("workspace",), lambda at: at.of.create_tenant(at.actor, "new")
    ),
    "tenants.rename_tenant": Act(
        "tenant.manage", ("tenant",), lambda at: at.of.rename_tenant(at.actor, at["tenant"], "new")
    ),
    "tenants.set_tenant_active": Act(
        "tenant.manage",
        ("tenant",),
        lambda at: at.of.set_tenant_active(at.actor, at["tenant"], active=False),
    ),
    "tenants.delete_tenant": Act(
        "tenant.manage", ("tenant",), lambda at: at.of.delete_tenant(at.actor, at["tenant"])
    ),
    "tenants.consequences_of_tenant": Act(
        "tenant.manage",
        ("tenant",),
        lambda at: at.of.consequences_of_tenant(at.actor, at["tenant"]),
    ),
    "tenants.tenant": Act(
        "tenant.view", ("tenant",), lambda at: at.of.tenant(at.actor, at["tenant"])
    ),
    "tenants.create_organization": Act(
        "organization.manage",
        ("tenant",),
        lambda at: at.of.create_organization(at.actor, at["tenant"], "new"),
    ),
    "tenants.rename_organization": Act(
        "organization.manage",
        ("organization",),
        lambda at: at.of.rename_organization(at.actor, at["organization"], "new"),
    ),
    "tenants.set_organization_active": Act(
        "organization.manage",
        ("organization",),
        lambda at: at.of.set_organization_active(at.actor, at["organization"], active=False),
    ),
    "tenants.delete_organization": Act(
        "organization.manage",
        ("organization",),
        lambda at: at.of.delete_organization(at.actor, at["organization"]),
    ),
    "tenants.consequences_of_organization": Act(
        "organization.manage",
        ("organization",),
        lambda at: at.of.consequences_of_organization(at.actor, at["organization"]),
    ),
    "tenants.organization": Act(
        "organization.view",
        ("organization",),
        lambda at: at.of.organization(at.actor, at["organization"]),
    ),
    "users.create": Act(
        "user.manage", (), lambda at: at.of.create(at.actor, "new", PASSWORD, **at.part)
    ),
    "users.edit": Act(
        "user.manage", ("user",), lambda at: at.of.edit(at.actor, at["user"], **at.part)
    ),
    "users.set_active": Act(
        "user.manage", ("user",), lambda at: at.of.set_active(at.actor, at["user"], active=False)
    ),
    "users.delete": Act("user.manage", ("user",), lambda at: at.of.delete(at.actor, at["user"])),
    "users.reset_password": Act(
        "user.manage",
        ("user",),
        lambda at: at.of.reset_password(at.actor, at["user"], "a new password"),
    ),
    "users.remove_certificate": Act(
        "user.manage", ("user",), lambda at: at.of.remove_certificate(at.actor, at["user"])
    ),
    "users.get": Act("user.view", ("user",), lambda at: at.of.get(at.actor, at["user"])),
    "sessions.end_all": Act(
        "user.manage", ("user",), lambda at: at.of.end_all(at.actor, at["user"])
    ),
    "sessions.of_user": Act(
        "user.view", ("user",), lambda at: at.of.of_user(at.actor, at["user"]) or None
    ),
}

_APPLICATIONS: dict[str, Act] = {
    "applications.create": Act(
        "application.manage",
        ("application",),
        lambda at: at.of.create(
            at.actor, "new", at.spot.sharing.tenant_id, at.spot.sharing.organization_id
        ),
    ),
    "applications.edit": Act(
        "application.manage",
        ("application",),
        lambda at: at.of.edit(at.actor, at["application"], name="new", description=""),
    ),
    "applications.set_active": Act(
        "application.manage",
        ("application",),
        lambda at: at.of.set_active(at.actor, at["application"], active=False),
    ),
    "applications.delete": Act(
        "application.manage",
        ("application",),
        lambda at: at.of.delete(at.actor, at["application"]),
    ),
    "applications.rotate_key": Act(
        "application.manage",
        ("application",),
        lambda at: at.of.rotate_key(at.actor, at["application"]),
    ),
    "applications.get": Act(
        "application.view", ("application",), lambda at: at.of.get(at.actor, at["application"])
    ),
    "applications.link": Act(
        "est-server.manage",
        ("est-server", "application"),
        lambda at: at.of.link(at.actor, at["est-server"], at["application"]),
    ),
    "applications.unlink": Act(
        "est-server.manage",
        ("est-server", "application"),
        lambda at: at.of.unlink(at.actor, at["est-server"], at["application"]),
    ),
    "applications.linked": Act(
        "est-server.view",
        ("est-server",),
        lambda at: at.of.linked(at.actor, at["est-server"]) or None,
    ),
}

ACTS: dict[str, Act] = _USERS_AND_TENANTS | _APPLICATIONS

LISTS: dict[str, Listing] = {
    "reports.issued": Listing(
        "report.view", "certificate", lambda at: at.of.issued(at.actor, YEAR).totals[-1]
    ),
    "reports.expiring": Listing(
        "report.view", "certificate", lambda at: at.of.expiring(at.actor, 90).totals[-1]
    ),
    "tenants.tenants": Listing(
        "device.view", "tenant", lambda at: ids(at.of.tenants(at.actor)), seen=True
    ),
    "tenants.organizations": Listing(
        "device.view", "organization", lambda at: ids(at.of.organizations(at.actor))
    ),
    "tenants.page_of_tenants": Listing(
        "tenant.view", "tenant", lambda at: ids(at.of.page_of_tenants(at.actor, *EVERYTHING))
    ),
    "tenants.count_of_tenants": Listing(
        "tenant.view", "tenant", lambda at: at.of.count_of_tenants(at.actor, EVERYTHING[0])
    ),
    "tenants.page_of_organizations": Listing(
        "organization.view",
        "organization",
        lambda at: ids(at.of.page_of_organizations(at.actor, *EVERYTHING)),
    ),
    "tenants.count_of_organizations": Listing(
        "organization.view",
        "organization",
        lambda at: at.of.count_of_organizations(at.actor, EVERYTHING[0]),
    ),
    "users.users": Listing("user.view", "user", lambda at: ids(at.of.users(at.actor))),
    "users.page": Listing("user.view", "user", lambda at: ids(at.of.page(at.actor, *EVERYTHING))),
    "users.count": Listing("user.view", "user", lambda at: at.of.count(at.actor, EVERYTHING[0])),
    "applications.page": Listing(
        "application.view",
        "application",
        lambda at: ids([row.application for row in at.of.page(at.actor, *EVERYTHING)]),
    ),
    "applications.count": Listing(
        "application.view", "application", lambda at: at.of.count(at.actor, EVERYTHING[0])
    ),
}
