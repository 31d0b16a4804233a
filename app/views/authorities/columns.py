"""The columns of the Authorities page."""

from app.core.clock import Clock
from app.core.language import _
from app.models.services.authorities.authorities import AuthorityRow
from app.views.authorities.words import end_badge, key_store_text, status_badge
from app.views.widgets.column import Column
from app.views.widgets.sharing_fields import access_text


def authority_columns(clock: Clock) -> tuple[Column[AuthorityRow], ...]:
    """The columns; what is in the certificate cannot be sorted by."""
    return (
        Column("name", _("Name"), lambda row: row.name, width=175),
        Column(
            "ends",
            _("Ends"),
            badge=lambda row: end_badge(row.not_after, clock.now()),
            width=125,
            sortable=False,
        ),
        Column(
            "key", _("Key"), lambda row: row.key.label if row.key else "", width=90, sortable=False
        ),
        Column(
            "store",
            _("Key store"),
            lambda row: key_store_text(row.key_store),
            width=105,
            sortable=False,
        ),
        Column("access", _("Access"), lambda row: access_text(row.sharing.access), width=90),
        Column(
            "active",
            _("Status"),
            badge=lambda row: status_badge(row.revoked_at, active=row.active),
            width=110,
        ),
        Column(
            "issuer",
            _("Issuer"),
            lambda row: _("itself") if row.subject == row.issuer_name else row.issuer_name,
            tip=lambda row: row.issuer_name,
            width=170,
            sortable=False,
        ),
        Column(
            "subject",
            _("Subject"),
            lambda row: row.subject,
            tip=lambda row: row.subject,
            width=150,
            sortable=False,
        ),
    )
