"""The columns of the EST servers page."""

from app.core.language import _
from app.models.domain.est_servers import EstServerRow
from app.views.est_servers.words import authentication_text
from app.views.widgets.column import Column
from app.views.widgets.entity_list_page import active_badge


def est_server_columns(*, with_tenant: bool) -> tuple[Column[EstServerRow], ...]:
    """The columns; the tenant is told where there may be several."""
    tenant: Column[EstServerRow] = Column(
        "tenant", _("Tenant"), lambda row: row.tenant_name, width=120
    )
    return (
        Column("name", _("Name"), lambda row: row.name, width=170),
        Column("active", _("Status"), badge=lambda row: active_badge(row.active), width=85),
        Column("domain", _("Domain"), lambda row: row.server.domain, width=205, mono=True),
        Column("device_type", _("Device type"), lambda row: row.device_type_name, width=110),
        Column(
            "authentication",
            _("Authentication"),
            lambda row: authentication_text(row.server),
            width=190,
            sortable=False,
        ),
        *((tenant,) if with_tenant else ()),
        Column("organization", _("Organization"), lambda row: row.organization_name, width=115),
    )
