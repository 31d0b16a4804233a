"""EST clients that do no more than they must, so that what is measured is the server."""

import base64
import multiprocessing
import socket
import ssl
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from threading import Barrier

from app.pki import keys
from app.pki.csr import build_csr
from app.pki.keys import KeyAlgorithm
from app.pki.names import ATTRIBUTE_TYPES, Attribute
from app.pki.sign import SoftwareKey
from tests.benchmarks.station import Gateway

CLIENTS = 8
TIMEOUT = 60.0
_FASTEST = 250  # enrolments a second of one client, at most


class EstClient:
    """Enrols one device, with a new TLS connection each time."""

    def __init__(self, port: int, gateway: Gateway, *, by_certificate: bool) -> None:
        self._port = port
        self._headers = "Host: 127.0.0.1\r\nContent-Type: application/pkcs10\r\n"
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._context.check_hostname = False
        self._context.verify_mode = ssl.CERT_NONE  # the time of the client is not the question
        if by_certificate:
            self._context.load_cert_chain(gateway.pem)
        else:
            credentials = base64.b64encode(f"{gateway.name}:{gateway.password}".encode()).decode()
            self._headers += f"Authorization: Basic {credentials}\r\n"

    def enrol(self, request: bytes) -> bytes:
        """Send a request (base64) and return the certs-only PKCS#7 (base64) of the answer.

        Raises `OSError` when the connection breaks and `RuntimeError` for any status but 200.
        """
        head = (
            "POST /.well-known/est/simpleenroll HTTP/1.1\r\n"
            f"{self._headers}Content-Length: {len(request)}\r\n\r\n"
        )
        with (
            socket.create_connection(("127.0.0.1", self._port), TIMEOUT) as plain,
            self._context.wrap_socket(plain) as connection,
        ):
            connection.sendall(head.encode() + request)
            return _body(connection)


def _body(connection: ssl.SSLSocket) -> bytes:
    received = b""
    while True:
        head, separator, body = received.partition(b"\r\n\r\n")
        if separator:
            status, *lines = head.decode("latin-1").lower().split("\r\n")
            if status.split()[1] != "200":
                raise RuntimeError(f"{status}: {body.decode(errors='replace')}")
            (length,) = (int(line[15:]) for line in lines if line.startswith("content-length:"))
            if len(body) == length:
                return body
        data = connection.recv(65536)
        if not data:
            raise ConnectionError("the answer is incomplete")
        received += data


def new_request(name: str) -> bytes:
    """A request (base64) for a device of this name, with a new P-256 key."""
    subject = (Attribute(ATTRIBUTE_TYPES["CN"].oid, name),)
    return base64.b64encode(build_csr(SoftwareKey(keys.generate(KeyAlgorithm.EC_P256)), subject))


@dataclass(frozen=True)
class Load:
    """Enrolments that succeeded, and when (monotonic seconds) they began and ended."""

    count: int
    started: float
    ended: float

    @property
    def per_second(self) -> float:
        """The rate that all clients together got out of the server."""
        return self.count / (self.ended - self.started)


def put_load(
    port: int, gateways: Sequence[Gateway], seconds: float | None, *, by_certificate: bool
) -> Load:
    """Have `CLIENTS` processes enrol for so many seconds, or each gateway once for None."""
    context = multiprocessing.get_context("spawn")
    gate = context.Barrier(CLIENTS)
    with ProcessPoolExecutor(CLIENTS, context, _share_gate, (gate,)) as pool:
        shares = [gateways[number::CLIENTS] for number in range(CLIENTS)]
        futures = [pool.submit(_enrol, port, share, seconds, by_certificate) for share in shares]
        loads = [future.result() for future in futures]
    return Load(
        sum(load.count for load in loads),
        min(load.started for load in loads),
        max(load.ended for load in loads),
    )


_gates: list[Barrier] = []


def _share_gate(gate: Barrier) -> None:
    """Keep what all client processes wait at; it can only be handed over at their start."""
    _gates.append(gate)


def _enrol(
    port: int, gateways: Sequence[Gateway], seconds: float | None, by_certificate: bool
) -> Load:
    """Enrol in turns, once all others are ready too."""
    clients = [EstClient(port, gateway, by_certificate=by_certificate) for gateway in gateways]
    turns = len(clients) if seconds is None else round(seconds * _FASTEST)
    requests = [new_request(gateways[turn % len(gateways)].name) for turn in range(turns)]
    _gates[0].wait(TIMEOUT)
    started = time.monotonic()
    count = 0
    for turn, request in enumerate(requests):
        clients[turn % len(clients)].enrol(request)
        count += 1
        if seconds is not None and time.monotonic() - started >= seconds:
            break
    return Load(count, started, time.monotonic())
