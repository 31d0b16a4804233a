"""Certificates issued, renewed and rekeyed through the REST API."""

import json
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.errors import UnavailableError
from app.models.domain.access import SYSTEM, Access, Channel, Sharing
from app.models.domain.subjects import FieldRule, NamePart, TemplateField
from app.models.services.workspace.workspace import Workspace
from app.pki import der
from app.pki.extensions import CustomExtension
from app.pki.keys import KeyAlgorithm, private_key_to_der
from app.pki.pkcs12 import unpack
from tests.api.certificate_requests import (
    CERTIFICATES,
    SIXTEEN,
    add_template,
    armoured,
    bare,
    new_csr,
    order,
    sdk_order,
)
from tests.api.rest_client import RestClient
from tests.fakes import FakeClock
from tests.models.services.gateways import gateway, operational
from tests.models.services.gateways import new_csr as gateway_csr
from tests.plant import ec_key, rsa_key
from tests.workspace_fixtures import NOW


def x509_of(answer: dict[str, Any]) -> x509.Certificate:
    """The certificate in an answer, as another library reads it."""
    assert set(answer["certificate"]) & set("\n-") == set()
    return x509.load_der_x509_certificate(b64decode(answer["certificate"], validate=True))


def test_the_order_of_the_client_is_understood(demo: Workspace, rest: RestClient) -> None:
    key = ec_key()
    template_id = add_template(demo)
    answer = rest.post(CERTIFICATES, sdk_order(template_id, armoured(new_csr(key=key))))
    assert list(answer) == SIXTEEN
    found = x509_of(answer)
    assert found.public_key() == key.public_key()
    assert found.subject.rfc4514_string() == "C=FR,2.5.4.5=1234,CN=dev-one"
    assert found.not_valid_after_utc == NOW + timedelta(days=30)
    with pytest.raises(x509.ExtensionNotFound):
        found.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert (answer["san"], answer["passphrase"], answer["certificate_pkcs12"]) == (None,) * 3
    assert (answer["common_name"], answer["status"]) == ("dev-one", "Good")
    assert answer["organization_id"] == rest.organization_id
    assert answer["serial_number"] == f"{found.serial_number:x}"
    assert answer["valid_until"] == "2026-04-01T08:00:00Z"
    held = demo.certificates.get(SYSTEM, answer["certificate_id"])
    assert (held.issued_through, held.issued_by, held.name) == (Channel.API, "Line 1", "dev-one")
    again = rest.post(CERTIFICATES, sdk_order(template_id, armoured(new_csr())))
    assert again["common_name"] == answer["common_name"]  # names need not be unique


@pytest.mark.parametrize(
    "wrap",
    [
        bare,
        armoured,
        lambda csr: armoured(csr).replace("\n", "\r\n"),
        lambda csr: f"\n {bare(csr)[:100]}\n\t{bare(csr)[100:]} \r\n",
    ],
    ids=["bare", "armoured", "CRLF", "spaces"],
)
@pytest.mark.parametrize("raw", [False, True], ids=["escaped", "raw line ends"])
def test_a_request_comes_in_many_coats(
    demo: Workspace, rest: RestClient, wrap: Any, raw: bool
) -> None:
    csr = new_csr()
    text = wrap(csr)
    body = json.dumps(order(add_template(demo)) | {"csr": "here"})
    sent = text if raw else json.dumps(text)[1:-1]
    answer = rest.post(CERTIFICATES, body.replace('"here"', f'"{sent}"').encode())
    assert x509_of(answer).public_key() == x509.load_der_x509_csr(csr).public_key()


def test_an_rsa_request_is_answered(demo: Workspace, rest: RestClient) -> None:
    csr = new_csr(key=rsa_key())
    answer = rest.post(CERTIFICATES, sdk_order(add_template(demo), armoured(csr)))
    assert x509_of(answer).public_key() == rsa_key().public_key()


