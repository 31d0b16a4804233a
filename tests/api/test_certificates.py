"""Certificates through the REST API: listed, looked up, revoked, and asked about."""

from base64 import b64decode
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.models.domain.access import SYSTEM
from app.models.services.authorities.imports import Bundle
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import build, build_root, certificate_to_pem
from app.pki.keys import KeyAlgorithm, generate
from app.pki.pkcs12 import pack, unpack
from app.pki.revocation import RevocationReason
from app.pki.sign import SoftwareKey
from tests.api.certificate_requests import CERTIFICATES, SIXTEEN, add_template, new_csr, order
from tests.api.rest_client import RestClient
from tests.fakes import FakeClock
from tests.models.services.authorities.test_imports import ca_contents
from tests.models.services.gateways import PASSPHRASE, gateway, operational
from tests.workspace_fixtures import NOW

# In the order of the client's numbers; the last word but two is an act of its own here.
SDK_REASONS = (
    *("unspecified", "keyCompromise", "cACompromise", "affiliationChanged", "superseded"),
    *("cessationOfOperation", "certificateHold", "removeFromCRL", "privilegeWithdrawn"),
    "aACompromise",
)


@pytest.fixture
def issued(demo: Workspace, rest: RestClient) -> dict[str, Any]:
    """A certificate of the organization, for 30 days."""
    asked = order(add_template(demo), new_csr(), validity_period=30)
    answer: dict[str, Any] = rest.post(CERTIFICATES, asked)
    return answer


def south(workspace: Workspace, rest: RestClient) -> RestClient:
    """The same application in another organization."""
    others = workspace.tenants.organizations(SYSTEM)
    return RestClient(
        workspace, rest.application, next(o.id for o in others if o.id != rest.organization_id)
    )


def asked_about(rest: RestClient, how: str, data: str) -> tuple[str, str | None, str | None]:
    """Status, reason and date of the answer to `validate` or `status`."""
    answer = rest.post(f"{CERTIFICATES}/{how}", {"certificate_data": data})
    assert list(answer) == ["status", "detail", "reason", "revocationDate"]
    assert answer["detail"]
    return answer["status"], answer["reason"], answer["revocationDate"]


def test_a_list_is_read_page_by_page(demo: Workspace, rest: RestClient) -> None:
    template_id = add_template(demo)
    made = [rest.post(CERTIFICATES, order(template_id, new_csr())) for _n in range(28)]
    newest_first = [one["certificate_id"] for one in reversed(made)]

    def page(query: str, size: int) -> list[int]:
        answer = rest.get(f"{CERTIFICATES}{query}")
        assert list(answer) == ["certificates", "pagenum", "pagesize", "total"]
        assert (answer["pagesize"], answer["total"]) == (size, 28)
        assert all(list(one) == SIXTEEN for one in answer["certificates"])
        assert {one["certificate"] for one in answer["certificates"]} <= {None}
        return [one["certificate_id"] for one in answer["certificates"]]

    assert page("", 20) == newest_first[:20]
    assert page("?pagenum=&pagesize=", 20) == newest_first[:20]
    for first in (0, 1):
        assert page(f"?pagenum={first}&pagesize=3", 3) == newest_first[:3]
    assert page("?pagenum=2&pagesize=3", 3) == newest_first[3:6]
    assert page("?pagenum=1&pagesize=1000", 25) == newest_first[:25]
    assert page("?pagenum=2&pagesize=1000&more=x", 25) == newest_first[25:]
    assert page("?pagenum=1000000000", 20) == []


@pytest.mark.parametrize("query", ["pagenum=-1", "pagesize=0", "pagesize=x", "pagenum=1e3"])
def test_a_page_is_a_number(rest: RestClient, query: str) -> None:
    field = rest.refused(400, "GET", f"{CERTIFICATES}?{query}")["field"]
    assert field == query.partition("=")[0]


def test_a_certificate_is_found_by_what_it_says(rest: RestClient, issued: dict[str, Any]) -> None:
    shown = rest.get(f"{CERTIFICATES}/{issued['certificate_id']}")
    assert shown == issued
    thumbprint = issued["thumbprint"]
    assert thumbprint == thumbprint.upper()
    for digits in (thumbprint, thumbprint.lower()):
        assert rest.get(f"{CERTIFICATES}/thumbprint/{digits}") == issued
    listed = issued | {"certificate": None}
    serial = issued["serial_number"]
    for digits in (serial, serial.upper(), f"000{serial}"):
        assert rest.get(f"{CERTIFICATES}/sn/{digits}") == {"certificates": [listed]}
    assert rest.get(f"{CERTIFICATES}/cn/dev-one") == {"certificates": [listed]}
    for nothing in ("cn/dev-two", "sn/0", "cn/a%00b", "cn/%F0%9F"):
        assert rest.get(f"{CERTIFICATES}/{nothing}") == {"certificates": []}
    for nothing in ("thumbprint/00", "999999", "999999/pfx"):
        rest.refused(404, "GET", f"{CERTIFICATES}/{nothing}")


