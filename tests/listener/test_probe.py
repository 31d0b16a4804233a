"""The test of an EST server's connection: what it reports, and each way it can fail."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest

from app.core.errors import InvalidInputError, UnavailableError
from app.core.messages import Response
from app.listener.listener import Listener
from app.listener.probe import ProbeReport, probe
from app.models.domain.est_servers import EstServer
from app.pki.certificates import certificate_to_pem, read_certificate
from tests.listener.station import Station
from tests.pki.material import root
from tests.plant import ADMIN, DOMAIN

LOCAL = "127.0.0.1"


@pytest.fixture
def anchors(station: Station) -> bytes:
    return station.plant.workspace.est_endpoints.trust_anchors()


def failed(address: str, anchors: bytes, domain: str = DOMAIN, label: str = "") -> UnavailableError:
    with pytest.raises(UnavailableError) as error:
        probe(address, domain, anchors, label)
    assert error.value.remedy
    return error.value


@contextmanager
def tls_server(station: Station, answer: bytes, folder: Path) -> Iterator[str]:
    """A server with the station's TLS identity that gives one connection this answer."""
    identity = station.plant.workspace.est_endpoints.tls_identity()
    pem = b"".join(certificate_to_pem(one) for one in identity.chain)
    key = ssl.DER_cert_to_PEM_cert(identity.private_key_der).replace("CERTIFICATE", "PRIVATE KEY")
    file = folder / "identity.pem"
    file.write_bytes(pem + key.encode())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with socket.create_server((LOCAL, 0)) as listening:
        listening.settimeout(20)

        def serve() -> None:
            tcp, _peer = listening.accept()
            with context.wrap_socket(tcp, server_side=True) as tls:
                tls.recv(65536)
                tls.sendall(answer)

        thread = Thread(target=serve)
        thread.start()
        yield f"{LOCAL}:{listening.getsockname()[1]}"
        thread.join(20)
        assert not thread.is_alive()


@pytest.mark.req("EST-18")
def test_what_a_device_would_meet_is_reported(station: Station, anchors: bytes) -> None:
    report = probe(station.listener.address, DOMAIN, anchors)
    shown = read_certificate(station.plant.workspace.est_endpoints.tls_identity().chain[0])
    assert report == ProbeReport(
        tls="TLS 1.3",
        certificates=2,  # of the operational authority and the root above it
        milliseconds=report.milliseconds,
        server_subject="CN=Birthmark EST",
        not_after=shown.not_after,
    )
    assert 0 <= report.milliseconds < 20_000
    assert station.next_exchange().operation == "cacerts"


@pytest.mark.parametrize("host", ["0.0.0.0", "", "localhost", "[127.0.0.1]"])
def test_a_listener_on_every_address_is_met_here(
    station: Station, anchors: bytes, host: str
) -> None:
    found = probe(f"{host}:{station.listener.port}", DOMAIN, anchors)
    assert isinstance(found, ProbeReport)


@pytest.mark.parametrize("address", ["", "8443", "bench", "bench:", "bench:0", "bench:65536"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        probe(f"bench:x{address}" if address == "8443" else address, DOMAIN, b"")
    assert refused.value.field == "address"


@pytest.mark.req("EST-18")
def test_nobody_listens(anchors: bytes) -> None:
    with socket.socket() as bound:  # it has the port, and does not listen
        bound.bind((LOCAL, 0))
        port = bound.getsockname()[1]
        error = failed(f"{LOCAL}:{port}", anchors)
    assert error.problem == f"Nobody answers at {LOCAL}:{port}."
    assert error.cause
    assert "Nobody" in failed("no-such-host.invalid:8443", anchors).problem
    assert "Nobody" in failed(f"{'a' * 70}.example:8443", anchors).problem  # no name for IDNA


@pytest.mark.req("EST-18")
def test_a_name_that_is_not_in_the_certificate_yet(station: Station, anchors: bytes) -> None:
    servers = station.plant.workspace.est_servers
    (server,) = servers.all(ADMIN)
    new = servers.create(ADMIN, replace(server, name="New", domain=""))
    error = failed(station.listener.address, anchors, new.domain)
    assert new.domain in error.problem
    assert "minute" in error.remedy


@pytest.mark.req("EST-18")
def test_a_certificate_that_leads_nowhere(station: Station) -> None:
    stranger = certificate_to_pem(root("Stranger", 3).certificate)
    for anchors in (stranger, b""):
        error = failed(station.listener.address, anchors)
        assert "cannot be trusted" in error.problem
        assert "certificate" in error.cause


@pytest.mark.req("EST-18")
def test_a_server_without_tls(anchors: bytes) -> None:
    plain = Listener(lambda _request: Response(200), "plain")
    plain.start(LOCAL, 0)
    try:
        assert "TLS handshake" in failed(plain.address, anchors).problem
    finally:
        plain.stop()


@pytest.mark.req("EST-18", "EST-URI-04")
def test_an_unknown_label(station: Station, anchors: bytes) -> None:
    error = failed(station.listener.address, anchors, label="nothere")
    assert "404" in error.problem
    assert error.cause


@pytest.mark.req("EST-18", "LBL-01")
def test_a_label(station: Station, anchors: bytes) -> None:
    servers = station.plant.workspace.est_servers
    server: EstServer = servers.all(ADMIN)[0]
    servers.add_label(ADMIN, server.id, "pumps", server.device_type_id)
    assert probe(station.listener.address, DOMAIN, anchors, "pumps").certificates > 0


@pytest.mark.req("EST-18")
@pytest.mark.parametrize("body", [b"", b"hello", b"MAA=", b"MIIB" * 9, b"\xff" * 100])
def test_an_answer_without_certificates(
    station: Station, anchors: bytes, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(station.plant.service, "handle", lambda _request: Response(200, body))
    assert "no CA certificates" in failed(station.listener.address, anchors).problem


@pytest.mark.req("EST-18")
def test_a_refusal_is_shown_without_its_control_characters(
    station: Station, anchors: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = b"Come from \x1b[31melsewhere.\xff"
    monkeypatch.setattr(station.plant.service, "handle", lambda _request: Response(403, said))
    error = failed(station.listener.address, anchors)
    assert "403" in error.problem
    assert error.cause.startswith("Come from \\1b[31melsewhere.")


@pytest.mark.req("EST-18")
@pytest.mark.parametrize(
    "answer",
    [
        *(b"", b"SSH-2.0-x\r\n\r\n", b"\0" * 70_000, b"HTTP/1.1 \xff\xff OK\r\n\r\n"),
        b"HTTP/1.1 200 OK\r\na: b\r\n" * 200,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_no_http(station: Station, anchors: bytes, answer: bytes, tmp_path: Path) -> None:
    with tls_server(station, answer, tmp_path) as address:
        assert "does not answer as HTTP" in failed(address, anchors).problem


def test_an_answer_that_breaks_off(station: Station, anchors: bytes, tmp_path: Path) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nMIIB"
    with tls_server(station, answer, tmp_path) as address:
        assert "no CA certificates" in failed(address, anchors).problem
