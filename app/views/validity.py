"""How the end of a certificate is said: a day, how near it is, or that it never comes."""

from datetime import datetime, timedelta

from app.core.language import _
from app.views.theme.tokens import Tone
from app.views.widgets.badge import BadgeText
from app.views.widgets.times import day_text, relative_text

NEAR_DAYS = 30


def end_text(end: datetime | None) -> str:
    """The last day, or that there is none: 31 December 9999 (RFC 5280 section 4.1.2.5)."""
    return _("never ends") if end is not None and end.year == 9999 else day_text(end)


def nearness(end: datetime | None, now: datetime) -> BadgeText | None:
    """A warning when the end is near or past, None when it is far away."""
    if end is None or end - now > timedelta(days=NEAR_DAYS):
        return None
    if end <= now:
        return BadgeText(_("ended"), Tone.BAD)
    return BadgeText(relative_text(end, now), Tone.WARNING)


def end_badge(end: datetime, now: datetime) -> BadgeText:
    """The last day as a badge, coloured by how near it is."""
    near = nearness(end, now)
    return BadgeText(end_text(end), Tone.GOOD if near is None else near.tone)
