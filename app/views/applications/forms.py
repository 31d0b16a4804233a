"""The forms of the API applications page: a new one, its name, its key, its EST servers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from PySide6.QtWidgets import QWidget

from app.core.language import _
from app.models.domain.access import Actor, Operation, Reach, reach
from app.models.domain.applications import ApiApplication
from app.models.domain.tenants import Organization, Tenant
from app.models.services.applications.applications import LONGEST_OVERLAP_HOURS
from app.models.services.workspace.workspace import Workspace
from app.views.applications.key_dialog import NewKey
from app.views.jobs import Jobs
from app.views.widgets.field import ChoiceField, MultilineField, NumberField, TextField
from app.views.widgets.form_dialog import FormDialog

_NAME_LENGTH = 100
_OVERLAP_HOURS = 24


@dataclass(frozen=True)
class Owners:
    """The tenants and organizations an application may be made for."""

    tenants: tuple[Tenant, ...]
    organizations: tuple[Organization, ...]


def read_owners(workspace: Workspace, actor: Actor) -> Owners:
    """What is active; on a worker thread."""
    return Owners(
        workspace.tenants.tenants(actor, active_only=True),
        workspace.tenants.organizations(actor, active_only=True),
    )


class ApplicationForms:
    """Makes the forms that stand over the page `parent`."""

    def __init__(self, workspace: Workspace, actor: Actor, jobs: Jobs, parent: QWidget) -> None:
        self._workspace = workspace
        self._actor = actor
        self._jobs = jobs
        self._parent = parent

    def new_application(self, owners: Owners) -> FormDialog:
        """The form of a new application; its result is a `NewKey`."""

        def create(values: Mapping[str, Any]) -> NewKey:
            made = self._workspace.applications.create(self._actor, **values)
            return NewKey(made.application.name, made.application.app_id, made.app_key)

        form = _NewApplication(_("New API application"), self._jobs, create, self._parent)
        form.add_fields(self._actor, owners)
        return form

    def edit(self, application: ApiApplication) -> FormDialog:
        """The form for the name and the description."""

        def save(values: Mapping[str, Any]) -> None:
            self._workspace.applications.edit(self._actor, application.id, **values)

        title = _("Change {name}").format(name=application.name)
        form = FormDialog(title, self._jobs, save, self._parent)
        form.add(_name_field(), "name").set_value(application.name)
        form.add(_description_field(), "description").set_value(application.description)
        return form

    def rotate_key(self, application: ApiApplication) -> FormDialog:
        """The form that asks how long the old key stays good; its result is a `NewKey`."""
        clock = self._workspace.store.clock

        def rotate(values: Mapping[str, Any]) -> NewKey:
            hours = values["overlap_hours"]
            key = self._workspace.applications.rotate_key(self._actor, application.id, hours)
            until = clock.now() + timedelta(hours=hours) if hours else None
            return NewKey(application.name, application.app_id, key, until)

        title = _("Rotate the AppKey of {name}").format(name=application.name)
        form = FormDialog(title, self._jobs, rotate, self._parent, save_text=_("Make new key"))
        hours = NumberField(
            _("The old key stays good for (hours)"),
            0,
            LONGEST_OVERLAP_HOURS,
            hint=_(
                "Long enough to give the application the new one. With 0 it is turned away at"
                " once. A key before the old one is good no longer."
            ),
        )
        form.add(hours, "overlap_hours").set_value(_OVERLAP_HOURS)
        return form


class _NewApplication(FormDialog):
    """A form whose organizations follow the tenant."""

    def add_fields(self, actor: Actor, owners: Owners) -> None:
        """Append the fields; whoever has one tenant is not asked which."""
        self._owners = owners
        self.add(_name_field(), "name")
        tenants = [(one.id, one.name) for one in owners.tenants]
        none = _("Choose…") if tenants else _("None yet, see the page “Tenants”")
        self._tenant: ChoiceField[int | None] = ChoiceField(
            _("Tenant"),
            tenants if len(tenants) == 1 else [(None, none), *tenants],
            required=True,
        )
        self._organization: ChoiceField[int | None] = ChoiceField(_("Organization"), [])
        self.add(self._tenant, "tenant_id")
        self.add(self._organization, "organization_id")
        self.add(_description_field(), "description")
        self._tenant.changed.connect(self._offer_organizations)
        self._tenant.setVisible(reach(actor, Operation.APPLICATION_MANAGE) is Reach.ALL)
        self._offer_organizations()

    def _offer_organizations(self) -> None:
        tenant_id = self._tenant.value()
        found = [one for one in self._owners.organizations if one.tenant_id == tenant_id]
        everywhere: list[tuple[int | None, str]] = [(None, _("Whole tenant"))]
        self._organization.set_choices([*everywhere, *((one.id, one.name) for one in found)])


def _name_field() -> TextField:
    return TextField(_("Name"), required=True, max_length=_NAME_LENGTH)


def _description_field() -> MultilineField:
    return MultilineField(_("Description"), rows=3)
