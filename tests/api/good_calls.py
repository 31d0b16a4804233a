"""A good call of every route of the REST API, on the demo workspace."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.api.routes import AnyRoute
from app.core.messages import Response
from app.models.domain.access import SYSTEM
from app.models.domain.device_types import DeviceType
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import read_certificate
from app.pki.csr import build_csr
from app.pki.keys import KeyAlgorithm, generate
from app.pki.sign import SoftwareKey
from tests.api.certificate_requests import CERTIFICATES, add_template, bare, new_csr, order
from tests.api.rest_client import RestClient
from tests.models.services.gateways import PASSPHRASE, PASSWORD, device_type, gateway, operational
from tests.plant import basic


@dataclass(frozen=True)
class Good:
    """What comes along with a good call."""

    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Bench:
    """Calls routes. What stands in the places of their paths is there: a device, a certificate."""

    def __init__(self, rest: RestClient) -> None:
        self.rest = rest
        self.template_id = add_template(rest.workspace)
        asked = order(self.template_id, validity_period=30, passphrase=PASSPHRASE)
        self.certificate = rest.post(CERTIFICATES, asked)
        self.device_type = _renewed_at_any_time(rest.workspace)
        kept = operational(rest.workspace)
        created = gateway(rest.workspace, "GW-1", operational=(kept,))
        self.device, self.held = created.device, created.operational[0].certificate
        self.places = {
            "organization_id": rest.organization_id,
            "authority_id": rest.workspace.authorities.all(SYSTEM)[0].id,
            "device_type_id": self.device_type.id,
            "device_id": self.device.id,
            **{
                name: self.certificate[name]
                for name in ("certificate_id", "thumbprint", "serial_number", "common_name")
            },
        }

    def call(self, route: AnyRoute) -> tuple[Good, Response]:
        """What a good call is, and what it is answered."""
        good = GOOD.get(route.run.__name__, _plain)(self)
        signed_in = self.signed_in() if route.needs_token else {}
        return good, self.ask(route, good.body, signed_in | dict(good.headers))

    def ask(
        self, route: AnyRoute, body: object, headers: dict[str, str], method: str | None = None
    ) -> Response:
        """The response to anything else at the path of a route."""
        path = route.path.format_map(self.places)
        return self.rest.ask(method or route.method, path, body, headers)

    def signed_in(self) -> dict[str, str]:
        """The header with a token."""
        return {"authorization": f"Bearer {self.rest.sign_in()}"}

    def as_device(self) -> dict[str, str]:
        """The headers of the device at its EST server."""
        server = self.rest.workspace.est_servers.all(SYSTEM)[0]
        return {**basic(self.device.name, PASSWORD), "host": server.domain}


def _renewed_at_any_time(workspace: Workspace) -> DeviceType:
    kind = replace(device_type(workspace), operational_renewal_hours=0)
    return workspace.device_types.edit(SYSTEM, kind)


def _plain(_bench: Bench) -> Good:
    return Good()


def _sign_in(bench: Bench) -> Good:
    line = bench.rest.application
    return Good(headers=basic(line.application.app_id, line.app_key))


def _create_device(bench: Bench) -> Good:
    body = {
        "device_type_id": bench.device_type.id,
        "name": "GW-2",
        "values": {"serial_number": "204-2"},
        "pfx_passphrase": PASSPHRASE,
        "factory": {},
        "operational": [{"csr": bare(new_csr()), "valid_from": "2026-04-01"}],
    }
    return Good(body)


def _certificate(bench: Bench) -> Good:
    return Good({"certificate_data": bench.certificate["certificate"]})


def _disabled(bench: Bench) -> Good:
    bench.rest.workspace.devices.disable(SYSTEM, bench.device.id)
    return Good()


def _of_the_device(bench: Bench) -> Good:
    """A request with the names of the certificate it has."""
    subject = read_certificate(bench.held.der).subject
    csr = build_csr(SoftwareKey(generate(KeyAlgorithm.EC_P256)), subject)
    return Good({"csr": bare(csr)}, bench.as_device())


# By the name of the function that answers. A route that is not here takes nothing.
GOOD: dict[str, Callable[[Bench], Good]] = {
    "sign_in": _sign_in,
    "issue_certificate": lambda bench: Good(order(bench.template_id, new_csr())),
    "renew_certificate": lambda _bench: Good({"revoke_original_certificate": True}),
    "rekey_certificate": lambda _bench: Good({"csr": bare(new_csr())}),
    "revoke_certificate": lambda _bench: Good({"revocation_reason": "keyCompromise"}),
    "validate_certificate": _certificate,
    "certificate_status": _certificate,
    "create_device": _create_device,
    "issue_device_certificate": lambda _bench: Good({"pfx_passphrase": PASSPHRASE}),
    "set_factory_mode": lambda _bench: Good({"revoke_operational_certificates": True}),
    "enable_device": _disabled,
    "show_itself": lambda bench: Good(headers=bench.as_device()),
    "enrol_itself": _of_the_device,
    "renew_itself": _of_the_device,
}


def told(response: Response) -> Any:
    """The JSON of a response."""
    return json.loads(response.body)
