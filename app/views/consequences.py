"""What it means to switch off a tenant or organization, told before it is done."""

from app.core.language import _, ngettext
from app.models.domain.tenants import Consequences


def consequences_text(found: Consequences) -> str:
    """What stops, a line each with its number, and what goes on."""
    counted = (
        (
            found.organizations,
            ngettext(
                "{n} organization is switched off with it.",
                "{n} organizations are switched off with it.",
                found.organizations,
            ),
        ),
        (
            found.users,
            ngettext(
                "{n} user cannot sign in, and is signed out at once.",
                "{n} users cannot sign in, and are signed out at once.",
                found.users,
            ),
        ),
        (
            found.applications,
            ngettext(
                "{n} API application is turned away.",
                "{n} API applications are turned away.",
                found.applications,
            ),
        ),
        (
            found.est_servers,
            ngettext(
                "{n} EST server stops answering.",
                "{n} EST servers stop answering.",
                found.est_servers,
            ),
        ),
        (
            found.devices,
            ngettext("{n} device cannot enrol.", "{n} devices cannot enrol.", found.devices),
        ),
        (
            found.device_types,
            ngettext(
                "{n} device type is not offered any more.",
                "{n} device types are not offered any more.",
                found.device_types,
            ),
        ),
    )
    lines = [text.format(n=count) for count, text in counted if count]
    if not lines:
        lines = [_("Nothing belongs to it yet.")]
    lines.append(_("Certificates that were issued stay valid. It can be activated again."))
    return "\n".join(lines)
