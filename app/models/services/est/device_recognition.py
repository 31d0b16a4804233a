"""Whose client certificate it is: a device's, or that of one nobody created yet."""

from dataclasses import replace
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from app.core.clock import Clock
from app.core.errors import AuthenticationError
from app.core.language import _
from app.models.db.tables import certificate
from app.models.domain.certificates import CertificateStatus
from app.models.domain.device_types import DeviceType
from app.models.domain.devices import Device
from app.models.domain.est_servers import EstServer
from app.models.domain.templates import CertificateKind
from app.models.services.authorities.authorities import Authorities
from app.models.services.authorities.lineage import lineage
from app.models.services.authorities.revoked import client_chain
from app.models.services.device_types.device_types import DeviceTypes
from app.models.services.devices.records import device_by_id
from app.models.services.est.identity import Credential, Identity, identity_of, is_served
from app.models.services.est.registration import Newcomer, Registration
from app.models.services.external_cas.certificates import ExternalCertificates
from app.models.services.templates.templates import Templates
from app.pki.certificates import CertificateInfo, read_certificate
from app.pki.names import subject_text

# Made once: building a statement costs as much as running it.
_ISSUED_HERE = select(
    *(
        certificate.c[name]
        for name in (
            *("id", "device_id", "application_id", "tenant_id", "organization_id"),
            *("kind", "status", "authority_id"),
        )
    )
).where(certificate.c.fingerprint == bindparam("fingerprint"))


class DeviceRecognition:
    """Tells devices by their certificates (RFC 7030 section 3.3.2). Safe to share by threads."""

    def __init__(
        self,
        clock: Clock,
        *,
        device_types: DeviceTypes,
        templates: Templates,
        authorities: Authorities,
        external_certificates: ExternalCertificates,
        registration: Registration,
    ) -> None:
        self._clock = clock
        self._device_types = device_types
        self._templates = templates
        self._authorities = authorities
        self._external_certificates = external_certificates
        self._registration = registration

    def caller(
        self,
        connection: Connection,
        server: EstServer,
        presented: tuple[bytes, ...],
        address: str,
    ) -> Identity | Newcomer:
        """Who shows these certificates (DER, its own first) at an EST server.

        A newcomer where the type of the server has auto-registration (DT-14). Raises
        `ClientCertificateError` when the certificate does not verify, `AuthenticationError` when
        it does but belongs to no device of the server, or is revoked, and `AccessDeniedError`
        when the device is disabled or no device can be made of a newcomer.
        """
        fingerprint = sha256(presented[0]).hexdigest()
        row = connection.execute(_ISSUED_HERE, {"fingerprint": fingerprint}).first()
        owner = self._owner(connection, server, row, fingerprint)
        known = owner if owner is not None and is_served(server, owner) else None
        device_type = (
            self._device_types.get(connection, server.device_type_id)
            if known is None
            else self._device_types.of_device(connection, known)
        )
        external = row is None and device_type.external_ca_id is not None
        if external:
            now, issuer = self._clock.now(), None
            info = self._external_certificates.check(connection, device_type, presented, now)
        else:
            issuer = self._validate(connection, device_type, presented)
            info = read_certificate(presented[0])
        if known is None and (owner is not None or not device_type.auto_registration):
            raise _nobody(info)
        check_issued(row, info)
        if known is not None:
            return _identity(known, row, info, address)
        authority_id = self._factory_authority(connection, device_type, issuer)
        if not external and (authority_id is None or _is_held(row, server)):
            raise _nobody(info)
        return self._registration.newcomer(
            connection,
            server,
            device_type,
            presented,
            address=address,
            authority_id=authority_id,
        )

    def owner(self, connection: Connection, server: EstServer, shown: bytes) -> Device | None:
        """The device whose certificate (DER) this is, not yet verified; None for nobody's."""
        fingerprint = sha256(shown).hexdigest()
        row = connection.execute(_ISSUED_HERE, {"fingerprint": fingerprint}).first()
        return self._owner(connection, server, row, fingerprint)

    def _owner(
        self, connection: Connection, server: EstServer, row: Row[Any] | None, fingerprint: str
    ) -> Device | None:
        if row is not None:
            owner_id = row.device_id
        else:
            holder = self._external_certificates.holder
            owner_id = holder(connection, server.tenant_id, fingerprint)
        return None if owner_id is None else device_by_id(connection, owner_id)

    def _validate(
        self, connection: Connection, device_type: DeviceType, presented: tuple[bytes, ...]
    ) -> bytes:
        """The certificate of the authority that issued the first one, which leads to ours.

        Good is what the authorities of the type's templates issued, and those before them.
        """
        ids = (device_type.factory_template_id, *device_type.operational_template_ids)
        issuing = [self._issuing(connection, id_) for id_ in ids if id_ is not None]
        authorities = sorted({id_ for found in issuing for id_ in found})
        chains = [self._authorities.chain(connection, id_) for id_ in authorities]
        known = tuple(der for chain in chains for der in chain[1:])
        anchors = tuple(chain[0] for chain in chains)
        candidates = (*presented[1:], *known)
        now = self._clock.now()
        return client_chain(connection, presented[0], candidates, anchors, now)[1]

    def _factory_authority(
        self, connection: Connection, device_type: DeviceType, issuer: bytes | None
    ) -> int | None:
        """The authority of factory certificates that has this certificate, if one has."""
        if issuer is None or device_type.factory_template_id is None:
            return None
        for id_ in self._issuing(connection, device_type.factory_template_id):
            if self._authorities.chain(connection, id_)[0] == issuer:
                return id_
        return None

    def _issuing(self, connection: Connection, template_id: int) -> tuple[int, ...]:
        """The authority that issues from a template, and those whose place it took."""
        return lineage(connection, self._templates.get(connection, template_id).authority_id)


def _identity(known: Device, row: Row[Any] | None, info: CertificateInfo, address: str) -> Identity:
    factory = row is None or row.kind == CertificateKind.FACTORY
    kind = Credential.FACTORY_CERTIFICATE if factory else Credential.OPERATIONAL_CERTIFICATE
    identity = identity_of(known, kind, address)
    return replace(identity, certificate=info, certificate_id=None if row is None else row.id)


def _is_held(row: Row[Any] | None, server: EstServer) -> bool:
    """Whether a certificate issued here cannot become that of a new device of the server."""
    if row is None:
        return False
    return (
        row.kind != CertificateKind.FACTORY
        or row.application_id is not None
        or row.tenant_id not in (None, server.tenant_id)
        or row.organization_id not in (None, server.organization_id)
    )


def check_issued(row: Row[Any] | None, info: CertificateInfo) -> None:
    """Raise `AuthenticationError` when the certificate recorded in `row` is revoked or on hold."""
    if row is not None and row.status != CertificateStatus.ISSUED:
        raise AuthenticationError(
            _("The certificate {subject} is revoked or on hold.").format(
                subject=subject_text(info.subject)
            ),
            remedy=_("Enrol with another credential of the device."),
        )


def _nobody(info: CertificateInfo) -> AuthenticationError:
    return AuthenticationError(
        _("No device of this EST server has the certificate {subject}.").format(
            subject=subject_text(info.subject)
        ),
        remedy=_("Create the device first, or use the EST server of its type."),
    )