def test_a_common_name_with_odd_characters(demo: Workspace, rest: RestClient) -> None:
    name = "two words/100% & \u00fc"
    asked = order(add_template(demo), new_csr(), subject=[{"oid": "2.5.4.3", "value": name}])
    issued = rest.post(CERTIFICATES, asked)
    (found,) = rest.get(f"{CERTIFICATES}/cn/{quote(name, safe='')}")["certificates"]
    assert (found["certificate_id"], found["common_name"]) == (issued["certificate_id"], name)


def test_others_find_nothing(demo: Workspace, rest: RestClient, issued: dict[str, Any]) -> None:
    there = south(demo, rest)
    assert there.get(CERTIFICATES)["total"] == 0
    assert there.get(f"{CERTIFICATES}/cn/dev-one") == {"certificates": []}
    assert there.get(f"{CERTIFICATES}/sn/{issued['serial_number']}") == {"certificates": []}
    path = f"{CERTIFICATES}/{issued['certificate_id']}"
    there.refused(404, "GET", f"{CERTIFICATES}/thumbprint/{issued['thumbprint']}")
    there.refused(404, "GET", path)
    there.refused(404, "GET", f"{path}/pfx")
    there.refused(404, "POST", f"{path}/revoke", {})
    assert asked_about(there, "status", issued["certificate"])[0] == "Unknown"


@pytest.mark.req("TC-P2")
def test_the_key_of_a_device_is_downloaded(
    demo: Workspace, rest: RestClient, clock: FakeClock
) -> None:
    made = gateway(demo, "GW-1", operational=(operational(demo),))
    (held,) = demo.certificates.of_device(SYSTEM, made.device.id)
    path = f"{CERTIFICATES}/{held.id}/pfx"
    bundle = unpack(b64decode(rest.get(path)["certificate_pkcs12"], validate=True), PASSPHRASE)
    assert bundle.certificate == demo.certificates.get(SYSTEM, held.id).der
    assert bundle.private_key is not None
    newest = demo.audit.page(SYSTEM, 0, 1)[0]
    assert (newest.action, newest.object_name) == ("secret.download", "GW-1")
    clock.advance(days=30)
    rest.token = ""
    rest.refused(404, "GET", path)


@pytest.mark.parametrize("reason", SDK_REASONS)
def test_every_reason_of_the_client(
    demo: Workspace, rest: RestClient, issued: dict[str, Any], reason: str
) -> None:
    path = f"{CERTIFICATES}/{issued['certificate_id']}/revoke"
    body = f'{{"revocation_reason":"{reason}","revocationComment":"lost it"}}'.encode()
    if reason in {"cACompromise", "aACompromise"}:
        assert rest.refused(400, "POST", path, body)["field"] == "revocation_reason"
        return
    if reason == "removeFromCRL":
        rest.refused(409, "POST", path, body)
        return
    assert rest.post(path, body) == {"message": "OK"}
    shown = rest.get(f"{CERTIFICATES}/{issued['certificate_id']}")
    assert (shown["status"], shown["revocation_reason"]) == ("Revoked", reason)
    for how in ("validate", "status"):
        found = asked_about(rest, how, issued["certificate"])
        assert found == ("Revoked", reason, "2026-03-02T08:00:00Z")
    (newest,) = demo.audit.of_object(SYSTEM, "certificate", issued["certificate_id"], 1)
    assert newest.after["comment"] == "lost it"
    rest.refused(409, "POST", path, body)


def test_a_hold_is_let_go(rest: RestClient, issued: dict[str, Any]) -> None:
    path = f"{CERTIFICATES}/{issued['certificate_id']}/revoke"
    rest.post(path, {"revocation_reason": "certificateHold"})
    assert asked_about(rest, "status", issued["certificate"])[:2] == ("Revoked", "certificateHold")
    assert rest.post(path, {"revocation_reason": "removeFromCRL"}) == {"message": "OK"}
    assert asked_about(rest, "validate", issued["certificate"]) == ("Good", None, None)


@pytest.mark.parametrize("comment", ["a\x00b", "x" * 1001])
def test_a_comment_that_cannot_be_kept(
    rest: RestClient, issued: dict[str, Any], comment: str
) -> None:
    path = f"{CERTIFICATES}/{issued['certificate_id']}"
    said = rest.refused(400, "POST", f"{path}/revoke", {"revocationComment": comment})
    assert said["field"] == "revocationComment"
    assert rest.get(path)["status"] == "Good"


def test_a_revocation_needs_no_reason(rest: RestClient, issued: dict[str, Any]) -> None:
    path = f"{CERTIFICATES}/{issued['certificate_id']}/revoke"
    for wrong in ("lost", 1, ["keyCompromise"]):
        said = rest.refused(400, "POST", path, {"revocation_reason": wrong})
        assert said["field"] == "revocation_reason"
    long = {"revocationComment": "x" * 1001}
    assert rest.refused(400, "POST", path, long)["field"] == "revocationComment"
    assert rest.post(path, {"revocation_reason": "", "revocationComment": ""}) == {"message": "OK"}
    assert asked_about(rest, "status", issued["certificate"])[1] == "unspecified"
    rest.refused(404, "POST", f"{CERTIFICATES}/999999/revoke", {})


