"""Signing in, tokens, and what every answer of the REST API has in common."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.messages import Response
from app.models.domain.access import Operation, Reach, reach
from app.models.services.workspace.workspace import Workspace
from app.pki.revocation import RevocationReason
from tests.api.rest_client import ADDRESS, RestClient, application_certificate
from tests.fakes import FakeClock
from tests.models.services.gateways import gateway, operational
from tests.plant import ADMIN, basic

ANYWHERE = "/certificatetemplates"


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def status(rest: RestClient, token: str, shown: tuple[bytes, ...] = ()) -> int:
    target = f"/v2/organizations/{rest.organization_id}{ANYWHERE}"
    return rest.ask("GET", target, None, bearer(token), shown).status


def message(response: Response) -> str:
    return str(json.loads(response.body)["message"])


@pytest.mark.req("SYS-06", "SYS-10")
def test_an_application_signs_in_by_its_key(rest: RestClient) -> None:
    line = rest.application
    header = basic(line.application.app_id, line.app_key)
    answer = json.loads(rest.ask("POST", "/v2/auth", None, header).body)
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 600)
    assert status(rest, answer["access_token"]) == 200
    wrong = rest.ask("POST", "/v2/auth", None, basic(line.application.app_id, "wrong"))
    assert wrong.status == 401
    assert ("WWW-Authenticate", 'Bearer realm="REST"') in wrong.headers
    assert message(wrong) == "The AppID or the AppKey is wrong."
    assert rest.ask("POST", "/v2/auth").status == 401


@pytest.mark.req("SYS-10")
def test_an_application_signs_in_by_its_certificate(demo: Workspace, rest: RestClient) -> None:
    der = application_certificate(demo, rest.application)
    answer = json.loads(rest.ask("POST", "/v2/auth", None, None, (der,)).body)
    token = answer["access_token"]
    assert status(rest, token, (der,)) == 200
    assert status(rest, token) == 401  # the token alone is worth nothing
    assert status(rest, token, (demo.authorities.all(ADMIN)[0].certificate,)) == 401
    used = demo.applications.get(ADMIN, rest.application.application.id).last_used_at
    assert used == demo.store.clock.now()


def test_a_revoked_certificate_ends_its_tokens(demo: Workspace, rest: RestClient) -> None:
    der = application_certificate(demo, rest.application)
    token = json.loads(rest.ask("POST", "/v2/auth", None, None, (der,)).body)["access_token"]
    (held,) = demo.certificates.of_application(ADMIN, rest.application.application.id)
    demo.revocation.revoke(ADMIN, held.id, RevocationReason.KEY_COMPROMISE)
    assert status(rest, token, (der,)) == 401
    assert rest.ask("POST", "/v2/auth", None, None, (der,)).status == 401


def test_a_certificate_of_nobody_does_not_sign_in(demo: Workspace, rest: RestClient) -> None:
    stranger = demo.authorities.all(ADMIN)[0].certificate
    held = gateway(demo, "GW-1", operational=(operational(demo),)).operational[0]
    for shown in (stranger, held.certificate.der, b"", b"no certificate"):
        response = rest.ask("POST", "/v2/auth", None, None, (shown,))
        assert (response.status, message(response)) == (
            401,
            "The certificate is not that of an API application.",
        )
    event = demo.audit.page(ADMIN, 0, 1)[0]
    assert (event.action, event.outcome) == ("application.sign-in", "refused")
    assert (event.actor, event.channel, event.address) == ("unknown", "api", ADDRESS)


def test_a_token_ends(rest: RestClient, clock: FakeClock) -> None:
    token = rest.sign_in()
    clock.advance(minutes=9, seconds=59)
    assert status(rest, token) == 200
    clock.advance(seconds=1)
    assert status(rest, token) == 401


def test_a_clock_that_was_set_back_lengthens_no_token(rest: RestClient, clock: FakeClock) -> None:
    token = rest.sign_in()
    clock.advance(seconds=-4)
    assert status(rest, token) == 200
    clock.advance(minutes=-1)
    assert status(rest, token) == 401


@pytest.mark.parametrize(("hours", "after"), [(0, 401), (2, 200)])
def test_a_token_ends_with_the_key_it_was_got_for(
    demo: Workspace, rest: RestClient, hours: int, after: int
) -> None:
    token = rest.sign_in()
    demo.applications.rotate_key(ADMIN, rest.application.application.id, overlap_hours=hours)
    assert status(rest, token) == after
    demo.applications.rotate_key(ADMIN, rest.application.application.id)
    assert status(rest, token) == 401


def test_a_rotated_key_leaves_the_tokens_of_certificates(demo: Workspace, rest: RestClient) -> None:
    der = application_certificate(demo, rest.application)
    token = json.loads(rest.ask("POST", "/v2/auth", None, None, (der,)).body)["access_token"]
    demo.applications.rotate_key(ADMIN, rest.application.application.id, overlap_hours=0)
    assert status(rest, token, (der,)) == 200


def test_a_token_ends_with_its_application(demo: Workspace, rest: RestClient) -> None:
    token = rest.sign_in()
    demo.applications.set_active(ADMIN, rest.application.application.id, active=False)
    assert status(rest, token) == 401


def test_a_token_is_good_in_every_process(demo: Workspace, rest: RestClient) -> None:
    other = RestClient(demo, rest.application, rest.organization_id)
    assert status(other, rest.sign_in()) == 200


def test_locked_keys_are_no_fault_of_the_client(demo: Workspace, rest: RestClient) -> None:
    token = rest.sign_in()
    demo.lock()
    response = rest.ask(
        "GET", f"/v2/organizations/{rest.organization_id}{ANYWHERE}", None, bearer(token)
    )
    assert response.status == 503
    assert ("Retry-After", "30") in response.headers


def test_strangers_are_not_told_what_is_wrong_with_the_database(
    demo: Workspace, rest: RestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with demo.store.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only = on")
    response = rest.ask("POST", "/v2/auth", None, basic("0" * 32, "wrong"))
    assert response.status == 503
    assert set(json.loads(response.body)) == {"message", "remedy"}
    assert "attempt to write a readonly database" in caplog.text


@pytest.mark.parametrize("place", range(6))
def test_a_changed_token_is_nothing(rest: RestClient, place: int) -> None:
    token = rest.sign_in()
    at = place * (len(token) - 1) // 5
    other = "1" if token[at] != "1" else "2"
    assert status(rest, f"{token[:at]}{other}{token[at + 1 :]}") == 401


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200))
def test_no_token_makes_it_stumble(rest: RestClient, token: str) -> None:
    assert status(rest, token) == 401


def test_an_application_stays_in_its_organizations(demo: Workspace, rest: RestClient) -> None:
    north, south = demo.tenants.organizations(ADMIN)[:2]
    elsewhere = demo.tenants.create_tenant(ADMIN, "Globex")
    foreign = demo.tenants.create_organization(ADMIN, elsewhere.id, "East")
    bound = demo.applications.create(ADMIN, "Bound", north.tenant_id, south.id)
    reached = {
        (name, organization.id): RestClient(demo, application, organization.id)
        .call("GET", ANYWHERE)
        .status
        for name, application in (("tenant", rest.application), ("south", bound))
        for organization in (north, south, foreign)
    }
    assert reached == {
        ("tenant", north.id): 200,
        ("tenant", south.id): 200,
        ("tenant", foreign.id): 404,
        ("south", north.id): 404,
        ("south", south.id): 200,
        ("south", foreign.id): 404,
    }


@pytest.mark.parametrize("what", ["organization", "tenant"])
def test_nobody_acts_for_an_owner_that_is_inactive(
    demo: Workspace, rest: RestClient, what: str
) -> None:
    token = rest.sign_in()
    if what == "organization":
        demo.tenants.set_organization_active(ADMIN, rest.organization_id, active=False)
    else:
        tenant_id = rest.application.application.tenant_id
        demo.tenants.set_tenant_active(ADMIN, tenant_id, active=False)
    assert status(rest, token) == (403 if what == "organization" else 401)


def test_an_application_may_what_an_operator_may(demo: Workspace, rest: RestClient) -> None:
    actor = demo.api_tokens.actor(rest.sign_in(), (), rest.organization_id, "")
    may = {operation for operation in Operation if reach(actor, operation) is Reach.ORGANIZATION}
    assert may == {
        Operation.AUTHORITY_VIEW,
        Operation.CERTIFICATE_ISSUE,
        Operation.CERTIFICATE_REVOKE,
        Operation.CERTIFICATE_VIEW,
        Operation.DEVICE_MANAGE,
        Operation.DEVICE_TYPE_VIEW,
        Operation.DEVICE_VIEW,
        Operation.SECRET_DOWNLOAD,
        Operation.TEMPLATE_VIEW,
    }
    assert all(reach(actor, one) is Reach.NONE for one in Operation if one not in may)


@pytest.mark.parametrize("target", ["/v2/", "/v2/nothing", "/v2/organizations/1", "/v2/auth/"])
def test_what_is_not_there(rest: RestClient, target: str) -> None:
    assert rest.ask("GET", target).status == 404


@pytest.mark.parametrize("number", ["0", "-1", "x", "1" * 19, "1.0", "%31", "\uff11"])
def test_an_organization_is_a_number(rest: RestClient, number: str) -> None:
    assert rest.ask("GET", f"/v2/organizations/{number}{ANYWHERE}").status == 404


def test_another_method(rest: RestClient) -> None:
    response = rest.ask("DELETE", "/v2/auth")
    assert response.status == 405
    assert ("Allow", "POST") in response.headers


def test_nobody_is_let_in_without_a_token(rest: RestClient) -> None:
    target = f"/v2/organizations/{rest.organization_id}{ANYWHERE}"
    assert rest.ask("GET", target).status == 401
    line = rest.application
    by_key = basic(line.application.app_id, line.app_key)
    assert rest.ask("GET", target, None, by_key).status == 401


def test_the_key_is_not_in_the_audit_log(demo: Workspace, rest: RestClient) -> None:
    token = rest.sign_in()
    status(rest, token)
    said = repr(demo.audit.page(ADMIN, 0, 100))
    assert rest.application.app_key not in said
    assert token not in said
