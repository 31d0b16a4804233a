"""The Audit log page: who did what to which object, from where, and how it ended."""

import io
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import BinaryIO

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence, QShowEvent
from PySide6.QtWidgets import QComboBox, QPushButton, QWidget

from app.core.language import _
from app.models.domain.access import Actor, Operation, Reach, reach
from app.models.domain.audit import AuditEvent
from app.models.services.workspace.workspace import Workspace
from app.views.audit.columns import audit_columns
from app.views.audit.panel import describe_event
from app.views.audit.query import AuditQuery, AuditRow
from app.views.audit.words import (
    DONE,
    FAILED,
    REFUSED,
    action_groups,
    channel_choices,
    object_text,
)
from app.views.jobs import Jobs
from app.views.saving import AskPath, Saver, ask_path
from app.views.theme.icons import set_icon
from app.views.theme.tokens import Tone
from app.views.widgets.banner import Banner
from app.views.widgets.flow_layout import FlowLayout
from app.views.widgets.list_page import ListPage
from app.views.widgets.page import ActionRow
from app.views.widgets.period_choice import PeriodChoice
from app.views.widgets.side_panel import SidePanel


class AuditPage(ListPage[AuditRow, AuditQuery]):
    """The events within the actor's reach, the newest first.

    They follow when the page is shown, and on Refresh: events come by the second while devices
    enrol, and nobody can read a list that moves.
    """

    def __init__(
        self,
        workspace: Workspace,
        actor: Actor,
        jobs: Jobs,
        *,
        ask: AskPath = ask_path,
        parent: QWidget | None = None,
    ) -> None:
        audit = workspace.audit
        super().__init__(
            _("Audit log"),
            jobs,
            columns=audit_columns(),
            query=AuditQuery(),
            fetch=lambda query, offset, limit: tuple(
                AuditRow(event) for event in audit.page(actor, offset, limit, query.filter())
            ),
            count=lambda query: audit.count(actor, query.filter()),
            panel=SidePanel(),
            icon="scroll-text",
            none_yet=_("Nothing is recorded yet."),
            no_match=_("No event matches. Change the filter."),
            parent=parent,
        )
        self._workspace = workspace
        self._actor = actor
        self._sees_all = reach(actor, Operation.AUDIT_VIEW) is Reach.ALL
        self._saver = Saver(jobs, ask)
        self.table.horizontalHeader().setSortIndicatorShown(False)
        self._add_filters()
        self._add_actions()
        self._warn(workspace.audit_problem)

    def show_row(self, row: AuditRow) -> None:
        """Show an event whole; all of it is in the row."""
        self.show_details(lambda: row.event, self._show_event)

    def showEvent(self, event: QShowEvent) -> None:
        """Show what was recorded meanwhile."""
        super().showEvent(event)
        if self.model.rowCount():
            self.refresh()

    def _show_event(self, event: AuditEvent) -> None:
        self.panel.clear()
        self.panel.add_section("", ActionRow(self.row_actions))
        describe_event(self.panel, event)

    def _add_filters(self) -> None:
        outcomes = [
            ("", _("All")),
            (DONE, _("Done")),
            (REFUSED, _("Refused")),
            (FAILED, _("Failed")),
        ]
        self.add_chips(
            _("Outcome"), outcomes, lambda query, outcome: replace(query, outcome=outcome)
        )
        self.action = _choice(_("Action"), action_groups())
        self.channel = _choice(_("Way"), channel_choices())
        self.period = PeriodChoice(self._today(), any_time=True)
        self.only = QPushButton(self)
        set_icon(self.only, "x", "dim")
        self.only.hide()
        self.action.currentIndexChanged.connect(self._narrow)
        self.channel.currentIndexChanged.connect(self._narrow)
        self.period.changed.connect(self._narrow)
        self.only.clicked.connect(self._show_all_objects)
        row = QWidget(self)
        line = FlowLayout(row)
        for widget in (self.action, self.channel, self.period, self.only):
            line.addWidget(widget)
        self.body.insertWidget(0, row)

    def _add_actions(self) -> None:
        again = QAction(_("Refresh"), self)
        again.setShortcut(QKeySequence(QKeySequence.StandardKey.Refresh))
        again.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        again.triggered.connect(lambda _on: self.renew())
        self.add_action(again)
        self.export = QAction(_("Export…"), self)
        self.export.setVisible(self._sees_all)
        self.export.triggered.connect(lambda _on: self._export())
        self.add_action(self.export)
        self.of_object = self.add_row_action(
            _("Events of this object"),
            "history",
            self._show_object,
            when=lambda row: row.event.object_id is not None,
        )

    def _warn(self, problem: str) -> None:
        """Say above the list, as long as it is shown, that the log is not what it was."""
        self.warning = Banner(self)
        if problem:
            first, _line, rest = problem.partition("\n")
            # How long the log is, is for those who see all of it.
            remedy = rest.replace("\n", " ") if self._sees_all else _("Tell an administrator.")
            self.warning.show_message(Tone.BAD, first, remedy)
        self.body.insertWidget(1, self.warning)  # between the filters and the list

    def _narrow(self) -> None:
        self.period.set_today(self._today())
        query = replace(
            self.query,
            action=self.action.currentData(),
            channel=self.channel.currentData(),
            days=self.period.days(),
        )
        self.narrow(query)

    def _show_object(self, row: AuditRow) -> None:
        event = row.event
        if event.object_id is None:
            return
        text = _("Only {object}").format(object=object_text(event))
        self.only.setText(text.replace("&", "&&"))
        self.only.setAccessibleName(_("{text}; press to show every object").format(text=text))
        self.only.show()
        self.narrow(replace(self.query, of_object=(event.object_kind, event.object_id)))

    def _show_all_objects(self) -> None:
        self.only.hide()
        self.table.setFocus()
        self.narrow(replace(self.query, of_object=None))

    def _export(self) -> None:
        counted: list[int] = []

        def write(file: BinaryIO) -> None:
            text = io.TextIOWrapper(file, encoding="utf-8", newline="\n")
            counted.append(self._workspace.audit.export(self._actor, text))
            text.flush()
            text.detach()  # whoever opened the file closes it

        def done(path: Path) -> None:
            text = _("{count} events were saved as {path}.")
            remedy = _("Check the file with: birthmark audit verify {name}").format(name=path.name)
            self.banner.show_message(Tone.GOOD, text.format(count=counted[0], path=path), remedy)
            self.refresh()

        self._saver.fill(
            self,
            _("Export the audit log"),
            f"audit-{self._today().isoformat()}.jsonl",
            write,
            done=done,
            failed=self.banner.show_error,
        )

    def _today(self) -> date:
        return self._workspace.store.clock.now().astimezone().date()


def _choice(name: str, choices: tuple[tuple[str, str], ...]) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    for value, text in choices:
        box.addItem(text, value)
    return box