def test_names_follow_the_template(demo: Workspace, rest: RestClient) -> None:
    fields = (
        TemplateField(NamePart.SUBJECT, "CN", FieldRule.REQUIRED),
        TemplateField(NamePart.SUBJECT, "O", FieldRule.FIXED, "Acme Controls"),
        TemplateField(NamePart.SUBJECT, "OU"),
        TemplateField(NamePart.SUBJECT, "OU", index=2),
        TemplateField(NamePart.SUBJECT, "postalCode"),
        TemplateField(NamePart.SUBJECT, "L", default="Geneva"),
        TemplateField(NamePart.SAN, "dns"),
        TemplateField(NamePart.SAN, "1.3.6.1.4.1.311.20.2.3"),
    )
    subject = [
        ("2.5.4.3", "dev-one"),
        ("2.5.4.10", "Somebody else"),
        ("2.5.4.11", ""),
        ("2.5.4.11", "first"),
        ("2.5.4.11", "second"),
        ("2.5.4.11", "third"),
        ("2.5.4.17", "1218"),
        ("2.5.4.7", ""),
        ("1.2.3.4", "unknown"),
        ("no oid", "unknown"),
    ]
    names = [
        ("dns", "one.example"),
        ("dns", "two.example"),
        ("ip", "192.0.2.1"),
        ("carrier pigeon", "unknown"),
        ("1.3.6.1.4.1.311.20.2.3", "dev@acme.example"),
    ]
    answer = rest.post(
        CERTIFICATES,
        order(
            add_template(demo, fields=fields),
            new_csr(),
            subject=[{"oid": oid, "value": value} for oid, value in subject],
            san=[{"name": name, "value": value} for name, value in names],
        ),
    )
    assert answer["issued_dn"] == (
        "L=Geneva,postalCode=1218,OU=second,OU=first,O=Acme Controls,CN=dev-one"
    )
    assert answer["san"] == "dns:one.example, other:1.3.6.1.4.1.311.20.2.3;dev@acme.example"


def test_names_of_the_request_fill_what_is_not_sent(demo: Workspace, rest: RestClient) -> None:
    asked = order(add_template(demo), new_csr("from-the-request"), subject=None)
    assert rest.post(CERTIFICATES, asked)["common_name"] == "from-the-request"


@pytest.mark.parametrize("given", ["", "my own words"])
def test_a_key_made_here_comes_with_the_answer(
    demo: Workspace, rest: RestClient, given: str
) -> None:
    answer = rest.post(CERTIFICATES, order(add_template(demo), passphrase=given))
    assert given in ("", answer["passphrase"])
    bundle = unpack(b64decode(answer["certificate_pkcs12"], validate=True), answer["passphrase"])
    assert bundle.certificate == b64decode(answer["certificate"])
    assert bundle.private_key is not None
    assert private_key_to_der(bundle.private_key)
    assert bundle.private_key.public_key() == x509_of(answer).public_key()
    assert bundle.chain
    shown = rest.get(f"{CERTIFICATES}/{answer['certificate_id']}")
    assert (shown["certificate_pkcs12"], shown["passphrase"]) == (None, None)


def test_the_passphrase_stays_out_of_audit_log_and_errors(
    demo: Workspace, rest: RestClient
) -> None:
    answer = rest.post(CERTIFICATES, order(add_template(demo)))
    assert answer["passphrase"] not in repr(demo.audit.page(SYSTEM, 0, 100))
    wrong = order(add_template(demo, name="Other"), passphrase="short")
    said = rest.refused(400, "POST", CERTIFICATES, wrong)
    assert said["field"] == "passphrase"
    assert "short" not in json.dumps(said).replace("too short", "")


def test_a_large_key_is_left_for_its_own_request(demo: Workspace, rest: RestClient) -> None:
    value = der.tlv(der.OCTET_STRING, bytes(2500))
    template_id = add_template(
        demo,
        key_algorithms=(KeyAlgorithm.RSA_4096,),
        extensions=(CustomExtension("1.3.6.1.4.1.99999.1", critical=False, value=value),),
    )
    answer = rest.post(CERTIFICATES, order(template_id))
    assert (answer["certificate_pkcs12"], bool(answer["passphrase"])) == (None, True)
    taken = rest.get(f"{CERTIFICATES}/{answer['certificate_id']}/pfx")["certificate_pkcs12"]
    assert unpack(b64decode(taken), answer["passphrase"]).private_key is not None


