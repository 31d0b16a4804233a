"""Devices of the demo's type Gateway 200, made in one line."""

from dataclasses import replace
from typing import Any

from app.models.domain.access import SYSTEM, Actor
from app.models.domain.device_types import DeviceType
from app.models.domain.issuing import IssueRequest
from app.models.domain.tenants import Organization
from app.models.services.devices.creation import CreatedDevice, NewDevice
from app.models.services.workspace.workspace import Workspace
from app.pki.csr import CertificationRequest, build_csr, parse_csr
from app.pki.keys import KeyAlgorithm, PrivateKey, generate
from app.pki.sign import SoftwareKey

PASSWORD = "a device password"
PASSPHRASE = "opens the pfx"


def device_type(workspace: Workspace, name: str = "Gateway 200") -> DeviceType:
    """The device type of this name."""
    return next(t for t in workspace.device_types.all(SYSTEM) if t.name == name)


def plant(workspace: Workspace, name: str = "North plant") -> Organization:
    """The organization of this name."""
    return next(o for o in workspace.tenants.organizations(SYSTEM) if o.name == name)


def new_csr(key: PrivateKey | None = None) -> CertificationRequest:
    """A request without names, for a new key unless one is given."""
    return parse_csr(build_csr(SoftwareKey(key or generate(KeyAlgorithm.EC_P256)), ()))


def factory(workspace: Workspace, **changes: Any) -> IssueRequest:
    """A request for a factory certificate; the key is made here unless a CSR is given."""
    template_id = device_type(workspace).factory_template_id
    assert template_id is not None
    return replace(IssueRequest(template_id), **changes)


def operational(workspace: Workspace, **changes: Any) -> IssueRequest:
    """A request for an operational certificate; the key is made here unless a CSR is given."""
    return replace(IssueRequest(operational_id(workspace)), **changes)


def operational_id(workspace: Workspace) -> int:
    """The default operational template of the type."""
    template_id = device_type(workspace).default_operational_template_id
    assert template_id is not None
    return template_id


def add_operational_template(workspace: Workspace) -> int:
    """Give the type a second operational template, like its first; the id of it."""
    kind = device_type(workspace)
    first = next(t for t in workspace.templates.all(SYSTEM) if t.id == operational_id(workspace))
    second = workspace.templates.create(SYSTEM, replace(first, name="For a second service"))
    used = (*kind.operational_template_ids, second.id)
    workspace.device_types.edit(SYSTEM, replace(kind, operational_template_ids=used))
    return second.id


def new_gateway(workspace: Workspace, name: str, **changes: Any) -> NewDevice:
    """A Gateway 200 of the North plant with a password and nothing else."""
    owner = plant(workspace)
    new = NewDevice(
        name=name,
        tenant_id=owner.tenant_id,
        organization_id=owner.id,
        type_id=device_type(workspace).id,
        values={"serial_number": f"S-{name}"},
        password=PASSWORD,
        pfx_passphrase=PASSPHRASE,
    )
    return replace(new, **changes)


def gateway(
    workspace: Workspace, name: str, actor: Actor = SYSTEM, **changes: Any
) -> CreatedDevice:
    """Create it."""
    return workspace.device_creation.create(actor, new_gateway(workspace, name, **changes))
