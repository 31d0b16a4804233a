"""The words of the Audit log page: kinds of objects, groups of actions, outcomes, people."""

from app.core.language import _
from app.models.domain.access import Channel, Role
from app.models.domain.audit import AuditEvent
from app.views.channel_words import channel_text
from app.views.role_words import role_text
from app.views.theme.tokens import Tone
from app.views.widgets.badge import BadgeText

DONE, REFUSED, FAILED = "done", "refused", "failed"


def kind_text(kind: str) -> str:
    """What an object of this kind is called; a kind without words is told as it is recorded."""
    words = {
        "access": _("Right"),
        "application": _("API application"),
        "audit": _("Audit log"),
        "authority": _("Authority"),
        "authority-request": _("Request to another authority"),
        "certificate": _("Certificate"),
        "device": _("Device"),
        "device-type": _("Device type"),
        "est-server": _("EST server"),
        "extension": _("Custom extension"),
        "external-ca": _("External CA"),
        "listener": _("Listener"),
        "organization": _("Organization"),
        "secret": _("Secrets"),
        "setup": _("Set-up"),
        "template": _("Template"),
        "tenant": _("Tenant"),
        "user": _("User"),
        "workspace": _("Workspace"),
    }
    return words.get(kind, kind)


def action_groups() -> tuple[tuple[str, str], ...]:
    """The groups of actions to choose from: the beginning of their names, and what to call them."""
    return (
        ("", _("Every action")),
        ("user.", _("Users and signing in")),
        ("access.", _("Rights refused")),
        ("device.", _("Devices")),
        ("credential.", _("Device passwords")),
        ("certificate.", _("Certificates")),
        ("secret.", _("Keys downloaded or destroyed")),
        ("est.", _("Enrolments refused")),
        ("application.", _("API applications")),
        ("authority.", _("Authorities")),
        ("crl.", _("Revocation lists")),
        ("template.", _("Templates")),
        ("extension.", _("Custom extensions")),
        ("device-type.", _("Device types")),
        ("est-server.", _("EST servers")),
        ("tenant.", _("Tenants")),
        ("organization.", _("Organizations")),
        ("workspace.", _("Keys of the workspace")),
        ("settings.", _("Settings")),
        ("audit.", _("The log itself")),
    )


def channel_choices() -> tuple[tuple[str, str], ...]:
    """The ways somebody may have come, to choose from."""
    return (("", _("Any way")), *((one.value, channel_text(one)) for one in Channel))


def outcome_badge(event: AuditEvent) -> BadgeText:
    """How the action ended."""
    badges = {
        DONE: BadgeText(_("Done"), Tone.GOOD),
        REFUSED: BadgeText(_("Refused"), Tone.WARNING),
        FAILED: BadgeText(_("Failed"), Tone.BAD),
    }
    return badges.get(event.outcome, BadgeText(event.outcome))


def who_text(event: AuditEvent) -> str:
    """Who acted, and in which role."""
    if event.role is None:
        return event.actor
    return _("{name}, {role}").format(name=event.actor, role=role_text(Role(event.role)))


def place_text(event: AuditEvent) -> str:
    """By which way and from which address the actor came."""
    way = channel_text(Channel(event.channel))
    return f"{way} · {event.address}" if event.address else way


def object_text(event: AuditEvent) -> str:
    """What was acted on: its kind and its name."""
    return " ".join(part for part in (kind_text(event.object_kind), event.object_name) if part)
