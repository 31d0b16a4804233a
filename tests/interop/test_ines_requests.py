"""The REST requests of a public C client, octet by octet, over one TLS connection each.

It reads once, at most 15,999 octets, and cuts the text with plain string functions.
"""

import json
import ssl
from base64 import b64decode
from dataclasses import dataclass, replace
from typing import Any

import pytest
from cryptography import x509

from app.models.domain.access import Scope
from app.models.domain.issuing import IssueRequest
from app.models.domain.templates import CertificateKind
from app.pki.csr import parse_csr
from app.pki.keys import KeyAlgorithm
from tests.api.certificate_requests import SIXTEEN, armoured, bare, sdk_order
from tests.listener.station import Station
from tests.plant import ADMIN, csr, ec_key, rsa_key

HOST = "inesapi.example"  # without a port; no server name is sent in TLS
ONE_READ = 15_999
VERSIONS = [ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2]  # the second for older builds


@dataclass
class Client:
    """The client of one application, whose certificate is all it has to show."""

    station: Station
    context: ssl.SSLContext
    organization_id: int

    def exchange(self, method: str, path: str, token: str, body: bytes) -> bytes:
        """What one read returns; the whole response, or the client is lost."""
        authorization = f"authorization: Bearer {token} \r\n" if token else ""
        head = (
            f"{method} https://{HOST}{path} HTTP/1.1\r\n"
            f"Host: {HOST}\r\n"
            f"user-agent: ZTP_C_INES_AGENT\r\n"
            f"{authorization}"
            f"content-type: application/json\r\n"
            f"accept: */*\r\n"
            f"content-length: {len(body)}\r\n\r\n"
        )
        with self.context.wrap_socket(self.station.tcp()) as tls:
            tls.sendall(head.encode() + body)
            response = tls.recv(ONE_READ)
        assert len(response) < ONE_READ
        fields, _end, content = response.partition(b"\r\n\r\n")
        assert b"{" not in fields
        assert b"%" not in content
        assert b"\r\nContent-Length: %d" % len(content) in fields
        return response

    def refused(self, method: str, below: str, body: bytes = b"") -> bytes:
        """A response that the client takes for a failure."""
        response = self.exchange(method, self.path(below), self.token(), body)
        assert b"200 OK" not in response
        return response

    def call(self, method: str, below: str, body: bytes = b"") -> Any:
        """The JSON below the organization, with a token got for it alone."""
        return self._read(self.exchange(method, self.path(below), self.token(), body))

    def listed(self, below: str) -> list[dict[str, Any]]:
        """The elements of a list: the first member, whatever its name."""
        answer = self.call("GET", below)
        elements: list[dict[str, Any]] = next(iter(answer.values()))
        assert isinstance(elements, list)
        return elements

    def token(self) -> str:
        return str(self._read(self.exchange("POST", "/v2/auth", "", b""))["access_token"])

    def path(self, below: str) -> str:
        return f"/v2/organizations/{self.organization_id}/{below}"

    def _read(self, response: bytes) -> Any:
        assert response.startswith(b"HTTP/1.1 200 OK\r\n"), response
        text = response[response.index(b"{") : response.rindex(b"}") + 1]
        return json.loads(text)


@pytest.fixture(params=VERSIONS, ids=lambda version: version.name)
def client(station: Station, request: pytest.FixtureRequest) -> Client:
    """An application of the plant with its certificate."""
    plant, key = station.plant, ec_key()
    template = replace(
        plant.templates["Named"], name="Applications", kind=CertificateKind.APPLICATION
    )
    template = plant.workspace.templates.create(ADMIN, template)
    made = plant.workspace.applications.create(ADMIN, "Line 1", plant.tenant_id).application
    issued = plant.workspace.certificate_issuing.issue_for_application(
        ADMIN, made.id, IssueRequest(template.id, parse_csr(csr(key, "Line 1")))
    )
    context = station.context(request.param, issued.certificate.der, key)
    context.check_hostname = False
    return Client(station, context, plant.north)


@pytest.fixture
def template_id(station: Station) -> int:
    """A template that takes what the client makes."""
    return station.plant.templates["Named"].id


def fields_of(der: str) -> x509.Certificate:
    return x509.load_der_x509_certificate(b64decode(der, validate=True))


