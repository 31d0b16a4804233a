"""The forms of the Users page: a new person, another role, another password."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from app.core.language import _
from app.models.domain.access import Actor, Operation, Reach, Role, reach
from app.models.domain.passwords import MAX_LENGTH, MIN_LENGTH, new_password
from app.models.domain.tenants import Organization, Tenant
from app.models.domain.users import User, UserRow, has_organization, has_tenant
from app.models.services.workspace.workspace import Workspace
from app.views.jobs import Jobs
from app.views.role_words import role_explained, role_text
from app.views.theme.tokens import Tone
from app.views.widgets.field import ChoiceField, PasswordField, TextField
from app.views.widgets.form_dialog import FormDialog

_NAME_LENGTH = 100


@dataclass(frozen=True)
class Parts:
    """The tenants and organizations a person may be given."""

    tenants: tuple[Tenant, ...]
    organizations: tuple[Organization, ...]


@dataclass(frozen=True)
class GivenPassword:
    """Whose password was set, and the password if it was made here and is to be shown."""

    name: str
    made: str = field(default="", repr=False)


def read_parts(workspace: Workspace, actor: Actor, person: User | None = None) -> Parts:
    """What is active, and what the person has already; on a worker thread."""
    own_tenant = person.tenant_id if person else None
    own_organization = person.organization_id if person else None
    tenants = workspace.tenants.tenants(actor)
    organizations = workspace.tenants.organizations(actor)
    return Parts(
        tuple(item for item in tenants if item.active or item.id == own_tenant),
        tuple(item for item in organizations if item.active or item.id == own_organization),
    )


class PartForm(FormDialog):
    """A form with a role and, as the role needs them, a tenant and an organization.

    Only roles are offered that the actor may give: nobody in a tenant reaches beyond it.
    """

    def __init__(
        self,
        title: str,
        jobs: Jobs,
        submit: Callable[[Mapping[str, Any]], object],
        parent: QWidget,
        *,
        actor: Actor,
        parts: Parts,
    ) -> None:
        super().__init__(title, jobs, submit, parent)
        self._organizations = parts.organizations
        self._sees_tenants = reach(actor, Operation.USER_MANAGE) is Reach.ALL
        roles = [role for role in Role if self._sees_tenants or has_tenant(role)]
        self.role: ChoiceField[Role | None] = ChoiceField(
            _("Role"), _choices([(role, role_text(role)) for role in roles]), required=True
        )
        self.tenant: ChoiceField[int | None] = ChoiceField(
            _("Tenant"), _choices([(t.id, t.name) for t in parts.tenants]), required=True
        )
        self.organization: ChoiceField[int | None] = ChoiceField(
            _("Organization"), _choices([]), required=True
        )

    def add_part(self, person: User | None = None) -> None:
        """Append the three fields, filled with what the person has."""
        self.add(self.role, "role")
        self.add(self.tenant, "tenant_id")
        self.add(self.organization, "organization_id")
        self.role.changed.connect(self._follow_role)
        self.tenant.changed.connect(self._offer_organizations)
        if person is not None:
            self.role.set_value(person.role)
        if person is not None and person.tenant_id is not None:
            self.tenant.set_value(person.tenant_id)
        self._offer_organizations()
        if person is not None and person.organization_id is not None:
            self.organization.set_value(person.organization_id)
        self._follow_role()

    def _follow_role(self) -> None:
        role = self.role.value()
        self.role.set_message("" if role is None else role_explained(role), Tone.NEUTRAL)
        self.tenant.setVisible(has_tenant(role) and self._sees_tenants)
        self.organization.setVisible(has_organization(role))
        QTimer.singleShot(0, self, self.grow)  # after the fields have found their heights

    def _offer_organizations(self) -> None:
        tenant_id = self.tenant.value()
        offered = [o for o in self._organizations if o.tenant_id == tenant_id]
        self.organization.set_choices(_choices([(o.id, o.name) for o in offered]))


class UserForms:
    """Makes the forms that stand over the page `parent`."""

    def __init__(self, workspace: Workspace, actor: Actor, jobs: Jobs, parent: QWidget) -> None:
        self._workspace = workspace
        self._actor = actor
        self._jobs = jobs
        self._parent = parent

    def new_user(self, parts: Parts) -> FormDialog:
        """The form of a new person; its result is a `GivenPassword`."""

        def create(values: Mapping[str, Any]) -> GivenPassword:
            name, typed = values["name"], values["password"]
            password = typed or new_password()
            self._workspace.users.create(self._actor, name, password, **_part_of(values))
            return GivenPassword(name, "" if typed else password)

        form = PartForm(
            _("New user"), self._jobs, create, self._parent, actor=self._actor, parts=parts
        )
        form.add(TextField(_("Name"), required=True, max_length=_NAME_LENGTH), "name")
        form.add_part()
        hint = _(
            "At least {count} characters, or empty: then one is made and shown once. It has to"
            " be changed at the first sign-in."
        )
        form.add(_password_field(_("First password"), hint), "password")
        return form

    def role(self, person: User, parts: Parts) -> FormDialog:
        """The form that gives a person another role or part of the workspace."""

        def save(values: Mapping[str, Any]) -> User:
            return self._workspace.users.edit(self._actor, person.id, **_part_of(values))

        title = _("Change the role of {name}").format(name=person.name)
        form = PartForm(title, self._jobs, save, self._parent, actor=self._actor, parts=parts)
        form.add_part(person)
        return form

    def password(self, row: UserRow) -> FormDialog:
        """The form that gives a person another password; its result is a `GivenPassword`."""

        def save(values: Mapping[str, Any]) -> GivenPassword:
            typed = values["password"]
            password = typed or new_password()
            self._workspace.users.reset_password(self._actor, row.id, password)
            return GivenPassword(row.name, "" if typed else password)

        title = _("Reset the password of {name}").format(name=row.name)
        form = FormDialog(title, self._jobs, save, self._parent, save_text=_("Reset password"))
        hint = _(
            "At least {count} characters, or empty: then one is made and shown once. The person"
            " is signed out everywhere, and has to change it at the next sign-in."
        )
        form.add(_password_field(_("New password"), hint), "password")
        return form


def _password_field(label: str, hint: str) -> PasswordField:
    password = PasswordField(label, hint=hint.format(count=MIN_LENGTH))
    password.input.setMaxLength(MAX_LENGTH)
    return password


def _part_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """What the role needs; the values of hidden fields are not meant."""
    role = values["role"]
    return {
        "role": role,
        "tenant_id": values["tenant_id"] if has_tenant(role) else None,
        "organization_id": values["organization_id"] if has_organization(role) else None,
    }


def _choices(found: Sequence[tuple[Any, str]]) -> list[tuple[Any, str]]:
    """Where there is only one it is chosen; else the person has to."""
    return list(found) if len(found) == 1 else [(None, _("Choose…")), *found]
