"""The columns of the External CAs page."""

from app.core.clock import Clock
from app.core.language import _
from app.models.domain.external_cas import ExternalCaRow
from app.views.external_cas.words import organization_text, verified_badge
from app.views.validity import end_badge
from app.views.widgets.column import Column
from app.views.widgets.entity_list_page import active_badge


def external_ca_columns(clock: Clock, *, with_tenant: bool) -> tuple[Column[ExternalCaRow], ...]:
    """The columns; the tenant is told where there may be several."""
    tenant: Column[ExternalCaRow] = Column(
        "tenant", _("Tenant"), lambda row: row.tenant_name, width=130
    )
    return (
        Column("name", _("Name"), lambda row: row.ca.name, width=170),
        Column("verified", _("Verification"), badge=lambda row: verified_badge(row.ca), width=125),
        Column("active", _("Status"), badge=lambda row: active_badge(row.ca.active), width=95),
        Column(
            "ends",
            _("Ends"),
            badge=lambda row: end_badge(row.not_after, clock.now()),
            width=125,
            sortable=False,
        ),
        *((tenant,) if with_tenant else ()),
        Column("organization", _("Organization"), organization_text, width=120),
        Column(
            "subject",
            _("Subject"),
            lambda row: row.subject,
            tip=lambda row: row.subject,
            width=200,
            sortable=False,
        ),
    )
