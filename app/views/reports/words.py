"""The words of the Reports page: which reports there are, and what they are grouped by."""

from datetime import date
from enum import StrEnum

from app.core.language import _
from app.models.domain.reports import ReportBy
from app.views.widgets.times import day_of_date


class Kind(StrEnum):
    """Which report."""

    ISSUED = "issued"
    EXPIRING = "expiring"
    REFUSALS = "refusals"


def kind_choices() -> tuple[tuple[str, str], ...]:
    """The reports to choose from."""
    return (
        (Kind.ISSUED, _("Made and issued")),
        (Kind.EXPIRING, _("Expiring")),
        (Kind.REFUSALS, _("Refused")),
    )


def explained(kind: Kind) -> str:
    """What a report counts, in one sentence."""
    return {
        Kind.ISSUED: _("Devices that were created and certificates that were issued."),
        Kind.EXPIRING: _("Certificates that end, by calendar week and device type."),
        Kind.REFUSALS: _("What was refused, to people, applications and devices, and why."),
    }[kind]


def grouping_choices() -> tuple[tuple[ReportBy, str], ...]:
    """What the rows of a report can stand for."""
    return (
        (ReportBy.DAY, _("By day")),
        (ReportBy.WEEK, _("By week")),
        (ReportBy.MONTH, _("By month")),
        (ReportBy.TYPE, _("By device type")),
        (ReportBy.ORGANIZATION, _("By organization")),
        (ReportBy.OPERATOR, _("By operator")),
        (ReportBy.KIND, _("By kind of certificate")),
    )


def ahead_choices() -> tuple[tuple[int, str], ...]:
    """How many days ahead certificates are looked for that expire."""
    return (
        (30, _("Within 30 days")),
        (90, _("Within 90 days")),
        (180, _("Within 6 months")),
        (365, _("Within 12 months")),
    )


def period_text(first: date, last: date) -> str:
    """The days a report covers, both included."""
    return _("{first} until {last}, days in UTC").format(
        first=day_of_date(first), last=day_of_date(last)
    )
