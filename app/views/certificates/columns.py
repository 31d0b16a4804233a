"""The columns of the Certificates page."""

from collections.abc import Callable

from app.core.clock import Clock
from app.core.language import _
from app.models.domain.certificates import Certificate
from app.views.certificate_words import kind_text, reason_text
from app.views.certificates.words import holder_text, status_badge
from app.views.channel_words import channel_text
from app.views.validity import end_text
from app.views.widgets.column import Column
from app.views.widgets.times import relative_text, zone_text


def certificate_columns(clock: Clock) -> tuple[Column[Certificate], ...]:
    """The columns; keys are the values of `CertificateSort`."""
    return (
        Column("name", _("Name"), lambda row: row.name, width=150),
        Column("kind", _("Kind"), lambda row: kind_text(row.kind), width=110),
        Column(
            "status",
            _("Status"),
            badge=lambda row: status_badge(row, clock.now()),
            tip=lambda row: reason_text(row.revocation_reason) if row.revocation_reason else "",
            width=100,
            sortable=False,
        ),
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
        Column("subject", _("Subject"), lambda row: row.subject, width=220),
        Column("serial", _("Serial number"), lambda row: row.serial, width=200, mono=True),
        Column(
            "fingerprint",
            _("SHA-256 fingerprint"),
            lambda row: row.fingerprint,
            width=220,
            mono=True,
            sortable=False,
            shown=False,
        ),
        _hidden("template", _("Template"), lambda row: row.template_name),
        _hidden("authority", _("Issuing authority"), lambda row: row.authority_name),
        _hidden("holder", _("Held by"), holder_text),
        _hidden("issued_by", _("Issued by"), lambda row: row.issued_by),
        _hidden(
            "issued_through", _("Issued through"), lambda row: channel_text(row.issued_through)
        ),
    )


def _hidden(key: str, title: str, text: Callable[[Certificate], str]) -> Column[Certificate]:
    return Column(key, title, text, width=160, sortable=False, shown=False)
