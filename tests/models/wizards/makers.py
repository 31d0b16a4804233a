"""A device type of the demo whose factory certificates come from an external CA."""

from dataclasses import replace
from typing import Any

from app.models.domain.access import SYSTEM, Access, Sharing
from app.models.domain.device_types import DeviceType
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import certificate_to_pem
from tests.models.services.gateways import device_type, plant
from tests.pki.material import Authority, common_name, root

MAKER = root("Sensor maker", 70)


def external_type(demo: Workspace, **changes: Any) -> DeviceType:
    """A type `Sensor` like Gateway 200, of the tenant of the North plant."""
    tenant_id = plant(demo).tenant_id
    data = certificate_to_pem(MAKER.certificate)
    ca = demo.external_cas.register(SYSTEM, "Sensor maker", data, tenant_id, verified=True)
    kind = replace(
        device_type(demo),
        name="Sensor",
        factory_template_id=None,
        factory_mapping={},
        external_ca_id=ca.id,
        sharing=Sharing(Access.TENANT, tenant_id),
    )
    return demo.device_types.create(SYSTEM, replace(kind, **changes))


def sensor(name: str = "sensor 1", maker: Authority = MAKER) -> bytes:
    """The factory certificate (PEM) of a device of the maker."""
    return certificate_to_pem(maker.issue(subject=common_name(name)))
