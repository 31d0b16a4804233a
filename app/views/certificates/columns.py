"""The columns of the Certificates page."""

from app.core.clock import Clock
from app.core.language import _
from app.models.domain.certificates import Certificate
from app.views.certificates.words import short_kind_text, status_badge
from app.views.validity import end_text
from app.views.widgets.column import Column
from app.views.widgets.times import relative_text, zone_text


def certificate_columns(clock: Clock) -> tuple[Column[Certificate], ...]:
    """The columns; keys are the values of `CertificateSort`."""
    return (
        Column("name", _("Name"), lambda row: row.name, width=150),
        Column("kind", _("Kind"), lambda row: short_kind_text(row.kind), width=110),
        Column(
            "status",
            _("Status"),
            badge=lambda row: status_badge(row, clock.now()),
            width=100,
            sortable=False,
        ),
        Column("subject", _("Subject"), lambda row: row.subject, width=260),
        Column("serial", _("Serial number"), lambda row: row.serial, width=220, mono=True),
        Column(
            "not_after",
            _("Valid until"),
            lambda row: end_text(row.not_after),
            tip=lambda row: "" if row.not_after.year == 9999 else zone_text(row.not_after),
            width=110,
        ),
        Column(
            "issued_at",
            _("Issued"),
            lambda row: relative_text(row.issued_at, clock.now()),
            tip=lambda row: zone_text(row.issued_at),
            width=110,
            dim=True,
        ),
        Column(
            "fingerprint",
            _("SHA-256 fingerprint"),
            lambda row: row.fingerprint,
            width=220,
            mono=True,
            sortable=False,
            shown=False,
        ),
    )
