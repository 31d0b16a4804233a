"""Issuing certificates: plan, check, sign, record. Every way to a certificate leads here."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from hashlib import sha256

from sqlalchemy import Connection, bindparam, select, union_all

from app.core.errors import AccessDeniedError, ConflictError
from app.core.language import _
from app.models.db.tables import authority, certificate, tls_identity
from app.models.domain import issuing
from app.models.domain.access import Actor, Operation, Scope, require
from app.models.domain.certificates import Certificate, CertificateStatus
from app.models.domain.device_types import DEVICE_NAME, DeviceType
from app.models.domain.devices import Device, DeviceEvent
from app.models.domain.issuing import CertificatePlan, IssueRequest
from app.models.domain.templates import CertificateKind, Template
from app.models.services.authorities import Authorities, Issuer
from app.models.services.certificate_records import record_certificate
from app.models.services.device_records import record_event
from app.models.services.device_types import DeviceTypes
from app.models.services.secrets import Purpose, keep_secret
from app.models.services.store import Change, Store
from app.models.services.templates import Templates
from app.pki import certificates, keys, pkcs12
from app.pki.certificates import CertificateContents
from app.pki.names import subject_text

_EVENTS = {
    CertificateKind.FACTORY: DeviceEvent.FACTORY_CERTIFICATE_ISSUED,
    CertificateKind.OPERATIONAL: DeviceEvent.OPERATIONAL_CERTIFICATE_ISSUED,
}

# Made once: building a statement costs as much as running it.
_OWN_CERTIFICATES = union_all(select(authority.c.certificate), select(tls_identity.c.certificate))
_OTHER_WITH_KEY = (
    select(certificate.c.device_id)
    .where(
        certificate.c.public_key_fingerprint == bindparam("fingerprint"),
        certificate.c.device_id != bindparam("device_id"),
    )
    .limit(1)
)


@dataclass(frozen=True)
class IssuedCertificate:
    """A certificate just issued, and the device as it is after that.

    `chain` is DER, the issuing authority first and the root last. `private_key_der` (PKCS#8)
    is there only when the key was made here.
    """

    certificate: Certificate
    device: Device
    chain: tuple[bytes, ...] = field(repr=False)
    private_key_der: bytes | None = field(default=None, repr=False)


class Issuance:
    """Plans certificates and issues them. Safe to share by threads."""

    def __init__(
        self,
        store: Store,
        authorities: Authorities,
        templates: Templates,
        device_types: DeviceTypes,
    ) -> None:
        self._store = store
        self._authorities = authorities
        self._templates = templates
        self._device_types = device_types
        self._key_fingerprints: dict[bytes, str] = {}

    def plan(
        self,
        actor: Actor,
        device_type_id: int,
        device_values: Mapping[str, str],
        request: IssueRequest,
    ) -> CertificatePlan:
        """The certificate that `request` would lead to for a device with these values.

        `device_values` holds the device's name under `DEVICE_NAME`, its properties and its
        attributes. Changes nothing; what is wrong stands in the plan's `problems`.
        """
        require(actor, Operation.CERTIFICATE_ISSUE)
        with self._store.read(actor) as connection:
            device_type = self._device_types.get(connection, device_type_id)
            template = self._templates.get(connection, request.template_id)
            issuer = self._authorities.certificate_info(connection, template.authority_id)
        mapping = _mapping(device_type, template)
        now = self._store.clock.now()
        return issuing.plan(template, mapping, device_values, request, issuer, now=now)

    def make_key(self, request: IssueRequest) -> keys.PrivateKey | None:
        """The key for a request that brings no CSR, made before anything is locked.

        An RSA key takes up to seconds; made inside a transaction it would hold up every device.
        """
        if request.csr is not None:
            return None
        with self._store.database.read() as connection:
            template = self._templates.get(connection, request.template_id)
        return keys.generate(template.key_algorithms[0])

    def issue(
        self,
        change: Change,
        device: Device,
        request: IssueRequest,
        *,
        key: keys.PrivateKey | None = None,
        pfx_passphrase: str | None = None,
        names_of: bytes | None = None,
    ) -> IssuedCertificate:
        """Issue a certificate to a device inside the caller's transaction.

        Without a CSR the certificate is for `key` (see `make_key`; made here when missing), and
        is kept with it as PKCS#12 under `pfx_passphrase`, when there is one, until retention
        ends. `names_of` is a certificate (DER) whose exact names are reissued (DEC-18).

        Raises `AccessDeniedError` when the actor may not, the type does not use the template,
        or the key belongs to somebody else; `ConflictError` when the device is disabled or the
        template or authority inactive; `InvalidInputError` for what is wrong with the request;
        `LockedError` and `UnavailableError` when nothing can be signed now.
        """
        scope = Scope(device.tenant_id, device.organization_id)
        require(change.actor, Operation.CERTIFICATE_ISSUE, scope)
        change.check_clock()
        plan, issuer = self._plan_for(change, device, request)
        if request.csr is None:
            key = key or keys.generate(plan.algorithm)
            public_key = keys.public_key_der(key.public_key())
        else:
            key, public_key = None, request.csr.public_key
        contents = plan.contents(public_key, names_of)
        fingerprint = sha256(public_key).hexdigest()
        self._check_key_is_free(change.connection, fingerprint, device)
        operational = plan.template.kind is CertificateKind.OPERATIONAL
        device = record_event(
            change,
            device,
            _EVENTS[plan.template.kind],
            operational_until=plan.not_after if operational else None,
        )
        serial = certificates.new_serial()
        der = certificates.build(contents, issuer.info.der, issuer.key, serial)
        signed = _signed(change, device, plan, contents, serial=serial, der=der)
        chain = self._authorities.chain(change.connection, plan.template.authority_id)
        secret_id = None
        if key is not None and pfx_passphrase is not None:
            pfx = pkcs12.pack(key, der, chain, pfx_passphrase, device.name)
            signed = replace(signed, key_until=_end_of_retention(plan))
            secret_id = keep_secret(
                change, self._store.vault, Purpose.DEVICE_KEY, pfx, signed.key_until
            )
        recorded = record_certificate(change, signed, plan.template, fingerprint, secret_id)
        private_key = None if key is None else keys.private_key_to_der(key)
        return IssuedCertificate(recorded, device, chain, private_key)

    def _plan_for(
        self, change: Change, device: Device, request: IssueRequest
    ) -> tuple[CertificatePlan, Issuer]:
        device_type = self._device_types.get(change.connection, device.type_id)
        template = self._templates.get(change.connection, request.template_id)
        _check_template(template, device_type, device)
        issuer = self._authorities.issuer(change.connection, template.authority_id)
        mapping = _mapping(device_type, template)
        values = {DEVICE_NAME: device.name, **device.values}
        plan = issuing.plan(template, mapping, values, request, issuer.info, now=change.now)
        return plan, issuer

    def _check_key_is_free(self, connection: Connection, fingerprint: str, device: Device) -> None:
        """Raise `AccessDeniedError` when the key is an authority's, ours or another device's.

        Two who hold one key can each pass for the other.
        """
        for der in connection.scalars(_OWN_CERTIFICATES):
            if der not in self._key_fingerprints:
                info = certificates.read_certificate(der)
                self._key_fingerprints[der] = info.public_key_fingerprint
            if self._key_fingerprints[der] == fingerprint:
                raise _key_in_use(_("An authority or the server of this workspace has that key."))
        key_and_owner = {"fingerprint": fingerprint, "device_id": device.id}
        other = connection.execute(_OTHER_WITH_KEY, key_and_owner).first()
        if other is not None:
            raise _key_in_use(_("Another device has a certificate for that key."))


def _mapping(device_type: DeviceType, template: Template) -> Mapping[str, str]:
    if template.kind is CertificateKind.FACTORY:
        return device_type.factory_mapping
    return device_type.operational_mapping


def _check_template(template: Template, device_type: DeviceType, device: Device) -> None:
    used = (device_type.factory_template_id, *device_type.operational_template_ids)
    offered = template.sharing.offered_to(device.tenant_id, device.organization_id)
    if template.id not in used or not offered:
        raise AccessDeniedError(
            _("A device of the type {type} may not have a certificate from {template}.").format(
                type=device_type.name, template=template.name
            ),
            cause=_("The device type does not use this template, or it is not offered here."),
            remedy=_("Choose a template of the device type."),
        )
    if not template.active:
        raise ConflictError(
            _("The certificate template {template} is inactive.").format(template=template.name),
            remedy=_("Ask an administrator to activate it."),
        )


def _key_in_use(cause: str) -> AccessDeniedError:
    return AccessDeniedError(
        _("The key of this request belongs to somebody else."),
        cause=cause,
        remedy=_("Make a new key on the device."),
        field="csr",
    )


def _signed(
    change: Change,
    device: Device,
    plan: CertificatePlan,
    contents: CertificateContents,
    *,
    serial: int,
    der: bytes,
) -> Certificate:
    subject = contents.subject
    if contents.names_of is not None:
        subject = certificates.read_certificate(contents.names_of).subject
    return Certificate(
        id=0,  # known once it is recorded
        kind=plan.template.kind,
        device_id=device.id,
        device_name=device.name,
        template_id=plan.template.id,
        authority_id=plan.template.authority_id,
        serial=f"{serial:x}",
        fingerprint=sha256(der).hexdigest(),
        subject=subject_text(subject),
        not_before=plan.not_before,
        not_after=plan.not_after,
        status=CertificateStatus.ISSUED,
        issued_at=change.now,
        issued_through=change.actor.channel,
        der=der,
    )


def _end_of_retention(plan: CertificatePlan) -> datetime | None:
    """The last moment of the last day, None when the plan keeps no key."""
    if plan.key_until is None:
        return None
    return datetime.combine(plan.key_until, time.max, UTC)