@pytest.mark.parametrize("how", ["validate", "status"])
def test_a_certificate_is_good_until_it_ends(
    rest: RestClient, issued: dict[str, Any], clock: FakeClock, how: str
) -> None:
    pem = certificate_to_pem(b64decode(issued["certificate"])).decode()
    for data in (issued["certificate"], pem, pem.replace("\n", "\r\n")):
        assert asked_about(rest, how, data) == ("Good", None, None)
    raw = f'{{"certificate_data": "{pem}"}}'.encode()  # with line ends inside the string
    assert rest.post(f"{CERTIFICATES}/{how}", raw)["status"] == "Good"
    clock.advance(days=30)
    rest.token = ""
    assert asked_about(rest, how, issued["certificate"]) == ("Expired", None, None)
    rest.post(f"{CERTIFICATES}/{issued['certificate_id']}/revoke", {})
    assert asked_about(rest, how, issued["certificate"])[0] == "Revoked"


def test_a_certificate_of_tomorrow_is_not_good_yet(demo: Workspace, rest: RestClient) -> None:
    asked = order(add_template(demo), new_csr(), valid_from="2026-03-03")
    assert asked_about(rest, "status", rest.post(CERTIFICATES, asked)["certificate"]) == (
        "Unknown",
        None,
        None,
    )


def test_an_authority_that_was_revoked_counts_in_validation_alone(
    demo: Workspace, rest: RestClient, issued: dict[str, Any]
) -> None:
    authority_id = demo.certificates.get(SYSTEM, issued["certificate_id"]).authority_id
    demo.authority_revocation.revoke(SYSTEM, authority_id, RevocationReason.CA_COMPROMISE)
    assert asked_about(rest, "validate", issued["certificate"])[0] == "Revoked"
    assert asked_about(rest, "status", issued["certificate"])[0] == "Good"


def test_an_authority_that_ended_counts_in_validation_alone(
    demo: Workspace, rest: RestClient, clock: FakeClock
) -> None:
    authority_id = below_a_short_root(demo)
    asked = order(add_template(demo, authority_id=authority_id), new_csr(), validity_period=30)
    issued = rest.post(CERTIFICATES, asked)
    assert asked_about(rest, "validate", issued["certificate"])[0] == "Good"
    clock.advance(days=20)
    rest.token = ""
    assert asked_about(rest, "validate", issued["certificate"])[0] == "Expired"
    assert asked_about(rest, "status", issued["certificate"])[0] == "Good"


def below_a_short_root(workspace: Workspace) -> int:
    """An authority brought along whose root ends in ten days, much earlier than itself."""
    keys = [generate(KeyAlgorithm.EC_P256) for _number in range(2)]
    root_key, key = map(SoftwareKey, keys)
    contents = ca_contents("Short root", root_key)
    short = replace(contents, not_after=NOW + timedelta(days=10))
    issuing = build(ca_contents("Issuing", key), build_root(contents, root_key), root_key, 7)
    packed = pack(keys[1], issuing, [build_root(short, root_key)], PASSPHRASE, "Issuing")
    imported = workspace.authority_imports.import_bundle(
        SYSTEM, "Issuing", Bundle(packed, PASSPHRASE)
    )
    return imported.id


@pytest.mark.parametrize("how", ["validate", "status"])
def test_what_was_not_issued_here_is_unknown(demo: Workspace, rest: RestClient, how: str) -> None:
    der = demo.authorities.all(SYSTEM)[0].certificate
    pem = certificate_to_pem(der).decode()
    assert asked_about(rest, how, pem) == ("Unknown", None, None)
    for nothing in ("", "x", "AAAA", 7, None):
        rest.refused(400, "POST", f"{CERTIFICATES}/{how}", {"certificate_data": nothing})


_TEXT = st.text(max_size=80)
_ANYTHING = st.none() | st.booleans() | st.integers() | _TEXT | st.lists(_TEXT, max_size=2)
_REASONS = st.sampled_from([*RevocationReason, "none"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(
    st.sampled_from(["validate", "status", "1/revoke"]),
    st.dictionaries(
        st.sampled_from(["certificate_data", "revocation_reason", "revocationComment"]),
        _ANYTHING | _REASONS,
    )
    | _ANYTHING,
)
def test_no_body_makes_it_stumble(rest: RestClient, act: str, body: object) -> None:
    assert rest.call("POST", f"{CERTIFICATES}/{act}", body).status in {400, 404}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.sampled_from(["cn", "sn", "thumbprint"]), _TEXT.filter(bool))
def test_no_path_makes_it_stumble(rest: RestClient, how: str, text: str) -> None:
    for sent in (quote(text, safe=""), text):
        assert rest.call("GET", f"{CERTIFICATES}/{how}/{sent}").status in {200, 400, 404}
