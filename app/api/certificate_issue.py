"""Certificates issued, renewed and rekeyed through the REST API."""

import logging
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import BeforeValidator, Field

from app.api.certificate_object import CertificateAnswer, base64_of, certificate_answer
from app.api.errors import naming
from app.api.routes import ORGANIZATION, Call, Lenient, Route
from app.core.errors import KnownError
from app.models.domain.access import Scope
from app.models.domain.issuing import IssueRequest, request_in
from app.models.domain.subjects import values_in_request
from app.models.domain.templates import Template
from app.models.services.certificates.certification import IssuedCertificate
from app.models.services.workspace.workspace import Workspace
from app.pki.csr import CertificationRequest
from app.pki.names import Attribute, GeneralName, SanKind
from app.pki.passwords import new_password

log = logging.getLogger(__name__)

_ROOM = 13_500  # of the 15,000 octets of an answer; the rest is for the names
_MEMBERS = {"pfx_passphrase": "passphrase", "validity_days": "validity_period"}
_SAN_KINDS = {kind.value: kind for kind in SanKind if kind is not SanKind.OTHER}


def _day(given: object) -> object:
    """The day (UTC) of an ISO 8601 date or time."""
    if not isinstance(given, str):
        raise ValueError("not a text")  # noqa: TRY004  pydantic tells of a ValueError alone
    moment = datetime.fromisoformat(given)
    try:
        return (moment if moment.tzinfo is None else moment.astimezone(UTC)).date()
    except OverflowError as error:
        raise ValueError("out of range") from error


class SubjectAttribute(Lenient):
    """A subject attribute by its dotted OID."""

    oid: str
    value: str = ""


class AlternativeName(Lenient):
    """A subject alternative name; `name` is its kind (`dns`, `ip`) or the OID of an otherName."""

    name: str
    value: str = ""


class CertificateOrder(Lenient):
    """A certificate to issue.

    Subject attributes and alternative names that the template does not leave open are not
    looked at. Without `csr` the key is made here, and kept under the `passphrase`; without that,
    a passphrase is made up. A certificate with `valid_from` begins with that day (UTC), any
    other at once; `validity_period` is in days.
    """

    template_id: int = Field(ge=1, lt=10**18)
    subject: tuple[SubjectAttribute, ...] = ()
    san: tuple[AlternativeName, ...] = ()
    csr: str = ""
    passphrase: str = Field(default="", repr=False)
    valid_from: Annotated[date, BeforeValidator(_day)] | None = None
    validity_period: int | None = None


class RenewalOrder(Lenient):
    """What is to become of the certificate that is renewed: revoked as superseded, or nothing."""

    revoke_original_certificate: bool = False


class RekeyOrder(RenewalOrder):
    """What is to become of the certificate that is replaced, and a request with another key.

    Without `csr` the key is made here, as for a `CertificateOrder`.
    """

    csr: str = ""
    passphrase: str = Field(default="", repr=False)


def issue_certificate(
    workspace: Workspace, call: Call, order: CertificateOrder
) -> CertificateAnswer:
    """A certificate of the organization that no device holds."""
    template = workspace.templates.read(call.actor, order.template_id)
    csr = _csr(order.csr)
    request = IssueRequest(
        template.id,
        csr,
        typed=_typed(template, order),
        valid_from=order.valid_from,
        validity_days=order.validity_period,
        unlimited=None if order.validity_period is None else False,
    )
    owner = Scope(call.actor.tenant_id, call.actor.organization_id)
    passphrase = _passphrase(csr, order.passphrase)
    with naming(**_MEMBERS):
        issued = workspace.certificate_issuing.issue(
            call.actor, request, owner, pfx_passphrase=passphrase
        )
    return _answer(workspace, call, issued, passphrase)


def renew_certificate(workspace: Workspace, call: Call, order: RenewalOrder) -> CertificateAnswer:
    """A certificate for the same key and names."""
    issued = workspace.certificate_renewal.renew(
        call.actor,
        call.number("certificate_id"),
        revoke_old=order.revoke_original_certificate,
    )
    return _answer(workspace, call, issued)


def rekey_certificate(workspace: Workspace, call: Call, order: RekeyOrder) -> CertificateAnswer:
    """A certificate for the same names and another key."""
    csr = _csr(order.csr)
    passphrase = _passphrase(csr, order.passphrase)
    with naming(**_MEMBERS):
        issued = workspace.certificate_renewal.rekey(
            call.actor,
            call.number("certificate_id"),
            csr,
            pfx_passphrase=passphrase,
            revoke_old=order.revoke_original_certificate,
        )
    return _answer(workspace, call, issued, passphrase)


def _csr(text: str) -> CertificationRequest | None:
    return request_in(text.encode()) if text.strip() else None


def _passphrase(csr: CertificationRequest | None, given: str) -> str | None:
    """What is to open the key, when it is made here."""
    return None if csr is not None else given or new_password()


def _typed(template: Template, order: CertificateOrder) -> dict[str, str]:
    """What was asked for, by the fields of the template."""
    subject = tuple(Attribute(one.oid, one.value) for one in order.subject if one.value)
    names = tuple(
        GeneralName(_SAN_KINDS[one.name], one.value)
        if one.name in _SAN_KINDS
        else GeneralName(SanKind.OTHER, f"{one.name};{one.value}")
        for one in order.san
        if one.value
    )
    return values_in_request(template.fields, subject, names)


def _answer(
    workspace: Workspace, call: Call, issued: IssuedCertificate, passphrase: str | None = None
) -> CertificateAnswer:
    """The certificate, and its key where that was made here and there is room for it."""
    certificate = issued.certificate
    answer = certificate_answer(certificate, workspace.store.clock.now())
    if passphrase is None:
        return answer
    try:
        pfx = base64_of(workspace.certificates.download_pfx(call.actor, certificate.id))
    except KnownError as error:  # the certificate is issued; its key can be had later
        log.warning("The key of certificate %s did not come along: %s", certificate.id, error)
        pfx = ""
    fits = len(pfx) + len(answer.certificate or "") <= _ROOM
    return answer.model_copy(
        update={"certificate_pkcs12": pfx if pfx and fits else None, "passphrase": passphrase}
    )


_CERTIFICATE = f"{ORGANIZATION}/certificates/{{certificate_id}}"

ROUTES = (
    Route(
        "POST",
        f"{ORGANIZATION}/certificates",
        "Issue a certificate that no device holds",
        CertificateOrder,
        CertificateAnswer,
        issue_certificate,
    ),
    Route(
        "POST",
        f"{_CERTIFICATE}/renew",
        "Issue a certificate anew for the same key and names",
        RenewalOrder,
        CertificateAnswer,
        renew_certificate,
    ),
    Route(
        "POST",
        f"{_CERTIFICATE}/rekey",
        "Issue a certificate with the same names for another key",
        RekeyOrder,
        CertificateAnswer,
        rekey_certificate,
    ),
)