def test_a_certificate_that_was_issued_is_told_even_when_its_key_cannot_come_along(
    demo: Workspace, rest: RestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_values: object) -> bytes:
        raise UnavailableError("The disk is full.")

    with monkeypatch.context() as patched:
        patched.setattr(demo.certificates, "download_pfx", full)
        answer = rest.post(CERTIFICATES, order(add_template(demo)))
    assert answer["certificate_pkcs12"] is None
    taken = rest.get(f"{CERTIFICATES}/{answer['certificate_id']}/pfx")["certificate_pkcs12"]
    assert unpack(b64decode(taken), answer["passphrase"]).private_key is not None


@pytest.mark.parametrize(
    ("given", "begins"),
    [
        ("2026-05-04", datetime(2026, 5, 4, tzinfo=UTC)),
        ("2026-05-04T23:30:00Z", datetime(2026, 5, 4, tzinfo=UTC)),
        ("2026-05-04T23:30:00-02:00", datetime(2026, 5, 5, tzinfo=UTC)),
        ("2026-05-04T10:00", datetime(2026, 5, 4, tzinfo=UTC)),
        ("", NOW - timedelta(minutes=5)),
        (None, NOW - timedelta(minutes=5)),
    ],
)
def test_a_certificate_begins_when_asked(
    demo: Workspace, rest: RestClient, given: str | None, begins: datetime
) -> None:
    asked = order(add_template(demo), new_csr(), valid_from=given, validity_period=90)
    found = x509_of(rest.post(CERTIFICATES, asked))
    assert found.not_valid_before_utc == begins
    start = NOW if not given else begins
    assert found.not_valid_after_utc == start + timedelta(days=90)


def test_a_period_limits_what_the_template_does_not(demo: Workspace, rest: RestClient) -> None:
    template_id = add_template(demo, validity_days=None)
    limited = rest.post(CERTIFICATES, order(template_id, new_csr(), validity_period="7"))
    assert limited["valid_until"] == "2026-03-09T08:00:00Z"
    assert rest.post(CERTIFICATES, order(template_id, new_csr()))["valid_until"] > "2030"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"valid_from": "yesterday"}, "valid_from"),
        ({"valid_from": 20260504}, "valid_from"),
        ({"valid_from": "0001-01-01T00:00:00+12:00"}, "valid_from"),
        ({"validity_period": 0}, "validity_period"),
        ({"validity_period": 10**30}, "validity_period"),
        ({"validity_period": 1.5}, "validity_period"),
        ({"template_id": 10**30}, "template_id"),
        ({"template_id": None}, "template_id"),
        ({"csr": "nonsense"}, "csr"),
        ({"subject": [{"oid": "2.5.4.3", "value": "a\x00b"}]}, "subject.CN"),
        ({"subject": [{"value": "x"}]}, "subject.0.oid"),
        ({"subject": []}, "subject.CN"),
    ],
    ids=str,
)
def test_what_is_wrong_is_named(
    demo: Workspace, rest: RestClient, changes: dict[str, object], field: str
) -> None:
    asked = order(add_template(demo)) | changes
    assert rest.refused(400, "POST", CERTIFICATES, asked)["field"] == field
    assert rest.get(CERTIFICATES)["total"] == 0


def test_a_template_of_others_does_not_exist(demo: Workspace, rest: RestClient) -> None:
    south = next(o for o in demo.tenants.organizations(SYSTEM) if o.id != rest.organization_id)
    hidden = add_template(demo, sharing=Sharing(Access.ORGANIZATION, south.tenant_id, south.id))
    for template_id in (hidden, 10**17):
        rest.refused(404, "POST", CERTIFICATES, order(template_id, new_csr()))


@pytest.mark.parametrize("revoke", [True, False])
def test_renewing_keeps_the_key(demo: Workspace, rest: RestClient, revoke: bool) -> None:
    old = rest.post(CERTIFICATES, order(add_template(demo), new_csr()))
    path = f"{CERTIFICATES}/{old['certificate_id']}"
    body = f'{{"revoke_original_certificate":{json.dumps(revoke)}}}'.encode()
    renewed = rest.post(f"{path}/renew", body)
    assert list(renewed) == SIXTEEN
    assert x509_of(renewed).public_key() == x509_of(old).public_key()
    assert renewed["issued_dn"] == old["issued_dn"]
    before = rest.get(path)
    reason = "superseded" if revoke else None
    assert (before["status"] == "Revoked", before["revocation_reason"]) == (revoke, reason)


