"""What has to be so for an EST server and its labels to work."""

from sqlalchemy import select

from app.core.errors import ConflictError, InvalidInputError
from app.core.language import _
from app.models.db.tables import est_server
from app.models.domain.device_types import DeviceType
from app.models.domain.est_labels import can_lead
from app.models.domain.est_servers import EstServer
from app.models.services.store import Change
from app.pki.names import GeneralName, SanKind, check_general_name


def check_domain(domain: str, base: str) -> None:
    """`InvalidInputError`, field `domain`, unless it is a DNS name below the base domain."""
    try:
        check_general_name(GeneralName(SanKind.DNS, domain))
    except InvalidInputError as error:
        raise InvalidInputError(
            error.problem, cause=error.cause, remedy=error.remedy, field="domain"
        ) from None
    if not domain.endswith(f".{base}"):
        raise InvalidInputError(
            _("The domain must end with .{base}.").format(base=base),
            remedy=_("Leave the domain empty to have one made."),
            field="domain",
        )


def check_domain_owner(change: Change, server: EstServer) -> None:
    """`ConflictError`, field `domain`, when another tenant has the domain (EST-15)."""
    query = select(est_server.c.id).where(
        est_server.c.domain == server.domain,
        est_server.c.tenant_id != server.tenant_id,
        est_server.c.id != server.id,
    )
    if change.connection.execute(query).first() is not None:
        raise ConflictError(
            _("The domain {domain} is used by another tenant.").format(domain=server.domain),
            remedy=_("Leave the domain empty to have one made."),
            field="domain",
        )


def check_authentication(server: EstServer, device_type: DeviceType) -> None:
    """`InvalidInputError` unless devices have a way to authenticate that can work (EST-05)."""
    if not (server.password_authentication or server.certificate_authentication):
        raise InvalidInputError(
            _("Devices need a way to authenticate."),
            remedy=_("Allow passwords, factory certificates or both."),
            field="password_authentication",
        )
    if server.certificate_authentication and not device_type.operational_template_ids:
        raise InvalidInputError(
            _("Factory certificates need an operational template in the device type."),
            remedy=_("Allow passwords only, or choose another device type."),
            field="certificate_authentication",
        )


def check_usable(server: EstServer, device_type: DeviceType) -> None:
    """`InvalidInputError` unless the type is active and offered to the server's organization."""
    if not (_offered(server, device_type) and device_type.active):
        raise InvalidInputError(
            _("The device type {name} cannot be used here.").format(name=device_type.name),
            cause=_("It is not active, or is not offered to the organization."),
            remedy=_("Choose another device type."),
            field="device_type_id",
        )


def check_new_label(server: EstServer, device_type: DeviceType) -> None:
    """`InvalidInputError`, field `device_type_id`, unless a label can lead to the type."""
    check_usable(server, device_type)
    if not can_lead(server, device_type):
        raise InvalidInputError(
            _("The device type {name} has no operational template.").format(name=device_type.name),
            cause=_("The EST server accepts factory certificates, which need one."),
            remedy=_("Choose another device type."),
            field="device_type_id",
        )


def check_kept_label(server: EstServer, label: str, device_type: DeviceType) -> None:
    """`InvalidInputError` when the label could not stay as the EST server is changed."""
    if not _offered(server, device_type):
        raise InvalidInputError(
            _("The label {label} cannot come along.").format(label=label),
            cause=_("Its device type {name} is not offered to the organization.").format(
                name=device_type.name
            ),
            remedy=_("Remove the label first."),
            field="organization_id",
        )
    if server.certificate_authentication and not device_type.operational_template_ids:
        raise InvalidInputError(
            _("Factory certificates would not work with the label {label}.").format(label=label),
            cause=_("Its device type {name} has no operational template.").format(
                name=device_type.name
            ),
            remedy=_("Allow passwords only, or remove the label first."),
            field="certificate_authentication",
        )


def _offered(server: EstServer, device_type: DeviceType) -> bool:
    return device_type.sharing.offered_to(server.tenant_id, server.organization_id)
