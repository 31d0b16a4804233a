"""An application cannot make itself into another one."""

import json
from base64 import b64decode

import pytest

from app.models.domain.applications import CreatedApplication
from app.models.domain.certificates import Certificate
from app.models.services.audit.log import AuditFilter
from app.models.services.workspace.workspace import Workspace
from tests.api.certificate_requests import CERTIFICATES, bare, new_csr
from tests.api.rest_client import RestClient, application_certificate
from tests.plant import ADMIN


@pytest.fixture
def other(demo: Workspace, rest: RestClient) -> CreatedApplication:
    """Another application, of the organization that the first one acts in."""
    tenant_id = rest.application.application.tenant_id
    return demo.applications.create(ADMIN, "Line 2", tenant_id, rest.organization_id)


@pytest.fixture
def held(demo: Workspace, other: CreatedApplication) -> Certificate:
    """Its certificate."""
    application_certificate(demo, other)
    (found,) = demo.certificates.of_application(ADMIN, other.application.id)
    return found


@pytest.mark.parametrize(
    ("method", "act"), [("POST", "renew"), ("POST", "rekey"), ("POST", "revoke"), ("GET", "pfx")]
)
def test_the_certificate_of_another_application_is_its_own_affair(
    demo: Workspace, rest: RestClient, held: Certificate, method: str, act: str
) -> None:
    path = f"{CERTIFICATES}/{held.id}"
    body = {"csr": bare(new_csr())} if act == "rekey" else {}
    said = rest.refused(403, method, f"{path}/{act}", body)
    assert said["cause"] == "The certificate is that of another application."
    assert rest.get(path)["status"] == "Good"
    assert rest.get(CERTIFICATES)["total"] == 1
    event = demo.audit.page(ADMIN, 0, 1, AuditFilter("access.refuse"))[0]
    assert (event.actor, event.channel) == ("Line 1", "api")
    assert event.object_name.endswith(f"{path}/{act}")


def test_an_application_rekeys_its_own_certificate(
    demo: Workspace, rest: RestClient, other: CreatedApplication, held: Certificate
) -> None:
    itself = RestClient(demo, other, rest.organization_id)
    made = itself.post(f"{CERTIFICATES}/{held.id}/rekey", {"csr": bare(new_csr())})
    renewed = b64decode(made["certificate"])
    token = json.loads(itself.ask("POST", "/v2/auth", None, None, (renewed,)).body)
    assert token["token_type"] == "Bearer"
