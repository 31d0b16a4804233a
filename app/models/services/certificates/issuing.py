"""Certificates that no device holds: for owners, such as organizations, and for applications."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from app.core.errors import AccessDeniedError, ConflictError, InvalidInputError
from app.core.language import _
from app.models.domain import issuing
from app.models.domain.access import Actor, Operation, Scope, require
from app.models.domain.applications import ApiApplication
from app.models.domain.certificates import Certificate, Holder
from app.models.domain.device_types import DEVICE_NAME
from app.models.domain.devices import check_password
from app.models.domain.issuing import CertificatePlan, IssueRequest
from app.models.domain.subjects import ResolvedField
from app.models.domain.templates import CertificateKind, Template
from app.models.services.applications.applications import Applications
from app.models.services.authorities.authorities import Authorities
from app.models.services.authorities.open_issuers import Issuer
from app.models.services.certificates.certification import Certification, Draft, IssuedCertificate
from app.models.services.certificates.issuance import check_active, key_for, new_key
from app.models.services.sharing import check_owners
from app.models.services.store import Change, Store
from app.models.services.templates.templates import Templates
from app.pki.keys import PrivateKey

MAX_NAME_LENGTH = 255
_CN = "subject.CN"


@dataclass(frozen=True)
class _Source:
    """A template that may be used, and the authority that signs what is made from it."""

    template: Template
    issuer: Issuer


class CertificateIssuing:
    """Issues to owners and applications. Safe to share by threads.

    An owner is a `Scope`: an organization, a tenant, or the whole workspace.
    """

    def __init__(
        self,
        store: Store,
        *,
        authorities: Authorities,
        templates: Templates,
        applications: Applications,
        certification: Certification,
    ) -> None:
        self._store = store
        self._authorities = authorities
        self._templates = templates
        self._applications = applications
        self._certification = certification

    def preview(self, actor: Actor, request: IssueRequest, owner: Scope) -> CertificatePlan:
        """The certificate `issue` would make; what is wrong stands in the plan's `problems`.

        Raises `NotFoundError` for a template out of sight and `AccessDeniedError` for one that
        is not offered to the owner.
        """
        require(actor, Operation.CERTIFICATE_ISSUE, owner)
        template = self._templates.read(actor, request.template_id)
        _check_offered(template, owner)
        with self._store.read(actor) as connection:
            issuer = self._authorities.certificate_info(connection, template.authority_id)
        return issuing.plan(template, {}, {}, request, issuer, now=self._store.clock.now())

    def issue(
        self,
        actor: Actor,
        request: IssueRequest,
        owner: Scope,
        name: str = "",
        *,
        pfx_passphrase: str | None = None,
    ) -> IssuedCertificate:
        """Issue a certificate that no device holds.

        `name` is what lists call it, when that is not to be its common name. Without a CSR the
        key is made here, and kept as PKCS#12 under `pfx_passphrase`, when there is one, until
        retention ends. Raises as `preview` does, `ConflictError` when the template or authority
        is inactive, and what `Certification.certify` raises.
        """
        if not name.isprintable() or len(name) > MAX_NAME_LENGTH:
            raise InvalidInputError(
                _("A name is of at most {count} printable characters.").format(
                    count=MAX_NAME_LENGTH
                ),
                field="name",
            )
        if request.csr is None and pfx_passphrase is not None:
            check_password(pfx_passphrase, "pfx_passphrase")
        (issued,) = self._issue(actor, [request], owner, name.strip(), pfx_passphrase)
        return issued

    def issue_group(
        self, actor: Actor, requests: Sequence[IssueRequest], owner: Scope
    ) -> tuple[IssuedCertificate, ...]:
        """Issue all of them or, when one cannot be issued, none; raises as `issue` does."""
        return self._issue(actor, requests, owner, "", None) if requests else ()

    def issue_for_application(
        self,
        actor: Actor,
        application_id: int,
        request: IssueRequest,
        *,
        pfx_passphrase: str | None = None,
    ) -> IssuedCertificate:
        """Issue an API application its certificate; its name is the common name (SYS-10).

        Raises `NotFoundError` for an application out of reach, `InvalidInputError` for a
        template of another kind, and as `issue` does.
        """
        if request.csr is None and pfx_passphrase is not None:
            check_password(pfx_passphrase, "pfx_passphrase")
        template = self._templates.read(actor, request.template_id)
        key = _make_key(template, request, packed=pfx_passphrase is not None)
        with self._store.change(actor) as change:
            application = self._active_application(change, application_id)
            owner = Scope(application.tenant_id, application.organization_id)
            source = self._source(change.connection, request.template_id, owner)
            if source.template.kind is not CertificateKind.APPLICATION:
                raise InvalidInputError(
                    _("The template {name} is not for applications.").format(
                        name=source.template.name
                    ),
                    remedy=_("Choose a template for certificates of applications."),
                    field="template_id",
                )
            holder = Holder(
                application.name,
                application.tenant_id,
                application.organization_id,
                application_id=application.id,
            )
            draft = _draft(change, source, request, holder, key, {_CN: DEVICE_NAME})
            (issued,) = self._certification.certify(change, [draft], pfx_passphrase)
        return issued

    def issue_successor(
        self,
        change: Change,
        old: Certificate,
        request: IssueRequest,
        key: PrivateKey | None = None,
        pfx_passphrase: str | None = None,
    ) -> IssuedCertificate:
        """Issue, as part of a change, a certificate with the names of one that no device holds.

        `key` is the new one when it was made here. Raises `ConflictError` for an inactive owner
        or application, and otherwise as `issue` does.
        """
        owner = Scope(old.tenant_id, old.organization_id)
        _check_owner(change.connection, owner)
        if old.application_id is not None:
            self._active_application(change, old.application_id)
        source = self._source(change.connection, old.template_id, owner)
        holder = Holder(
            old.name, old.tenant_id, old.organization_id, application_id=old.application_id
        )
        draft = _draft(change, source, request, holder, key)
        draft = replace(draft, names_of=old.der, previous_id=old.id)
        (issued,) = self._certification.certify(change, [draft], pfx_passphrase)
        return issued

    def _issue(
        self,
        actor: Actor,
        requests: Sequence[IssueRequest],
        owner: Scope,
        name: str,
        pfx_passphrase: str | None,
    ) -> tuple[IssuedCertificate, ...]:
        require(actor, Operation.CERTIFICATE_ISSUE, owner)
        template_ids = {request.template_id for request in requests}
        seen = {id_: self._templates.read(actor, id_) for id_ in template_ids}
        packed = pfx_passphrase is not None
        made = [_make_key(seen[one.template_id], one, packed=packed) for one in requests]
        holder = Holder(name, owner.tenant_id, owner.organization_id)
        with self._store.change(actor) as change:
            _check_owner(change.connection, owner)
            sources = {id_: self._source(change.connection, id_, owner) for id_ in template_ids}
            drafts = [
                _draft(change, sources[request.template_id], request, holder, key)
                for request, key in zip(requests, made, strict=True)
            ]
            return self._certification.certify(change, drafts, pfx_passphrase)

    def _source(self, connection: Connection, template_id: int, owner: Scope) -> _Source:
        template = self._templates.get(connection, template_id)
        _check_offered(template, owner)
        check_active(template)
        return _Source(template, self._authorities.issuer(connection, template.authority_id))

    def _active_application(self, change: Change, application_id: int) -> ApiApplication:
        application = self._applications.get_in(
            change.connection, change.actor, Operation.CERTIFICATE_ISSUE, application_id
        )
        if not application.active:
            raise ConflictError(
                _("The application {name} is not active.").format(name=application.name),
                remedy=_("Activate it first."),
            )
        check_owners(change.connection, application.tenant_id, application.organization_id)
        return application


def _draft(  # noqa: PLR0917  who asks for what, and from where it comes
    change: Change,
    source: _Source,
    request: IssueRequest,
    holder: Holder,
    key: PrivateKey | None,
    mapping: Mapping[str, str] | None = None,
) -> Draft:
    values = {DEVICE_NAME: holder.name}
    template, issuer = source.template, source.issuer
    plan = issuing.plan(template, mapping or {}, values, request, issuer.info, now=change.now)
    public_key, private_key = key_for(request, plan, key)
    holder = holder if holder.name else replace(holder, name=_name_in(plan.fields))
    return Draft(holder, plan, issuer, public_key, private_key)


def _make_key(template: Template, request: IssueRequest, *, packed: bool) -> PrivateKey | None:
    """The key for a request without one, made before anything is locked."""
    return None if request.csr is not None else new_key(template, packed=packed)


def _name_in(fields: Sequence[ResolvedField]) -> str:
    """What a certificate calls its subject: the common name, else the first field there is."""
    filled = {item.field.key: item.value for item in fields if item.value}
    return filled.get(_CN, next(iter(filled.values()), ""))[:MAX_NAME_LENGTH]


def _check_owner(connection: Connection, owner: Scope) -> None:
    if owner.tenant_id is not None:
        check_owners(connection, owner.tenant_id, owner.organization_id)
    elif owner.organization_id is not None:
        raise InvalidInputError(
            _("Say which tenant the organization belongs to."), field="tenant_id"
        )


def _check_offered(template: Template, owner: Scope) -> None:
    if not template.sharing.offered_to(owner.tenant_id, owner.organization_id):
        raise AccessDeniedError(
            _("The template {name} is not offered here.").format(name=template.name),
            remedy=_("Choose a template that is offered to the owner of the certificate."),
            field="template_id",
        )
