"""Devices that an application wants created: what is given, and the device it makes."""

from dataclasses import replace
from typing import Annotated

from pydantic import ConfigDict, Field

from app.api.errors import naming
from app.api.routes import Call, Given, Remark
from app.api.wanted_certificates import Id, WantedCertificate
from app.core.errors import AuthenticationError, InvalidInputError
from app.models.domain.device_types import DEVICE_NAME, DeviceType, field_values
from app.models.domain.issuing import device_fields
from app.models.services.devices.creation import CreatedDevice, NewDevice
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import read_certificate
from app.pki.passwords import new_password

_MOST_CERTIFICATES = 10

Secret = Annotated[str, Field(repr=False)]


class DeviceToCreate(Given):
    """A device to create with everything, or not at all.

    `values` are properties and attributes by key. Without a `password` one is made for a type
    that needs it. `pfx_passphrase` is for the keys made here. `factory_certificate` (PEM, base64
    or PKCS#7, the device's own first) is for types with an external CA. The name may be left out
    where a factory certificate gives it.
    """

    model_config = ConfigDict(strict=True)

    device_type_id: Id
    name: str = ""
    description: Remark = Field(default="", max_length=2000)
    values: dict[str, str] = Field(default_factory=dict)
    password: Secret = ""
    pfx_passphrase: Secret = ""
    factory: WantedCertificate | None = None
    operational: list[WantedCertificate] = Field(
        default_factory=list, max_length=_MOST_CERTIFICATES
    )
    factory_certificate: str = ""

    def create(self, workspace: Workspace, call: Call) -> tuple[CreatedDevice, str | None]:
        """Create it; the password too, when it was made here.

        Raises as `DeviceCreation.create` does, with the member at fault.
        """
        kind = workspace.device_types.read(call.actor, self.device_type_id)
        made = new_password() if kind.password_enabled and not self.password else None
        new = NewDevice(
            name=self.name,
            tenant_id=call.actor.tenant_id or 0,
            organization_id=call.number("organization_id"),
            type_id=kind.id,
            description=self.description,
            values=self.values,
            factory=None
            if self.factory is None
            else self.factory.request(workspace, call, kind.factory_template_id, "factory"),
            operational=tuple(
                one.request(
                    workspace, call, kind.default_operational_template_id, f"operational.{number}"
                )
                for number, one in enumerate(self.operational)
            ),
            password=made or self.password or None,
            pfx_passphrase=self.pfx_passphrase or None,
        )
        keys = {*self.values, *(field.key for field in kind.fields)} - {DEVICE_NAME}
        with naming(type_id="device_type_id", **{key: f"values.{key}" for key in keys}):
            new = self._with_makers_certificate(workspace, call, new)
            if not new.name and kind.named_by_certificate:
                new = _named(workspace, call, new, kind)
            return workspace.device_creation.create(call.actor, new), made

    def _with_makers_certificate(
        self, workspace: Workspace, call: Call, new: NewDevice
    ) -> NewDevice:
        """The device with the certificate it came with, which names it (DEC-03)."""
        if not self.factory_certificate:
            return new
        data = self.factory_certificate.encode()
        try:
            chain = workspace.external_certificates.read(call.actor, new.type_id, data)
        except (AuthenticationError, InvalidInputError) as error:
            # A bad certificate of a device is no reason to sign in again.
            raise InvalidInputError(
                error.problem, cause=error.cause, remedy=error.remedy, field="factory_certificate"
            ) from error
        name = new.name or read_certificate(chain[0]).fingerprint
        return replace(new, name=name, factory_chain=chain)


def _named(workspace: Workspace, call: Call, new: NewDevice, kind: DeviceType) -> NewDevice:
    """The device with the name and values that its factory certificate will have (FAC-04)."""
    if new.factory is None:
        return new
    own = kind.mapped_fields | {DEVICE_NAME}
    values = field_values(kind.fields, new.values)
    given = {key: value for key, value in values.items() if key not in own}
    plan = workspace.issuance.plan(call.actor, kind.id, given, new.factory)
    filled = device_fields(kind, plan)
    return replace(new, name=filled.pop(DEVICE_NAME, ""), values={**new.values, **filled})
