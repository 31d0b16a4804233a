"""What certificate a device may get, judged inside the transaction that would issue it."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from app.core.errors import AccessDeniedError
from app.core.language import _
from app.models.db.tables import certificate, device, est_server
from app.models.domain.certificates import Certificate, CertificateStatus
from app.models.domain.device_types import DeviceType
from app.models.domain.devices import Device, DeviceMode
from app.models.domain.subjects import NamePart, Provenance, ResolvedField
from app.models.domain.templates import CertificateKind
from app.models.services.certificates.issuance import not_of_type
from app.models.services.certificates.records import certificate_of, select_certificates
from app.models.services.store import Change
from app.pki.certificates import CertificateInfo
from app.pki.csr import CertificationRequest, RequestContents
from app.pki.names import SanKind, names_match

# How long a device that lost the answer may ask again and gets the same certificate.
RETRY_WINDOW = timedelta(minutes=10)


def lacks_factory_mode(device_type: DeviceType, current: Device) -> bool:
    """Whether the type enforces factory mode and the device is not in it (DT-11, DT-13)."""
    return device_type.enforce_factory_mode and current.mode is not DeviceMode.FACTORY


def check_factory_mode(device_type: DeviceType, current: Device) -> None:
    """Raise `AccessDeniedError` where the type wants factory mode for a new certificate (DT-11)."""
    if lacks_factory_mode(device_type, current):
        raise _not_in_factory_mode(current)


def _not_in_factory_mode(current: Device) -> AccessDeniedError:
    return AccessDeniedError(
        _("The device {name} is not in factory mode.").format(name=current.name),
        cause=_("Its type enforces factory mode; its mode is “{mode}”.").format(
            mode=current.mode.label
        ),
        remedy=_("Renew with the operational certificate, or set the device as factory mode."),
    )


def answer_again(
    change: Change, current: Device, csr: CertificationRequest, template_id: int
) -> Certificate:
    """The certificate just issued for this very key, for a device that lost the answer.

    Raises `AccessDeniedError` when there is none: the device has to be in factory mode (DT-11).
    """
    row = change.connection.execute(
        select_certificates(with_der=True)
        .where(
            certificate.c.device_id == current.id,
            certificate.c.public_key_fingerprint == csr.public_key_fingerprint,
            certificate.c.template_id == template_id,
            certificate.c.kind == CertificateKind.OPERATIONAL.value,
            certificate.c.status == CertificateStatus.ISSUED.value,
            certificate.c.issued_at > change.now - RETRY_WINDOW,
        )
        .order_by(certificate.c.id.desc())
        .limit(1)
    ).first()
    if row is None:
        raise _not_in_factory_mode(current)
    return certificate_of(row, change.now)


def check_names(fields: tuple[ResolvedField, ...], current: Device) -> None:
    """Raise `AccessDeniedError` unless every name taken from the request is the device's own."""
    for item in fields:
        if item.provenance is not Provenance.CSR:
            continue
        field, name, value = item.field, current.name.lower(), item.value.lower()
        if field.part is NamePart.SUBJECT:
            allowed = field.kind != "CN" or item.value == current.name
        elif field.kind == SanKind.DNS:
            allowed = value == name or value.startswith(f"{name}.")
        else:
            allowed = False
        if not allowed:
            raise AccessDeniedError(
                _("The device {name} may not have the name {value}.").format(
                    name=current.name, value=item.value
                ),
                cause=_("{field} in the request does not name this device.").format(
                    field=field.title
                ),
                remedy=_("Ask for the device's own name, or leave the field out."),
            )


def check_names_stay(csr: RequestContents) -> None:
    """Raise `AccessDeniedError` for a ChangeSubjectName (RFC 7030 section 4.2): none is granted."""
    if csr.changes_names:
        raise AccessDeniedError(
            _("A device may not change its names by enrolling."),
            cause=_("The request has the attribute ChangeSubjectName."),
            remedy=_("Leave it out; an administrator can give the device other names."),
        )


def check_nobody_else(connection: Connection, current: Device, csr: CertificationRequest) -> None:
    """Raise `AccessDeniedError` for another device's common name, even one that is ignored."""
    names = [item.value for item in csr.subject if item.short == "CN"]
    names = [name for name in names if name != current.name]
    if not names:
        return
    others = connection.scalars(
        select(device.c.name).where(
            device.c.tenant_id == current.tenant_id, device.c.name.in_(names)
        )
    )
    if set(others) & set(names):
        raise AccessDeniedError(
            _("The device {name} may not ask for another device's name.").format(name=current.name),
            remedy=_("Put the device's own name into the request."),
        )


def check_no_server(connection: Connection, fields: tuple[ResolvedField, ...]) -> None:
    """Raise `AccessDeniedError` for the domain of an EST server, whoever is called that.

    The EST servers have their TLS certificate from an authority that devices have theirs from.
    """
    names = [
        item.value.lower()
        for item in fields
        if item.field.part is NamePart.SAN and item.field.kind == SanKind.DNS and item.value
    ]
    if not names:  # as nearly always, and without asking the database
        return
    query = select(est_server.c.domain).where(est_server.c.domain.in_(names)).limit(1)
    if (domain := connection.scalar(query)) is not None:
        raise AccessDeniedError(
            _("A device may not have the name {value}.").format(value=domain),
            cause=_("It is the domain of an EST server."),
            remedy=_("Ask for another name, or leave the field out."),
        )


def same_names(csr: CertificationRequest, renewed: CertificateInfo) -> bool:
    """RFC 5280 section 7.1 for the subject; the same set of SANs, in any order (DEC-18)."""
    return names_match(csr.subject_der, renewed.subject_der) and set(csr.san) == set(renewed.san)


def check_renewal_window(
    change: Change,
    device_type: DeviceType,
    renewed: CertificateInfo,
    kind: CertificateKind = CertificateKind.OPERATIONAL,
) -> None:
    """Raise `AccessDeniedError` before the type's hours before expiry (DTC-17, DTC-18, DEC-16)."""
    opens = renewal_opens(device_type, renewed.not_after, kind)
    if opens is not None and change.now < opens:
        raise AccessDeniedError(
            _("It is too early to renew this certificate."),
            cause=_("It can be renewed from {time} on.").format(
                time=opens.isoformat(timespec="minutes")
            ),
        )


def renewal_opens(
    device_type: DeviceType, not_after: datetime, kind: CertificateKind
) -> datetime | None:
    """From when a certificate that ends at `not_after` can be renewed; None for any time."""
    factory = kind is CertificateKind.FACTORY
    hours = device_type.factory_renewal_hours if factory else device_type.operational_renewal_hours
    return not_after - timedelta(hours=hours) if hours else None


def operational_template(device_type: DeviceType, wanted: int | None = None) -> int:
    """The template a type enrols by, as its id: the one wanted, else its default.

    Raises `AccessDeniedError` when it has none, or does not make operational certificates from
    the one wanted.
    """
    if wanted is not None and wanted not in device_type.operational_template_ids:
        raise not_of_type(device_type)
    template_id = wanted or device_type.default_operational_template_id
    if template_id is None:
        raise AccessDeniedError(
            _("The device type {name} has no operational template.").format(name=device_type.name),
            remedy=_("Add an operational template to the device type."),
        )
    return template_id
