"""The words for certificates that several pages say."""

from datetime import datetime

from app.core.language import _
from app.models.domain.certificate_terms import RevocationReason
from app.models.domain.certificates import Certificate, CertificateStatus
from app.models.domain.templates import CertificateKind
from app.views.theme.tokens import Tone
from app.views.validity import end_badge
from app.views.widgets.badge import BadgeText


def kind_text(kind: CertificateKind) -> str:
    """The name of a kind of certificate, where certificates are talked of."""
    return {
        CertificateKind.FACTORY: _("Factory"),
        CertificateKind.OPERATIONAL: _("Operational"),
        CertificateKind.APPLICATION: _("Application"),
    }[kind]


def reason_text(reason: RevocationReason) -> str:
    """Why a certificate was taken back."""
    return {
        RevocationReason.UNSPECIFIED: _("No reason given"),
        RevocationReason.KEY_COMPROMISE: _("The key is lost or may be in wrong hands"),
        RevocationReason.CA_COMPROMISE: _("The key is lost or may be in wrong hands"),
        RevocationReason.AFFILIATION_CHANGED: _("Its holder belongs to somebody else now"),
        RevocationReason.SUPERSEDED: _("Another certificate takes its place"),
        RevocationReason.CESSATION_OF_OPERATION: _("Its holder is out of service"),
        RevocationReason.CERTIFICATE_HOLD: _("On hold"),
        RevocationReason.PRIVILEGE_WITHDRAWN: _("Its holder may no longer do what it allows"),
    }.get(reason, reason.value)


def worth_badge(certificate: Certificate, now: datetime) -> BadgeText:
    """Until when a certificate is good, or that it is not any more."""
    if certificate.status is CertificateStatus.REVOKED:
        return BadgeText(_("Revoked"), Tone.BAD)
    if certificate.status is CertificateStatus.ON_HOLD:
        return BadgeText(_("On hold"), Tone.BAD)
    return end_badge(certificate.not_after, now)
