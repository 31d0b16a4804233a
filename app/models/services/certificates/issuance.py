"""Certificates for devices: plan them, check the device's rules, have them issued."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from app.core.errors import (
    AccessDeniedError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
)
from app.core.language import _
from app.models.domain import issuing
from app.models.domain.access import Actor, Operation, Scope, require
from app.models.domain.certificates import Holder
from app.models.domain.device_types import DEVICE_NAME, DeviceType
from app.models.domain.devices import Device, DeviceEvent
from app.models.domain.issuing import CertificatePlan, IssueRequest
from app.models.domain.templates import CertificateKind, Template
from app.models.services.authorities.authorities import Authorities
from app.models.services.authorities.open_issuers import Issuer
from app.models.services.certificates.certification import Certification, Draft, IssuedCertificate
from app.models.services.device_types.device_types import DeviceTypes
from app.models.services.devices.records import record_event
from app.models.services.store import Change, Store
from app.models.services.templates.templates import Templates
from app.pki import keys
from app.pki.keys import PrivateKey

_EVENTS = {
    CertificateKind.FACTORY: DeviceEvent.FACTORY_CERTIFICATE_ISSUED,
    CertificateKind.OPERATIONAL: DeviceEvent.OPERATIONAL_CERTIFICATE_ISSUED,
}


@dataclass(frozen=True)
class DevicePlan:
    """A certificate a device may have, and the authority that will issue it."""

    device: Device
    request: IssueRequest
    plan: CertificatePlan
    issuer: Issuer


@dataclass(frozen=True, kw_only=True)
class IssuedToDevice(IssuedCertificate):
    """A certificate just issued, and the device as it is after that."""

    device: Device


class Issuance:
    """Plans certificates of devices and issues them. Safe to share by threads."""

    def __init__(
        self,
        store: Store,
        *,
        authorities: Authorities,
        templates: Templates,
        device_types: DeviceTypes,
        certification: Certification,
    ) -> None:
        self._store = store
        self._authorities = authorities
        self._templates = templates
        self._device_types = device_types
        self._certification = certification

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
            device_type = self._device_types.seen(connection, actor, device_type_id)
            template = self._template(connection, device_type, request)
            issuer = self._authorities.certificate_info(connection, template.authority_id)
        mapping = _mapping(device_type, template)
        now = self._store.clock.now()
        return issuing.plan(template, mapping, device_values, request, issuer, now=now)

    def make_key(self, request: IssueRequest, *, packed: bool = False) -> PrivateKey | None:
        """The key for a request that brings no key, made before anything is locked.

        An RSA key takes up to seconds; made inside a transaction it would hold up every device.
        None, too, for a template that does not exist: `issue` refuses that. Raises as `new_key`.
        """
        if request.csr is not None or request.renewed is not None:
            return None
        try:
            with self._store.database.read() as connection:
                template = self._templates.get(connection, request.template_id)
        except NotFoundError:
            return None
        return new_key(template, packed=packed)

    def prepare(
        self, change: Change, device: Device, device_type: DeviceType, request: IssueRequest
    ) -> DevicePlan:
        """Plan a certificate for a device of this type, inside the transaction that issues it.

        Raises `AccessDeniedError` when the actor may not or the type does not use the template,
        `ConflictError` when the template or authority is inactive, `LockedError` and
        `UnavailableError` when nothing can be signed now.
        """
        scope = Scope(device.tenant_id, device.organization_id)
        require(change.actor, Operation.CERTIFICATE_ISSUE, scope)
        template = self._template(change.connection, device_type, request)
        if not template.sharing.offered_to(device.tenant_id, device.organization_id):
            raise not_of_type(device_type)
        check_active(template)
        issuer = self._authorities.issuer(change.connection, template.authority_id)
        mapping = _mapping(device_type, template)
        values = {DEVICE_NAME: device.name, **device.values}
        plan = issuing.plan(template, mapping, values, request, issuer.info, now=change.now)
        return DevicePlan(device, request, plan, issuer)

    def issue(
        self,
        change: Change,
        device: Device,
        request: IssueRequest,
        *,
        key: PrivateKey | None = None,
        pfx_passphrase: str | None = None,
        names_of: bytes | None = None,
        previous_id: int | None = None,
    ) -> IssuedToDevice:
        """Issue a certificate to a device; raises what `prepare` and `issue_planned` raise."""
        device_type = self._device_types.of_device(change.connection, device)
        planned = self.prepare(change, device, device_type, request)
        return self.issue_planned(
            change,
            planned,
            key=key,
            pfx_passphrase=pfx_passphrase,
            names_of=names_of,
            previous_id=previous_id,
        )

    def issue_planned(
        self,
        change: Change,
        planned: DevicePlan,
        *,
        key: PrivateKey | None = None,
        pfx_passphrase: str | None = None,
        names_of: bytes | None = None,
        previous_id: int | None = None,
    ) -> IssuedToDevice:
        """Issue what was planned in this transaction, and move the device on.

        Without a CSR the certificate is for `key` (see `make_key`; made here when missing), and
        is kept with it as PKCS#12 under `pfx_passphrase`, when there is one, until retention
        ends. `names_of` is a certificate (DER) whose exact names are reissued (DEC-18), and
        `previous_id` the recorded one that this one renews.

        Raises `ConflictError` when the device is disabled, and what `Certification.certify`
        raises.
        """
        plan, device = planned.plan, planned.device
        public_key, private_key = key_for(planned.request, plan, key)
        operational = plan.template.kind is CertificateKind.OPERATIONAL
        device = record_event(
            change,
            device,
            _EVENTS[plan.template.kind],
            operational_until=plan.not_after if operational else None,
        )
        holder = Holder(device.name, device.tenant_id, device.organization_id, device.id)
        draft = Draft(holder, plan, planned.issuer, public_key, private_key, names_of, previous_id)
        (issued,) = self._certification.certify(change, [draft], pfx_passphrase)
        return IssuedToDevice(**vars(issued), device=device)

    def _template(
        self, connection: Connection, device_type: DeviceType, request: IssueRequest
    ) -> Template:
        """The template asked for; one the type does not use might as well not exist."""
        used = (device_type.factory_template_id, *device_type.operational_template_ids)
        if request.template_id not in used:
            raise not_of_type(device_type)
        return self._templates.get(connection, request.template_id)


def key_for(
    request: IssueRequest, plan: CertificatePlan, key: PrivateKey | None
) -> tuple[bytes, PrivateKey | None]:
    """The public key (SPKI DER) to certify; the private one too, when it is made here."""
    known = request.csr or request.renewed
    if known is not None:
        return known.public_key, None
    key = key or keys.generate(plan.algorithm)
    return keys.public_key_der(key.public_key()), key


def new_key(template: Template, *, packed: bool) -> PrivateKey:
    """A key as the template wants it.

    Raises `InvalidInputError` when it is to be `packed` as PKCS#12, which holds no ML-DSA key.
    """
    algorithm = template.key_algorithms[0]
    if packed and algorithm in keys.ML_DSA_OIDS.values():
        raise InvalidInputError(
            _("A key of the kind {key} cannot be kept in a PKCS#12 file.").format(
                key=algorithm.label
            ),
            remedy=_("Make the key where it is used, and hand in its CSR."),
            field="csr",
        )
    return keys.generate(algorithm)


def check_active(template: Template) -> None:
    """Raise `ConflictError` when nothing is issued from the template."""
    if not template.active:
        raise ConflictError(
            _("The certificate template {template} is inactive.").format(template=template.name),
            remedy=_("Ask an administrator to activate it."),
        )


def _mapping(device_type: DeviceType, template: Template) -> Mapping[str, str]:
    if template.kind is CertificateKind.FACTORY:
        return device_type.factory_mapping
    return device_type.operational_mapping


def not_of_type(device_type: DeviceType) -> AccessDeniedError:
    """The refusal of a template that the type does not use, or not for such a certificate."""
    return AccessDeniedError(
        _("A device of the type {type} may not have a certificate from this template.").format(
            type=device_type.name
        ),
        cause=_("The device type does not use this template, or it is not offered here."),
        remedy=_("Choose a template of the device type."),
    )
