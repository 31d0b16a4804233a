"""The set-ups that come with the program make devices with certificates."""

import pytest

from app.config.paths import resources_folder
from app.models.domain.access import SYSTEM, Actor
from app.models.domain.issuing import IssueRequest
from app.models.domain.setup_files import Outcome
from app.models.services.devices.creation import NewDevice
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import read_certificate
from app.pki.names import subject_text
from tests.models.services.authority_material import new_issuing, new_root

FOLDER = resources_folder() / "setups"
VALUES = {
    "gateway": {"serial_number": "EG-0001", "mac": "001b44113ab7"},
    "wisun-node": {"serial_number": "00124B0000000001", "installed": "2026-03-02"},
    "matter-accessory": {"serial_number": "A-1", "product_id": "8001"},
}
SUBJECTS = {
    "gateway": {"serialNumber=EG-0001", "O=Example Controls"},
    "wisun-node": {""},
    "matter-accessory": {"CN=bench-1", "VID=FFF1", "PID=8001"},
}


def test_each_example_is_tried() -> None:
    assert {file.stem for file in FOLDER.glob("*.json")} == VALUES.keys()


@pytest.mark.req("DTC-13", "DTC-16", "SYS-04")
@pytest.mark.parametrize("name", VALUES)
def test_an_example_makes_a_device(workspace: Workspace, admin: Actor, name: str) -> None:
    data = (FOLDER / f"{name}.json").read_bytes()
    unmapped = workspace.setup_files.plan(admin, data).authorities
    above = new_root(workspace)
    own = {one: new_issuing(workspace, above, f"Our {one}").name for one in unmapped}
    plan = workspace.setup_files.plan(admin, data, own)
    assert {item.outcome for item in plan.items} == {Outcome.NEW}
    workspace.setup_files.apply(admin, plan)

    (made,) = workspace.device_types.all(admin)
    tenant = workspace.tenants.create_tenant(SYSTEM, "Example")
    plant = workspace.tenants.create_organization(SYSTEM, tenant.id, "Plant")
    assert made.factory_template_id is not None
    default = made.default_operational_template_id
    device = workspace.device_creation.create(
        admin,
        NewDevice(
            name="bench-1",
            tenant_id=tenant.id,
            organization_id=plant.id,
            type_id=made.id,
            values=VALUES[name],
            factory=IssueRequest(made.factory_template_id),
            operational=() if default is None else (IssueRequest(default),),
            password="a device password" if made.password_enabled else None,
            pfx_passphrase="opens the pfx",
        ),
    )
    assert device.factory is not None
    assert len(device.operational) == (0 if default is None else 1)
    factory = read_certificate(device.factory.certificate.der)
    assert set(subject_text(factory.subject).split(",")) == SUBJECTS[name]
    assert factory.subject or factory.san
