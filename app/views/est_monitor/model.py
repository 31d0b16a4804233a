"""One exchange with a device: as a row, as a badge, as a report for somebody else."""

from datetime import UTC

from app.core.language import _
from app.models.services.est.monitor import EstExchange
from app.views.theme.tokens import Tone
from app.views.widgets.badge import BadgeText
from app.views.widgets.column import Column
from app.views.widgets.times import NO_TIME as NOTHING
from app.views.widgets.times import clock_text, zone_text


def outcome(exchange: EstExchange) -> BadgeText:
    """The answer, and the reason when it was a refusal."""
    if exchange.ok:
        told = (str(exchange.status), exchange.outcome)
        return BadgeText(": ".join(part for part in told if part), Tone.GOOD)
    # Without a status there was no request: the TLS handshake failed.
    first = str(exchange.status) if exchange.status else _("refused")
    return BadgeText(f"{first}: {exchange.problem or exchange.outcome}", Tone.BAD)


def columns() -> tuple[Column[EstExchange], ...]:
    """The columns of the monitor."""
    return (
        Column(
            "at",
            _("Time"),
            lambda exchange: clock_text(exchange.at),
            tip=lambda exchange: zone_text(exchange.at),
            width=96,
            mono=True,
            sortable=False,
        ),
        Column(
            "address",
            _("From"),
            lambda exchange: exchange.address or NOTHING,
            width=150,
            mono=True,
            sortable=False,
        ),
        Column(
            "device",
            _("Device"),
            lambda exchange: exchange.device or NOTHING,
            width=145,
            sortable=False,
        ),
        Column(
            "operation",
            _("Asked for"),
            lambda exchange: exchange.operation or NOTHING,
            width=115,
            sortable=False,
        ),
        Column(
            "showed",
            _("Showed"),
            lambda exchange: exchange.showed or NOTHING,
            width=145,
            sortable=False,
        ),
        Column("outcome", _("Outcome"), badge=outcome, width=300, sortable=False),
    )


def facts(exchange: EstExchange) -> tuple[tuple[str, str], ...]:
    """What the table does not tell, or not in full, by name."""
    return (
        (_("TLS"), exchange.tls or NOTHING),
        (_("Client certificate"), exchange.certificate_subject or _("none shown")),
        (_("Showed"), exchange.showed or NOTHING),
        (_("Device"), exchange.device or _("not known")),
        (_("Answered in"), _("{ms} ms").format(ms=round(exchange.duration_ms, 1))),
    )


def report(exchange: EstExchange) -> str:
    """The exchange as plain text, to be sent to somebody who was not there."""
    moment = exchange.at.astimezone(UTC).isoformat(timespec="milliseconds")
    lines = [
        _("EST exchange {number}, {moment}").format(number=exchange.number, moment=moment),
        _("Outcome: {outcome}").format(outcome=outcome(exchange).text),
    ]
    for name, text in (
        (_("Problem"), exchange.problem),
        (_("Cause"), exchange.cause),
        (_("What to do"), exchange.remedy),
        (_("From"), exchange.address),
        (_("Asked for"), exchange.operation),
        *facts(exchange),
    ):
        if text:
            lines.append(f"{name}: {text}")
    return "\n".join(lines) + "\n"
