"""Devices that ask the REST API of a plant about and for themselves, without a socket."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography import x509

from app.api.rest import RestService
from app.core.messages import Peer, Request, Response
from app.models.domain.certificates import Certificate
from app.models.domain.devices import Device
from tests.est.maker import HOST
from tests.plant import ADMIN, DOMAIN, Plant, basic, csr, ec_key, name

CERTIFICATES, RENEW = "/v2/device/certificates", "/v2/device/certificates/renew"
BY_PASSWORD: Any = {"headers": basic("pump-1")}


@dataclass
class DeviceClient:
    """Asks at the first EST server of the plant unless told otherwise."""

    plant: Plant
    host: str = DOMAIN
    service: RestService = field(init=False)

    def __post_init__(self) -> None:
        self.service = RestService(self.plant.workspace)

    def ask(
        self,
        method: str,
        target: str,
        body: object = None,
        *,
        shows: Sequence[bytes] = (),
        headers: dict[str, str] | None = None,
        binding: bytes = b"",
        address: str = "192.0.2.7",
    ) -> Response:
        """The bare response; `body` is JSON, or bytes as they are."""
        sent = b"" if body is None else body
        if not isinstance(sent, bytes):
            sent = json.dumps(sent).encode()
        given = {"content-type": "application/json", "host": self.host, **(headers or {})}
        peer = Peer(address, "TLS 1.3", tuple(shows), binding)
        response = self.service.handle(Request(method, target, given, sent, peer))
        assert ("Content-Type", "application/json") in response.headers
        return response

    def show(self, **shown: Any) -> Any:
        """What the device is told of itself."""
        return good(self.ask("GET", "/v2/device", **shown))

    def enrol(self, request: bytes, template_id: int | None = None, **shown: Any) -> Any:
        """The answer to a request (DER) for a certificate."""
        body = {"csr": base64.b64encode(request).decode(), "template_id": template_id}
        return good(self.ask("POST", CERTIFICATES, body, **shown))

    def renew(self, request: bytes, **shown: Any) -> Any:
        """The answer to a request (DER) with the names of a certificate."""
        return good(self.ask("POST", RENEW, asking(request), **shown))

    def contact(self, shown: bytes, request: bytes | None = None) -> Response:
        """The response to a device that shows its certificate and asks for one."""
        body = asking(request or csr(ec_key(), name()))
        return self.ask("POST", CERTIFICATES, body, shows=[shown])

    def assert_refused(self, response: Response, status: int) -> str:
        """The refusal is told, stands in the monitor and in the audit log; returns its words."""
        assert response.status == status, response.body
        said = json.loads(response.body)
        line = self.plant.monitor_line()
        assert (line.status, line.ok, line.problem) == (status, False, said["message"])
        assert line.operation.startswith("REST device")
        text = " ".join(said.get(part, "") for part in ("message", "cause", "remedy")).strip()
        assert self.plant.refusals()[0].split() == text.split()
        return text


def at_zero(plant: Plant) -> DeviceClient:
    """A client at the EST server where devices register themselves."""
    return DeviceClient(plant, HOST)


def asking(request: bytes) -> dict[str, str]:
    """A body with a certification request (DER)."""
    return {"csr": base64.b64encode(request).decode()}


def good(response: Response) -> Any:
    """The JSON of a good answer."""
    assert response.status == 200, response.body
    return json.loads(response.body)


def read(text: str) -> x509.Certificate:
    """A certificate as it stands in an answer."""
    return x509.load_der_x509_certificate(base64.b64decode(text, validate=True))


def kept(plant: Plant, device: Device) -> tuple[Certificate, ...]:
    """The certificates of a device."""
    return plant.workspace.certificates.of_device(ADMIN, device.id)
