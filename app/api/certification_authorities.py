"""Certification authorities that certificates of an organization come from."""

from base64 import b64encode

from app.api.routes import ORGANIZATION, Answer, Call, Nothing, Route
from app.models.domain.authorities import Authority
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import CertificateInfo, read_certificate, thumbprint
from app.pki.subjects import subject_text

_AUTHORITIES = f"{ORGANIZATION}/certificationauthorities"


class AuthorityItem(Answer):
    """An authority. `thumbprint` is the SHA-1 in upper case; lists leave `certificate` out."""

    id: int
    caAlias: str  # noqa: N815  the client of the field wants these names
    thumbprint: str
    serverName: str  # noqa: N815
    caName: str  # noqa: N815
    description: str
    certificate: str | None


class AuthorityList(Answer):
    """The authorities that the organization sees, by name."""

    certificationauthorities: tuple[AuthorityItem, ...]


class AuthorityAnswer(Answer):
    """One authority with its certificate."""

    ca: AuthorityItem


class ChainCertificate(Answer):
    """A certificate of a chain, as base64 of its DER on one line."""

    subject: str
    issuer: str
    certificate: str


class AuthorityChain(Answer):
    """The two ends of a chain; a root is both of them."""

    root: ChainCertificate
    issuing: ChainCertificate


def list_authorities(workspace: Workspace, call: Call, _given: Nothing) -> AuthorityList:
    """Every authority within sight."""
    return AuthorityList(
        certificationauthorities=tuple(
            _item(authority, with_certificate=False)
            for authority in workspace.authorities.all(call.actor)
        )
    )


def get_authority(workspace: Workspace, call: Call, _given: Nothing) -> AuthorityAnswer:
    """One authority."""
    authority = workspace.authorities.get(call.actor, call.number("authority_id"))
    return AuthorityAnswer(ca=_item(authority, with_certificate=True))


def download_authority(workspace: Workspace, call: Call, _given: Nothing) -> AuthorityChain:
    """The certificates of an authority and of its root."""
    details = workspace.authority_details.of(call.actor, call.number("authority_id"))
    return AuthorityChain(root=_end(details.chain[-1]), issuing=_end(details.chain[0]))


def _item(authority: Authority, *, with_certificate: bool) -> AuthorityItem:
    info = read_certificate(authority.certificate)
    return AuthorityItem(
        id=authority.id,
        caAlias=authority.name,
        thumbprint=thumbprint(info.der).upper(),
        serverName="Birthmark",
        caName=_common_name(info) or authority.name,
        description=subject_text(info.subject),
        certificate=b64encode(info.der).decode() if with_certificate else None,
    )


def _common_name(info: CertificateInfo) -> str:
    return next((part.value for part in info.subject if part.short == "CN"), "")


def _end(der: bytes) -> ChainCertificate:
    info = read_certificate(der)
    return ChainCertificate(
        subject=subject_text(info.subject),
        issuer=subject_text(info.issuer),
        certificate=b64encode(der).decode(),
    )


ROUTES = (
    Route(
        "GET",
        _AUTHORITIES,
        "List the certification authorities",
        Nothing,
        AuthorityList,
        list_authorities,
    ),
    Route(
        "GET",
        f"{_AUTHORITIES}/{{authority_id}}",
        "Show a certification authority",
        Nothing,
        AuthorityAnswer,
        get_authority,
    ),
    Route(
        "GET",
        f"{_AUTHORITIES}/{{authority_id}}/download",
        "Download the certificates of a certification authority and of its root",
        Nothing,
        AuthorityChain,
        download_authority,
    ),
)
