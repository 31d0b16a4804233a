"""Moments as people read them: local, with the zone one hover away; never epoch, never "N/A"."""

from datetime import UTC, date, datetime, timedelta, tzinfo

from PySide6.QtCore import QDate, QLocale, QTime

from app.core.language import _, ngettext

NO_TIME = "\N{EN DASH}"

_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


def day_text(moment: datetime | None, zone: tzinfo | None = None) -> str:
    """The local day, such as `14 Mar 2028`; `zone` is the system's when not given."""
    return NO_TIME if moment is None else day_of_date(_local(moment, zone))


def day_of_date(day: date) -> str:
    """A day of the calendar, such as `14 Mar 2028`."""
    return QLocale().toString(QDate(day.year, day.month, day.day), "d MMM yyyy")


def time_text(moment: datetime | None, zone: tzinfo | None = None) -> str:
    """The local day and minute, such as `14 Mar 2028 14:02`."""
    if moment is None:
        return NO_TIME
    local = _local(moment, zone)
    return f"{day_of_date(local)} {_clock(local, 'HH:mm')}"


def clock_text(moment: datetime, zone: tzinfo | None = None) -> str:
    """The local second without its day, such as `14:02:07`."""
    return _clock(_local(moment, zone), "HH:mm:ss")


def zone_text(moment: datetime | None, zone: tzinfo | None = None) -> str:
    """For the tooltip: the local second with its zone, and the same in UTC."""
    if moment is None:
        return ""
    local = _local(moment, zone)
    offset = local.strftime("%z")
    named = f"{local.tzname()} (UTC{offset[:3]}:{offset[3:5]})"
    utc = _local(moment, UTC)
    return (
        f"{day_of_date(local)} {_clock(local, 'HH:mm:ss')} {named}\n"
        f"{day_of_date(utc)} {_clock(utc, 'HH:mm:ss')} UTC"
    )


def relative_text(moment: datetime | None, now: datetime, zone: tzinfo | None = None) -> str:
    """How long ago or ahead, such as `2 min ago` or `in 9 days`; the day when a month away."""
    if moment is None:
        return NO_TIME
    away = abs(now - moment)
    if away < _MINUTE:
        return _("now")
    if away >= 31 * _DAY:
        return day_text(moment, zone)
    if away < _HOUR:
        count = away // _MINUTE
        ahead, ago = (
            ngettext("in {n} min", "in {n} min", count),
            ngettext("{n} min ago", "{n} min ago", count),
        )
    elif away < 2 * _DAY:
        count = away // _HOUR
        ahead = ngettext("in {n} hour", "in {n} hours", count)
        ago = ngettext("{n} hour ago", "{n} hours ago", count)
    else:
        count = away // _DAY
        ahead = ngettext("in {n} day", "in {n} days", count)
        ago = ngettext("{n} day ago", "{n} days ago", count)
    return (ahead if moment > now else ago).format(n=count)


def _local(moment: datetime, zone: tzinfo | None) -> datetime:
    try:
        return moment.astimezone(zone)
    except OverflowError:  # 31 Dec 9999 (RFC 5280, 4.1.2.5) has no tomorrow east of Greenwich
        return moment.astimezone(UTC)


def _clock(local: datetime, form: str) -> str:
    return QLocale().toString(QTime(local.hour, local.minute, local.second), form)
