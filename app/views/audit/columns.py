"""The columns of the Audit log page."""

from app.core.language import _
from app.views.audit.query import AuditRow
from app.views.audit.words import object_text, outcome_badge, place_text, who_text
from app.views.audit_words import action_text
from app.views.widgets.column import Column
from app.views.widgets.times import time_text, zone_text


def audit_columns() -> tuple[Column[AuditRow], ...]:
    """The columns; none can be sorted by, as the newest event always comes first."""
    return (
        Column(
            "at",
            _("Time"),
            lambda row: time_text(row.event.at),
            tip=lambda row: zone_text(row.event.at),
            width=150,
            sortable=False,
        ),
        Column(
            "what", _("What"), lambda row: action_text(row.event.action), width=215, sortable=False
        ),
        Column(
            "object", _("Object"), lambda row: object_text(row.event), width=200, sortable=False
        ),
        Column(
            "outcome",
            _("Outcome"),
            badge=lambda row: outcome_badge(row.event),
            width=96,
            sortable=False,
        ),
        Column("who", _("Who"), lambda row: who_text(row.event), width=190, sortable=False),
        Column(
            "place",
            _("From where"),
            lambda row: place_text(row.event),
            width=150,
            dim=True,
            sortable=False,
        ),
        Column(
            "number",
            _("Number"),
            lambda row: str(row.event.number),
            width=90,
            align="end",
            dim=True,
            sortable=False,
            shown=False,
        ),
    )
