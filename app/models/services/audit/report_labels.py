"""What the rows of a report stand for: how the database groups them, and what they are called."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, String, and_, case, cast, func, null, or_

from app.core.language import _
from app.models.db.tables import (
    audit_event,
    certificate,
    device,
    device_type,
    organization,
    tenant,
)
from app.models.domain.access import Channel
from app.models.domain.reports import ReportBy
from app.models.domain.templates import CertificateKind


def day_of(column: ColumnElement[Any]) -> ColumnElement[str]:
    """The day (UTC) of a time, as `2026-03-02`."""
    return func.substr(cast(column, String), 1, 10)


def _by(
    channel: ColumnElement[Any], name: ColumnElement[Any], of: ColumnElement[Any]
) -> ColumnElement[Any]:
    """Who did it; NULL for devices, which are too many to name.

    They act through EST, or through the REST API for what has their own name.
    """
    by_device = or_(channel == Channel.EST.value, and_(channel == Channel.API.value, name == of))
    return case((by_device, null()), else_=name)


_OWNER = func.coalesce(tenant.c.name + " / " + organization.c.name, tenant.c.name)
_SHARED: Mapping[ReportBy, ColumnElement[Any]] = {
    ReportBy.TYPE: device_type.c.name,
    ReportBy.ORGANIZATION: _OWNER,
}
CERTIFICATE_LABELS: Mapping[ReportBy, ColumnElement[Any]] = {
    **_SHARED,
    **dict.fromkeys((ReportBy.DAY, ReportBy.WEEK, ReportBy.MONTH), day_of(certificate.c.issued_at)),
    ReportBy.OPERATOR: _by(
        certificate.c.issued_through, certificate.c.issued_by, certificate.c.name
    ),
    ReportBy.KIND: certificate.c.kind,
}
"""How certificates are grouped, joined with what they belong to."""

DEVICE_LABELS: Mapping[ReportBy, ColumnElement[Any]] = {
    **_SHARED,
    **dict.fromkeys((ReportBy.DAY, ReportBy.WEEK, ReportBy.MONTH), day_of(device.c.created_at)),
    ReportBy.OPERATOR: _by(audit_event.c.channel, audit_event.c.actor, audit_event.c.object_name),
}
"""How devices are grouped, joined with what they belong to and the event of their making."""


def in_words(by: ReportBy, label: str | None) -> str:
    """What people call a group; a label of None says that there is nothing to name."""
    if label is None:
        return {
            ReportBy.TYPE: _("Without a device"),
            ReportBy.ORGANIZATION: _("Whole workspace"),
            ReportBy.OPERATOR: _("Devices themselves"),
        }[by]
    if by is ReportBy.WEEK:
        year, week, _weekday = date.fromisoformat(label).isocalendar()
        return f"{year}-W{week:02}"
    if by is ReportBy.KIND:
        return _kinds()[CertificateKind(label)]
    return label[: len("2026-03")] if by is ReportBy.MONTH else label or _("Unknown")


def heading(by: ReportBy) -> str:
    """The heading of the column with the groups."""
    return {
        ReportBy.DAY: _("Day"),
        ReportBy.WEEK: _("Week"),
        ReportBy.MONTH: _("Month"),
        ReportBy.TYPE: _("Device type"),
        ReportBy.ORGANIZATION: _("Organization"),
        ReportBy.OPERATOR: _("Operator"),
        ReportBy.KIND: _("Kind"),
    }[by]


def _kinds() -> Mapping[CertificateKind, str]:
    return {
        CertificateKind.FACTORY: _("Factory"),
        CertificateKind.OPERATIONAL: _("Operational"),
        CertificateKind.APPLICATION: _("Application"),
    }
