"""A new device: created whole, with its certificates and password, or not at all."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from app.core.errors import ConflictError, InvalidInputError
from app.core.language import _
from app.models.db.tables import device, organization, tenant
from app.models.domain.access import Actor, Operation, Scope, require
from app.models.domain.device_types import DeviceType, check_values, field_values
from app.models.domain.devices import Device, DeviceMode, check_name, check_password
from app.models.domain.events import DeviceChanged
from app.models.domain.issuing import IssueRequest
from app.models.services.certificates.certification import IssuedCertificate
from app.models.services.certificates.issuance import Issuance, not_of_type
from app.models.services.device_types.device_types import DeviceTypes
from app.models.services.devices.credentials import Credentials
from app.models.services.devices.records import PROPERTIES, device_by_id
from app.models.services.external_cas.certificates import ExternalCertificates
from app.models.services.sharing import check_owners
from app.models.services.store import Change, Store
from app.pki.names import subject_text


@dataclass(frozen=True)
class NewDevice:
    """A device somebody wants created, with its certificates and password.

    `values` holds properties and attributes by field key; what is missing gets the type's
    default. `factory` is None for no such certificate; of `operational` there may be any number
    (DTC-06). A certificate whose key is made here needs a `pfx_passphrase`. `factory_chain` (DER,
    the device's own first) is for types whose factory certificates come from an external CA; its
    fingerprint is the name (DEC-03).
    """

    name: str
    tenant_id: int
    organization_id: int
    type_id: int
    description: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    factory: IssueRequest | None = None
    operational: tuple[IssueRequest, ...] = ()
    password: str | None = field(default=None, repr=False)
    pfx_passphrase: str | None = field(default=None, repr=False)
    factory_chain: tuple[bytes, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class CreatedDevice:
    """A device as it is after everything it was created with; `operational` as asked for."""

    device: Device
    factory: IssuedCertificate | None
    operational: tuple[IssuedCertificate, ...]


class DeviceCreation:
    """Creates devices. Safe to share by threads."""

    def __init__(
        self,
        store: Store,
        *,
        device_types: DeviceTypes,
        issuance: Issuance,
        credentials: Credentials,
        external_certificates: ExternalCertificates,
    ) -> None:
        self._store = store
        self._device_types = device_types
        self._issuance = issuance
        self._credentials = credentials
        self._external_certificates = external_certificates

    def create(self, actor: Actor, new: NewDevice) -> CreatedDevice:
        """Create a device with its password and certificates in one transaction (DEC-14).

        Raises `ConflictError` (field `name`) when the name is taken and when type, tenant or
        organization are inactive, `AccessDeniedError` for a template that the type does not use
        for that, `InvalidInputError` with the field at fault (`operational.1.csr`: that of the
        second one), and what `Issuance.issue` and `ExternalCertificates.check` raise. Nothing
        remains after an error.
        """
        require(actor, Operation.DEVICE_MANAGE, Scope(new.tenant_id, new.organization_id))
        check_name(new.name)
        requests = _requests(new)
        if any(request.csr is None for request in requests.values()):
            check_password(new.pfx_passphrase or "", "pfx_passphrase")
        # What is slow comes before the transaction, which makes everybody else wait.
        hashed = None if new.password is None else self._credentials.hash(new.password)
        keys = {}
        for part, request in requests.items():
            with _within(part):
                keys[part] = self._issuance.make_key(request, packed=True)
        with self._store.change(actor) as change:
            device_type = self._usable_type(change, new)
            device = self._insert(change, new, device_type)
            if hashed is not None:
                device = self._credentials.set_password(change, device, device_type, hashed)
            issued: dict[str, IssuedCertificate] = {}
            for part, request in requests.items():
                with _within(part):
                    issued[part] = done = self._issuance.issue(
                        change, device, request, key=keys[part], pfx_passphrase=new.pfx_passphrase
                    )
                device = done.device
        return CreatedDevice(device, issued.pop("factory", None), tuple(issued.values()))

    def check_name_free(self, actor: Actor, tenant_id: int, name: str) -> None:
        """Raise `ConflictError`, field `name`, when a device of the tenant has that name."""
        require(actor, Operation.DEVICE_MANAGE, Scope(tenant_id, actor.organization_id))
        with self._store.read(actor) as connection:
            _check_name_free(connection, tenant_id, name)

    def _insert(self, change: Change, new: NewDevice, device_type: DeviceType) -> Device:
        if device_type.external_ca_id is None:
            return insert_device(change, new, device_type)
        external = self._external_certificates
        info = external.check(change.connection, device_type, new.factory_chain, change.now)
        if new.name != info.fingerprint:
            raise InvalidInputError(
                _("The device is named by the fingerprint of its factory certificate."),
                remedy=_("Use {name}.").format(name=info.fingerprint),
                field="name",
            )
        inserted = insert_device(change, new, device_type, subject=subject_text(info.subject))
        return external.keep(change, inserted, device_type, info)

    def _usable_type(self, change: Change, new: NewDevice) -> DeviceType:
        check_owners(change.connection, new.tenant_id, new.organization_id)
        device_type = self._device_types.seen(change.connection, change.actor, new.type_id)
        if not device_type.sharing.offered_to(new.tenant_id, new.organization_id):
            raise InvalidInputError(
                _("The device type {type} is not offered to this organization.").format(
                    type=device_type.name
                ),
                remedy=_("Choose another device type."),
                field="type_id",
            )
        check_active(change.connection, new, device_type)
        if device_type.password_enabled and new.password is None:
            raise InvalidInputError(
                _("Devices of this type need a password."),
                remedy=_("Type one, or have one made."),
                field="password",
            )
        if device_type.external_ca_id is None and new.factory_chain:
            raise InvalidInputError(
                _("Devices of this type have no factory certificate of an external CA."),
                remedy=_("Leave it out, or choose another device type."),
                field="factory_certificate",
            )
        _check_templates(new, device_type)
        if device_type.named_by_certificate and new.factory is None:
            raise InvalidInputError(
                _("Devices of this type get their name from their factory certificate."),
                remedy=_("Ask for a factory certificate too."),
                field="factory",
            )
        return device_type


def insert_device(
    change: Change,
    new: NewDevice,
    device_type: DeviceType,
    *,
    unchecked: Collection[str] = (),
    verb: str = "create",
    **recorded: str,
) -> Device:
    """Insert the device in its first mode, NEW (MODE-01); audited with the type and `recorded`.

    Raises `InvalidInputError` for a value that breaks the type's rules, but for `unchecked`
    fields, and `ConflictError` for a taken name.
    """
    known = {item.key for item in device_type.fields}
    for key in new.values:
        if key not in known:
            raise InvalidInputError(
                _("The device type has no field {key}.").format(key=key), field=key
            )
    values = field_values(device_type.fields, new.values)
    check_values(tuple(f for f in device_type.fields if f.key not in unchecked), values)
    _check_name_free(change.connection, new.tenant_id, new.name)
    row = {
        "name": new.name,
        "tenant_id": new.tenant_id,
        "organization_id": new.organization_id,
        "type_id": new.type_id,
        "type_version": device_type.version,
        "description": new.description,
        "mode": DeviceMode.NEW.value,
        "attributes": {key: value for key, value in values.items() if key not in PROPERTIES},
        "created_at": change.now,
        "changed_at": change.now,
        **{key: values.get(key, "") for key in PROPERTIES},
    }
    device_id = change.insert(device, row)
    after = {"type": device_type.name, **recorded}
    change.audit(f"device.{verb}", "device", device_id, new.name, after=after)
    change.publish(DeviceChanged(device_id))
    return device_by_id(change.connection, device_id)


def _requests(new: NewDevice) -> dict[str, IssueRequest]:
    """Every certificate asked for, by where in `new` it is, in the order of issuing."""
    factory = {} if new.factory is None else {"factory": new.factory}
    return factory | {f"operational.{place}": one for place, one in enumerate(new.operational)}


@contextmanager
def _within(part: str) -> Iterator[None]:
    """Errors name their field as one of this part of the device."""
    try:
        yield
    except InvalidInputError as error:
        error.field = part if error.field is None else f"{part}.{error.field}"
        raise


def _check_templates(new: NewDevice, device_type: DeviceType) -> None:
    """Raise `AccessDeniedError` for a template that the type does not use for that kind."""
    factory = () if new.factory is None else (new.factory,)
    for requests, used in (
        (factory, (device_type.factory_template_id,)),
        (new.operational, device_type.operational_template_ids),
    ):
        if any(request.template_id not in used for request in requests):
            raise not_of_type(device_type)


def _check_name_free(connection: Connection, tenant_id: int, name: str) -> None:
    taken = select(device.c.id).where(device.c.tenant_id == tenant_id, device.c.name == name)
    if connection.execute(taken.limit(1)).first() is not None:
        raise ConflictError(
            _("A device named {name} exists already.").format(name=name),
            cause=_("Names that differ by case alone count as the same."),
            remedy=_("Choose another name."),
            field="name",
        )


def check_active(connection: Connection, new: NewDevice, device_type: DeviceType) -> None:
    """Raise `ConflictError` unless type, tenant and organization of a new device are active."""
    row = connection.execute(
        select(tenant.c.active.label("tenant"), organization.c.active.label("organization"))
        .join(organization, organization.c.tenant_id == tenant.c.id)
        .where(organization.c.id == new.organization_id)
    ).one()
    for active, what, field_name in (
        (row.tenant, _("The tenant is inactive."), "tenant_id"),
        (row.organization, _("The organization is inactive."), "organization_id"),
        (device_type.active, _("The device type is inactive."), "type_id"),
    ):
        if not active:
            raise ConflictError(
                what, remedy=_("Choose another, or ask an administrator."), field=field_name
            )
