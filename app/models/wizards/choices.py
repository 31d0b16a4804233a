"""What can be chosen for a new device: its tenant, its organization, its type."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.models.domain.access import Actor, Operation, Reach, reach, require
from app.models.domain.device_types import DeviceType
from app.models.domain.tenants import Organization, Tenant
from app.models.services.workspace.workspace import Workspace
from app.models.wizards.steps import InfoAnswers


class Choices:
    """What an actor who creates devices can choose from, and what goes without asking."""

    def __init__(self, actor: Actor, workspace: Workspace) -> None:
        require(actor, Operation.DEVICE_MANAGE)
        extent = reach(actor, Operation.DEVICE_MANAGE)
        self.asks_tenant = extent is Reach.ALL
        self.asks_organization = extent is not Reach.ORGANIZATION
        self._actor = actor
        self._workspace = workspace

    def implied(self) -> InfoAnswers:
        """The answers that follow from who asks (DEV-07, DEV-08)."""
        return InfoAnswers(
            tenant_id=None if self.asks_tenant else self._actor.tenant_id,
            organization_id=None if self.asks_organization else self._actor.organization_id,
        )

    def tenants(self) -> tuple[Tenant, ...]:
        """The active tenants within reach."""
        return tuple(item for item in self._workspace.tenants.tenants(self._actor) if item.active)

    def organizations(self, info: InfoAnswers) -> tuple[Organization, ...]:
        """The active organizations of the tenant; none before one is chosen."""
        if info.tenant_id is None:
            return ()
        organizations = self._workspace.tenants.organizations(self._actor, info.tenant_id)
        return tuple(item for item in organizations if item.active)

    def device_types(self, info: InfoAnswers) -> tuple[DeviceType, ...]:
        """The active types offered to the organization; none before one is chosen (DEV-09)."""
        if info.tenant_id is None or info.organization_id is None:
            return ()
        return self._workspace.device_types.offered(
            self._actor, info.tenant_id, info.organization_id
        )

    def device_type(self, info: InfoAnswers) -> DeviceType | None:
        """The type chosen, if it is among those offered."""
        offered = self.device_types(info)
        return next((kind for kind in offered if kind.id == info.type_id), None)

    def fitting(self, info: InfoAnswers, changes: Mapping[str, Any]) -> InfoAnswers:
        """The answers with some changed, and without those that no longer fit the owner."""
        changed = replace(info, **changes)
        if changed.organization_id not in {item.id for item in self.organizations(changed)}:
            changed = replace(changed, organization_id=None)
        return changed if self.device_type(changed) else replace(changed, type_id=None)
