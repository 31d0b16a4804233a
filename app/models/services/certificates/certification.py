"""The one place where certificates are signed: check the key, sign, keep the key, record."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from hashlib import sha256

from sqlalchemy import (
    Connection,
    Integer,
    and_,
    bindparam,
    false,
    func,
    not_,
    or_,
    select,
    union_all,
)

from app.core.errors import AccessDeniedError
from app.core.language import _
from app.models.db.tables import authority, certificate, ocsp_responder, tls_identity
from app.models.domain.certificates import Certificate, CertificateStatus, Holder
from app.models.domain.issuing import NO_URLS, CertificatePlan
from app.models.domain.publication import RevocationUrls
from app.models.services.authorities.authorities import Authorities
from app.models.services.authorities.open_issuers import Issuer
from app.models.services.certificates.records import NewCertificate, record_certificates
from app.models.services.revocation.publication import Publication
from app.models.services.secrets import Purpose, keep_secret
from app.models.services.store import Change, Store
from app.pki import certificates, keys, pkcs12
from app.pki.certificates import CertificateContents
from app.pki.keys import PrivateKey
from app.pki.names import subject_text
from app.pki.revocation import RevocationReason

# Made once: building a statement costs as much as running it.
_OWN_CERTIFICATES = union_all(
    *(select(table.c.certificate) for table in (authority, tls_identity, ocsp_responder))
)
_HOLDER = ("device_id", "application_id", "tenant_id", "organization_id")
_SAME_HOLDER = and_(
    *(certificate.c[name].is_not_distinct_from(bindparam(name, type_=Integer)) for name in _HOLDER)
)
_COMPROMISED = certificate.c.revocation_reason == RevocationReason.KEY_COMPROMISE.value
_IN_THE_WAY = (
    select(func.coalesce(_COMPROMISED, false()).label("compromised"))
    .where(
        certificate.c.public_key_fingerprint.in_(bindparam("fingerprints", expanding=True)),
        or_(not_(_SAME_HOLDER), _COMPROMISED),
    )
    .limit(1)
)


@dataclass(frozen=True)
class Draft:
    """A certificate that may be issued, and the key it is for (SPKI DER).

    `private_key` is there when the key was made here. `names_of` is a certificate (DER) whose
    exact names are reissued (DEC-18), `previous_id` the recorded one that is renewed.
    """

    holder: Holder
    plan: CertificatePlan
    issuer: Issuer
    public_key: bytes
    private_key: PrivateKey | None = field(default=None, repr=False)
    names_of: bytes | None = None
    previous_id: int | None = None


@dataclass(frozen=True)
class IssuedCertificate:
    """A certificate just issued.

    `chain` is DER, the issuing authority first and the root last. `private_key_der` (PKCS#8)
    is there only when the key was made here.
    """

    certificate: Certificate
    chain: tuple[bytes, ...] = field(repr=False)
    private_key_der: bytes | None = field(default=None, repr=False)


class Certification:
    """Signs and records. Safe to share by threads."""

    def __init__(self, store: Store, authorities: Authorities, publication: Publication) -> None:
        self._store = store
        self._authorities = authorities
        self._publication = publication
        self._key_fingerprints: dict[bytes, str] = {}

    def certify(
        self, change: Change, drafts: Sequence[Draft], pfx_passphrase: str | None = None
    ) -> tuple[IssuedCertificate, ...]:
        """Issue what was drafted for one holder (its names may differ), in the order given.

        A key made here is kept as PKCS#12 under `pfx_passphrase`, when there is one, until
        retention ends. Raises `AccessDeniedError` for a key of somebody else or a compromised
        one, `InvalidInputError` for a plan with a problem, `UnavailableError` when the clock was
        set back.
        """
        change.check_clock()
        fingerprints = [sha256(draft.public_key).hexdigest() for draft in drafts]
        self._check_keys_are_free(change.connection, fingerprints, drafts[0].holder)
        templates = [draft.plan.template for draft in drafts]
        authority_ids = {template.authority_id for template in templates}
        telling = {t.authority_id for t in templates if t.revocation_urls}
        urls = {id_: self._publication.urls(change.connection, id_) for id_ in telling}
        chains = {id_: self._authorities.chain(change.connection, id_) for id_ in authority_ids}
        signed = []
        for draft, template, fingerprint in zip(drafts, templates, fingerprints, strict=True):
            told = urls[template.authority_id] if template.revocation_urls else NO_URLS
            new = _sign(change, draft, told, fingerprint)
            if draft.private_key is not None and pfx_passphrase is not None:
                chain = chains[template.authority_id]
                new = self._keep_key(change, draft, new, chain, pfx_passphrase)
            signed.append(new)
        return tuple(
            IssuedCertificate(recorded, chains[recorded.authority_id], _pkcs8(draft.private_key))
            for draft, recorded in zip(drafts, record_certificates(change, signed), strict=True)
        )

    def _keep_key(
        self,
        change: Change,
        draft: Draft,
        new: NewCertificate,
        chain: tuple[bytes, ...],
        passphrase: str,
    ) -> NewCertificate:
        assert draft.private_key is not None  # noqa: S101  the caller looked
        der = new.certificate.der
        pfx = pkcs12.pack(draft.private_key, der, chain, passphrase, draft.holder.name)
        until = _end_of_retention(draft.plan)
        secret_id = keep_secret(change, self._store.vault, Purpose.DEVICE_KEY, pfx, until)
        kept = replace(new.certificate, key_until=until)
        return replace(new, certificate=kept, key_secret_id=secret_id)

    def _check_keys_are_free(
        self, connection: Connection, fingerprints: Sequence[str], holder: Holder
    ) -> None:
        """Raise `AccessDeniedError` when a key is an authority's, ours or another holder's.

        Two who hold one key can each pass for the other. So can whoever has got hold of one: a
        key that a certificate was revoked for as compromised is good for nobody any more.
        """
        for der in connection.scalars(_OWN_CERTIFICATES):
            if der not in self._key_fingerprints:
                info = certificates.read_certificate(der)
                self._key_fingerprints[der] = info.public_key_fingerprint
            if self._key_fingerprints[der] in fingerprints:
                raise _key_in_use(_("An authority or the server of this workspace has that key."))
        held = {name: getattr(holder, name) for name in _HOLDER}
        found = connection.execute(_IN_THE_WAY, {"fingerprints": fingerprints, **held}).first()
        if found is None:
            return
        if found.compromised:
            raise AccessDeniedError(
                _("The key of this request must not be used any more."),
                cause=_("A certificate for it was revoked as the key was compromised."),
                remedy=_("Make a new key on the device."),
                field="csr",
            )
        raise _key_in_use(_("Somebody else has a certificate for that key."))


def _key_in_use(cause: str) -> AccessDeniedError:
    return AccessDeniedError(
        _("The key of this request belongs to somebody else."),
        cause=cause,
        remedy=_("Make a new key on the device."),
        field="csr",
    )


def _sign(
    change: Change, draft: Draft, urls: RevocationUrls, key_fingerprint: str
) -> NewCertificate:
    plan, holder = draft.plan, draft.holder
    contents = plan.contents(draft.public_key, draft.names_of, urls)
    serial = certificates.new_serial()
    der = certificates.build(contents, draft.issuer.info.der, draft.issuer.key, serial)
    signed = Certificate(
        id=0,  # known once it is recorded
        kind=plan.template.kind,
        name=holder.name,
        template_id=plan.template.id,
        authority_id=plan.template.authority_id,
        serial=f"{serial:x}",
        fingerprint=sha256(der).hexdigest(),
        subject=_subject(contents),
        not_before=plan.not_before,
        not_after=plan.not_after,
        status=CertificateStatus.ISSUED,
        issued_at=change.now,
        issued_through=change.actor.channel,
        issued_by=change.actor.name,
        device_id=holder.device_id,
        application_id=holder.application_id,
        tenant_id=holder.tenant_id,
        organization_id=holder.organization_id,
        previous_id=draft.previous_id,
        crl_partition=urls.partition,
        der=der,
    )
    return NewCertificate(signed, plan.template.name, key_fingerprint)


def _subject(contents: CertificateContents) -> str:
    if contents.names_of is None:
        return subject_text(contents.subject)
    return subject_text(certificates.read_certificate(contents.names_of).subject)


def _pkcs8(key: PrivateKey | None) -> bytes | None:
    return None if key is None else keys.private_key_to_der(key)


def _end_of_retention(plan: CertificatePlan) -> datetime | None:
    """The last moment of the last day, None when the plan keeps no key."""
    if plan.key_until is None:
        return None
    return datetime.combine(plan.key_until, time.max, UTC)
