"""A person who signs in, and the times they are signed in."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from app.core.errors import AuthenticationError
from app.models.domain.access import Actor, Channel, Role

Proof = Callable[[bytes], bytes]
"""Signs the challenge it is given with the private key of a person's certificate."""


def has_tenant(role: Role | None) -> bool:
    """Whether the role is one inside a tenant; the others reach the whole workspace."""
    return role not in (None, Role.ADMIN, Role.AUDITOR)


def has_organization(role: Role | None) -> bool:
    """Whether the role is one inside an organization of its tenant."""
    return role is Role.ORGANIZATION_OPERATOR


class PasswordChangeNeededError(AuthenticationError):
    """The password was right, but a new one has to be chosen with it."""


class CertificateNeededError(AuthenticationError):
    """The password was right, but the key of the person's certificate has to be shown, too."""


@dataclass(frozen=True)
class User:
    """A person with a name, a role and the part of the workspace the role covers.

    `must_change_password` holds while the password is one that an administrator gave. With
    `certificate` (DER) the person also proves to have its key when signing in (ROLE-02).
    """

    id: int
    name: str
    role: Role
    tenant_id: int | None = None
    organization_id: int | None = None
    active: bool = True
    must_change_password: bool = False
    language: str = ""
    certificate: bytes | None = field(default=None, repr=False)
    last_sign_in_at: datetime | None = None

    def actor(self, channel: Channel, address: str = "", session_id: int | None = None) -> Actor:
        """Return this user as the one who acts through `channel`, in a session."""
        return Actor(
            self.name,
            channel,
            self.role,
            self.id,
            self.tenant_id,
            self.organization_id,
            address=address,
            session_id=session_id,
        )


@dataclass(frozen=True)
class Session:
    """A time for which a person is signed in: through which channel, from where, until when."""

    id: int
    user_id: int
    channel: Channel
    address: str
    started_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class UserRow:
    """A user as a list shows one. `second_factor` tells that a certificate is needed, too."""

    id: int
    name: str
    role: Role
    tenant_name: str | None
    organization_name: str | None
    active: bool
    second_factor: bool
    last_sign_in_at: datetime | None
