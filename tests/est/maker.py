"""A manufacturer whose certificates are of the time of the tests, and devices that show them."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from app.core.messages import Response
from app.models.domain.access import Access, Sharing
from app.models.domain.device_types import DeviceType
from app.models.domain.devices import Device
from app.models.services.devices.listed import DeviceQuery
from app.pki.certificates import certificate_to_pem
from tests.plant import ADMIN, DeviceKey, Plant, csr, ec_key, name

HOST = "zero.est.local"


@dataclass
class Maker:
    """A CA of somebody else, registered in a plant."""

    plant: Plant
    title: str = "Sensor maker CA"
    key: DeviceKey = field(default_factory=ec_key)
    verified: bool = True

    def __post_init__(self) -> None:
        self.certificate = self._sign(name(CN=self.title), self.key, days=3650, ca=True)
        self.ca = self.plant.workspace.external_cas.register(
            ADMIN,
            self.title,
            certificate_to_pem(self.certificate),
            self.plant.tenant_id,
            verified=self.verified,
        )

    def certify(self, common_name: str, *, days: int = 30) -> bytes:
        """A factory certificate (DER) for a new key."""
        return self._sign(name(CN=common_name), ec_key(), days=days)

    def _sign(self, subject: x509.Name, key: DeviceKey, *, days: int, ca: bool = False) -> bytes:
        now = self.plant.clock.now()
        usage = x509.KeyUsage(
            digital_signature=not ca,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=ca,
            crl_sign=ca,
            encipher_only=False,
            decipher_only=False,
        )
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(name(CN=self.title))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca, None), critical=True)
            .add_extension(usage, critical=True)
            .sign(self.key, hashes.SHA256())
            .public_bytes(Encoding.DER)
        )


def external_type(maker: Maker, **changes: Any) -> DeviceType:
    """A type whose factory certificates are the maker's, with an EST server at `HOST`."""
    plant = maker.plant
    values: dict[str, Any] = {
        "factory_template_id": None,
        "factory_mapping": {},
        "external_ca_id": maker.ca.id,
        "auto_registration": True,
        "sharing": Sharing(Access.TENANT, plant.tenant_id),
    }
    made = plant.add_type("Zero", **(values | changes))
    plant.add_server("zero", device_type_id=made.id)
    return made


def internal_type(plant: Plant, **changes: Any) -> DeviceType:
    """A type with auto-registration and factory certificates from here, and its EST server."""
    made = plant.add_type("Zero", **({"auto_registration": True} | changes))
    plant.add_server("zero", device_type_id=made.id)
    return made


def contact(
    plant: Plant, shown: bytes, request: bytes | None = None, operation: str = "simpleenroll"
) -> Response:
    """What the EST server at `HOST` answers to a device that shows its certificate."""
    request = request or csr(ec_key(), name())
    return plant.ask(operation, request, shows=[shown], host=HOST)


def devices(plant: Plant) -> list[Device]:
    """All devices there are."""
    rows = plant.workspace.device_list.page(ADMIN, DeviceQuery(), 0, 100)
    return [plant.workspace.devices.get(ADMIN, row.id) for row in rows]
