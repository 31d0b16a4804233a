"""Devices of an organization: created, looked at, led through their life, given certificates."""

from datetime import datetime

from pydantic import ConfigDict, Field

from app.api.device_object import (
    DeviceAnswer,
    DeviceCertificate,
    device_answer,
    device_certificate,
)
from app.api.new_devices import DeviceToCreate, Secret
from app.api.paging import Paging
from app.api.routes import ORGANIZATION, Answer, Call, Given, Nothing, Route
from app.api.wanted_certificates import WantedCertificate
from app.models.domain.devices import DeviceMode
from app.models.services.devices.credentials import DeviceCredential
from app.models.services.devices.listed import DeviceQuery, DeviceRow
from app.models.services.workspace.workspace import Workspace

_DEVICES = f"{ORGANIZATION}/devices"
_DEVICE = f"{_DEVICES}/{{device_id}}"


class WantedDevices(Paging):
    """The devices wanted: `name` is looked for in names and serial numbers."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(default="", max_length=255)
    mode: DeviceMode | None = None


class DeviceItem(Answer):
    """A device, as it is listed."""

    device_id: int
    name: str
    serial_number: str
    device_type: str
    mode: DeviceMode
    operational_until: datetime | None
    changed_at: datetime


class DevicePage(Answer):
    """A page of devices, by name."""

    devices: tuple[DeviceItem, ...]
    pagenum: int
    pagesize: int
    total: int


class DeviceCertificatePage(Answer):
    """A page of the certificates of a device, the newest first, without their content."""

    certificates: tuple[DeviceCertificate, ...]
    pagenum: int
    pagesize: int
    total: int


class CreatedDeviceAnswer(DeviceAnswer):
    """A device just created; `password` is told this once, when it was made here.

    The keys made here are at `certificates/{certificate_id}/pfx`.
    """

    password: str | None = Field(repr=False)
    factory: DeviceCertificate | None
    operational: tuple[DeviceCertificate, ...]


class CertificateToIssue(WantedCertificate):
    """A certificate for a device that exists, from its type's default template if none is named.

    A key made here is kept under `pfx_passphrase`.
    """

    pfx_passphrase: Secret = ""


class FactoryMode(Given):
    """What becomes of the operational certificates."""

    model_config = ConfigDict(strict=True)

    revoke_operational_certificates: bool = False


class CredentialAnswer(Answer):
    """What a device signs in with; its name is the Device ID."""

    device_id: int
    name: str
    password: str = Field(repr=False)


def create_device(workspace: Workspace, call: Call, given: DeviceToCreate) -> CreatedDeviceAnswer:
    """A new device with all that was asked for."""
    created, password = given.create(workspace, call)
    now = workspace.store.clock.now()
    factory = created.factory
    return CreatedDeviceAnswer(
        **dict(device_answer(created.device)),
        password=password,
        factory=None if factory is None else device_certificate(factory.certificate, now),
        operational=tuple(device_certificate(one.certificate, now) for one in created.operational),
    )


def list_devices(workspace: Workspace, call: Call, given: WantedDevices) -> DevicePage:
    """A page of the devices that match."""
    query = DeviceQuery(given.name, given.mode)
    rows = workspace.device_list.page(call.actor, query, given.offset, given.limit)
    return DevicePage(
        devices=tuple(map(_item, rows)),
        pagenum=given.pagenum,
        pagesize=given.limit,
        total=workspace.device_list.count(call.actor, query),
    )


def get_device(workspace: Workspace, call: Call, _given: Nothing) -> DeviceAnswer:
    """One device."""
    return device_answer(workspace.devices.get(call.actor, call.number("device_id")))


def list_device_certificates(
    workspace: Workspace, call: Call, paging: Paging
) -> DeviceCertificatePage:
    """A page of what was issued to the device."""
    device = workspace.devices.get(call.actor, call.number("device_id"))
    held = workspace.certificates.of_device(call.actor, device.id)
    now = workspace.store.clock.now()
    shown = held[paging.offset : paging.offset + paging.limit]
    return DeviceCertificatePage(
        certificates=tuple(
            device_certificate(workspace.certificates.get(call.actor, one.id), now, listed=True)
            for one in shown
        ),
        pagenum=paging.pagenum,
        pagesize=paging.limit,
        total=len(held),
    )


def issue_device_certificate(
    workspace: Workspace, call: Call, given: CertificateToIssue
) -> DeviceCertificate:
    """Another certificate for the device (DTC-06)."""
    device = workspace.devices.get(call.actor, call.number("device_id"))
    kind = workspace.device_types.read(call.actor, device.type_id, device.type_version)
    request = given.request(workspace, call, kind.default_operational_template_id, "")
    issued = workspace.device_certificates.issue(
        call.actor, device.id, request, pfx_passphrase=given.pfx_passphrase or None
    )
    return device_certificate(issued.certificate, workspace.store.clock.now())


def disable_device(workspace: Workspace, call: Call, _given: Nothing) -> DeviceAnswer:
    """The device, shut out."""
    return device_answer(workspace.devices.disable(call.actor, call.number("device_id")))


def enable_device(workspace: Workspace, call: Call, _given: Nothing) -> DeviceAnswer:
    """The device, let in again."""
    return device_answer(workspace.devices.enable(call.actor, call.number("device_id")))


def set_factory_mode(workspace: Workspace, call: Call, given: FactoryMode) -> DeviceAnswer:
    """The device, free to enrol anew."""
    return device_answer(
        workspace.devices.set_as_factory(
            call.actor,
            call.number("device_id"),
            revoke_operational=given.revoke_operational_certificates,
        )
    )


def download_credential(workspace: Workspace, call: Call, _given: Nothing) -> CredentialAnswer:
    """Device ID and password, for the only time (DTP-09)."""
    device_id = call.number("device_id")
    credential = DeviceCredential.read(workspace.credentials.download(call.actor, device_id))
    return CredentialAnswer(device_id=device_id, name=credential.name, password=credential.password)


def _item(row: DeviceRow) -> DeviceItem:
    return DeviceItem(
        device_id=row.id,
        name=row.name,
        serial_number=row.serial_number,
        device_type=row.type_name,
        mode=row.mode,
        operational_until=row.operational_until,
        changed_at=row.changed_at,
    )


ROUTES = (
    Route(
        "POST",
        _DEVICES,
        "Create a device with its certificates and its password, or nothing; keys made here are "
        "fetched as PKCS#12 afterwards",
        DeviceToCreate,
        CreatedDeviceAnswer,
        create_device,
    ),
    Route("GET", _DEVICES, "List the devices", WantedDevices, DevicePage, list_devices),
    Route("GET", _DEVICE, "Show a device", Nothing, DeviceAnswer, get_device),
    Route(
        "GET",
        f"{_DEVICE}/certificates",
        "List the certificates of a device",
        Paging,
        DeviceCertificatePage,
        list_device_certificates,
    ),
    Route(
        "POST",
        f"{_DEVICE}/certificates",
        "Issue a device another operational certificate, or its first factory certificate",
        CertificateToIssue,
        DeviceCertificate,
        issue_device_certificate,
    ),
    Route("POST", f"{_DEVICE}/disable", "Disable a device", Nothing, DeviceAnswer, disable_device),
    Route("POST", f"{_DEVICE}/enable", "Enable a device", Nothing, DeviceAnswer, enable_device),
    Route(
        "POST",
        f"{_DEVICE}/setfactorymode",
        "Set a device as factory mode",
        FactoryMode,
        DeviceAnswer,
        set_factory_mode,
    ),
    Route(
        "GET",
        f"{_DEVICE}/credential",
        "Download Device ID and password, which are destroyed with that",
        Nothing,
        CredentialAnswer,
        download_credential,
    ),
)
