"""The columns of the Users page."""

from app.core.clock import Clock
from app.core.language import _
from app.models.domain.users import UserRow
from app.views.role_words import role_text
from app.views.theme.tokens import Tone
from app.views.widgets.badge import BadgeText
from app.views.widgets.column import Column
from app.views.widgets.entity_list_page import active_badge
from app.views.widgets.times import relative_text, zone_text


def user_columns(clock: Clock, *, with_tenant: bool) -> tuple[Column[UserRow], ...]:
    """The columns; the tenant is told where there may be several."""
    tenant: Column[UserRow] = Column(
        "tenant_name", _("Tenant"), lambda row: row.tenant_name or "", width=124
    )
    return (
        Column("name", _("Name"), lambda row: row.name, width=130),
        Column("role", _("Role"), lambda row: role_text(row.role), width=190),
        *((tenant,) if with_tenant else ()),
        Column(
            "organization_name",
            _("Organization"),
            lambda row: row.organization_name or "",
            width=112,
        ),
        Column("active", _("Status"), badge=lambda row: active_badge(row.active), width=90),
        Column(
            "last_sign_in_at",
            _("Last sign-in"),
            lambda row: last_sign_in_text(row, clock),
            tip=lambda row: zone_text(row.last_sign_in_at),
            width=104,
            dim=True,
        ),
        Column(
            "second_factor",
            _("Second factor"),
            badge=lambda row: second_factor_badge() if row.second_factor else None,
            width=108,
            sortable=False,
        ),
    )


def second_factor_badge() -> BadgeText:
    """That the key of a certificate is asked for, too."""
    return BadgeText(_("Certificate"), Tone.GOOD)


def last_sign_in_text(row: UserRow, clock: Clock) -> str:
    """When the person signed in last."""
    if row.last_sign_in_at is None:
        return _("never")
    return relative_text(row.last_sign_in_at, clock.now())
