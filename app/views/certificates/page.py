"""The Certificates page: search, narrow down, sort, and the details of one certificate."""

from dataclasses import replace

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from app.core.language import _
from app.models.domain.access import Actor, Operation, Reach, reach
from app.models.domain.audit import AuditEvent
from app.models.domain.certificates import Certificate
from app.models.domain.events import CertificateIssued, CertificateRevoked
from app.models.services.certificates.certificates import CertificateDetails
from app.models.services.certificates.listed import (
    CertificateQuery,
    CertificateSort,
    CertificateState,
)
from app.models.services.workspace.workspace import Workspace
from app.views.certificates.actions import CertificateActions
from app.views.certificates.check_dialog import CheckDialog
from app.views.certificates.columns import certificate_columns
from app.views.certificates.issue_choices import IssueChoices, read_choices
from app.views.certificates.issue_form import IssueForm
from app.views.certificates.panel import CertificatePanel
from app.views.certificates.words import state_text
from app.views.jobs import Jobs
from app.views.saving import AskPath, Saver, ask_path
from app.views.widgets.history_view import add_history
from app.views.widgets.list_page import ListPage

_ALL = "all"
_HOLDER_EVENTS = 500


class CertificatesPage(ListPage[Certificate, CertificateQuery]):
    """All certificates within the actor's reach."""

    def __init__(
        self,
        workspace: Workspace,
        actor: Actor,
        jobs: Jobs,
        *,
        ask: AskPath = ask_path,
        parent: QWidget | None = None,
    ) -> None:
        certificates = workspace.certificate_list
        panel = CertificatePanel()
        super().__init__(
            _("Certificates"),
            jobs,
            columns=certificate_columns(workspace.store.clock),
            query=CertificateQuery(sort=CertificateSort.ISSUED_AT, descending=True),
            fetch=lambda query, offset, limit: certificates.page(actor, query, offset, limit),
            count=lambda query: certificates.count(actor, query),
            panel=panel,
            icon="file-badge",
            none_yet=_(
                "No certificates yet. They appear here when a device is created or enrols at an"
                " EST server, or when one is issued from a CSR."
            ),
            no_match=_("No certificate matches. Change the filter."),
            refresh_on=(CertificateIssued, CertificateRevoked),
            parent=parent,
        )
        self._workspace = workspace
        self._actor = actor
        self._panel = panel
        states = [(state.value, state_text(state)) for state in CertificateState]
        self.add_chips(_("Status"), [(_ALL, _("All")), *states], _narrowed)
        self.check = QAction(_("Check a certificate…"), self)
        self.check.triggered.connect(self._open_check)
        self.add_action(self.check)
        issues = reach(actor, Operation.CERTIFICATE_ISSUE) is not Reach.NONE
        title = _("Issue certificate…")
        self.issue = self.add_new(title, title, self._read_choices, allowed=issues)
        self._acts = CertificateActions(workspace, actor, self, jobs, Saver(jobs, ask))
        panel.content_wanted.connect(self._acts.show_content)

    def show_row(self, row: Certificate) -> None:
        """Show a certificate, what signed it and what took its place."""
        certificates, actor = self._workspace.certificates, self._actor
        self.show_details(lambda: certificates.details(actor, row.id), self._fill)

    def _fill(self, details: CertificateDetails) -> None:
        workspace, actor = self._workspace, self._actor
        self._panel.show_certificate(details, self.row_actions, workspace.store.clock.now())
        add_history(
            self._panel,
            actor,
            self.jobs,
            lambda limit: _history(workspace, actor, details.certificate, limit),
        )

    def _open_check(self) -> None:
        checks, actor = self._workspace.certificate_checks, self._actor
        CheckDialog(lambda data: checks.check(actor, data), self.jobs, self).open()

    def _read_choices(self) -> None:
        workspace, actor = self._workspace, self._actor
        self.jobs.run(
            self,
            lambda: read_choices(workspace, actor),
            self._open_issue,
            self.banner.show_error,
        )

    def _open_issue(self, choices: IssueChoices) -> None:
        form = IssueForm(self._workspace, self._actor, choices, self.jobs, self)
        form.saved.connect(self._acts.offer)
        form.open()


def _narrowed(query: CertificateQuery, key: str) -> CertificateQuery:
    return replace(query, state=None if key == _ALL else CertificateState(key))


def _history(
    workspace: Workspace, actor: Actor, certificate: Certificate, limit: int
) -> tuple[AuditEvent, ...]:
    """What the log has of a certificate: its own events, and those of its holder that name it."""
    audit = workspace.audit
    own = audit.of_object(actor, "certificate", certificate.id, limit)
    of_holder = audit.of_object(actor, *certificate.held_by, _HOLDER_EVENTS)
    named = (event for event in of_holder if event.after.get("serial") == certificate.serial)
    found = {event.number: event for event in (*own, *named)}
    return tuple(found[number] for number in sorted(found, reverse=True)[:limit])