def test_rekeying_changes_the_key(demo: Workspace, rest: RestClient) -> None:
    old = rest.post(CERTIFICATES, order(add_template(demo), new_csr()))
    path = f"{CERTIFICATES}/{old['certificate_id']}"
    csr = new_csr("whatever")
    body = f'{{"csr":"{bare(csr)}","revoke_original_certificate":true}}'.encode()
    rekeyed = rest.post(f"{path}/rekey", body)
    assert x509_of(rekeyed).public_key() == x509.load_der_x509_csr(csr).public_key()
    assert (rekeyed["issued_dn"], rekeyed["passphrase"]) == (old["issued_dn"], None)
    assert rest.get(path)["revocation_reason"] == "superseded"
    rest.refused(409, "POST", f"{path}/rekey", {"csr": bare(new_csr())})
    path = f"{CERTIFICATES}/{rekeyed['certificate_id']}/rekey"
    assert rest.refused(400, "POST", path, {"csr": bare(csr)})["field"] == "csr"
    made_here = rest.post(path)
    bundle = unpack(b64decode(made_here["certificate_pkcs12"]), made_here["passphrase"])
    assert bundle.certificate == b64decode(made_here["certificate"])
    for act in ("renew", "rekey"):
        rest.refused(404, "POST", f"{CERTIFICATES}/999999/{act}")


@pytest.mark.req("DTC-17", "DEC-16")
def test_a_device_renews_when_its_window_opens(
    demo: Workspace, rest: RestClient, clock: FakeClock
) -> None:
    made = gateway(demo, "GW-1", operational=(operational(demo, csr=gateway_csr()),))
    (old,) = demo.certificates.of_device(SYSTEM, made.device.id)
    path = f"{CERTIFICATES}/{old.id}"
    opens = old.not_after - timedelta(days=90)
    for act, body in (("renew", {}), ("rekey", {"csr": bare(new_csr())})):
        said = rest.refused(403, "POST", f"{path}/{act}", body)
        assert opens.isoformat(timespec="minutes") in said["cause"]
    clock.set(opens)
    rest.token = ""
    assert rest.post(f"{path}/renew")["common_name"] == "GW-1"


def test_an_application_cannot_renew_for_others(demo: Workspace, rest: RestClient) -> None:
    old = rest.post(CERTIFICATES, order(add_template(demo), new_csr()))
    south = next(o for o in demo.tenants.organizations(SYSTEM) if o.id != rest.organization_id)
    there = RestClient(demo, rest.application, south.id)
    for act in ("renew", "rekey"):
        there.refused(404, "POST", f"{CERTIFICATES}/{old['certificate_id']}/{act}")


_TEXT = st.text(max_size=80)
_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=8,
)
_MEMBERS = (
    *("template_id", "subject", "san", "csr", "passphrase", "valid_from", "validity_period"),
    "revoke_original_certificate",
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    st.sampled_from(["", "/1/renew", "/1/rekey"]),
    st.dictionaries(st.sampled_from(_MEMBERS), _ANYTHING, max_size=4) | _ANYTHING,
)
def test_no_body_makes_it_stumble(rest: RestClient, act: str, body: object) -> None:
    assert rest.call("POST", f"{CERTIFICATES}{act}", body).status in {400, 404, 415}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.binary(max_size=200))
def test_no_request_makes_it_stumble(demo: Workspace, rest: RestClient, csr: bytes) -> None:
    names = {t.name: t.id for t in demo.templates.all(SYSTEM)}
    asked = order(names.get("ZTP") or add_template(demo), csr=None, subject=[])
    for text in (b64encode(csr).decode() or "x", csr.decode("latin-1")):
        assert rest.call("POST", CERTIFICATES, asked | {"csr": text or "x"}).status == 400
