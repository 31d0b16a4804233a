"""What a profile shows, read at once."""

from dataclasses import dataclass

from app.core.language import _
from app.models.domain.access import Actor
from app.models.domain.users import Session, User
from app.models.services.workspace.workspace import Workspace
from app.views.channel_words import channel_text


@dataclass(frozen=True)
class Facts:
    """The person, the names of what they belong to, and where they are signed in."""

    user: User
    tenant: str
    organization: str
    sessions: tuple[Session, ...]


def read_facts(workspace: Workspace, actor: Actor) -> Facts:
    """The facts of the acting person; on a worker thread."""
    user = workspace.users.me(actor)
    tenants = {tenant.id: tenant.name for tenant in workspace.tenants.tenants(actor)}
    organizations = {o.id: o.name for o in workspace.tenants.organizations(actor)}
    return Facts(
        user,
        tenants.get(user.tenant_id or 0, ""),
        organizations.get(user.organization_id or 0, ""),
        workspace.sessions.of_user(actor, user.id),
    )


def scope_text(facts: Facts) -> str:
    """The part of the workspace the person works in."""
    parts = [part for part in (facts.tenant, facts.organization) if part]
    return " · ".join(parts) or _("The whole workspace")


def place_text(session: Session) -> str:
    """Where a session was begun."""
    way = channel_text(session.channel)
    if not session.address:
        return way
    return _("{way} from {address}").format(way=way, address=session.address)
