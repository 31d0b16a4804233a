"""Certificates of servers, which no device holds: a template for them, requests, one issued."""

from dataclasses import replace

from app.models.domain.access import SYSTEM, Actor, Channel, Role, Scope
from app.models.domain.certificates import Certificate
from app.models.domain.issuing import IssueRequest
from app.models.domain.subjects import FieldRule, NamePart, TemplateField
from app.models.domain.templates import CertificateKind, Template
from app.models.services.workspace.workspace import Workspace
from app.pki import keys
from app.pki.certificates import CLIENT_AUTH
from app.pki.csr import CertificationRequest, build_csr, parse_csr
from app.pki.keys import KeyAlgorithm, PrivateKey
from app.pki.names import ATTRIBUTE_TYPES, Attribute, GeneralName, SanKind
from app.pki.sign import SoftwareKey
from tests.models.services.gateways import plant


def server_csr(name: str, key: PrivateKey | None = None) -> CertificationRequest:
    """A request for a server: its name as CN and DNS name."""
    subject = (Attribute(ATTRIBUTE_TYPES["CN"].oid, name),)
    signer = SoftwareKey(key or keys.generate(KeyAlgorithm.EC_P256))
    return parse_csr(build_csr(signer, subject, (GeneralName(SanKind.DNS, name),)))


def template(demo: Workspace, **changes: object) -> Template:
    """A new template for anybody's servers, or what the changes make of it."""
    like = next(t for t in demo.templates.all(SYSTEM) if t.name == "Gateway mTLS client")
    new = Template(
        id=0,
        name="Server",
        kind=CertificateKind.OPERATIONAL,
        authority_id=like.authority_id,
        fields=(
            TemplateField(NamePart.SUBJECT, "CN", FieldRule.REQUIRED),
            TemplateField(NamePart.SUBJECT, "O", FieldRule.FIXED, "Acme Controls"),
            TemplateField(NamePart.SAN, "dns"),
        ),
        key_algorithms=(KeyAlgorithm.EC_P256,),
        extended_key_usage=(CLIENT_AUTH,),
    )
    return demo.templates.create(SYSTEM, replace(new, **changes))  # type: ignore[arg-type]


def north(demo: Workspace) -> Scope:
    return Scope(plant(demo).tenant_id, plant(demo).id)


def operator(scope: Scope) -> Actor:
    """An operator of one organization at the window."""
    role = Role.ORGANIZATION_OPERATOR
    return Actor(
        "nora",
        Channel.WINDOW,
        role,
        tenant_id=scope.tenant_id,
        organization_id=scope.organization_id,
    )


def issue(demo: Workspace, name: str = "mes.example", **changes: object) -> Certificate:
    request = IssueRequest(template(demo, **changes).id, server_csr(name))
    return demo.certificate_issuing.issue(SYSTEM, request, north(demo)).certificate
