"""A person who signs in."""

from dataclasses import dataclass, field
from datetime import datetime

from app.models.domain.access import Actor, Channel, Role


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
