"""Auto-registration: an unknown device with a good factory certificate is created (DT-14..27)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, select, update

from app.core.errors import AccessDeniedError, ConflictError, InvalidInputError
from app.core.language import _
from app.models.db.tables import certificate
from app.models.domain.access import Actor, Channel
from app.models.domain.certificates import CertificateStatus
from app.models.domain.device_types import DEVICE_NAME, DeviceType, field_values
from app.models.domain.devices import Device, DeviceEvent, name_problem
from app.models.domain.est_servers import EstServer
from app.models.domain.subjects import reverse_mapping, values_in_request
from app.models.domain.templates import CertificateKind
from app.models.services.devices.creation import NewDevice, check_active, insert_device
from app.models.services.devices.records import record_event
from app.models.services.est.identity import Credential
from app.models.services.external_cas.certificates import ExternalCertificates
from app.models.services.store import Change
from app.models.services.templates.templates import Templates
from app.pki.certificates import CertificateInfo, read_certificate, thumbprint
from app.pki.names import subject_text

MAX_SUBJECT_LENGTH = 1000  # of what lists show; the certificate itself is kept whole
UNDEFINED = "UNDEFINED"  # what stands in a required field that nobody filled (DT-19)


@dataclass(frozen=True)
class Newcomer:
    """A device nobody created, with a factory certificate that is good.

    `presented` is DER, its own certificate first. `values` holds properties and attributes.
    `authority_id` is the authority here that issued the certificate, None for an external CA.
    """

    name: str
    certificate: CertificateInfo
    presented: tuple[bytes, ...] = field(repr=False)
    actor: Actor
    values: Mapping[str, str]
    authority_id: int | None
    credential: Credential = Credential.FACTORY_CERTIFICATE


class Registration:
    """Makes devices of newcomers. Safe to share by threads."""

    def __init__(self, templates: Templates, external_certificates: ExternalCertificates) -> None:
        self._templates = templates
        self._external_certificates = external_certificates

    def newcomer(
        self,
        connection: Connection,
        server: EstServer,
        device_type: DeviceType,
        presented: tuple[bytes, ...],
        *,
        address: str,
        authority_id: int | None = None,
    ) -> Newcomer:
        """Who shows a certificate that verified and is not known here.

        Raises `AccessDeniedError` when the certificate should name the device and does not.
        """
        info = read_certificate(presented[0])
        filled: dict[str, str] = {}
        name = info.fingerprint
        if authority_id is not None and device_type.use_mapping:
            filled = self._mapped(connection, device_type, info)
            name = filled.pop(DEVICE_NAME, "")
            if problem := name_problem(name):
                raise _cannot_be_created(info, problem)
        actor = Actor(
            name,
            Channel.EST,
            tenant_id=server.tenant_id,
            organization_id=server.organization_id,
            address=address,
        )
        return Newcomer(name, info, presented, actor, filled, authority_id)

    def register(
        self, change: Change, server: EstServer, device_type: DeviceType, newcomer: Newcomer
    ) -> Device:
        """Create the device and know it by its certificate from now on, in FACTORY mode.

        Raises `AccessDeniedError` when its name is taken, a value breaks the type's rules or the
        type is not offered to the organization any more, and `ConflictError` when type, tenant or
        organization are inactive.
        """
        info = newcomer.certificate
        if not device_type.sharing.offered_to(server.tenant_id, server.organization_id):
            raise _cannot_be_created(
                info, _("The device type is not offered to the organization any more.")
            )
        values = field_values(device_type.fields, newcomer.values)
        required = [one.key for one in device_type.fields if one.required]
        undefined = [key for key in required if not values[key]]
        new = NewDevice(
            newcomer.name,
            server.tenant_id,
            server.organization_id,
            device_type.id,
            values=values | dict.fromkeys(undefined, UNDEFINED),
        )
        check_active(change.connection, new, device_type)
        try:
            made = insert_device(
                change,
                new,
                device_type,
                unchecked=undefined,
                verb="register",
                subject=subject_text(info.subject),
                fingerprint=info.fingerprint,
            )
        except (ConflictError, InvalidInputError) as error:
            raise _cannot_be_created(info, error.problem) from error
        if newcomer.authority_id is None:
            return self._external_certificates.keep(change, made, device_type, info)
        _adopt(change, made, device_type, info, newcomer.authority_id)
        return record_event(change, made, DeviceEvent.FACTORY_CERTIFICATE_ACCEPTED)

    def _mapped(
        self, connection: Connection, device_type: DeviceType, info: CertificateInfo
    ) -> dict[str, str]:
        """The device fields that the certificate fills (DT-20, DT-24)."""
        if device_type.factory_template_id is None:
            return {}
        template = self._templates.get(connection, device_type.factory_template_id)
        carried = values_in_request(template.fields, info.subject, info.san)
        return reverse_mapping(device_type.factory_mapping, carried)


def _adopt(
    change: Change,
    owner: Device,
    device_type: DeviceType,
    info: CertificateInfo,
    authority_id: int,
) -> None:
    """Make the certificate the device's, recorded before (for nobody) or not."""
    held_by = {
        "device_id": owner.id,
        "name": owner.name,
        "tenant_id": owner.tenant_id,
        "organization_id": owner.organization_id,
    }
    known = update(certificate).where(certificate.c.fingerprint == info.fingerprint)
    if change.connection.execute(known.values(held_by)).rowcount:
        return
    numbered = {"authority_id": authority_id, "serial": f"{info.serial:x}"}
    if change.connection.execute(select(certificate.c.id).filter_by(**numbered)).first():
        raise _cannot_be_created(
            info, _("Its authority issued another certificate with the same serial number.")
        )
    change.insert(
        certificate,
        {
            **held_by,
            **numbered,
            "kind": CertificateKind.FACTORY.value,
            "template_id": device_type.factory_template_id,
            "fingerprint": info.fingerprint,
            "thumbprint": thumbprint(info.der),
            "public_key_fingerprint": info.public_key_fingerprint,
            "subject": subject_text(info.subject)[:MAX_SUBJECT_LENGTH],
            "der": info.der,
            "not_before": info.not_before,
            "not_after": info.not_after,
            "status": CertificateStatus.ISSUED.value,
            "issued_at": info.not_before,
            "issued_through": change.actor.channel.value,
        },
    )


def _cannot_be_created(info: CertificateInfo, cause: str) -> AccessDeniedError:
    return AccessDeniedError(
        _("No device can be created for the certificate {subject}.").format(
            subject=subject_text(info.subject)
        ),
        cause=cause,
        remedy=_("Create the device by hand, or change its device type."),
    )
