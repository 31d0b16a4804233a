"""A person who signs in."""

from dataclasses import dataclass

from app.models.domain.access import Actor, Channel, Role


@dataclass(frozen=True)
class User:
    """A person with a name, a role and the part of the workspace the role covers."""

    id: int
    name: str
    role: Role
    tenant_id: int | None = None
    organization_id: int | None = None
    active: bool = True

    def actor(self, channel: Channel, address: str = "") -> Actor:
        """Return this user as the one who acts through `channel`."""
        return Actor(
            self.name,
            channel,
            self.role,
            self.id,
            self.tenant_id,
            self.organization_id,
            address=address,
        )
