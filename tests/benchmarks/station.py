"""A workspace to load: the demo data, and gateways with a password and a factory certificate."""

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from app.core.clock import SystemClock
from app.models.domain.access import SYSTEM
from app.models.domain.device_types import DeviceType
from app.models.domain.issuing import IssueRequest
from app.models.services.devices.creation import NewDevice
from app.models.services.setup.demo_data import make_demo
from app.models.services.workspace.opening import DEFAULT_COST, create_workspace
from app.models.services.workspace.workspace import Workspace
from app.pki import keys
from app.pki.certificates import certificate_to_pem
from app.pki.sealing import KdfCost
from tests.benchmarks.figures import ROOT

PASSPHRASE = "correct horse"
PASSWORD = "k7mq-2fzr-8xwp"
PFX_PASSPHRASE = "battery staple"


@dataclass(frozen=True)
class Gateway:
    """A device and what it shows: its password, or the certificate and key in a PEM file."""

    name: str
    pem: Path
    password: str = field(default=PASSWORD, repr=False)


@dataclass(frozen=True)
class Station:
    """A closed workspace, the file with its passphrase, and its devices."""

    folder: Path
    passphrase_file: Path
    gateways: tuple[Gateway, ...]

    @property
    def options(self) -> tuple[str, ...]:
        """The arguments that have the program open this workspace."""
        return (
            *("--workspace", str(self.folder)),
            *("--passphrase-file", str(self.passphrase_file)),
        )


def make_station(place: Path, gateways: int, cost: KdfCost = DEFAULT_COST) -> Station:
    """Make a station with so many gateways in a new folder below `place`."""
    passphrase_file = place / "passphrase"
    passphrase_file.write_text(f"{PASSPHRASE}\n", "utf-8")
    workspace = create_workspace(place / "workspace", PASSPHRASE, SystemClock(), cost)
    make_demo(workspace, SYSTEM)
    made = tuple(_gateway(workspace, place, number) for number in range(gateways))
    workspace.close()
    return Station(workspace.folder, passphrase_file, made)


def gateway_type(workspace: Workspace) -> DeviceType:
    """The type of the gateways: password, factory and operational template."""
    types = {found.name: found for found in workspace.device_types.all(SYSTEM)}
    return types["Gateway 200"]


def new_gateway(workspace: Workspace, name: str, *, operational: bool = False) -> NewDevice:
    """What the wizard would hand over for a gateway in the first organization."""
    device_type = gateway_type(workspace)
    organization = workspace.tenants.organizations(SYSTEM)[0]
    assert device_type.factory_template_id is not None
    wanted = (IssueRequest(device_type.operational_template_ids[0]),)
    return NewDevice(
        name,
        organization.tenant_id,
        organization.id,
        device_type.id,
        values={"serial_number": f"SN-{name}"},
        factory=IssueRequest(device_type.factory_template_id),
        operational=wanted if operational else (),
        password=PASSWORD,
        pfx_passphrase=PFX_PASSPHRASE,
    )


def _gateway(workspace: Workspace, place: Path, number: int) -> Gateway:
    name = f"gateway-{number:04}"
    factory = workspace.device_creation.create(SYSTEM, new_gateway(workspace, name)).factory
    assert factory is not None
    assert factory.private_key_der is not None
    key = keys.private_key_to_pem(keys.private_key_from_der(factory.private_key_der), None)
    pem = place / f"{name}.pem"
    pem.write_bytes(certificate_to_pem(factory.certificate.der) + key)
    return Gateway(name, pem)


def start_est(station: Station) -> tuple["subprocess.Popen[str]", int]:
    """Start the program as an EST server on a free port of this computer; returns the port."""
    command = [sys.executable, "-m", "app.main", *station.options, "est"]
    process = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", "0"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line.startswith("EST listener on "):
        process.kill()
        process.communicate()
        raise RuntimeError(f"the EST server did not start, but said {line!r}")
    return process, int(line.rpartition(":")[2])
