"""The Authorities page: who signs certificates, and with which key."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QWidget

from app.core.language import _, ngettext
from app.models.domain.access import Actor, Reach, reach
from app.models.domain.authorities import Authority, AuthorityRequest
from app.models.domain.events import EntityChanged
from app.models.services.authorities.authorities import AuthorityRow
from app.models.services.authorities.details import AuthorityDetails
from app.models.services.workspace.workspace import Workspace
from app.views.authorities.choices import MANAGE, Choices, read_choices
from app.views.authorities.columns import authority_columns
from app.views.authorities.making_form import MakingForm
from app.views.authorities.other_forms import ImportForm, accept_form
from app.views.authorities.panel import show_sections
from app.views.authorities.row_acts import RowActs
from app.views.authorities.start import Start, StartDialog
from app.views.authorities.waiting import RequestActs, WaitingRequests
from app.views.authorities.words import WARNING_DAYS, status_badge
from app.views.jobs import Jobs, Latest
from app.views.saving import AskPath, Saver, ask_path
from app.views.theme.tokens import Tone
from app.views.validity import end_text
from app.views.widgets.banner import Banner
from app.views.widgets.entity_list_page import EntityListPage
from app.views.widgets.history_view import add_object_history
from app.views.widgets.page import ActionRow


class AuthoritiesPage(EntityListPage[AuthorityRow]):
    """All authorities within reach; made and changed by administrators."""

    def __init__(
        self,
        workspace: Workspace,
        actor: Actor,
        jobs: Jobs,
        parent: QWidget | None = None,
        *,
        ask: AskPath = ask_path,
    ) -> None:
        self._workspace, self._actor = workspace, actor
        super().__init__(
            _("Authorities"),
            workspace.authorities,
            actor,
            jobs,
            columns=authority_columns(workspace.store.clock),
            icon="landmark",
            none_yet=_(
                "No authorities yet. An authority signs certificates; begin with a root, then"
                " make one below it that issues to devices."
            ),
            no_match=_("No authority matches. Change the filter."),
            refresh_on=(EntityChanged,),
            parent=parent,
        )
        self._saver = Saver(jobs, ask)
        self._ending_read, self._waiting_read = Latest(jobs, self), Latest(jobs, self)
        self.new_action = self.add_new(
            _("New authority"),
            _("Create the first authority"),
            self._new,
            allowed=reach(actor, MANAGE) is not Reach.NONE,
        )
        self.acts = RowActs(workspace, actor, self, self._saver)
        self.ending = Banner(self)
        self.body.insertWidget(0, self.ending)
        acts = RequestActs(self._accept, self._save_request, self._withdraw)
        self.waiting = WaitingRequests(actor, acts, self)
        self.body.addWidget(self.waiting)
        self._read_more()

    def refresh(self) -> None:
        """Ask for everything shown again, in place."""
        super().refresh()
        self._read_more()

    def show_row(self, row: AuthorityRow) -> None:
        """Show what its certificate says, what hangs on it, and its history."""
        details, actor = self._workspace.authority_details, self._actor
        self.show_details(lambda: details.of(actor, row.id), self._show_authority)

    def _show_authority(self, details: AuthorityDetails) -> None:
        authority, panel = details.authority, self.panel
        panel.clear()
        badge = status_badge(authority.revoked_at, active=authority.active)
        panel.set_heading(authority.name, badge=badge)
        panel.add_section("", ActionRow(self.row_actions))
        show_sections(panel, details, self._workspace.store.clock.now())
        add_object_history(
            panel, self.jobs, self._workspace.audit, self._actor, ("authority", authority.id)
        )

    def _read_more(self) -> None:
        """What stands above and below the list."""
        workspace, actor = self._workspace, self._actor
        self._ending_read.run(
            lambda: workspace.authorities.expiring(actor, WARNING_DAYS),
            self._warn,
            self.banner.show_error,
        )
        self._waiting_read.run(
            lambda: workspace.authority_imports.requests(actor),
            self.waiting.show_requests,
            self.banner.show_error,
        )

    def _warn(self, ending: Sequence[AuthorityRow]) -> None:
        if not ending:
            self.ending.clear()
            return
        first = ending[0]
        if first.not_after <= self._workspace.store.clock.now():
            text = _("{name} has ended on {day}.")
        else:
            text = _("{name} ends on {day}.")
        problem = text.format(name=first.name, day=end_text(first.not_after))
        if more := len(ending) - 1:
            others = ngettext(
                "{n} more authority ends within {days} days.",
                "{n} more authorities end within {days} days.",
                more,
            )
            problem += " " + others.format(n=more, days=WARNING_DAYS)
        remedy = _("Roll it over before: what it issues cannot be valid for longer than it is.")
        self.ending.show_message(Tone.WARNING, problem, remedy)

    def _new(self) -> None:
        def show(choices: Choices) -> None:
            def begin(way: Start) -> None:
                self._open_form(way, choices)

            StartDialog(begin, self, issuing=bool(choices.issuers)).open()

        workspace, actor = self._workspace, self._actor
        self.jobs.run(self, lambda: read_choices(workspace, actor), show, self.banner.show_error)

    def _open_form(self, way: Start, choices: Choices) -> None:
        workspace, actor = self._workspace, self._actor
        if way is Start.IMPORT:
            imported = ImportForm(workspace, actor, choices.owners, self.jobs, self)
            imported.saved.connect(self._made)
            imported.open()
            return
        form = MakingForm(way, workspace, actor, choices, jobs=self.jobs, parent=self)
        form.saved.connect(self._requested if way is Start.REQUEST else self._made)
        form.open()

    def _made(self, authority: Authority) -> None:
        text = _("{name} is ready.").format(name=authority.name)
        self.banner.show_message(Tone.GOOD, text)
        self.renew()

    def _requested(self, request: AuthorityRequest) -> None:
        self.banner.show_message(
            Tone.GOOD,
            _("The request of {name} is made.").format(name=request.name),
            _("Take it to the other CA, then accept its certificate below."),
        )
        self.renew()
        self._save_request(request)

    def _accept(self, request: AuthorityRequest) -> None:
        form = accept_form(self._workspace, self._actor, request, self.jobs, self)
        form.saved.connect(self._made)
        form.open()

    def _save_request(self, request: AuthorityRequest) -> None:
        def done(path: Path) -> None:
            self.banner.show_message(Tone.GOOD, _("Saved as {path}.").format(path=path))

        self._saver.save(
            self,
            _("Save request"),
            f"{request.name}.csr",
            lambda: request.csr_pem,
            done=done,
            failed=self.banner.show_error,
        )

    def _withdraw(self, request: AuthorityRequest) -> None:
        self.ask(
            _("Withdraw the request of {name}?").format(name=request.name),
            _(
                "Its private key is destroyed, unless it is on a token: a certificate that the"
                " other CA makes for it is of no use any more."
            ),
            _("Withdraw"),
            lambda: self._workspace.authority_imports.withdraw(self._actor, request.id),
            _("The request of {name} is withdrawn.").format(name=request.name),
        )
