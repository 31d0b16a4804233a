"""The words for what a certificate is and how it stands."""

from datetime import datetime

from app.core.language import _
from app.models.domain.certificates import Certificate, CertificateStatus
from app.models.domain.templates import CertificateKind
from app.models.services.certificates.listed import CertificateState
from app.views.theme.tokens import Tone
from app.views.validity import nearness
from app.views.widgets.badge import BadgeText


def full_kind_text(kind: CertificateKind) -> str:
    """The name of a kind of certificate, in full."""
    return {
        CertificateKind.FACTORY: _("Factory certificate"),
        CertificateKind.OPERATIONAL: _("Operational certificate"),
        CertificateKind.APPLICATION: _("Application certificate"),
    }[kind]


def status_badge(certificate: Certificate, now: datetime) -> BadgeText:
    """Whether the certificate can be relied on."""
    if certificate.status is CertificateStatus.REVOKED:
        return BadgeText(_("Revoked"), Tone.BAD)
    if certificate.status is CertificateStatus.ON_HOLD:
        return BadgeText(_("On hold"), Tone.BAD)
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
        CertificateState.ON_HOLD: _("On hold"),
        CertificateState.REVOKED: _("Revoked"),
    }[state]


def holder_text(certificate: Certificate) -> str:
    """Who holds the key, as far as it is known here."""
    return {
        "device": _("Device"),
        "application": _("API application"),
    }.get(certificate.held_by[0], _("Somebody else"))
