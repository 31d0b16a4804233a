"""Enrolment: whether a device that was let in gets a certificate, and which one.

The rules of RFC 7030 sections 4.2 and 4.4 as far as they are about devices and certificates;
what goes over the wire is the business of `app.est`.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select

from app.core.errors import AccessDeniedError
from app.core.language import _
from app.models.db.tables import certificate
from app.models.domain.certificates import Certificate, CertificateStatus
from app.models.domain.device_types import DeviceType
from app.models.domain.devices import Device
from app.models.domain.est_labels import ARBITRARY
from app.models.domain.est_servers import EstServer
from app.models.domain.issuing import IssueRequest
from app.models.domain.templates import CertificateKind
from app.models.services.certificates.issuance import Issuance
from app.models.services.device_types.device_types import DeviceTypes
from app.models.services.devices.records import device_by_id
from app.models.services.est.device_recognition import DeviceRecognition, check_issued
from app.models.services.est.identity import Credential, Identity, identity_of
from app.models.services.est.registration import Newcomer, Registration
from app.models.services.est.rules import (
    answer_again,
    check_names,
    check_names_stay,
    check_no_server,
    check_nobody_else,
    check_renewal_window,
    lacks_factory_mode,
    operational_template,
    same_names,
)
from app.models.services.store import Change, Store
from app.models.services.templates.templates import Templates
from app.pki.certificates import CertificateInfo, read_certificate
from app.pki.csr import CertificationRequest, UnprovenRequest
from app.pki.keys import (
    KeyAlgorithm,
    PrivateKey,
    generate,
    private_key_to_der,
    public_key_der,
)
from app.pki.names import subject_text

# Made once: building a statement costs as much as running it.
_RENEWABLE = (
    select(certificate.c.id, certificate.c.der)
    .where(
        certificate.c.device_id == bindparam("device_id"),
        certificate.c.kind == CertificateKind.OPERATIONAL.value,
        certificate.c.status == CertificateStatus.ISSUED.value,
        certificate.c.not_after > bindparam("now"),
    )
    .order_by(certificate.c.id.desc())
    .limit(1)
)
_SHOWN = select(certificate.c.status).where(certificate.c.id == bindparam("certificate_id"))
_OTHER_KEY = (
    select(certificate.c.id)
    .where(
        certificate.c.previous_id == bindparam("renewed_id"),
        certificate.c.public_key_fingerprint != bindparam("public_key_fingerprint"),
    )
    .limit(1)
)
_TEMPLATE = select(certificate.c.template_id).where(certificate.c.id == bindparam("certificate_id"))


@dataclass(frozen=True)
class _Renewed:
    """A certificate to renew: its number in the database and what it says."""

    id: int | None
    info: CertificateInfo


class Enrolment:
    """Enrols devices and renews their certificates. Safe to share by threads."""

    def __init__(
        self,
        store: Store,
        *,
        device_types: DeviceTypes,
        templates: Templates,
        issuance: Issuance,
        recognition: DeviceRecognition,
        registration: Registration,
    ) -> None:
        self._store = store
        self._device_types = device_types
        self._templates = templates
        self._issuance = issuance
        self._recognition = recognition
        self._registration = registration

    def enrol(
        self,
        server: EstServer,
        caller: Identity | Newcomer,
        csr: CertificationRequest,
        template_id: int | None = None,
    ) -> Certificate:
        """A new operational certificate for the device (RFC 7030 section 4.2.1).

        It is from the default template of the type, or from another operational one of it, which
        EST cannot name (DTC-06). A newcomer becomes a device in the same transaction (DT-16).
        Raises `AccessDeniedError` for what the device may not have, and what issuing raises.
        """
        check_names_stay(csr)
        with self._store.change(caller.actor) as change:
            identity = self._admitted(change, server, caller)
            return self._enrol(change, server, identity, csr, template_id)

    def reenrol(
        self, server: EstServer, caller: Identity | Newcomer, csr: CertificationRequest
    ) -> Certificate:
        """A certificate with the names of the one it renews (RFC 7030 section 4.2.2).

        The renewed one is the operational certificate shown, else the device's newest one that
        is still good. A device that has none, or that shows its factory certificate and asks
        for other names, is enrolled under the rules of `enrol`: strongSwan re-enrols whenever
        it has a certificate to show. So is a newcomer, and one whose type enforces factory mode,
        unless it shows the operational certificate (DEC-15).
        """
        check_names_stay(csr)
        with self._store.change(caller.actor) as change:
            identity = self._admitted(change, server, caller)
            current = _enabled(change.connection, identity)
            device_type = self._device_types.of_device(change.connection, current)
            renewed = self._renewed(change, identity)
            same = renewed is not None and same_names(csr, renewed.info)
            by_factory = identity.credential is Credential.FACTORY_CERTIFICATE
            by_renewed = identity.credential is Credential.OPERATIONAL_CERTIFICATE
            anew = (by_factory and not same) or (
                device_type.enforce_factory_mode and not by_renewed
            )
            if renewed is None or anew:
                return self._enrol(change, server, identity, csr)
            if not same:
                raise AccessDeniedError(
                    _("The request asks for other names than the certificate it renews."),
                    cause=_("Renewed is {subject}.").format(
                        subject=subject_text(renewed.info.subject)
                    ),
                    remedy=_("Copy subject and SAN of that certificate into the request."),
                )
            return self._renew(change, current, device_type, renewed, csr)

    def enrol_with_new_key(
        self, server: EstServer, caller: Identity | Newcomer, request: UnprovenRequest
    ) -> tuple[Certificate, bytes]:
        """As `enrol`, for a key made here (RFC 7030 section 4.4); the key too, as PKCS#8 DER.

        It is of the kind the request hints at where the template takes that, else of the
        template's first. Nobody but the caller of this method ever has it.
        """
        key = self._make_key(server, caller, request.hint)  # slow, so before anything is locked
        csr = request.with_key(public_key_der(key.public_key()))
        return self.enrol(server, caller, csr), private_key_to_der(key)

    def _make_key(
        self, server: EstServer, caller: Identity | Newcomer, hint: KeyAlgorithm | None
    ) -> PrivateKey:
        with self._store.database.read() as connection:
            device_type = (
                self._device_types.of_device(connection, caller.device)
                if isinstance(caller, Identity)
                else self._device_types.get(connection, server.device_type_id)
            )
            template = self._templates.get(connection, operational_template(device_type))
        allowed = template.key_algorithms
        return generate(hint if hint is not None and hint in allowed else allowed[0])

    def _admitted(self, change: Change, server: EstServer, caller: Identity | Newcomer) -> Identity:
        """The device that asks; of a newcomer one is made, unless another request was faster."""
        if isinstance(caller, Identity):
            if caller.certificate is not None:  # it may have been revoked since it was shown
                shown = {"certificate_id": caller.certificate_id}
                check_issued(change.connection.execute(_SHOWN, shown).first(), caller.certificate)
            return caller
        again = self._recognition.caller(
            change.connection, server, caller.presented, caller.actor.address
        )
        if isinstance(again, Identity):
            return again
        device_type = self._device_types.get(change.connection, server.device_type_id)
        made = self._registration.register(change, server, device_type, again)
        return identity_of(made, again.credential, again.actor.address)

    def _enrol(
        self,
        change: Change,
        server: EstServer,
        identity: Identity,
        csr: CertificationRequest,
        template_id: int | None = None,
    ) -> Certificate:
        current = _enabled(change.connection, identity)
        device_type = self._device_types.of_device(change.connection, current)
        enrolled = lacks_factory_mode(device_type, current)
        if template_id is None and (enrolled or server.label == ARBITRARY):
            # Azure IoT Identity Service and the INeS SDK renew by simpleenroll
            shown = _shown(identity)
            if shown is not None and same_names(csr, shown.info):
                return self._renew(change, current, device_type, shown, csr)
        wanted = operational_template(device_type, template_id)
        if enrolled:
            return answer_again(change, current, csr, wanted)
        request = IssueRequest(wanted, csr)
        planned = self._issuance.prepare(change, current, device_type, request)
        by_application = identity.credential is Credential.APPLICATION  # it answers for names
        if not server.enrol_others and not by_application:
            check_names(planned.plan.fields, current)
            check_nobody_else(change.connection, current, csr)
        check_no_server(change.connection, planned.plan.fields)
        return self._issuance.issue_planned(change, planned).certificate

    def _renew(
        self,
        change: Change,
        current: Device,
        device_type: DeviceType,
        renewed: _Renewed,
        csr: CertificationRequest,
    ) -> Certificate:
        """Renew; a second key for the same certificate may be a clone's, so it is on record."""
        check_renewal_window(change, device_type, renewed.info)
        keys = {
            "renewed_id": renewed.id,
            "public_key_fingerprint": csr.public_key_fingerprint,
        }
        if change.connection.execute(_OTHER_KEY, keys).first() is not None:
            title = subject_text(renewed.info.subject)
            change.audit("certificate.second-key", "certificate", renewed.id, title)
        used = change.connection.execute(_TEMPLATE, {"certificate_id": renewed.id}).scalar_one()
        request = IssueRequest(used, csr)
        planned = self._issuance.prepare(change, current, device_type, request)
        issued = self._issuance.issue_planned(
            change, planned, names_of=renewed.info.der, previous_id=renewed.id
        )
        return issued.certificate

    def _renewed(self, change: Change, identity: Identity) -> _Renewed | None:
        shown = _shown(identity)
        if shown is not None:
            return shown
        wanted = {"device_id": identity.device.id, "now": change.now}
        row = change.connection.execute(_RENEWABLE, wanted).first()
        return None if row is None else _Renewed(row.id, read_certificate(row.der))


def _shown(identity: Identity) -> _Renewed | None:
    """The operational certificate the device showed, when it did."""
    by_operational = identity.credential is Credential.OPERATIONAL_CERTIFICATE
    if identity.certificate is None or not by_operational:
        return None
    return _Renewed(identity.certificate_id, identity.certificate)


def _enabled(connection: Connection, identity: Identity) -> Device:
    """The device as it is now, inside the transaction; disabled since it signed in is refused."""
    current = device_by_id(connection, identity.device.id)
    identity_of(current, identity.credential, "")
    return current
