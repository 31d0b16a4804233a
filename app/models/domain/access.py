"""Who may do what: the six roles, the reach of each operation, and who may see a shared entity.

The table `REACH` is the only place that knows the answer (SYS-02, ROLE-04..09, RBAC-01..07).
Services ask it first; the window reads it to hide what is not for this person.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from app.core.errors import AccessDeniedError
from app.core.language import _


class Role(StrEnum):
    """What a user is employed to do (SYS-02)."""

    ADMIN = "admin"
    AUDITOR = "auditor"
    TENANT_ADMIN = "tenant-admin"
    TENANT_AUDITOR = "tenant-auditor"
    TENANT_OPERATOR = "tenant-operator"
    ORGANIZATION_OPERATOR = "organization-operator"


class Channel(StrEnum):
    """The way an act reached the program."""

    WINDOW = "window"
    CLI = "cli"
    EST = "est"
    API = "api"
    SYSTEM = "system"


class Operation(StrEnum):
    """What services do, as far as the right to do it differs."""

    TENANT_VIEW = "tenant.view"
    TENANT_MANAGE = "tenant.manage"
    ORGANIZATION_VIEW = "organization.view"
    ORGANIZATION_MANAGE = "organization.manage"
    USER_VIEW = "user.view"
    USER_MANAGE = "user.manage"
    APPLICATION_VIEW = "application.view"
    APPLICATION_MANAGE = "application.manage"
    AUTHORITY_VIEW = "authority.view"
    AUTHORITY_MANAGE = "authority.manage"
    EXTENSION_VIEW = "extension.view"
    EXTENSION_MANAGE = "extension.manage"
    TEMPLATE_VIEW = "template.view"
    TEMPLATE_MANAGE = "template.manage"
    EXTERNAL_CA_VIEW = "external-ca.view"
    EXTERNAL_CA_MANAGE = "external-ca.manage"
    DEVICE_TYPE_VIEW = "device-type.view"
    DEVICE_TYPE_MANAGE = "device-type.manage"
    DEVICE_VIEW = "device.view"
    DEVICE_MANAGE = "device.manage"
    CERTIFICATE_VIEW = "certificate.view"
    CERTIFICATE_ISSUE = "certificate.issue"
    CERTIFICATE_REVOKE = "certificate.revoke"
    SECRET_DOWNLOAD = "secret.download"  # noqa: S105  the name of a right, not a secret
    EST_SERVER_VIEW = "est-server.view"
    EST_SERVER_MANAGE = "est-server.manage"
    AUDIT_VIEW = "audit.view"
    REPORT_VIEW = "report.view"
    SETTINGS_CHANGE = "settings.change"


class Reach(IntEnum):
    """How far a right extends."""

    NONE = 0
    ORGANIZATION = 1
    TENANT = 2
    ALL = 3


@dataclass(frozen=True)
class Scope:
    """Where an object lives. Both None: it belongs to the whole workspace."""

    tenant_id: int | None = None
    organization_id: int | None = None


@dataclass(frozen=True)
class Actor:
    """Who acts, in which role and from where.

    `role` is None for a device, an application and the program itself. With a `session_id`
    the person may act until that session ends.
    """

    name: str
    channel: Channel
    role: Role | None = None
    user_id: int | None = None
    tenant_id: int | None = None
    organization_id: int | None = None
    device_id: int | None = None
    address: str = ""
    session_id: int | None = None
    application_id: int | None = None


SYSTEM = Actor("birthmark", Channel.SYSTEM)

_ALL_ROLES_VIEW = {
    Role.ADMIN: Reach.ALL,
    Role.AUDITOR: Reach.ALL,
    Role.TENANT_ADMIN: Reach.TENANT,
    Role.TENANT_AUDITOR: Reach.TENANT,
    Role.TENANT_OPERATOR: Reach.TENANT,
    Role.ORGANIZATION_OPERATOR: Reach.ORGANIZATION,
}
_SUPERVISORS_VIEW: dict[Role, Reach] = {
    role: reach
    for role, reach in _ALL_ROLES_VIEW.items()
    if role not in (Role.TENANT_OPERATOR, Role.ORGANIZATION_OPERATOR)
}
_OPERATORS = {
    Role.ADMIN: Reach.ALL,
    Role.TENANT_ADMIN: Reach.TENANT,
    Role.TENANT_OPERATOR: Reach.TENANT,
    Role.ORGANIZATION_OPERATOR: Reach.ORGANIZATION,
}
_ADMINS = {Role.ADMIN: Reach.ALL, Role.TENANT_ADMIN: Reach.TENANT}

REACH: dict[Operation, dict[Role, Reach]] = {
    Operation.TENANT_VIEW: _SUPERVISORS_VIEW,
    Operation.TENANT_MANAGE: {Role.ADMIN: Reach.ALL},
    Operation.ORGANIZATION_VIEW: _SUPERVISORS_VIEW,
    Operation.ORGANIZATION_MANAGE: _ADMINS,
    Operation.USER_VIEW: _SUPERVISORS_VIEW,
    Operation.USER_MANAGE: _ADMINS,
    Operation.APPLICATION_VIEW: _SUPERVISORS_VIEW,
    Operation.APPLICATION_MANAGE: _ADMINS,
    Operation.AUTHORITY_VIEW: _SUPERVISORS_VIEW,
    Operation.AUTHORITY_MANAGE: _ADMINS,
    Operation.EXTENSION_VIEW: _SUPERVISORS_VIEW,
    Operation.EXTENSION_MANAGE: _ADMINS,
    Operation.TEMPLATE_VIEW: _ALL_ROLES_VIEW,
    Operation.TEMPLATE_MANAGE: _ADMINS,
    Operation.EXTERNAL_CA_VIEW: _SUPERVISORS_VIEW,
    Operation.EXTERNAL_CA_MANAGE: _ADMINS,
    Operation.DEVICE_TYPE_VIEW: _ALL_ROLES_VIEW,
    Operation.DEVICE_TYPE_MANAGE: _ADMINS,
    Operation.DEVICE_VIEW: _ALL_ROLES_VIEW,
    Operation.DEVICE_MANAGE: _OPERATORS,
    Operation.CERTIFICATE_VIEW: _ALL_ROLES_VIEW,
    Operation.CERTIFICATE_ISSUE: _OPERATORS,
    Operation.CERTIFICATE_REVOKE: _OPERATORS,
    Operation.SECRET_DOWNLOAD: _OPERATORS,
    Operation.EST_SERVER_VIEW: _SUPERVISORS_VIEW,
    Operation.EST_SERVER_MANAGE: _ADMINS,
    Operation.AUDIT_VIEW: _SUPERVISORS_VIEW,
    Operation.REPORT_VIEW: _SUPERVISORS_VIEW,
    Operation.SETTINGS_CHANGE: {Role.ADMIN: Reach.ALL},
}

# What a device may do to itself once an EST server has let it in, and an application to it there.
_DEVICE_MAY = frozenset({Operation.CERTIFICATE_ISSUE})
# What an application may do in an organization: what its operators may, and see who issues.
_APPLICATION_MAY = frozenset(
    {
        Operation.AUTHORITY_VIEW,
        *(operation for operation, roles in REACH.items() if Role.ORGANIZATION_OPERATOR in roles),
    }
)


def reach(actor: Actor, operation: Operation) -> Reach:
    """How far `actor` may carry out `operation`."""
    if actor.channel is Channel.SYSTEM:
        return Reach.ALL
    if actor.role is None:
        by_api = actor.channel is Channel.API and actor.application_id is not None
        may = _APPLICATION_MAY if by_api else _DEVICE_MAY
        return Reach.ORGANIZATION if operation in may else Reach.NONE
    return REACH[operation].get(actor.role, Reach.NONE)


def require(actor: Actor, operation: Operation, scope: Scope | None = None) -> None:
    """Raise `AccessDeniedError` unless `actor` may carry out `operation` in `scope`.

    Without a scope the question is whether the actor may do it anywhere at all.
    """
    extent = reach(actor, operation)
    allowed = extent is not Reach.NONE
    if allowed and scope is not None and extent is not Reach.ALL:
        allowed = scope.tenant_id == actor.tenant_id and actor.tenant_id is not None
        if extent is Reach.ORGANIZATION:
            allowed = allowed and scope.organization_id == actor.organization_id
    if not allowed:
        raise AccessDeniedError(
            _("{name} may not do this.").format(name=actor.name),
            cause=_("The role does not include it here."),
            remedy=_("Ask an administrator."),
        )


class Access(StrEnum):
    """How widely a shareable entity is offered (DEC-01)."""

    GLOBAL = "global"
    TENANT = "tenant"
    ORGANIZATION = "organization"


@dataclass(frozen=True)
class Sharing:
    """Whom a shareable entity is offered to."""

    access: Access = Access.GLOBAL
    tenant_id: int | None = None
    organization_id: int | None = None

    def offered_to(self, tenant_id: int | None, organization_id: int | None) -> bool:
        """Whether devices of this tenant and organization may use the entity (DT-05, DT-06)."""
        if self.access is Access.GLOBAL:
            return True
        if self.access is Access.TENANT:
            return self.tenant_id == tenant_id
        return self.organization_id == organization_id

    def covers(self, other: "Sharing") -> bool:
        """Whether everyone `other` is offered to is offered this entity too."""
        if self.access is Access.GLOBAL:
            return True
        if other.access is Access.GLOBAL or self.tenant_id != other.tenant_id:
            return False
        return self.access is Access.TENANT or self.organization_id == other.organization_id


EVERYWHERE = Sharing()
