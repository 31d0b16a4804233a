"""A sample of what a template would make, built before anything is issued, and linted."""

from dataclasses import dataclass, field, replace
from functools import lru_cache

from app.models.domain import issuing
from app.models.domain.access import Actor, Operation, require
from app.models.domain.issuing import IssueRequest
from app.models.domain.subjects import FieldRule, NamePart, TemplateField
from app.models.domain.template_rules import check_template
from app.models.domain.templates import Template
from app.models.services.authorities.authorities import Authorities
from app.models.services.revocation.publication import Publication
from app.models.services.store import Store
from app.models.services.templates.extensions import Extensions
from app.pki import keys
from app.pki.certificate_text import describe_certificate
from app.pki.certificates import (
    CertificateContents,
    CertificateInfo,
    KeyUsage,
    build,
    build_root,
    new_serial,
    read_certificate,
)
from app.pki.descriptions import Section
from app.pki.keys import KeyAlgorithm
from app.pki.lint import LintFinding, lint_certificate
from app.pki.sign import SoftwareKey

_EXAMPLES = {
    "CN": "device-0001",
    "serialNumber": "SN-0001",
    "O": "Example organization",
    "OU": "Example unit",
    "C": "DE",
    "DC": "example",
    "emailAddress": "device@example.com",
    "VID": "FFF1",
    "PID": "8000",
    "dns": "device-0001.example.com",
    "ip": "192.0.2.1",
    "uri": "https://example.com/device-0001",
    "email": "device@example.com",
    "hardwareModuleName": "0001",
}


@dataclass(frozen=True)
class TemplateSample:
    """A certificate (DER) like those the template makes, what it says, and what a linter does.

    It is signed with a key thrown away at once, under the name of the template's authority.
    """

    certificate: bytes = field(repr=False)
    sections: tuple[Section, ...]
    findings: tuple[LintFinding, ...]


class TemplateSamples:
    """Builds samples. Nothing is issued, recorded or signed with a real key."""

    def __init__(
        self,
        store: Store,
        authorities: Authorities,
        extensions: Extensions,
        publication: Publication,
    ) -> None:
        self._store = store
        self._authorities = authorities
        self._extensions = extensions
        self._publication = publication

    def sample(self, actor: Actor, template: Template) -> TemplateSample:
        """What a template, stored or not yet, would make for an example device.

        Raises `InvalidInputError` for the first rule the template breaks, `NotFoundError` when
        the actor may not see its authority or an extension.
        """
        require(actor, Operation.TEMPLATE_VIEW)
        check_template(template)
        issuer = read_certificate(self._authorities.get(actor, template.authority_id).certificate)
        attached = [self._extensions.get(actor, id_) for id_ in template.extension_ids]
        with self._store.read(actor) as connection:
            urls = self._publication.urls(connection, template.authority_id)
        template = replace(template, attached=tuple(one.content for one in attached))
        algorithm = template.key_algorithms[0]
        public_key = _key(algorithm).public_key
        typed = {one.key: _example(one) for one in template.fields}
        request = IssueRequest(template.id, typed=typed)
        plan = issuing.plan(template, {}, {}, request, issuer, now=self._store.clock.now())
        contents = plan.contents(public_key, urls=urls)
        certificate = build(contents, *_stand_in(issuer), new_serial())
        return TemplateSample(
            certificate, describe_certificate(certificate), lint_certificate(certificate)
        )


def _example(wanted: TemplateField) -> str:
    if wanted.rule is FieldRule.FIXED or wanted.default:
        return wanted.default
    example = _EXAMPLES.get(wanted.kind, "example")
    if wanted.part is NamePart.SAN and wanted.index > 1:
        example = example.replace("0001", f"{wanted.index:04}").replace(".1", f".{wanted.index}")
    return example[: wanted.max_length]


def _stand_in(issuer: CertificateInfo) -> tuple[bytes, SoftwareKey]:
    """An authority of the same name and kind of key, but with a key of its own."""
    key = _key(issuer.algorithm or KeyAlgorithm.EC_P256)
    contents = CertificateContents(
        subject=issuer.subject,
        san=(),
        public_key=key.public_key,
        not_before=issuer.not_before,
        not_after=issuer.not_after,
        key_usage=frozenset({KeyUsage.KEY_CERT_SIGN, KeyUsage.CRL_SIGN}),
        extended_key_usage=(),
        ca=True,
        path_length=0,
    )
    return build_root(contents, key), key


@lru_cache  # an RSA key takes a second to make, and these protect nothing
def _key(algorithm: KeyAlgorithm) -> SoftwareKey:
    return SoftwareKey(keys.generate(algorithm))
