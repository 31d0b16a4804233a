"""An API application that asks the REST API of the demo workspace, without a socket."""

import base64
import json
from dataclasses import dataclass, field, replace
from typing import Any

from app.api.rest import RestService
from app.core.messages import Peer, Request, Response
from app.models.domain.access import SYSTEM, Access, Sharing
from app.models.domain.applications import CreatedApplication
from app.models.domain.issuing import IssueRequest
from app.models.domain.presets import template_presets
from app.models.services.workspace.workspace import Workspace
from tests.plant import ADMIN

ADDRESS = "192.0.2.7"


@dataclass
class RestClient:
    """Signs in by AppID and AppKey when it first needs a token."""

    workspace: Workspace
    application: CreatedApplication
    organization_id: int
    service: RestService = field(init=False)
    token: str = ""

    def __post_init__(self) -> None:
        self.service = RestService(self.workspace)

    def ask(
        self,
        method: str,
        target: str,
        body: object = None,
        headers: dict[str, str] | None = None,
        shown: tuple[bytes, ...] = (),
    ) -> Response:
        """The bare response; `body` is JSON, or bytes as they are."""
        sent = b"" if body is None else body
        if not isinstance(sent, bytes):
            sent = json.dumps(sent).encode()
        given = {"content-type": "application/json", "host": "localhost", **(headers or {})}
        peer = Peer(ADDRESS, "TLS 1.3", shown)
        response = self.service.handle(Request(method, target, given, sent, peer))
        assert b"%" not in response.body
        assert ("Content-Type", "application/json") in response.headers
        return response

    def sign_in(self) -> str:
        """A token for AppID and AppKey."""
        pair = f"{self.application.application.app_id}:{self.application.app_key}"
        header = {"authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        return str(json.loads(self.ask("POST", "/v2/auth", None, header).body)["access_token"])

    def call(self, method: str, path: str, body: object = None) -> Response:
        """Ask for what stands below the organization, with a token."""
        self.token = self.token or self.sign_in()
        target = f"/v2/organizations/{self.organization_id}{path}"
        return self.ask(method, target, body, {"authorization": f"Bearer {self.token}"})

    def get(self, path: str) -> Any:
        """The JSON of a good answer."""
        return self._good(self.call("GET", path))

    def post(self, path: str, body: object = None) -> Any:
        """The JSON of a good answer."""
        return self._good(self.call("POST", path, body))

    def refused(self, status: int, method: str, path: str, body: object = None) -> dict[str, str]:
        """The JSON of a refusal with this status."""
        response = self.call(method, path, body)
        assert response.status == status, response.body
        said: dict[str, str] = json.loads(response.body)
        assert said["message"]
        return said

    def _good(self, response: Response) -> Any:
        assert response.status == 200, response.body
        return json.loads(response.body)


def application_certificate(workspace: Workspace, made: CreatedApplication) -> bytes:
    """A certificate (DER) for the application, by an authority of the demo."""
    authority = workspace.templates.all(SYSTEM)[0].authority_id
    preset = next(one for one in template_presets() if one.key == "api-application")
    template = replace(
        preset.template,
        name="For applications",
        authority_id=authority,
        sharing=Sharing(Access.TENANT, made.application.tenant_id),
    )
    template_id = workspace.templates.create(SYSTEM, template).id
    issued = workspace.certificate_issuing.issue_for_application(
        ADMIN, made.application.id, IssueRequest(template_id)
    )
    return issued.certificate.der
