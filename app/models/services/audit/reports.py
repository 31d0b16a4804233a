"""Reports on what was issued, what expires and what was refused (SYS-03)."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, func, select

from app.core.errors import InvalidInputError
from app.core.language import _
from app.models.db.tables import (
    audit_event,
    certificate,
    device,
    device_type,
    organization,
    tenant,
)
from app.models.domain.access import Actor, Operation, require
from app.models.domain.certificates import CertificateStatus
from app.models.domain.reports import Report, ReportBy, ReportQuery
from app.models.services.audit.reach import events_in_reach
from app.models.services.audit.report_labels import (
    CERTIFICATE_LABELS,
    DEVICE_LABELS,
    day_of,
    heading,
    in_words,
)
from app.models.services.certificates.records import certificates_in_reach
from app.models.services.devices.records import in_reach
from app.models.services.listing import walked
from app.models.services.store import Store

_MOST_DAYS = 36_525
_PERIODS = (ReportBy.DAY, ReportBy.WEEK, ReportBy.MONTH)


class Reports:
    """Counts what is within reach of who asks."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def issued(self, actor: Actor, query: ReportQuery) -> Report:
        """Devices made and certificates issued, by period, type, organization and so on."""
        require(actor, Operation.REPORT_VIEW)
        with self._store.read(actor) as connection:
            certificates = _counted(connection, _issued(actor, query), query.by)
            if query.by is ReportBy.KIND:  # which devices do not have
                return Report(
                    title=_("Certificates issued"),
                    columns=(heading(query.by), _("Certificates")),
                    rows=tuple(certificates.most_common()),
                    totals=(_("Total"), certificates.total()),
                )
            devices = _counted(connection, _made(actor, query), query.by)
        labels = sorted(devices.keys() | certificates.keys())
        if query.by not in _PERIODS:  # the most first
            labels.sort(key=lambda label: (-certificates[label], -devices[label]))
        return Report(
            title=_("Devices made and certificates issued"),
            columns=(heading(query.by), _("Devices"), _("Certificates")),
            rows=tuple((label, devices[label], certificates[label]) for label in labels),
            totals=(_("Total"), devices.total(), certificates.total()),
        )

    def expiring(self, actor: Actor, days: int) -> Report:
        """Certificates that end within `days` from now, by calendar week and device type.

        Raises `InvalidInputError` for more than a century.
        """
        require(actor, Operation.REPORT_VIEW)
        if not 0 <= days <= _MOST_DAYS:
            raise InvalidInputError(
                _("The report looks 0 to {count} days ahead.").format(count=_MOST_DAYS),
                field="days",
            )
        now = self._store.clock.now()
        day = day_of(certificate.c.not_after)
        query = (
            select(day, device_type.c.name, func.count())
            .select_from(certificate)
            .outerjoin(device, device.c.id == certificate.c.device_id)
            .outerjoin(device_type, device_type.c.id == device.c.type_id)
            .where(
                certificate.c.status == CertificateStatus.ISSUED.value,
                certificate.c.not_after >= now,
                certificate.c.not_after < now + timedelta(days=days),
                *certificates_in_reach(actor, Operation.REPORT_VIEW),
            )
            .group_by(day, device_type.c.name)
        )
        counts: Counter[tuple[str, str]] = Counter()
        with self._store.read(actor) as connection:
            for one_day, name, count in connection.execute(query):
                week = in_words(ReportBy.WEEK, one_day)
                counts[week, in_words(ReportBy.TYPE, name)] += count
        return Report(
            title=_("Certificates that expire within {days} days").format(days=days),
            columns=(_("Week"), _("Device type"), _("Certificates")),
            rows=tuple((*key, count) for key, count in sorted(counts.items())),
            totals=(_("Total"), "", counts.total()),
        )

    def refusals(self, actor: Actor, since: datetime, until: datetime) -> Report:
        """What was refused from `since` on, before `until`, by action and reason."""
        require(actor, Operation.REPORT_VIEW)
        columns = audit_event.c
        query = (
            select(columns.reason, columns.action, func.count())
            .where(
                columns.at >= since,
                columns.at < until,
                columns.outcome == "refused",
                events_in_reach(actor, Operation.REPORT_VIEW),
            )
            .group_by(columns.reason, columns.action)
            .order_by(func.count().desc(), columns.reason, columns.action)
        )
        with self._store.read(actor) as connection:
            rows = tuple(tuple(row) for row in connection.execute(query))
        return Report(
            title=_("Refusals"),
            columns=(_("Reason"), _("Action"), _("Refusals")),
            rows=rows,
            totals=(_("Total"), "", sum(count for _reason, _action, count in rows)),
        )


def _issued(actor: Actor, query: ReportQuery) -> Select[Any]:
    """How many certificates were issued, by label."""
    label = CERTIFICATE_LABELS[query.by]
    return (
        select(label, func.count())
        .select_from(certificate)
        .outerjoin(device, device.c.id == certificate.c.device_id)
        .outerjoin(device_type, device_type.c.id == device.c.type_id)
        .outerjoin(organization, organization.c.id == certificate.c.organization_id)
        .outerjoin(tenant, tenant.c.id == certificate.c.tenant_id)
        .where(
            certificate.c.issued_at >= query.since,
            certificate.c.issued_at < query.until,
            *certificates_in_reach(actor, Operation.REPORT_VIEW, walked),
        )
        .group_by(label)
    )


def _made(actor: Actor, query: ReportQuery) -> Select[Any]:
    """How many devices were made, by label; who made one, the audit log knows."""
    label = DEVICE_LABELS[query.by]
    made = select(label, func.count()).group_by(label)
    if query.by is ReportBy.OPERATOR:
        at = audit_event.c.at
        made = made.join_from(audit_event, device, device.c.id == audit_event.c.object_id)
        made = made.where(audit_event.c.action == "device.create")
    else:
        at = device.c.created_at
        made = (
            made.select_from(device)
            .join(device_type, device_type.c.id == device.c.type_id)
            .join(organization, organization.c.id == device.c.organization_id)
            .join(tenant, tenant.c.id == device.c.tenant_id)
        )
    return made.where(at >= query.since, at < query.until, *in_reach(actor, Operation.REPORT_VIEW))


def _counted(connection: Connection, query: Select[Any], by: ReportBy) -> Counter[str]:
    counts: Counter[str] = Counter()
    for label, count in connection.execute(query):
        counts[in_words(by, label)] += count
    return counts