@pytest.mark.req("SYS-06", "SYS-10")
def test_what_there_is_to_issue_with(client: Client, station: Station) -> None:
    authorities = client.listed("certificationauthorities")
    assert {one["caName"] for one in authorities} >= {"Acme Root CA", "Acme Operational CA"}
    issuing = next(one for one in authorities if one["caName"] == "Acme Operational CA")
    assert issuing["id"] <= 9999
    details = client.call("GET", f"certificationauthorities/{issuing['id']}")["ca"]
    assert set(details) == set(issuing)
    ends = client.call("GET", f"certificationauthorities/{issuing['id']}/download")
    assert fields_of(ends["issuing"]["certificate"]) == fields_of(details["certificate"])
    root = fields_of(ends["root"]["certificate"])
    fields_of(details["certificate"]).verify_directly_issued_by(root)
    templates = client.listed("certificatetemplates")
    assert {one["name"] for one in templates} >= set(station.plant.templates)


@pytest.mark.req("SYS-06")
def test_the_life_of_a_certificate(client: Client, template_id: int) -> None:
    key, next_key = ec_key(), ec_key()
    body = sdk_order(template_id, armoured(csr(key, "dev_7")), "dev_7")
    issued = client.call("POST", "certificates", body)
    assert list(issued) == SIXTEEN
    assert fields_of(issued["certificate"]).public_key() == key.public_key()
    number, data = issued["certificate_id"], issued["certificate"]
    body = b'{"revoke_original_certificate":false}'
    assert client.call("POST", f"certificates/{number}/renew", body)["certificate"] != data
    request = bare(csr(next_key, "dev_7"))
    body = f'{{"csr":"{request}","revoke_original_certificate":true}}'.encode()
    rekeyed = client.call("POST", f"certificates/{number}/rekey", body)
    assert fields_of(rekeyed["certificate"]).public_key() == next_key.public_key()
    asked = f'{{"certificate_data": "{data}"}}'.encode()
    for how in ("validate", "status"):
        answer = client.call("POST", f"certificates/{how}", asked)
        assert (answer["status"], answer["reason"]) == ("Revoked", "superseded")
        assert answer["revocationDate"]
    number = rekeyed["certificate_id"]
    body = b'{"revocation_reason":"keyCompromise","revocationComment":"text"}'
    assert client.call("POST", f"certificates/{number}/revoke", body) == {"message": "OK"}
    client.refused("POST", f"certificates/{number}/revoke", body)


def test_certificates_are_found(client: Client, template_id: int) -> None:
    for name in ("dev_1", "dev_1", "dev_2"):
        body = sdk_order(template_id, bare(csr(ec_key(), name)), name, days=90)
        issued = client.call("POST", "certificates", body)
    found = client.listed("certificates?pagenum=1&pagesize=2")
    assert [one["common_name"] for one in found] == ["dev_2", "dev_1"]
    assert len(client.listed("certificates")) == 3
    assert len(client.listed("certificates/cn/dev_1")) == 2
    serial = issued["serial_number"]
    assert [one["thumbprint"] for one in client.listed(f"certificates/sn/{serial.upper()}")] == [
        issued["thumbprint"]
    ]
    for below in (f"thumbprint/{issued['thumbprint']}", str(issued["certificate_id"])):
        assert client.call("GET", f"certificates/{below}") == issued
    assert b" 400 " in client.refused("GET", "certificates/cn/two words")


def test_long_answers_come_in_one_piece(client: Client, station: Station, template_id: int) -> None:
    plant = station.plant
    requests = [
        IssueRequest(template_id, parse_csr(csr(ec_key(), f"a-device-with-a-long-name-{number}")))
        for number in range(30)
    ]
    issuing = plant.workspace.certificate_issuing
    issuing.issue_group(ADMIN, requests, Scope(plant.tenant_id, plant.north))
    assert len(client.listed("certificates?pagenum=0&pagesize=100")) == 25


def test_a_key_that_is_made_here_comes_in_one_piece(client: Client, station: Station) -> None:
    plant = station.plant
    large = replace(plant.templates["Named"], name="Large", key_algorithms=(KeyAlgorithm.RSA_4096,))
    template = plant.workspace.templates.create(ADMIN, large)
    issued = client.call("POST", "certificates", sdk_order(template.id, ""))
    assert issued["passphrase"]
    assert b64decode(issued["certificate_pkcs12"], validate=True)


def test_an_rsa_request_is_read(client: Client, template_id: int) -> None:
    body = sdk_order(template_id, armoured(csr(rsa_key(), "dev_7")), "dev_7")
    issued = client.call("POST", "certificates", body)
    assert fields_of(issued["certificate"]).public_key() == rsa_key().public_key()
