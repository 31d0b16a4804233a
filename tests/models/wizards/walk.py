"""Ways through the wizard, for tests."""

from dataclasses import replace
from typing import Any

from app.models.domain.access import SYSTEM, Actor
from app.models.domain.device_types import DeviceType
from app.models.services.workspace.workspace import Workspace
from app.models.wizards.device_wizard import DeviceWizard
from app.models.wizards.steps import CredentialsLayout, Step
from app.pki.certificates import certificate_to_pem
from app.pki.csr import build_csr
from app.pki.keys import KeyAlgorithm, generate
from app.pki.names import ATTRIBUTE_TYPES, Attribute
from app.pki.sign import SoftwareKey
from tests.models.services.gateways import device_type, plant

PASSWORD = "long enough"
SENSOR_NAME = "san.hardwareModuleName"


def csr(algorithm: KeyAlgorithm = KeyAlgorithm.EC_P256, **subject: str) -> bytes:
    """A request (DER) for a new key: `csr(CN="gw")`."""
    names = tuple(Attribute(ATTRIBUTE_TYPES[kind].oid, value) for kind, value in subject.items())
    return build_csr(SoftwareKey(generate(algorithm)), names)


def pem(der: bytes) -> bytes:
    """The request as text."""
    return certificate_to_pem(der).replace(b"CERTIFICATE", b"CERTIFICATE REQUEST")


def add_type(demo: Workspace, **changes: Any) -> DeviceType:
    """A type like Gateway 200 but for the changes."""
    return demo.device_types.create(SYSTEM, replace(device_type(demo), name="Variant", **changes))


def begin(
    demo: Workspace, actor: Actor, kind: DeviceType | None = None, name: str = "GW-1"
) -> DeviceWizard:
    """A wizard with the Info step answered."""
    flow = DeviceWizard(actor, demo)
    owner = plant(demo)
    flow.answer(
        Step.INFO,
        name=name,
        tenant_id=owner.tenant_id,
        organization_id=owner.id,
        type_id=(kind or device_type(demo)).id,
    )
    return flow


def to(step: Step, flow: DeviceWizard) -> DeviceWizard:
    """On to a step, with the answers the Gateway 200 requires."""
    while flow.current is not step:
        if flow.current is Step.ATTRIBUTES and "serial_number" in flow.values:
            flow.answer(Step.ATTRIBUTES, values={"serial_number": "S-1"})
        if flow.current is Step.CREDENTIALS:
            flow.answer(Step.CREDENTIALS, password=PASSWORD)
        before = flow.current
        flow.next()
        assert flow.current is not before
    return flow


def states(flow: DeviceWizard) -> list[str]:
    return [flow.state(step).state.value for step in Step]


def layout(flow: DeviceWizard) -> CredentialsLayout | None:
    """What the Credentials step asks for now."""
    return flow.credentials_layout
