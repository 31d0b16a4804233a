"""A running listener for EST and REST, and clients that say exactly what they mean."""

import queue
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from app.api.rest import RestService
from app.listener.listener import EstListener
from app.models.services.est.monitor import EstExchange
from app.models.services.est.tls_identity import TlsIdentity
from app.pki.certificates import certificate_to_pem
from tests.plant import DOMAIN, DeviceKey, Plant

TIMEOUT = 20.0  # never reached unless something hangs


@dataclass
class Response:
    """An HTTP response, its head as it came."""

    head: bytes
    body: bytes

    @property
    def status(self) -> int:
        return int(self.head.split(b" ")[1])

    def field(self, title: str) -> str | None:
        """The value of a header field written exactly so."""
        for line in self.head.split(b"\r\n")[1:]:
            found, _colon, value = line.decode().partition(":")
            if found == title:
                return value.strip()
        return None


class Client:
    """A TLS connection. A missing close_notify is an error, as it is to libest."""

    def __init__(self, connection: ssl.SSLSocket) -> None:
        self.tls = connection
        self._read = b""

    def send(self, data: bytes) -> "Client":
        self.tls.sendall(data)
        return self

    def response(self, *, without_body: bool = False) -> Response:
        """The next response, as long as its Content-Length says."""
        while b"\r\n\r\n" not in self._read:
            self._more()
        head, _end, self._read = self._read.partition(b"\r\n\r\n")
        answer = Response(head, b"")
        length = 0 if without_body else int(answer.field("Content-Length") or 0)
        while len(self._read) < length:
            self._more()
        answer.body, self._read = self._read[:length], self._read[length:]
        return answer

    def assert_closed(self) -> None:
        """The server said goodbye and nothing else."""
        assert self._read == b""
        assert self.tls.recv(1) == b""
        self.tls.close()

    def _more(self) -> None:
        data = self.tls.recv(65536)
        assert data, f"closed after {self._read!r}"
        self._read += data


@dataclass
class Station:
    """The plant, its listener, and what a client needs to reach it."""

    plant: Plant
    folder: Path
    listener: EstListener = field(init=False)

    def __post_init__(self) -> None:
        servers = self.plant.workspace.est_endpoints
        self.listener = self.other_listener(servers.tls_identity)
        self.listener.start("127.0.0.1", 0)
        self.anchors = self.folder / "anchors.pem"
        self.anchors.write_bytes(servers.trust_anchors())
        self._clients: list[socket.socket] = []
        self.exchanges: queue.Queue[EstExchange] = queue.Queue()
        self.plant.workspace.store.events.subscribe(EstExchange, self.exchanges.put)

    def other_listener(self, identity: Callable[[], TlsIdentity]) -> EstListener:
        """A listener for the same services, not started yet."""
        return EstListener(self.plant.service, RestService(self.plant.workspace), identity)

    def context(
        self,
        version: ssl.TLSVersion | None = None,
        certificate: bytes | None = None,
        key: DeviceKey | None = None,
    ) -> ssl.SSLContext:
        """A client context that trusts the station, with a certificate to show or without."""
        context = ssl.create_default_context(cafile=str(self.anchors))
        if version is not None:
            context.minimum_version = context.maximum_version = version
        if certificate is not None and key is not None:
            path = self.folder / "client.pem"
            path.write_bytes(certificate_to_pem(certificate) + private_pem(key))
            context.load_cert_chain(path)
        return context

    def tcp(self) -> socket.socket:
        tcp = socket.create_connection(("127.0.0.1", self.listener.port), TIMEOUT)
        self._clients.append(tcp)
        return tcp

    def connect(self, context: ssl.SSLContext | None = None) -> Client:
        wrapped = (context or self.context()).wrap_socket(
            self.tcp(), server_hostname=DOMAIN, suppress_ragged_eofs=False
        )
        self._clients.append(wrapped)
        return Client(wrapped)

    def stop(self) -> None:
        """Hang up every client, stop the listener."""
        for client in self._clients:
            client.close()
        self.listener.stop()

    def next_exchange(self) -> EstExchange:
        """The next line of the monitor, as soon as it is there."""
        return self.exchanges.get(timeout=TIMEOUT)

    def is_well(self) -> None:
        """The next good request is answered."""
        client = self.connect()
        assert client.send(get("cacerts", close=True)).response().status == 200
        client.assert_closed()


def private_pem(key: DeviceKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def get(operation: str, *fields: str, close: bool = False, method: str = "GET") -> bytes:
    lines = [f"{method} /.well-known/est/{operation} HTTP/1.1", f"Host: {DOMAIN}", *fields]
    if close:
        lines.append("Connection: close")
    return "\r\n".join([*lines, "", ""]).encode()


def post(operation: str, body: bytes, *fields: str, close: bool = False) -> bytes:
    length = f"Content-Length: {len(body)}"
    fields = ("Content-Type: application/pkcs10", length, *fields)
    return get(operation, *fields, close=close, method="POST") + body
