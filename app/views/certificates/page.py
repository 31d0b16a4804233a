"""The Certificates page: search, narrow down, sort, and the details of one certificate."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from PySide6.QtWidgets import QWidget

from app.core.language import _
from app.models.domain.access import Actor
from app.models.domain.audit import AuditEvent
from app.models.domain.authorities import Authority
from app.models.domain.certificates import Certificate
from app.models.domain.events import CertificateIssued
from app.models.services.certificate_list import CertificateQuery, CertificateSort, CertificateState
from app.models.services.workspace import Workspace
from app.views.certificates.columns import certificate_columns
from app.views.certificates.panel import CertificatePanel
from app.views.certificates.words import state_text
from app.views.jobs import Jobs
from app.views.saving import AskPath, Saver, ask_path
from app.views.theme.tokens import Tone
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
                " EST server."
            ),
            no_match=_("No certificate matches. Change the filter."),
            refresh_on=(CertificateIssued,),
            parent=parent,
        )
        self._workspace = workspace
        self._actor = actor
        self._panel = panel
        self._saver = Saver(jobs, ask)
        states = [(state.value, state_text(state)) for state in CertificateState]
        self.add_chips(_("Status"), [(_ALL, _("All")), *states], _narrowed)
        panel.pem_wanted.connect(self._save_pem)

    def show_row(self, row: Certificate) -> None:
        """Show a certificate and the authorities above it."""
        workspace, actor = self._workspace, self._actor
        self.show_details(lambda: _read(workspace, actor, row.id), self._fill)

    def _fill(self, read: tuple[Certificate, tuple[Authority, ...]]) -> None:
        self._panel.show_certificate(*read, now=self._workspace.store.clock.now())
        workspace, actor = self._workspace, self._actor
        add_history(
            self._panel,
            actor,
            self.jobs,
            lambda limit: _history(workspace, actor, read[0], limit),
        )

    def _save_pem(self, certificate: Certificate, with_chain: bool) -> None:
        def done(path: Path) -> None:
            text = _("Saved as {path}.").format(path=path)
            self.banner.show_message(Tone.GOOD, text)

        self._saver.save(
            self,
            _("Save certificate"),
            f"{certificate.name}-{certificate.kind}.pem",
            lambda: self._workspace.certificates.pem(self._actor, certificate.id, chain=with_chain),
            done=done,
            failed=self.banner.show_error,
        )


def _narrowed(query: CertificateQuery, key: str) -> CertificateQuery:
    return replace(query, state=None if key == _ALL else CertificateState(key))


def _read(
    workspace: Workspace, actor: Actor, certificate_id: int
) -> tuple[Certificate, tuple[Authority, ...]]:
    """The certificate, and the authorities above it with the one that issued it first."""
    certificate = workspace.certificates.get(actor, certificate_id)
    known: Mapping[int, Authority] = {item.id: item for item in workspace.authorities.all(actor)}
    issuers: list[Authority] = []
    issuer_id: int | None = certificate.authority_id
    while issuer_id is not None and issuer_id in known:
        issuers.append(known[issuer_id])
        issuer_id = known[issuer_id].issuer_id
    return certificate, tuple(issuers)


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
