"""Enrolment: which EST server is meant, who asks, and whether they get a certificate.

The rules of RFC 7030 sections 3.3, 3.7 and 4.2 as far as they are about devices and
certificates; what goes over the wire is the business of `app.est`.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select

from app.core.errors import AccessDeniedError, AuthenticationError, NotFoundError
from app.core.language import _
from app.models.db.tables import certificate
from app.models.domain.certificates import Certificate, CertificateStatus
from app.models.domain.device_types import DeviceType
from app.models.domain.devices import Device, DeviceMode
from app.models.domain.est_servers import EstServer
from app.models.domain.issuing import IssueRequest
from app.models.domain.templates import CertificateKind
from app.models.services.application_enrolment import ApplicationEnrolment
from app.models.services.authorities import Authorities
from app.models.services.credentials import Credentials
from app.models.services.device_recognition import DeviceRecognition, check_issued
from app.models.services.device_records import device_by_id, device_by_name
from app.models.services.device_types import DeviceTypes
from app.models.services.enrolment_identity import (
    Credential,
    Identity,
    identity_of,
    is_served,
)
from app.models.services.enrolment_rules import (
    answer_again,
    check_names,
    check_nobody_else,
    check_renewal_window,
    same_names,
)
from app.models.services.est_endpoints import EstEndpoints
from app.models.services.issuance import Issuance
from app.models.services.registration import Newcomer, Registration
from app.models.services.store import Change, Store
from app.models.services.templates import Templates
from app.models.services.throttle import Throttle
from app.pki.certificates import CertificateInfo, read_certificate
from app.pki.csr import CertificationRequest
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


@dataclass(frozen=True)
class _Renewed:
    """A certificate to renew: its number in the database and what it says."""

    id: int | None
    info: CertificateInfo


class Enrolment:
    """The use cases behind an EST server. Safe to share by threads."""

    def __init__(
        self,
        store: Store,
        *,
        est_endpoints: EstEndpoints,
        device_types: DeviceTypes,
        templates: Templates,
        authorities: Authorities,
        credentials: Credentials,
        issuance: Issuance,
        applications: ApplicationEnrolment,
        recognition: DeviceRecognition,
        registration: Registration,
    ) -> None:
        self.applications = applications
        self._store = store
        self._est_endpoints = est_endpoints
        self._device_types = device_types
        self._templates = templates
        self._authorities = authorities
        self._credentials = credentials
        self._issuance = issuance
        self._recognition = recognition
        self._registration = registration
        self._throttle = Throttle(store.clock)

    def server_for(self, host: str) -> EstServer:
        """The active EST server that answers to `host` (EST-02, DEC-09, DEC-12).

        Raises `NotFoundError` when there is none, `AccessDeniedError` naming the candidates
        when the host alone does not tell which one is meant.
        """
        with self._store.database.read() as connection:
            found = self._est_endpoints.active_for(connection, host)
        if not found:
            raise NotFoundError(
                _("No EST server answers to the name {host}.").format(host=host or "-"),
                remedy=_("Use the domain of an active EST server."),
            )
        if len(found) > 1:
            raise AccessDeniedError(
                _("More than one EST server answers to this name."),
                cause=", ".join(server.name for server in found),
                remedy=_("Give each EST server a domain of its own."),
            )
        return found[0]

    def takes_passwords(self, server: EstServer) -> bool:
        """Whether HTTP Basic can let anybody in: devices, or an application."""
        return server.password_authentication or self.applications.any(server)

    def ca_certificates(self, server: EstServer) -> tuple[bytes, ...]:
        """What /cacerts answers: the chain to the root, then what a roll-over adds.

        After it the same of older versions of the type, for the devices that go by them.
        """
        with self._store.database.read() as connection:
            current, *older = self._device_types.in_use(connection, server.device_type_id)
            ids = [_operational_template(current)]
            ids += [
                one.operational_template_ids[0] for one in older if one.operational_template_ids
            ]
            authorities = dict.fromkeys(
                self._templates.get(connection, id_).authority_id for id_ in ids
            )
            found = [self._authorities.ca_certificates(connection, id_) for id_ in authorities]
        return tuple(dict.fromkeys(der for certificates in found for der in certificates))

    def by_password(self, server: EstServer, name: str, password: str, address: str) -> Identity:
        """The device with this ID and password (EST-12, DTP-05).

        Raises `AuthenticationError`, and `ThrottledError` after too many wrong passwords for
        this name from this address; from elsewhere the device still gets in.
        """
        if not server.password_authentication:
            raise AuthenticationError(
                _("This EST server does not take passwords."),
                remedy=_("Show the device's factory certificate."),
            )
        attempt = f"{address} {name}"
        self._throttle.check(attempt)
        with self._store.database.read() as connection:
            found = device_by_name(connection, server.tenant_id, name)
            if found is not None and not is_served(server, found):
                found = None
            try:
                self._credentials.verify(connection, found, password)
            except AuthenticationError:
                self._throttle.failed(attempt)
                raise
        self._throttle.succeeded(attempt)
        if found is None:  # unreachable: verify refuses an unknown device
            raise AuthenticationError(_("The device ID or the password is wrong."))
        return identity_of(found, Credential.PASSWORD, address)

    def by_certificate(
        self, server: EstServer, presented: tuple[bytes, ...], address: str
    ) -> Identity | Newcomer:
        """Whose certificate this is (EST-13, RFC 7030 section 3.3.2).

        `presented` is DER, the client's own certificate first. Raises what
        `DeviceRecognition.caller` raises.
        """
        if not server.certificate_authentication:
            raise AuthenticationError(
                _("This EST server does not take certificates."),
                remedy=_("Use the device ID and its password."),
            )
        with self._store.database.read() as connection:
            return self._recognition.caller(connection, server, presented, address)

    def enrol(
        self, server: EstServer, caller: Identity | Newcomer, csr: CertificationRequest
    ) -> Certificate:
        """A new operational certificate for the device (RFC 7030 section 4.2.1).

        A newcomer becomes a device in the same transaction (DT-16). Raises `AccessDeniedError`
        for what the device may not have, and what issuing raises.
        """
        with self._store.change(caller.actor) as change:
            identity = self._admitted(change, server, caller)
            return self._enrol(change, server, identity, csr)

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
        self, change: Change, server: EstServer, identity: Identity, csr: CertificationRequest
    ) -> Certificate:
        current = _enabled(change.connection, identity)
        device_type = self._device_types.of_device(change.connection, current)
        if device_type.enforce_factory_mode and current.mode is not DeviceMode.FACTORY:
            # Azure IoT Identity Service renews by simpleenroll
            shown = _shown(identity)
            if shown is not None and same_names(csr, shown.info):
                return self._renew(change, current, device_type, shown, csr)
            return answer_again(change, current, csr)
        request = IssueRequest(_operational_template(device_type), csr)
        planned = self._issuance.prepare(change, current, device_type, request)
        by_application = identity.credential is Credential.APPLICATION  # it answers for names
        if not server.enrol_others and not by_application:
            check_names(planned.plan.fields, current)
            check_nobody_else(change.connection, current, csr)
        return self._issuance.issue_planned(change, planned).certificate

    def _renew(
        self,
        change: Change,
        current: Device,
        device_type: DeviceType,
        renewed: _Renewed,
        csr: CertificationRequest,
    ) -> Certificate:
        check_renewal_window(change, device_type, renewed.info)
        request = IssueRequest(_operational_template(device_type), csr)
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


def _operational_template(device_type: DeviceType) -> int:
    template_id = device_type.default_operational_template_id
    if template_id is None:
        raise AccessDeniedError(
            _("The device type {name} has no operational template.").format(name=device_type.name),
            remedy=_("Add an operational template to the device type."),
        )
    return template_id
