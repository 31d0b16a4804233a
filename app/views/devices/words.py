"""The words for what a device is and does."""

from datetime import datetime, timedelta

from app.core.language import _, ngettext
from app.models.domain.device_types import DeviceType
from app.models.domain.devices import Device, DeviceEvent, DeviceMode, Transition
from app.views.theme.tokens import Tone
from app.views.validity import end_text, nearness
from app.views.widgets.badge import BadgeText
from app.views.widgets.times import time_text

_TONES = {DeviceMode.OPERATIONAL: Tone.GOOD, DeviceMode.DISABLED: Tone.BAD}


def mode_badge(mode: DeviceMode, until: datetime | None, now: datetime) -> BadgeText:
    """The mode; the colour warns when the operational certificate is at its end."""
    tone = _TONES.get(mode, Tone.NEUTRAL)
    if mode is DeviceMode.OPERATIONAL and nearness(until, now) is not None:
        tone = Tone.WARNING
    return BadgeText(mode.label, tone)


def next_step(device: Device, device_type: DeviceType, now: datetime) -> tuple[Tone, str]:
    """What is to be done with a device, in a sentence or two, and how urgent it is."""
    match device.mode:
        case DeviceMode.NEW:
            return Tone.NEUTRAL, _("It has no certificate and no password yet.")
        case DeviceMode.FACTORY:
            return Tone.NEUTRAL, _(
                "It waits for its operational certificate. Let it enrol at an EST server."
            )
        case DeviceMode.DISABLED:
            return Tone.BAD, _("No EST server lets it in. Enable it to change that.")
        case DeviceMode.OPERATIONAL:
            return _before_end(device.operational_until, device_type, now)


def _before_end(end: datetime | None, device_type: DeviceType, now: datetime) -> tuple[Tone, str]:
    if end is None or end.year == 9999:
        return Tone.GOOD, _("Nothing to do. Its operational certificate never ends.")
    if end <= now:
        return Tone.BAD, _(
            "Its operational certificate ended on {day}. Set it as factory mode to let it enrol"
            " again."
        ).format(day=end_text(end))
    days = (end - now).days
    window = timedelta(hours=device_type.operational_renewal_hours)
    if window and end - now <= window:
        text = ngettext(
            "The operational certificate ends in {days} day. Inside the renewal window of this"
            " type ({window} days).",
            "The operational certificate ends in {days} days. Inside the renewal window of this"
            " type ({window} days).",
            days,
        )
        return Tone.WARNING, text.format(days=days, window=window.days)
    if nearness(end, now) is not None:
        text = ngettext(
            "The operational certificate ends in {days} day. Let the device renew it.",
            "The operational certificate ends in {days} days. Let the device renew it.",
            days,
        )
        return Tone.WARNING, text.format(days=days)
    return Tone.GOOD, _("Nothing to do. Its operational certificate ends on {day}.").format(
        day=end_text(end)
    )


def event_text(transition: Transition) -> str:
    """One line of a device's history."""
    what = {
        DeviceEvent.CREDENTIAL_SET: _("password set"),
        DeviceEvent.FACTORY_CERTIFICATE_ISSUED: _("factory certificate issued"),
        DeviceEvent.FACTORY_CERTIFICATE_ACCEPTED: _("factory certificate accepted"),
        DeviceEvent.OPERATIONAL_CERTIFICATE_ISSUED: _("operational certificate issued"),
        DeviceEvent.SET_AS_FACTORY: _("set as factory mode"),
        DeviceEvent.DISABLED: _("disabled"),
        DeviceEvent.ENABLED: _("enabled"),
    }[transition.event]
    return _("{time} {what} by {actor}: {before} → {after}").format(
        time=time_text(transition.at),
        what=what,
        actor=transition.actor,
        before=transition.before.label,
        after=transition.after.label,
    )
