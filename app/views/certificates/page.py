"""The Certificates page: search, narrow down, sort, and the details of one certificate."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.core.language import _
from app.models.domain.access import Actor
from app.models.domain.authorities import Authority
from app.models.domain.certificates import Certificate
from app.models.domain.events import CertificateIssued
from app.models.services.certificate_list import CertificateQuery, CertificateSort, CertificateState
from app.models.services.workspace import Workspace
from app.views.certificates.columns import certificate_columns
from app.views.certificates.panel import CertificatePanel
from app.views.certificates.words import state_text
from app.views.jobs import Jobs, Latest
from app.views.saving import AskPath, Saver, ask_path
from app.views.theme.tokens import Tone
from app.views.widgets.chip_bar import ChipBar
from app.views.widgets.data_table import DataTable
from app.views.widgets.empty_state import EmptyState
from app.views.widgets.page import Page
from app.views.widgets.page_model import PageModel, PageRequest

_ALL = "all"
_REFRESH_MS = 250  # a burst of enrolments redraws the list four times a second at most


class CertificatesPage(Page):
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
        super().__init__(_("Certificates"), parent)
        self._workspace = workspace
        self._actor = actor
        self._jobs = jobs
        self._saver = Saver(jobs, ask)
        self._details = Latest(jobs, self)
        self._query = CertificateQuery()
        self._shown: Certificate | None = None
        self._dismissed: int | None = None
        self._refresh = QTimer(self, singleShot=True, interval=_REFRESH_MS)
        self._refresh.timeout.connect(self.refresh)
        self._make_filters()
        self._make_table()
        self.panel = CertificatePanel(self)
        self.panel.pem_wanted.connect(self._save_pem)
        self.panel.closed.connect(self._dismiss)
        self.set_side(self.panel)

    def on_event(self, event: object) -> None:
        """Take note of what was committed somewhere else; the list follows a moment later."""
        if isinstance(event, CertificateIssued) and not self._refresh.isActive():
            self._refresh.start()

    def refresh(self) -> None:
        """Ask for everything shown again, in place."""
        self.model.refresh()

    def _make_filters(self) -> None:
        self.add_search(_("Filter…  Ctrl+F"))
        self.search_changed.connect(lambda text: self._narrow(replace(self._query, text=text)))
        states = [(state.value, state_text(state)) for state in CertificateState]
        self.chips = ChipBar(_("Status"), [(_ALL, _("All")), *states], self)
        self.chips.chosen.connect(self._choose_chip)
        self.filters.addWidget(self.chips, 1)

    def _make_table(self) -> None:
        columns = certificate_columns(self._workspace.store.clock)
        self.model: PageModel[Certificate, CertificateQuery] = PageModel(
            columns,
            self._fetch,
            lambda query: self._workspace.certificate_list.count(self._actor, query),
            identity=lambda row: row.id,
            first_filter=self._query,
            jobs=self._jobs,
            parent=self,
        )
        self.table: DataTable[Certificate] = DataTable(self.model, _("Certificates"), self)
        self.table.chosen.connect(self._show_row)
        self.table.clicked.connect(lambda _index: self._reopen())
        self.table.opened.connect(lambda _row: self._reopen())
        self.model.loaded.connect(self._show_body)
        self.model.failed.connect(self.banner.show_error)
        sentence = _(
            "No certificates yet. They appear here when a device is created or enrols at an EST"
            " server."
        )
        self._stack = QStackedWidget(self)
        self._empty = EmptyState("file-badge", sentence, None)
        self._no_match = EmptyState("search", _("No certificate matches. Change the filter."), None)
        for widget in (self.table, self._empty, self._no_match):
            self._stack.addWidget(widget)
        self.body.addWidget(self._stack, 1)
        newest_first = [column.key for column in columns].index("issued_at")
        self.table.sortByColumn(newest_first, Qt.SortOrder.DescendingOrder)

    def _fetch(self, request: PageRequest[CertificateQuery]) -> tuple[Certificate, ...]:
        sort = CertificateSort(request.sort)
        query = replace(request.filter, sort=sort, descending=request.descending)
        certificates = self._workspace.certificate_list
        return certificates.page(self._actor, query, request.offset, request.limit)

    def _choose_chip(self, key: str) -> None:
        state = None if key == _ALL else CertificateState(key)
        self._narrow(replace(self._query, state=state))

    def _narrow(self, query: CertificateQuery) -> None:
        self._query = query
        self.banner.clear()
        self.model.set_filter(query)

    def _show_body(self) -> None:
        if self.model.rowCount():
            self._stack.setCurrentWidget(self.table)
        elif self._query == CertificateQuery():
            self._stack.setCurrentWidget(self._empty)
        else:
            self._stack.setCurrentWidget(self._no_match)

    def _show_row(self, row: Certificate | None) -> None:
        if row is None:
            self._details.cancel()
            self.panel.hide()
            return
        if row.id == self._dismissed:
            return
        self._dismissed = None

        def done(read: tuple[Certificate, tuple[Authority, ...]]) -> None:
            if read[0] == self._shown and self.panel.isVisible():
                return  # made anew, the panel would lose the focus and its place
            self._shown = read[0]
            self.panel.show_certificate(*read, now=self._workspace.store.clock.now())

        self._details.run(
            lambda: _read(self._workspace, self._actor, row.id), done, self.banner.show_error
        )

    def _dismiss(self) -> None:
        """A panel that was closed stays closed until its row is chosen again."""
        row = self.table.selected_row()
        self._dismissed = row.id if row else None
        self.table.setFocus()

    def _reopen(self) -> None:
        if self.panel.isHidden():
            self._dismissed = None
            self._show_row(self.table.selected_row())

    def _save_pem(self, certificate: Certificate, with_chain: bool) -> None:
        def done(path: Path) -> None:
            text = _("Saved as {path}.").format(path=path)
            self.banner.show_message(Tone.GOOD, text)

        self._saver.save(
            self,
            _("Save certificate"),
            f"{certificate.device_name}-{certificate.kind}.pem",
            lambda: self._workspace.certificates.pem(self._actor, certificate.id, chain=with_chain),
            done=done,
            failed=self.banner.show_error,
        )


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
