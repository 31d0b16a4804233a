"""Durable P-256 enrolments a second, a new TLS connection each, from eight client processes.

The yardsticks are TLS handshakes that enrol nothing, between `openssl s_server` and two
`openssl s_time`, with the certificates the station and its devices have; and certificates that
`cryptography` issues in memory.
"""

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.core.clock import SystemClock
from app.models.services.workspace.opening import open_workspace
from app.pki import keys
from app.pki.certificates import certificate_to_pem
from tests.benchmarks.est_load import CLIENTS, put_load
from tests.benchmarks.figures import Figure, Sizes
from tests.benchmarks.library import ALONE, issued_per_second
from tests.benchmarks.station import PASSPHRASE, Station, make_station, start_est

GATEWAYS = 8 * CLIENTS
WAYS = (False, True)  # by certificate
TLS = "openssl handshake alone"
_HANDSHAKES = re.compile(r"(\d+) connections in \d+ real seconds")


@dataclass(frozen=True)
class Rate:
    """What a server did a second, and its processor time for each (0 where it is not told)."""

    per_second: float
    milliseconds_each: float


def measure(sizes: Sizes) -> list[Figure]:
    """Enrolments by password and by factory certificate, beside what bounds them."""
    with tempfile.TemporaryDirectory() as folder:
        station = make_station(Path(folder), GATEWAYS)
        seconds = max(1, round(sizes.seconds))
        handshakes = [_handshakes(station, seconds, client_certificate=way) for way in WAYS]
        issued = issued_per_second(sizes.seconds / 3)
        process, port = start_est(station)
        try:
            first = put_load(port, station.gateways, None, by_certificate=False)
            enrolments = [
                _enrolments(process.pid, port, station, sizes.seconds, by_certificate=way)
                for way in WAYS
            ]
        finally:
            process.terminate()
            process.communicate()
    figures = [
        Figure("password, first time", first.per_second, "1/s", TLS, handshakes[0].per_second),
        Figure("password", enrolments[0].per_second, "1/s", ALONE, issued),
    ]
    for way, rate, bound in zip(("password", "certificate"), enrolments, handshakes, strict=True):
        figures.append(Figure(way, rate.per_second, "1/s", TLS, bound.per_second))
        if bound.milliseconds_each:
            each = rate.milliseconds_each, "ms", TLS, bound.milliseconds_each
            figures.append(Figure(f"{way}, processor time of the server", *each))
    return figures


def _enrolments(
    pid: int, port: int, station: Station, seconds: float, *, by_certificate: bool
) -> Rate:
    before = processor_seconds(pid)
    load = put_load(port, station.gateways, seconds, by_certificate=by_certificate)
    return Rate(load.per_second, (processor_seconds(pid) - before) * 1000 / load.count)


def processor_seconds(pid: int) -> float:
    """Processor time that a running process has used; 0 where the system has no /proc."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    user, system = stat.read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _handshakes(station: Station, seconds: int, *, client_certificate: bool) -> Rate:
    """Whole TLS 1.3 handshakes on this machine, server and two clients together."""
    pem = str(station.gateways[0].pem)
    with _openssl_server(station, ask=client_certificate) as (pid, port):
        command = [_openssl(), "s_time", "-new", "-connect", f"127.0.0.1:{port}"]
        command += ["-time", str(seconds)]
        command += ["-cert", pem, "-key", pem] if client_certificate else []
        before, started = processor_seconds(pid), time.monotonic()
        clients = [
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            for _client in range(2)
        ]
        outputs = [client.communicate(timeout=seconds + 30)[0] for client in clients]
        took = time.monotonic() - started  # s_time itself counts in whole seconds
        used = processor_seconds(pid) - before
    count = sum(int(found) for output in outputs for found in _HANDSHAKES.findall(output))
    return Rate(count / took, used * 1000 / count)


@contextmanager
def _openssl_server(station: Station, *, ask: bool) -> Iterator[tuple[int, int]]:
    """Process id and port of an `openssl s_server` with the certificates and key of the station."""
    identity = station.folder.parent / "server.pem"
    identity.write_bytes(_server_pem(station))
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    command = [_openssl(), "s_server", "-quiet", "-accept", f"127.0.0.1:{port}"]
    command += ["-cert", str(identity), "-cert_chain", str(identity), "-key", str(identity)]
    command += ["-no_ticket", "-num_tickets", "0", *(("-verify", "3") if ask else ())]
    nothing = subprocess.DEVNULL
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=nothing, stderr=nothing) as server:
        try:
            _wait_for(port)
            yield server.pid, port
        finally:
            server.kill()


def _server_pem(station: Station) -> bytes:
    workspace = open_workspace(station.folder, SystemClock(), PASSPHRASE)
    identity = workspace.est_endpoints.tls_identity()
    workspace.close()
    key = keys.private_key_to_pem(keys.private_key_from_der(identity.private_key_der), None)
    return b"".join(certificate_to_pem(der) for der in identity.chain) + key


def _wait_for(port: int) -> None:
    """Return once something takes connections on the port."""
    until = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return


def _openssl() -> str:
    found = shutil.which("openssl")
    if found is None:
        raise RuntimeError("the yardstick needs the openssl program")
    return found
