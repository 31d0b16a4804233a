"""Revoking certificates through the REST API, and asking what one is worth."""

from datetime import datetime

from pydantic import Field

from app.api.certificate_object import Standing, standing
from app.api.errors import naming
from app.api.routes import ORGANIZATION, Answer, Call, Lenient, Remark, Route
from app.core.language import _
from app.models.services.certificates.checks import CertificateCheck, Timeliness
from app.models.services.workspace.workspace import Workspace
from app.pki.revocation import RevocationReason


class RevocationOrder(Lenient):
    """Why a certificate is revoked.

    `certificateHold` can be undone by `removeFromCRL`. The comment goes to the audit log.
    """

    revocation_reason: RevocationReason = RevocationReason.UNSPECIFIED
    revocationComment: Remark = Field(default="", max_length=1000)  # noqa: N815  as clients send it


class Done(Answer):
    """It was done."""

    message: str = "OK"


class CertificateData(Lenient):
    """A certificate as base64 of its DER, or as PEM."""

    certificate_data: str


class CertificateStanding(Answer):
    """What a certificate is worth, and since when and why it is revoked when it is."""

    status: Standing
    detail: str
    reason: str | None = None
    revocationDate: datetime | None = None  # noqa: N815  as clients read it


def revoke_certificate(workspace: Workspace, call: Call, order: RevocationOrder) -> Done:
    """Revoke a certificate, put it on hold, or release it."""
    certificate_id = call.number("certificate_id")
    if order.revocation_reason is RevocationReason.REMOVE_FROM_CRL:
        workspace.revocation.release(call.actor, certificate_id)
        return Done()
    with naming(reason="revocation_reason"):
        workspace.revocation.revoke(
            call.actor,
            certificate_id,
            order.revocation_reason,
            comment=order.revocationComment,
        )
    return Done()


def validate_certificate(
    workspace: Workspace, call: Call, given: CertificateData
) -> CertificateStanding:
    """What the certificate is worth, and those above it."""
    check = workspace.certificate_checks.check(call.actor, given.certificate_data.encode())
    found = _standing(workspace, check)
    if found.status is Standing.GOOD and check.chain_revoked:
        return CertificateStanding(
            status=Standing.REVOKED, detail=_("An authority above the certificate is revoked.")
        )
    if found.status is Standing.GOOD and check.chain_timeliness is not Timeliness.WITHIN:
        ended = check.chain_timeliness is Timeliness.AFTER
        return CertificateStanding(
            status=Standing.EXPIRED if ended else Standing.UNKNOWN,
            detail=_("An authority above the certificate is out of its validity."),
        )
    return found


def certificate_status(
    workspace: Workspace, call: Call, given: CertificateData
) -> CertificateStanding:
    """Whether the certificate itself is revoked or expired."""
    check = workspace.certificate_checks.check(call.actor, given.certificate_data.encode())
    return _standing(workspace, check)


def _standing(workspace: Workspace, check: CertificateCheck) -> CertificateStanding:
    known = check.known
    if known is None:
        return CertificateStanding(
            status=Standing.UNKNOWN, detail=_("The certificate was not issued here.")
        )
    status = standing(known, workspace.store.clock.now())
    if status is Standing.REVOKED:
        return CertificateStanding(
            status=status,
            detail=_("The certificate is revoked or on hold."),
            reason=known.revocation_reason,
            revocationDate=known.revoked_at,
        )
    if status is Standing.EXPIRED:
        return CertificateStanding(status=status, detail=_("The certificate has expired."))
    if check.timeliness is Timeliness.BEFORE:
        return CertificateStanding(
            status=Standing.UNKNOWN, detail=_("The certificate is not valid yet.")
        )
    return CertificateStanding(status=status, detail=_("The certificate is good."))


_CERTIFICATES = f"{ORGANIZATION}/certificates"

ROUTES = (
    Route(
        "POST",
        f"{_CERTIFICATES}/{{certificate_id}}/revoke",
        "Revoke a certificate",
        RevocationOrder,
        Done,
        revoke_certificate,
    ),
    Route(
        "POST",
        f"{_CERTIFICATES}/validate",
        "Tell what a certificate is worth, and those above it",
        CertificateData,
        CertificateStanding,
        validate_certificate,
    ),
    Route(
        "POST",
        f"{_CERTIFICATES}/status",
        "Tell whether a certificate is revoked or expired",
        CertificateData,
        CertificateStanding,
        certificate_status,
    ),
)
