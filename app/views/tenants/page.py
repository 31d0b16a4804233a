"""The Tenants page: for those who see several of them."""

from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from app.core.language import _
from app.models.domain.access import Actor, Operation
from app.models.domain.tenants import Consequences, Organization, TenantRow
from app.models.services.listing import ListQuery
from app.models.services.owners.tenants import Tenants
from app.models.services.workspace.workspace import Workspace
from app.views.jobs import Jobs
from app.views.owner_page import OwnerPage, count_text, name_field, owner_columns
from app.views.widgets.column import Column
from app.views.widgets.entity_list_page import active_badge
from app.views.widgets.form_dialog import FormDialog
from app.views.widgets.history_view import add_object_history
from app.views.widgets.property_list import PropertyList

_MOST_SHOWN = 12


class TenantsPage(OwnerPage[TenantRow]):
    """All tenants; administrators make and change them."""

    def __init__(
        self, workspace: Workspace, actor: Actor, jobs: Jobs, parent: QWidget | None = None
    ) -> None:
        super().__init__(
            _("Tenants"),
            _TenantService(workspace.tenants),
            actor,
            jobs,
            columns=owner_columns(
                Column(
                    "organizations",
                    _("Organizations"),
                    lambda row: count_text(row.organizations),
                    align="end",
                    width=116,
                )
            ),
            icon="building-2",
            none_yet=_("No tenants yet. A tenant owns organizations, their people and devices."),
            no_match=_("No tenant matches. Change the filter."),
            manage=Operation.TENANT_MANAGE,
            new=_("New tenant"),
            first=_("Create the first tenant"),
            parent=parent,
        )
        self._workspace = workspace

    def show_row(self, row: TenantRow) -> None:
        """Show what a tenant has, its organizations, and its history."""
        tenants, actor = self._workspace.tenants, self._actor
        self.show_details(
            lambda: _Details(row, tenants.organizations(actor, row.id)), self._show_tenant
        )

    def describe(self, row: TenantRow) -> None:
        """The name and state of a tenant, and how much is its."""
        self.panel.set_heading(row.name, badge=active_badge(row.active))
        counts = PropertyList()
        counts.add(_("Organizations"), count_text(row.organizations))
        counts.add(_("Users"), count_text(row.users))
        counts.add(_("Devices"), count_text(row.devices))
        self.panel.add_section("", counts)

    def ask_new(self) -> None:
        """Ask for a name."""
        tenants, actor = self._workspace.tenants, self._actor
        form = FormDialog(
            _("New tenant"),
            self.jobs,
            lambda values: tenants.create_tenant(actor, values["name"]),
            self,
        )
        form.add(name_field(), "name")
        form.saved.connect(lambda made: self.tell(_("{name} was created.").format(name=made.name)))
        form.open()

    def _show_tenant(self, details: "_Details") -> None:
        self._fill(details.row)
        found = details.organizations
        if found:
            names = PropertyList()
            for organization in found[:_MOST_SHOWN]:
                names.add(organization.name, badge=active_badge(organization.active))
            if len(found) > _MOST_SHOWN:
                names.add(_("and {count} more").format(count=len(found) - _MOST_SHOWN))
            self.panel.add_section(_("Organizations"), names)
        add_object_history(
            self.panel, self.jobs, self._workspace.audit, self._actor, ("tenant", details.row.id)
        )


@dataclass(frozen=True)
class _Details:
    row: TenantRow
    organizations: tuple[Organization, ...]


@dataclass(frozen=True)
class _TenantService:
    """What the page does with tenants."""

    tenants: Tenants

    def page(
        self, actor: Actor, query: ListQuery, offset: int, limit: int
    ) -> tuple[TenantRow, ...]:
        return self.tenants.page_of_tenants(actor, query, offset, limit)

    def count(self, actor: Actor, query: ListQuery) -> int:
        return self.tenants.count_of_tenants(actor, query)

    def rename(self, actor: Actor, owner_id: int, name: str) -> None:
        self.tenants.rename_tenant(actor, owner_id, name)

    def set_active(self, actor: Actor, owner_id: int, *, active: bool) -> None:
        self.tenants.set_tenant_active(actor, owner_id, active=active)

    def delete(self, actor: Actor, owner_id: int) -> None:
        self.tenants.delete_tenant(actor, owner_id)

    def consequences(self, actor: Actor, owner_id: int) -> Consequences:
        return self.tenants.consequences_of_tenant(actor, owner_id)
