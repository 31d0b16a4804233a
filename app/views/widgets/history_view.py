"""What happened to one thing, as the audit log tells it."""

import re
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.core.errors import KnownError
from app.core.language import _
from app.models.domain.access import Actor, Operation, Reach, reach
from app.models.domain.audit import AuditEvent
from app.models.services.audit.log import AuditLog
from app.views.audit_words import action_text, change_texts, outcome_text
from app.views.jobs import Jobs
from app.views.theme.fonts import scaled
from app.views.theme.tokens import Tone
from app.views.widgets.plain_label import plain_label
from app.views.widgets.side_panel import SidePanel
from app.views.widgets.times import time_text, zone_text

_FEW, _MORE = 5, 20
_CHANGES = 4
_LONG_WORD = re.compile(r"\S{24,}")


class HistoryView(QWidget):
    """Events, the newest first: what was done, when, by whom, and what it changed.

    `read(limit)` gives the newest events, at most `limit` of them, on a worker thread.
    """

    def __init__(
        self,
        jobs: Jobs,
        read: Callable[[int], tuple[AuditEvent, ...]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._read = read
        self._shown = 0
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(scaled(8), 0, 0, 0)
        self._column.setSpacing(scaled(8))
        self.note = plain_label(_("Reading…"), "dim")
        self.more = QPushButton(_("Show more"), self)
        self.more.setAutoDefault(False)
        self.more.clicked.connect(lambda: self._ask(self._shown + _MORE))
        self.more.hide()
        self._column.addWidget(self.note)
        self._column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        self._ask(_FEW)

    def _ask(self, limit: int) -> None:
        def done(events: tuple[AuditEvent, ...]) -> None:
            self._show(events[:limit], more=len(events) > limit)

        self._jobs.run(self, lambda: self._read(limit + 1), done, self._fail)

    def _show(self, events: tuple[AuditEvent, ...], *, more: bool) -> None:
        for event in events[self._shown :]:
            self._column.insertWidget(self._column.count() - 2, _entry(event))
        self._shown = len(events)
        self.note.setText(_("Nothing is recorded."))
        self.note.setVisible(not events)
        self.more.setVisible(more)

    def _fail(self, error: KnownError) -> None:
        self.note.setText(error.text())
        self.note.show()


def add_history(
    panel: SidePanel, actor: Actor, jobs: Jobs, read: Callable[[int], tuple[AuditEvent, ...]]
) -> None:
    """Append the section “History” to a panel, if the actor may see the audit log."""
    if reach(actor, Operation.AUDIT_VIEW) is not Reach.NONE:
        panel.add_section(_("History"), HistoryView(jobs, read))


def add_object_history(
    panel: SidePanel, jobs: Jobs, audit: AuditLog, actor: Actor, what: tuple[str, int]
) -> None:
    """Append the history of one object, by the kind and id it has in the audit log."""
    add_history(panel, actor, jobs, lambda limit: audit.of_object(actor, *what, limit))


def _entry(event: AuditEvent) -> QWidget:
    entry = QWidget()
    column = QVBoxLayout(entry)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(scaled(2))
    column.addWidget(plain_label(action_text(event.action)))
    by = plain_label(f"{time_text(event.at)} · {event.actor}", "label")
    by.setToolTip(zone_text(event.at))
    column.addWidget(by)
    if outcome := outcome_text(event):
        refused = plain_label(outcome, "error")
        refused.setProperty("tone", Tone.BAD.value)
        column.addWidget(refused)
    changes = change_texts(event)
    for text in changes[:_CHANGES]:
        column.addWidget(plain_label(_breakable(text), "label"))
    if len(changes) > _CHANGES:
        rest = _("and {count} more").format(count=len(changes) - _CHANGES)
        column.addWidget(plain_label(rest, "label"))
    return entry


def _breakable(text: str) -> str:
    """A label breaks lines only between words; a fingerprint is one word."""
    return _LONG_WORD.sub(lambda word: "\N{ZERO WIDTH SPACE}".join(word[0]), text)
