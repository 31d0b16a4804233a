"""What is said of external CAs."""

from app.core.language import _
from app.models.domain.external_cas import ExternalCa, ExternalCaRow, VerifiedBy
from app.views.theme.tokens import Tone
from app.views.widgets.badge import BadgeText


def verified_badge(ca: ExternalCa) -> BadgeText:
    """Whether it is known who has the CA's key."""
    if ca.verified:
        return BadgeText(_("Verified"), Tone.GOOD)
    return BadgeText(_("Unverified"), Tone.WARNING)


def verified_text(ca: ExternalCa) -> str:
    """How the CA was verified."""
    if ca.verified_by is VerifiedBy.POSSESSION:
        return _("by proof of possession of its key")
    if ca.verified_by is VerifiedBy.OVERRIDE:
        return _("without proof, by an administrator")
    return _("not yet")


def organization_text(row: ExternalCaRow) -> str:
    """The organization whose devices the CA is for, or that it is for all of the tenant's."""
    return row.organization_name or _("Whole tenant")
