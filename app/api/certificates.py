"""Certificates of an organization: listed, looked up, and taken along."""

from collections.abc import Sequence

from app.api.certificate_object import CertificateAnswer, base64_of, certificate_answer
from app.api.paging import Paging
from app.api.routes import ORGANIZATION, Answer, Call, Nothing, Route
from app.models.domain.certificates import Certificate
from app.models.services.certificates.listed import CertificateQuery
from app.models.services.workspace.workspace import Workspace

_CERTIFICATES = f"{ORGANIZATION}/certificates"
_NEWEST_FIRST = CertificateQuery(descending=True)


class CertificatePage(Answer):
    """A page of certificates, the newest first."""

    certificates: tuple[CertificateAnswer, ...]
    pagenum: int
    pagesize: int
    total: int


class FoundCertificates(Answer):
    """The newest certificates that were looked for, at most twenty."""

    certificates: tuple[CertificateAnswer, ...]


class Pkcs12(Answer):
    """A certificate with its key and chain, as base64 of a PKCS#12 file on one line."""

    certificate_pkcs12: str


def list_certificates(workspace: Workspace, call: Call, paging: Paging) -> CertificatePage:
    """Every certificate of the organization, a page at a time."""
    service = workspace.certificate_list
    found = service.page(call.actor, _NEWEST_FIRST, paging.offset, paging.limit, with_der=True)
    return CertificatePage(
        certificates=_listed(workspace, found),
        pagenum=paging.pagenum,
        pagesize=paging.limit,
        total=service.count(call.actor, _NEWEST_FIRST),
    )


def get_certificate(workspace: Workspace, call: Call, _given: Nothing) -> CertificateAnswer:
    """One certificate."""
    found = workspace.certificates.get(call.actor, call.number("certificate_id"))
    return certificate_answer(found, workspace.store.clock.now())


def find_by_thumbprint(workspace: Workspace, call: Call, _given: Nothing) -> CertificateAnswer:
    """The certificate with this SHA-1 or SHA-256 in hex."""
    found = workspace.certificates.by_thumbprint(call.actor, call.values["thumbprint"])
    return certificate_answer(found, workspace.store.clock.now())


def find_by_serial_number(workspace: Workspace, call: Call, _given: Nothing) -> FoundCertificates:
    """The certificates with this serial number in hex."""
    found = workspace.certificates.by_serial(call.actor, call.values["serial_number"])
    return FoundCertificates(certificates=_listed(workspace, found))


def find_by_common_name(workspace: Workspace, call: Call, _given: Nothing) -> FoundCertificates:
    """The certificates with this common name."""
    found = workspace.certificates.by_common_name(call.actor, call.values["common_name"])
    return FoundCertificates(certificates=_listed(workspace, found))


def download_pkcs12(workspace: Workspace, call: Call, _given: Nothing) -> Pkcs12:
    """The key that was made here, until its retention ends."""
    pfx = workspace.certificates.download_pfx(call.actor, call.number("certificate_id"))
    return Pkcs12(certificate_pkcs12=base64_of(pfx))


def _listed(workspace: Workspace, found: Sequence[Certificate]) -> tuple[CertificateAnswer, ...]:
    now = workspace.store.clock.now()
    return tuple(certificate_answer(one, now, listed=True) for one in found)


ROUTES = (
    Route(
        "GET", _CERTIFICATES, "List the certificates", Paging, CertificatePage, list_certificates
    ),
    Route(
        "GET",
        f"{_CERTIFICATES}/{{certificate_id}}",
        "Show a certificate",
        Nothing,
        CertificateAnswer,
        get_certificate,
    ),
    Route(
        "GET",
        f"{_CERTIFICATES}/thumbprint/{{thumbprint}}",
        "Find a certificate by its SHA-1 or SHA-256",
        Nothing,
        CertificateAnswer,
        find_by_thumbprint,
    ),
    Route(
        "GET",
        f"{_CERTIFICATES}/sn/{{serial_number}}",
        "Find certificates by their serial number",
        Nothing,
        FoundCertificates,
        find_by_serial_number,
    ),
    Route(
        "GET",
        f"{_CERTIFICATES}/cn/{{common_name}}",
        "Find certificates by their common name",
        Nothing,
        FoundCertificates,
        find_by_common_name,
    ),
    Route(
        "GET",
        f"{_CERTIFICATES}/{{certificate_id}}/pfx",
        "Download a certificate with the key that was made here",
        Nothing,
        Pkcs12,
        download_pkcs12,
    ),
)
