"""The Users page: who may sign in, as what, and where they are signed in."""

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from app.core.language import _
from app.models.domain.access import Actor, Operation, Reach, reach
from app.models.domain.events import EntityChanged
from app.models.domain.users import User, UserRow
from app.models.services.workspace.workspace import Workspace
from app.views.jobs import Jobs
from app.views.users.columns import user_columns
from app.views.users.form import GivenPassword, Parts, UserForms, read_parts
from app.views.users.panel import UserDetails, add_details, read_details
from app.views.users.password_dialog import PasswordDialog
from app.views.widgets.entity_list_page import EntityListPage, active_badge
from app.views.widgets.history_view import add_object_history
from app.views.widgets.life_cycle import LifeCycle


class UsersPage(EntityListPage[UserRow]):
    """The users within reach; changed by administrators, each within their part.

    What nobody does to themselves, and what the last administrator must not lose, the service
    refuses in its own words.
    """

    def __init__(
        self, workspace: Workspace, actor: Actor, jobs: Jobs, parent: QWidget | None = None
    ) -> None:
        self._sees_tenants = reach(actor, Operation.USER_VIEW) is Reach.ALL
        super().__init__(
            _("Users"),
            workspace.users,
            actor,
            jobs,
            columns=user_columns(workspace.store.clock, with_tenant=self._sees_tenants),
            icon="users",
            none_yet=_("No users yet."),
            no_match=_("No user matches. Change the filter."),
            refresh_on=(EntityChanged,),
            parent=parent,
        )
        self._workspace = workspace
        self._actor = actor
        self._forms = UserForms(workspace, actor, jobs, self)
        self._add_actions()

    def show_row(self, row: UserRow) -> None:
        """Show what a person may do, where they are signed in, and their history."""
        workspace, actor = self._workspace, self._actor
        self.show_details(lambda: read_details(workspace, actor, row), self._show_user)

    def describe(self, row: UserRow) -> None:
        """The name and state of a person."""
        self.panel.set_heading(row.name, badge=active_badge(row.active))

    def _show_user(self, details: UserDetails) -> None:
        self._fill(details.row)
        clock = self._workspace.store.clock
        add_details(self.panel, details, clock, with_tenant=self._sees_tenants)
        add_object_history(
            self.panel, self.jobs, self._workspace.audit, self._actor, ("user", details.row.id)
        )

    def _add_actions(self) -> None:
        may = reach(self._actor, Operation.USER_MANAGE) is not Reach.NONE
        self.new_action = self.add_new(
            _("New user"), _("Create the first user"), self._new, allowed=may
        )

        def add(
            text: str, icon: str, act: Callable[[UserRow], None], when: Callable[[UserRow], bool]
        ) -> None:
            self.add_row_action(text, icon, act, when=lambda row: may and when(row))

        add(_("Change role…"), "pencil", self._edit, lambda _row: True)
        add(_("Reset password…"), "key-round", self._ask_password, lambda row: row.active)
        add(_("Sign out…"), "log-out", self._ask_sign_out, lambda row: row.active)
        add(_("Remove certificate…"), "x", self._ask_certificate, lambda row: row.second_factor)
        LifeCycle(
            self,
            self._workspace.users,
            self._actor,
            may=lambda _row: may,
            deactivating=_deactivating,
            deleting=lambda _row: _(
                "The audit log keeps the name, and it is not given to anybody again."
            ),
        )

    def _new(self) -> None:
        def ask(parts: Parts) -> None:
            form = self._forms.new_user(parts)
            form.saved.connect(self._tell_created)
            form.open()

        workspace, actor = self._workspace, self._actor
        self.jobs.run(self, lambda: read_parts(workspace, actor), ask, self.banner.show_error)

    def _edit(self, row: UserRow) -> None:
        def read() -> tuple[User, Parts]:
            person = workspace.users.get(actor, row.id)
            return person, read_parts(workspace, actor, person)

        def ask(found: tuple[User, Parts]) -> None:
            form = self._forms.role(*found)
            form.saved.connect(lambda _user: self._tell(_("{name} was changed."), row.name))
            form.open()

        workspace, actor = self._workspace, self._actor
        self.jobs.run(self, read, ask, self.banner.show_error)

    def _ask_password(self, row: UserRow) -> None:
        form = self._forms.password(row)
        form.saved.connect(self._tell_password)
        form.open()

    def _ask_sign_out(self, row: UserRow) -> None:
        self.ask(
            _("Sign {name} out everywhere?").format(name=row.name),
            _("What they are doing right now is lost. They can sign in again."),
            _("Sign out"),
            lambda: self._workspace.sessions.end_all(self._actor, row.id),
            _("{name} is signed out everywhere.").format(name=row.name),
        )

    def _ask_certificate(self, row: UserRow) -> None:
        self.ask(
            _("Remove the certificate of {name}?").format(name=row.name),
            _("{name} then signs in with the password alone.").format(name=row.name),
            _("Remove certificate"),
            lambda: self._workspace.users.remove_certificate(self._actor, row.id),
            _("{name} signs in without a certificate.").format(name=row.name),
        )

    def _tell_created(self, given: GivenPassword) -> None:
        self._tell(_("{name} was created."), given.name)
        self._show_password(given)

    def _tell_password(self, given: GivenPassword) -> None:
        self._tell(_("{name} has a new password and is signed out everywhere."), given.name)
        self._show_password(given)

    def _show_password(self, given: GivenPassword) -> None:
        if given.made:
            PasswordDialog(given.name, given.made, self).open()

    def _tell(self, text: str, name: str) -> None:
        self.tell(text.format(name=name))


def _deactivating(row: UserRow) -> str:
    return _("{name} is signed out at once and cannot sign in until activated again.").format(
        name=row.name
    )
