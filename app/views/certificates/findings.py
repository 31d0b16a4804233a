"""What a check of a certificate found, in words."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.core.language import _
from app.models.domain.certificate_terms import LintSeverity
from app.models.domain.certificates import CertificateStatus
from app.models.services.certificates.checks import CertificateCheck, Timeliness
from app.views.certificate_words import reason_text
from app.views.theme.tokens import Tone
from app.views.validity import end_text
from app.views.widgets.badge import BadgeText
from app.views.widgets.times import time_text


@dataclass(frozen=True)
class Finding:
    """One answer: to which question, in a word and in a sentence."""

    question: str
    badge: BadgeText
    text: str


def findings_of(check: CertificateCheck) -> tuple[Finding, ...]:
    """The answers to what one wants to know of a certificate, in the order of asking."""
    return (
        _validity(check),
        _issuer(check),
        _record(check),
        _revocation(check),
        *_form(check),
    )


def _validity(check: CertificateCheck) -> Finding:
    question = _("Validity")
    if check.timeliness is Timeliness.BEFORE:
        text = _("It begins on {time}.").format(time=time_text(check.not_before))
        return Finding(question, BadgeText(_("Not yet valid"), Tone.BAD), text)
    if check.timeliness is Timeliness.AFTER:
        text = _("It ended on {time}.").format(time=time_text(check.not_after))
        return Finding(question, BadgeText(_("Expired"), Tone.BAD), text)
    if check.chain_timeliness is not Timeliness.WITHIN:
        text = _("An authority that it depends on is outside its own validity.")
        return Finding(question, BadgeText(_("Issuer out of date"), Tone.BAD), text)
    text = _("Until {day}.").format(day=end_text(check.not_after))
    if check.not_after.year == 9999:
        text = _("It has no end (RFC 5280, section 4.1.2.5).")
    return Finding(question, BadgeText(_("Valid now"), Tone.GOOD), text)


def _issuer(check: CertificateCheck) -> Finding:
    question = _("Issuer")
    if not check.chain and check.authority:
        text = _("It is the root {name} of this workspace.").format(name=check.authority)
        return Finding(question, BadgeText(_("Known"), Tone.GOOD), text)
    if check.chain:
        name = check.authority or _("an authority you do not see")
        text = _("Its signature is good, and leads to {name} in this workspace.")
        return Finding(question, BadgeText(_("Known"), Tone.GOOD), text.format(name=name))
    text = _("No authority of this workspace that you see has signed it.")
    return Finding(question, BadgeText(_("Unknown"), Tone.WARNING), text)


def _record(check: CertificateCheck) -> Finding:
    question = _("Issued here")
    if check.known is None:
        text = _("It is not among the certificates that you see here.")
        return Finding(question, BadgeText(_("Not found")), text)
    text = _("For {name}, on {time}.")
    text = text.format(name=check.known.name, time=time_text(check.known.issued_at))
    return Finding(question, BadgeText(_("Yes"), Tone.GOOD), text)


def _revocation(check: CertificateCheck) -> Finding:
    question, known = _("Revocation"), check.known
    if check.chain_revoked and (known is None or known.status is CertificateStatus.ISSUED):
        text = _("It is an authority that is revoked, or it depends on one.")
        return Finding(question, BadgeText(_("Authority revoked"), Tone.BAD), text)
    if known is None:
        text = _("Only its issuer can tell.")
        return Finding(question, BadgeText(_("Unknown"), Tone.WARNING), text)
    if known.status is CertificateStatus.ISSUED:
        return Finding(question, BadgeText(_("Not revoked"), Tone.GOOD), "")
    reason = reason_text(known.revocation_reason) if known.revocation_reason else ""
    since = _("Since {time}.").format(time=time_text(known.revoked_at)) if known.revoked_at else ""
    if known.status is CertificateStatus.ON_HOLD:
        return Finding(question, BadgeText(_("On hold"), Tone.BAD), since)
    return Finding(question, BadgeText(_("Revoked"), Tone.BAD), f"{since} {reason}.".strip())


def _form(check: CertificateCheck) -> Iterator[Finding]:
    question = _("RFC 5280")
    if not check.findings:
        text = _("The linter finds nothing wrong.")
        yield Finding(question, BadgeText(_("Keeps to it"), Tone.GOOD), text)
    badges = {
        LintSeverity.ERROR: BadgeText(_("Error"), Tone.BAD),
        LintSeverity.WARNING: BadgeText(_("Warning"), Tone.WARNING),
        LintSeverity.NOTICE: BadgeText(_("Notice")),
    }
    for found in check.findings:
        yield Finding(question, badges[found.severity], found.message)
