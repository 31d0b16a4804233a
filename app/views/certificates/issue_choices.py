"""What a certificate can be issued for and from, as far as the person may."""

from dataclasses import dataclass

from app.core.language import _
from app.models.domain.access import Actor, Operation, Reach, Scope, reach
from app.models.domain.templates import Template
from app.models.services.workspace.workspace import Workspace


@dataclass(frozen=True)
class IssueChoices:
    """The owners with the texts people read, and the active templates in sight."""

    owners: tuple[tuple[Scope, str], ...]
    templates: tuple[Template, ...]

    def templates_for(self, owner: Scope) -> tuple[Template, ...]:
        """The templates that are offered to an owner."""
        return tuple(
            one
            for one in self.templates
            if one.sharing.offered_to(owner.tenant_id, owner.organization_id)
        )


def read_choices(workspace: Workspace, actor: Actor) -> IssueChoices:
    """What the actor can choose from; for a worker thread."""
    extent = reach(actor, Operation.CERTIFICATE_ISSUE)
    tenants = workspace.tenants.tenants(actor, active_only=True)
    organizations = workspace.tenants.organizations(actor, active_only=True)
    owners: list[tuple[Scope, str]] = []
    for tenant in tenants:
        if extent >= Reach.TENANT:
            text = _("{tenant}: the whole tenant").format(tenant=tenant.name)
            owners.append((Scope(tenant.id), text))
        owners += [
            (
                Scope(tenant.id, one.id),
                _("{tenant}: {organization}").format(tenant=tenant.name, organization=one.name),
            )
            for one in organizations
            if one.tenant_id == tenant.id
        ]
    if extent is Reach.ALL:
        owners.append((Scope(), _("Whole workspace")))
    templates = (one for one in workspace.templates.all(actor) if one.active)
    return IssueChoices(tuple(owners), tuple(templates))
