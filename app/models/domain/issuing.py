"""What a certificate will contain, worked out before anybody signs it.

The wizard shows a plan while the answers are still changing; issuing carries out the same
plan. So what was shown is what is issued.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from app.core.errors import InvalidInputError
from app.core.language import _
from app.models.domain import subjects
from app.models.domain.device_types import DeviceType
from app.models.domain.publication import RevocationUrls
from app.models.domain.subjects import ResolvedField
from app.models.domain.templates import Template
from app.pki.certificates import NEVER, CertificateContents, CertificateInfo
from app.pki.csr import CertificationRequest, parse_csr
from app.pki.formats import csr_in
from app.pki.keys import KeyAlgorithm

MAX_VALIDITY_DAYS = 36_500
NO_URLS = RevocationUrls()


@dataclass(frozen=True)
class IssueRequest:
    """A certificate somebody asks for.

    `csr` None means that key and request are made here (FAC-06), unless the key and the names of
    `renewed` are to be certified again. `typed` holds the fields a person touched. `valid_from`
    None means now; a date means its midnight UTC. `validity_days` and `unlimited` None mean what
    the template says (FAC-23, FAC-24).
    """

    template_id: int
    csr: CertificationRequest | None = None
    renewed: CertificateInfo | None = None
    typed: Mapping[str, str] = field(default_factory=dict)
    valid_from: date | None = None
    validity_days: int | None = None
    unlimited: bool | None = None


@dataclass(frozen=True)
class CertificatePlan:
    """A certificate as it will be issued, and everything that still stands in the way.

    `algorithm` is the key's. `cut` tells that the issuer ends earlier than was asked. `key_until`
    is the last day a key made here can be downloaded (FAC-09), None for any other key. `problems`
    leads from field keys, `csr`, `valid_from` or `validity_days` to a sentence.
    """

    template: Template
    fields: tuple[ResolvedField, ...]
    algorithm: KeyAlgorithm
    not_before: datetime
    not_after: datetime
    cut: bool
    issuer: CertificateInfo
    key_until: date | None
    problems: Mapping[str, str]

    def contents(
        self, public_key: bytes, names_of: bytes | None = None, urls: RevocationUrls = NO_URLS
    ) -> CertificateContents:
        """The certificate to build for `public_key` (SPKI DER); raises on the first problem.

        It tells the `urls`. With `names_of`, a certificate (DER), its names are reissued byte
        for byte (DEC-18): then the planned fields do not matter, nor do their problems.
        """
        if names_of is None:
            subjects.check(self.fields)
            spared = set()
        else:
            spared = {"subject", *(item.field.key for item in self.fields)}
        for key, problem in self.problems.items():
            if key not in spared:
                raise InvalidInputError(problem, field=key)
        return CertificateContents(
            subject=subjects.subject_of(self.fields),
            san=subjects.alternative_names_of(self.fields),
            public_key=public_key,
            not_before=self.not_before,
            not_after=self.not_after,
            key_usage=self.template.key_usage,
            extended_key_usage=self.template.extended_key_usage,
            subject_key_identifier=self.template.subject_key_identifier,
            crl_urls=urls.crl,
            ocsp_urls=urls.ocsp,
            ca_issuer_urls=urls.ca_issuers,
            extensions=(*self.template.extensions, *self.template.attached),
            names_of=names_of,
            hash_name=self.template.hash,
        )


def device_fields(device_type: DeviceType, factory: CertificatePlan) -> dict[str, str]:
    """The device fields that its factory certificate fills, the name included (FAC-04)."""
    planned = {item.field.key: item.value for item in factory.fields}
    filled = subjects.reverse_mapping(device_type.factory_mapping, planned)
    return dict.fromkeys(device_type.mapped_fields, "") | filled


def request_in(data: bytes) -> CertificationRequest:
    """The certification request in `data` (PEM, DER or base64), its signature verified.

    Raises InvalidInputError, field `csr`, for everything else.
    """
    try:
        return parse_csr(csr_in(data))
    except InvalidInputError as error:
        raise InvalidInputError(
            error.problem, cause=error.cause, remedy=error.remedy, field="csr"
        ) from error


def plan(
    template: Template,
    mapping: Mapping[str, str],
    device_values: Mapping[str, str],
    request: IssueRequest,
    issuer: CertificateInfo,
    *,
    now: datetime,
) -> CertificatePlan:
    """Work out the certificate `request` leads to. Nothing is raised; see `problems`."""
    known = request.csr or request.renewed
    csr_values = (
        None
        if known is None
        else subjects.values_in_request(template.fields, known.subject, known.san)
    )
    fields = subjects.resolve(template.fields, mapping, device_values, csr_values, request.typed)
    not_before, wanted_end = _validity(template, request, now)
    not_before = max(not_before, issuer.not_before)
    not_after = min(wanted_end, issuer.not_after)
    algorithm = template.key_algorithms[0] if known is None else known.algorithm
    problems = {item.field.key: item.problem for item in fields if item.problem}
    if not problems and not any(item.value for item in fields):
        problems["subject"] = _("The certificate would name nobody: subject and SAN are empty.")
    if algorithm is None or algorithm not in template.key_algorithms:
        algorithm = algorithm or template.key_algorithms[0]
        problems["csr"] = _("{found} is not allowed; this template takes {allowed}.").format(
            found=algorithm.label,
            allowed=", ".join(allowed.label for allowed in template.key_algorithms),
        )
    problems |= _validity_problems(template, request, not_before, not_after)
    return CertificatePlan(
        template,
        fields,
        algorithm,
        not_before,
        not_after,
        not_after < wanted_end,
        issuer,
        None if known else (now + timedelta(days=template.key_retention_days)).date(),
        problems,
    )


def _validity(
    template: Template, request: IssueRequest, now: datetime
) -> tuple[datetime, datetime]:
    if request.valid_from is None:
        start = now.replace(microsecond=0)
        not_before = start - timedelta(minutes=template.backdate_minutes)
    else:
        start = not_before = datetime.combine(request.valid_from, time(), UTC)
    days = template.validity_days if request.validity_days is None else request.validity_days
    unlimited = template.validity_days is None if request.unlimited is None else request.unlimited
    if unlimited or days is None:
        return not_before, NEVER
    try:
        return not_before, start + timedelta(days=days)
    except OverflowError:
        return not_before, NEVER


def _validity_problems(
    template: Template, request: IssueRequest, not_before: datetime, not_after: datetime
) -> dict[str, str]:
    days = template.validity_days if request.validity_days is None else request.validity_days
    limited = days is not None if request.unlimited is None else not request.unlimited
    if limited and days is None:
        return {"validity_days": _("Say for how many days, or choose unlimited.")}
    if limited and days is not None and not 1 <= days <= MAX_VALIDITY_DAYS:
        return {
            "validity_days": _("The validity is from 1 to {count} days.").format(
                count=MAX_VALIDITY_DAYS
            )
        }
    if not_after <= not_before:
        return {"valid_from": _("The certificate would end before it begins.")}
    return {}
