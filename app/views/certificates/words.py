"""The words for what a certificate is and how it stands."""

from datetime import datetime

from app.core.language import _
from app.models.domain.access import Channel
from app.models.domain.certificates import Certificate, CertificateStatus
from app.models.domain.templates import CertificateKind
from app.models.services.certificate_list import CertificateState
from app.views.theme.tokens import Tone
from app.views.validity import nearness
from app.views.widgets.badge import BadgeText


def short_kind_text(kind: CertificateKind) -> str:
    """The name of a kind of certificate where only certificates are talked of."""
    return _("Factory") if kind is CertificateKind.FACTORY else _("Operational")


def kind_text(kind: CertificateKind) -> str:
    """The name of a kind of certificate."""
    if kind is CertificateKind.FACTORY:
        return _("Factory certificate")
    return _("Operational certificate")


def status_badge(certificate: Certificate, now: datetime) -> BadgeText:
    """Whether the certificate can be relied on."""
    if certificate.status is CertificateStatus.REVOKED:
        return BadgeText(_("Revoked"), Tone.BAD)
    if certificate.not_after <= now:
        return BadgeText(_("Expired"), Tone.BAD)
    if nearness(certificate.not_after, now) is not None:
        return BadgeText(_("Expiring"), Tone.WARNING)
    return BadgeText(_("Valid"), Tone.GOOD)


def state_text(state: CertificateState) -> str:
    """The name of a state in the row of chips."""
    return {
        CertificateState.VALID: _("Valid"),
        CertificateState.EXPIRING: _("Expiring"),
        CertificateState.EXPIRED: _("Expired"),
        CertificateState.REVOKED: _("Revoked"),
    }[state]


def channel_text(channel: Channel) -> str:
    """The way a certificate was asked for."""
    return {
        Channel.WINDOW: _("Window"),
        Channel.CLI: _("Command line"),
        Channel.EST: _("EST"),
        Channel.SYSTEM: _("Program"),
    }[channel]
