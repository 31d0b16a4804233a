"""The requirements' matrix of roles and what they may do, written down from their section 1."""

from app.models.domain.access import Role

ROLES = (
    Role.ADMIN,
    Role.TENANT_ADMIN,
    Role.TENANT_OPERATOR,
    Role.ORGANIZATION_OPERATOR,
    Role.AUDITOR,
    Role.TENANT_AUDITOR,
)
MATRIX = {
    # RBAC-06, ROLE-04, ROLE-05: a tenant's administrator manages what is in it, not itself.
    "tenant.view": "A T - - A T",
    "tenant.manage": "A - - - - -",
    "organization.view": "A T - - A T",
    "organization.manage": "A T - - - -",
    "user.view": "A T - - A T",
    "user.manage": "A T - - - -",
    "application.view": "A T - - A T",
    "application.manage": "A T - - - -",
    # ROLE-04, ROLE-05: entities of certificate management.
    "authority.view": "A T - - A T",
    "authority.manage": "A T - - - -",
    "extension.view": "A T - - A T",
    "extension.manage": "A T - - - -",
    "template.view": "A T T O A T",
    "template.manage": "A T - - - -",
    # RBAC-04, RBAC-05: a tenant's administrator in its own tenant only.
    "external-ca.view": "A T - - A T",
    "external-ca.manage": "A T - - - -",
    # RBAC-01: operators only use them.
    "device-type.view": "A T T O A T",
    "device-type.manage": "A T - - - -",
    # RBAC-02; the name of a device is free or taken in the whole tenant.
    "device.view": "A T T O A T",
    "device.manage": "A T T O - -",
    "device-name.check": "A T T T - -",
    # RBAC-07, ROLE-06, ROLE-07
    "certificate.view": "A T T O A T",
    "certificate.issue": "A T T O - -",
    "certificate.revoke": "A T T O - -",
    "secret.download": "A T T O - -",
    # RBAC-03
    "est-server.view": "A T - - A T",
    "est-server.manage": "A T - - - -",
    # ROLE-08, ROLE-09; a part of the log proves nothing, so only the whole of it is exported.
    "audit.view": "A T - - A T",
    "audit.page": "A A - - A A",
    "audit.export": "A - - - A -",
    "report.view": "A T - - A T",
    "report.page": "A A - - A A",
    "settings.change": "A - - - - -",
}
"""In the order of `ROLES`: A everything, T the own tenant, O the own organization, - nothing."""
