"""The requests of the INeS C SDK, octet for octet, and what it can bear for an answer."""

import base64
import ssl
from dataclasses import dataclass, replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from app.core.messages import Response
from app.models.services.devices.listed import DeviceQuery
from tests.listener.station import Station
from tests.plant import ADMIN, DOMAIN, DeviceKey, certificates_of, csr, ec_key

LARGEST_ANSWER = 15_998  # all that its one read takes in


@dataclass
class Client:
    """A device with the SDK: TLS 1.3, no server name, its own certificate and nothing else."""

    station: Station
    certificate: bytes
    key: DeviceKey

    def ask(self, method: str, path: str, body: bytes = b"") -> Response:
        """The answer, which has to come in one TLS record with the very text `200 OK`."""
        lines = (
            f"{method} https://{DOMAIN}/.well-known/est/{path} HTTP/1.1",
            f"Host: {DOMAIN}",
            "user-agent: ZTP_C_INES_AGENT",
            "content-type: application/pkcs7",
            "accept: */*",
            f"content-length: {len(body)}",
            "",
            "",
        )
        context = self.station.context(ssl.TLSVersion.TLSv1_3, self.certificate, self.key)
        context.check_hostname = False
        with context.wrap_socket(self.station.tcp()) as tls:
            tls.sendall("\r\n".join(lines).encode() + body)
            answer = tls.recv(LARGEST_ANSWER + 1)
        assert len(answer) <= LARGEST_ANSWER
        head, _end, content = answer.partition(b"\r\n\r\n")
        status, *fields = head.decode().split("\r\n")
        assert status == "HTTP/1.1 200 OK", content
        headers = tuple((title, value) for title, _, value in (f.partition(": ") for f in fields))
        assert int(dict(headers)["Content-Length"]) == len(content)
        return Response(200, content, headers)

    def enrol(self, method: str, path: str, subject: x509.Name | str) -> bytes:
        """The certificate (DER) for a new key."""
        (issued,) = certificates_of(self.ask(method, path, pem_request(ec_key(), subject)))
        return issued.public_bytes(Encoding.DER)


def pem_request(key: DeviceKey, subject: x509.Name | str) -> bytes:
    """A request as the SDK's sample application hands it over."""
    body = base64.encodebytes(csr(key, subject))
    return b"-----BEGIN CERTIFICATE REQUEST-----\n%b-----END CERTIFICATE REQUEST-----\n" % body


@pytest.fixture
def client(station: Station) -> Client:
    certificate, key = station.plant.with_factory_certificate("pump-1")
    server = station.plant.server
    station.plant.workspace.est_servers.edit(ADMIN, replace(server, server_key_generation=True))
    return Client(station, certificate, key)


def test_the_ca_certificates(client: Client) -> None:
    plain, labelled = (client.ask("GET", path) for path in ("cacerts", "arbitraryLabel/cacerts"))
    assert plain == labelled
    assert b"-----" not in plain.body
    assert len(certificates_of(plain)) == 2


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "simpleenroll"), ("GET", "arbitraryLabel/simpleenroll")]
)
def test_enrolment(client: Client, method: str, path: str) -> None:
    issued = x509.load_der_x509_certificate(client.enrol(method, path, "pump-1"))
    assert issued.subject.rfc4514_string() == "O=Acme Controls,CN=pump-1"
    line = client.station.plant.monitor_line()
    assert (line.operation, line.showed) == (path, "factory certificate")


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "simplereenroll"), ("GET", "arbitraryLabel/simpleenroll")]
)
def test_renewal_by_the_operational_certificate(client: Client, method: str, path: str) -> None:
    key = ec_key()
    (first,) = certificates_of(client.ask("POST", "simpleenroll", pem_request(key, "pump-1")))
    renewing = replace(client, certificate=first.public_bytes(Encoding.DER), key=key)
    second = x509.load_der_x509_certificate(renewing.enrol(method, path, first.subject))
    assert second.subject == first.subject
    plant = client.station.plant
    (device,) = plant.workspace.device_list.page(ADMIN, DeviceQuery(), 0, 2)
    newest, *_older = plant.workspace.certificates.of_device(ADMIN, device.id)
    assert newest.serial == f"{second.serial_number:x}"
    assert newest.previous_id is not None


@pytest.mark.req("EST-SKG-04")
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "serverkeygen"), ("GET", "arbitraryLabel/serverkeygen")]
)
def test_a_key_is_made(client: Client, method: str, path: str) -> None:
    answer = client.ask(method, path, pem_request(ec_key(), "pump-1"))
    assert answer.body.count(b"Content-Type: application/pkcs8\r\n") == 1
    assert client.station.plant.monitor_line().status == 200
