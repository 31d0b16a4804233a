"""Whom a shareable thing is offered to: the three fields that ask for it, and the words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.errors import AccessDeniedError
from app.core.language import _
from app.models.domain.access import (
    Access,
    Actor,
    Operation,
    Reach,
    Scope,
    Sharing,
    reach,
    require,
)
from app.models.domain.tenants import Organization, Tenant
from app.models.services.owners.tenants import Tenants
from app.views.widgets.field import ChoiceField
from app.views.widgets.form_dialog import FormDialog


@dataclass(frozen=True)
class Owners:
    """The tenants and organizations within somebody's reach."""

    tenants: tuple[Tenant, ...]
    organizations: tuple[Organization, ...]

    def text(self, sharing: Sharing) -> str:
        """Whom a sharing names: everybody, a tenant or an organization."""
        if sharing.access is Access.GLOBAL:
            return _("All tenants")
        tenants = {one.id: one.name for one in self.tenants}
        tenant = tenants.get(sharing.tenant_id or 0, access_text(sharing.access))
        if sharing.access is Access.TENANT:
            return tenant
        organizations = {one.id: one.name for one in self.organizations}
        return organizations.get(sharing.organization_id or 0, access_text(sharing.access))


def read_owners(tenants: Tenants, actor: Actor) -> Owners:
    """What `Owners` holds; for a worker thread."""
    return Owners(tenants.tenants(actor), tenants.organizations(actor))


def access_text(access: Access) -> str:
    """The name of an access level (DEC-01)."""
    return {
        Access.GLOBAL: _("Global"),
        Access.TENANT: _("Tenant"),
        Access.ORGANIZATION: _("Organization"),
    }[access]


def may_change(actor: Actor, operation: Operation, sharing: Sharing) -> bool:
    """Whether the actor may change what is shared so, and not only see it."""
    try:
        require(actor, operation, Scope(sharing.tenant_id, sharing.organization_id))
    except AccessDeniedError:
        return False
    return True


def sharing_in(values: Mapping[str, Any]) -> Sharing:
    """What the fields of `SharingFields` say, out of the values of their form."""
    access: Access = values["access"]
    return Sharing(
        access,
        None if access is Access.GLOBAL else values["tenant_id"],
        values["organization_id"] if access is Access.ORGANIZATION else None,
    )


class SharingFields:
    """Access, tenant and organization in a form: only what the access needs is asked for.

    Only who reaches everything can choose global access (DEC-01). Keys: `access`, `tenant_id`,
    `organization_id`.
    """

    def __init__(
        self, form: FormDialog, actor: Actor, operation: Operation, owners: Owners
    ) -> None:
        self._form, self._owners = form, owners
        everything = reach(actor, operation) is Reach.ALL
        self._levels = [one for one in Access if everything or one is not Access.GLOBAL]
        choices = [(level, access_text(level)) for level in self._levels]
        self.access = ChoiceField(_("Access"), choices)
        self.tenant = ChoiceField(_("Tenant"), _choices(owners.tenants))
        self.organization = ChoiceField(_("Organization"), _choices(()))
        form.add(self.access, "access")
        form.add(self.tenant, "tenant_id")
        form.add(self.organization, "organization_id")
        self._adapt()
        for field in (self.access, self.tenant):
            # A lambda, unlike a method, keeps this object as long as the fields.
            field.changed.connect(lambda: self._adapt())  # noqa: PLW0108  see above

    def sharing(self) -> Sharing:
        """What the fields say now."""
        return sharing_in(
            {
                "access": self.access.value(),
                "tenant_id": self.tenant.value(),
                "organization_id": self.organization.value(),
            }
        )

    def set_sharing(self, sharing: Sharing) -> None:
        """Put a sharing into the fields, as far as it can be chosen here."""
        if sharing.access in self._levels:
            self.access.set_value(sharing.access)
        if sharing.tenant_id in [one.id for one in self._owners.tenants]:
            self.tenant.set_value(sharing.tenant_id)
        if sharing.organization_id in [one.id for one in self._owners.organizations]:
            self.organization.set_value(sharing.organization_id)

    def on_change(self, act: Callable[[], None]) -> None:
        """Have `act` called whenever the fields say something else."""
        for field in (self.access, self.tenant, self.organization):
            field.changed.connect(act)

    def _adapt(self) -> None:
        access = self.access.value()
        tenant_id = self.tenant.value()
        self.organization.set_choices(
            _choices([one for one in self._owners.organizations if one.tenant_id == tenant_id])
        )
        for field, asked in (
            (self.tenant, access is not Access.GLOBAL),
            (self.organization, access is Access.ORGANIZATION),
        ):
            field.required = asked
            field.setVisible(asked)
        self._form.grow()


def _choices(owners: Sequence[Tenant | Organization]) -> list[tuple[int | None, str]]:
    return [(one.id, one.name) for one in owners] or [(None, "\N{EN DASH}")]
