"""The words for roles."""

from app.core.language import _
from app.models.domain.access import Role


def role_text(role: Role) -> str:
    """What a person in this role is called."""
    return {
        Role.ADMIN: _("Administrator"),
        Role.AUDITOR: _("Auditor"),
        Role.TENANT_ADMIN: _("Tenant administrator"),
        Role.TENANT_AUDITOR: _("Tenant auditor"),
        Role.TENANT_OPERATOR: _("Tenant operator"),
        Role.ORGANIZATION_OPERATOR: _("Operator"),
    }[role]


def role_explained(role: Role) -> str:
    """What a person in this role does, in one sentence."""
    return {
        Role.ADMIN: _("Manages everything in the workspace, its tenants and users included."),
        Role.AUDITOR: _("Sees everything in the workspace and changes nothing."),
        Role.TENANT_ADMIN: _(
            "Manages everything of one tenant: organizations, users, templates and devices."
        ),
        Role.TENANT_AUDITOR: _("Sees everything of one tenant and changes nothing."),
        Role.TENANT_OPERATOR: _(
            "Provisions devices and issues certificates for all organizations of one tenant."
        ),
        Role.ORGANIZATION_OPERATOR: _(
            "Provisions devices and issues certificates for one organization."
        ),
    }[role]
