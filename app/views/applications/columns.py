"""The columns of the API applications page."""

from app.core.clock import Clock
from app.core.language import _
from app.models.domain.applications import ApiApplication, ApplicationRow
from app.views.widgets.column import Column
from app.views.widgets.entity_list_page import active_badge
from app.views.widgets.times import relative_text, zone_text


def application_columns(clock: Clock, *, with_tenant: bool) -> tuple[Column[ApplicationRow], ...]:
    """The columns; the tenant is told where there may be several."""
    tenant: Column[ApplicationRow] = Column(
        "tenant", _("Tenant"), lambda row: row.tenant_name, width=150
    )
    return (
        Column("name", _("Name"), lambda row: row.application.name, width=170),
        Column("organization", _("Organization"), organization_text, width=140),
        Column(
            "active", _("Status"), badge=lambda row: active_badge(row.application.active), width=100
        ),
        Column(
            "last_used",
            _("Last used"),
            lambda row: last_used_text(row.application, clock),
            tip=lambda row: zone_text(row.application.last_used_at),
            width=110,
            dim=True,
        ),
        *((tenant,) if with_tenant else ()),
        Column("app_id", _("AppID"), lambda row: row.application.app_id, width=280, mono=True),
    )


def organization_text(row: ApplicationRow) -> str:
    """The organization an application belongs to, or that it belongs to all of the tenant's."""
    return row.organization_name or _("Whole tenant")


def last_used_text(application: ApiApplication, clock: Clock) -> str:
    """When the application came last."""
    if application.last_used_at is None:
        return _("never")
    return relative_text(application.last_used_at, clock.now())
