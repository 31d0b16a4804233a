"""The Reports page: what was made, what expires and what was refused, to look at and to keep."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import QComboBox, QLabel, QStackedWidget, QWidget

from app.core.language import _
from app.models.domain.access import Actor
from app.models.domain.reports import Report, ReportBy, ReportQuery, csv_of
from app.models.services.workspace.workspace import Workspace
from app.views.audit_words import action_text
from app.views.jobs import Jobs, Latest
from app.views.reports.paper import Heading, pdf_of
from app.views.reports.table import ReportTable
from app.views.reports.words import (
    Kind,
    ahead_choices,
    explained,
    grouping_choices,
    kind_choices,
    period_text,
)
from app.views.saving import AskPath, Saver, ask_path
from app.views.theme.tokens import Tone
from app.views.widgets.empty_state import EmptyState
from app.views.widgets.flow_layout import FlowLayout
from app.views.widgets.page import Page
from app.views.widgets.period_choice import PeriodChoice
from app.views.widgets.segmented import Segmented
from app.views.widgets.times import zone_text

_ACTION = 1  # the column of a report on refusals


class ReportsPage(Page):
    """One report at a time, on what is within the actor's reach; days are those of UTC."""

    def __init__(
        self,
        workspace: Workspace,
        actor: Actor,
        jobs: Jobs,
        *,
        ask: AskPath = ask_path,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(_("Reports"), parent)
        self._workspace = workspace
        self._actor = actor
        self._latest = Latest(jobs, self)
        self._saver = Saver(jobs, ask)
        self._report: Report | None = None
        self._period = ""
        self._add_choices()
        self._add_table()
        self.save_pdf = self._add_save(_("Save as PDF…"), lambda: self._save("pdf", self._pdf))
        self.save_csv = self._add_save(_("Save as CSV…"), lambda: self._save("csv", _csv))
        self._follow_kind()

    def showEvent(self, event: QShowEvent) -> None:
        """Count anew whenever the page is shown."""
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """Count anew what is chosen."""
        kind, (first, last) = self._kind(), self._days()
        since, until = _midnight(first), _midnight(last + timedelta(days=1))
        reports, actor = self._workspace.reports, self._actor
        by, ahead = ReportBy(self.grouping.currentData()), self.ahead.currentData()
        read: Callable[[], Report] = {
            Kind.ISSUED: lambda: reports.issued(actor, ReportQuery(since, until, by)),
            Kind.EXPIRING: lambda: reports.expiring(actor, ahead),
            Kind.REFUSALS: lambda: _in_words(reports.refusals(actor, since, until)),
        }[kind]
        today = self._today()
        days = (today, today + timedelta(days=ahead)) if kind is Kind.EXPIRING else (first, last)
        period = period_text(*days)
        self._latest.run(read, lambda report: self._show(report, period), self.banner.show_error)

    def _add_choices(self) -> None:
        self.kind = Segmented(_("Report"), kind_choices(), self)
        self.kind.chosen.connect(lambda _key: self._follow_kind())
        self.kind.chosen.connect(lambda _key: self.refresh())
        self.filters.addWidget(self.kind)
        self.grouping = _choice(_("Grouped by"), grouping_choices())
        self.ahead = _choice(_("Expiring within"), ahead_choices())
        self.period = PeriodChoice(self._today(), any_time=False)
        self.grouping.currentIndexChanged.connect(lambda _index: self.refresh())
        self.ahead.currentIndexChanged.connect(lambda _index: self.refresh())
        self.period.changed.connect(self.refresh)
        row = QWidget(self)
        line = FlowLayout(row)
        for widget in (self.grouping, self.ahead, self.period):
            line.addWidget(widget)
        self.body.addWidget(row)

    def _add_table(self) -> None:
        self.summary = QLabel(_("Counting…"), self)
        self.summary.setProperty("role", "dim")
        self.summary.setTextFormat(Qt.TextFormat.PlainText)
        self.summary.setWordWrap(True)
        self.table = ReportTable(self)
        nothing = EmptyState(
            "chart-column", _("Nothing to count. Choose another period or report."), None
        )
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.table)
        self._stack.addWidget(nothing)
        self.body.addWidget(self.summary)
        self.body.addWidget(self._stack, 1)

    def _add_save(self, text: str, act: Callable[[], None]) -> QAction:
        action = QAction(text, self)
        action.setEnabled(False)
        action.triggered.connect(lambda _on: act())
        self.add_action(action)
        return action

    def _follow_kind(self) -> None:
        kind = self._kind()
        self.grouping.setVisible(kind is Kind.ISSUED)
        self.ahead.setVisible(kind is Kind.EXPIRING)
        self.period.setVisible(kind is not Kind.EXPIRING)

    def _show(self, report: Report, period: str) -> None:
        self._report, self._period = report, period
        self.summary.setText(f"{explained(self._kind())} {period}.")
        self.table.show_report(report)
        self._stack.setCurrentIndex(0 if report.rows else 1)
        for action in (self.save_csv, self.save_pdf):
            action.setEnabled(bool(report.rows))

    def _pdf(self, report: Report) -> bytes:
        made = zone_text(self._workspace.store.clock.now()).partition("\n")[0]
        name = self._workspace.folder.name
        workspace = _("Workspace {name}").format(name=name)
        return pdf_of(report, Heading(workspace, self._period, _("Made {time}").format(time=made)))

    def _save(self, ending: str, content: Callable[[Report], bytes]) -> None:
        report = self._report
        if report is None:
            return

        def done(path: Path) -> None:
            self.banner.show_message(Tone.GOOD, _("Saved as {path}.").format(path=path))

        self._saver.save(
            self,
            _("Save report"),
            f"{self._kind()}-{self._today().isoformat()}.{ending}",
            lambda: content(report),
            done=done,
            failed=self.banner.show_error,
        )

    def _kind(self) -> Kind:
        return Kind(self.kind.current())

    def _days(self) -> tuple[date, date]:
        today = self._today()
        self.period.set_today(today)
        return self.period.days() or (today, today)

    def _today(self) -> date:
        return self._workspace.store.clock.now().astimezone(UTC).date()


def _in_words(report: Report) -> Report:
    """The report on refusals, with its actions told in words."""
    rows = tuple(
        tuple(action_text(str(cell)) if n == _ACTION else cell for n, cell in enumerate(row))
        for row in report.rows
    )
    return replace(report, rows=rows)


def _csv(report: Report) -> bytes:
    """With a byte order mark, by which spreadsheets know the encoding."""
    return csv_of(report).encode("utf-8-sig")


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _choice(name: str, choices: tuple[tuple[object, str], ...]) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    for value, text in choices:
        box.addItem(text, value)
    return box
