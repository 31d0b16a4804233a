"""The Organizations page: of all tenants, or of the actor's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QWidget

from app.core.language import _
from app.models.domain.access import Actor, Operation, Reach, reach
from app.models.domain.tenants import Consequences, Organization, OrganizationRow, Tenant
from app.models.services.listing import ListQuery
from app.models.services.owners.tenants import Tenants
from app.models.services.workspace.workspace import Workspace
from app.views.jobs import Jobs
from app.views.owner_page import OwnerPage, count_text, name_field, owner_columns
from app.views.theme.tokens import Tone
from app.views.widgets.column import Column
from app.views.widgets.entity_list_page import active_badge
from app.views.widgets.field import ChoiceField
from app.views.widgets.form_dialog import FormDialog
from app.views.widgets.history_view import add_object_history
from app.views.widgets.property_list import PropertyList


class OrganizationsPage(OwnerPage[OrganizationRow]):
    """The organizations within reach; which tenant one belongs to is told where there are many."""

    def __init__(
        self, workspace: Workspace, actor: Actor, jobs: Jobs, parent: QWidget | None = None
    ) -> None:
        self._sees_tenants = reach(actor, Operation.ORGANIZATION_VIEW) is Reach.ALL
        tenant: Column[OrganizationRow] = Column(
            "tenant_name", _("Tenant"), lambda row: row.tenant_name, width=170
        )
        super().__init__(
            _("Organizations"),
            _OrganizationService(workspace.tenants),
            actor,
            jobs,
            columns=owner_columns(*((tenant,) if self._sees_tenants else ())),
            icon="building",
            none_yet=_("No organizations yet. An organization is a plant or department."),
            no_match=_("No organization matches. Change the filter."),
            manage=Operation.ORGANIZATION_MANAGE,
            new=_("New organization"),
            first=_("Create the first organization"),
            parent=parent,
        )
        self._workspace = workspace

    def describe(self, row: OrganizationRow) -> None:
        """The name and state of an organization, how much is its, and its history."""
        self.panel.set_heading(row.name, badge=active_badge(row.active))
        known = PropertyList()
        if self._sees_tenants:
            known.add(_("Tenant"), row.tenant_name)
        known.add(_("Users"), count_text(row.users))
        known.add(_("Devices"), count_text(row.devices))
        self.panel.add_section("", known)
        add_object_history(
            self.panel, self.jobs, self._workspace.audit, self._actor, ("organization", row.id)
        )

    def ask_new(self) -> None:
        """Ask for a name, and for the tenant where there are several active ones."""
        tenants, actor = self._workspace.tenants, self._actor
        self.jobs.run(
            self,
            lambda: tenants.tenants(actor, active_only=True),
            self._ask_new,
            self.banner.show_error,
        )

    def _ask_new(self, owners: Sequence[Tenant]) -> None:
        if not owners:
            self.banner.show_message(
                Tone.WARNING,
                _("There is no active tenant that an organization could belong to."),
                _("Create or activate a tenant first."),
            )
            return
        tenants, actor = self._workspace.tenants, self._actor

        def create(values: Mapping[str, Any]) -> Organization:
            owner_id = values.get("tenant_id", owners[0].id)
            return tenants.create_organization(actor, owner_id, values["name"])

        form = FormDialog(_("New organization"), self.jobs, create, self)
        form.add(name_field(), "name")
        if len(owners) > 1:
            choices: list[tuple[int | None, str]] = [(owner.id, owner.name) for owner in owners]
            choices.insert(0, (None, _("Choose…")))
            form.add(ChoiceField(_("Tenant"), choices, required=True), "tenant_id")
        form.saved.connect(lambda made: self.tell(_("{name} was created.").format(name=made.name)))
        form.open()


@dataclass(frozen=True)
class _OrganizationService:
    """What the page does with organizations."""

    tenants: Tenants

    def page(
        self, actor: Actor, query: ListQuery, offset: int, limit: int
    ) -> tuple[OrganizationRow, ...]:
        return self.tenants.page_of_organizations(actor, query, offset, limit)

    def count(self, actor: Actor, query: ListQuery) -> int:
        return self.tenants.count_of_organizations(actor, query)

    def rename(self, actor: Actor, owner_id: int, name: str) -> None:
        self.tenants.rename_organization(actor, owner_id, name)

    def set_active(self, actor: Actor, owner_id: int, *, active: bool) -> None:
        self.tenants.set_organization_active(actor, owner_id, active=active)

    def delete(self, actor: Actor, owner_id: int) -> None:
        self.tenants.delete_organization(actor, owner_id)

    def consequences(self, actor: Actor, owner_id: int) -> Consequences:
        return self.tenants.consequences_of_organization(actor, owner_id)
