"""Durable P-256 enrolments a second, a new TLS connection each, from eight client processes.

The yardsticks are TLS handshakes that enrol nothing, between `openssl s_server` and two
`openssl s_time`, with the certificates the station and its devices have; and certificates that
`cryptography` issues in memory.
"""

import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from app.core.clock import SystemClock
from app.models.services.workspace import open_workspace
from app.pki import keys
from app.pki.certificates import certificate_to_pem
from tests.benchmarks.est_load import CLIENTS, put_load
from tests.benchmarks.figures import Figure, Sizes
from tests.benchmarks.station import PASSPHRASE, Station, est_server, make_station

GATEWAYS = 8 * CLIENTS
_HANDSHAKES = re.compile(r"(\d+) connections in \d+ real seconds")


def measure(sizes: Sizes) -> list[Figure]:
    """Enrolments by password and by factory certificate, beside what bounds them."""
    with tempfile.TemporaryDirectory() as folder:
        station = make_station(Path(folder), GATEWAYS)
        seconds = max(1, round(sizes.seconds))
        plain = handshakes_per_second(station, seconds, client_certificate=False)
        mutual = handshakes_per_second(station, seconds, client_certificate=True)
        issued = issued_per_second(sizes.seconds / 3)
        with est_server(station) as port:
            first = put_load(port, station.gateways, None, by_certificate=False).per_second
            known, shown = (
                put_load(port, station.gateways, sizes.seconds, by_certificate=way).per_second
                for way in (False, True)
            )
    tls, mutual_tls = "openssl handshakes", "openssl handshakes, client certificate"
    return [
        Figure("enrolments, password", known, "1/s", tls, plain),
        Figure("enrolments, password, first time", first, "1/s", tls, plain),
        Figure("enrolments, factory certificate", shown, "1/s", mutual_tls, mutual),
        Figure("enrolments, password", known, "1/s", "issued by cryptography", issued),
    ]


def handshakes_per_second(station: Station, seconds: int, *, client_certificate: bool) -> float:
    """The rate of whole TLS 1.3 handshakes on this machine, server and clients together."""
    with _openssl_server(station, ask=client_certificate) as port:
        command = [_openssl(), "s_time", "-new", "-connect", f"127.0.0.1:{port}"]
        command += ["-time", str(seconds)]
        if client_certificate:
            pem = str(station.gateways[0].pem)
            command += ["-cert", pem, "-key", pem]
        started = time.monotonic()
        clients = [
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            for _client in range(2)
        ]
        rate = 0.0
        for client in clients:
            output, _errors = client.communicate(timeout=seconds + 30)
            found = _HANDSHAKES.search(output)
            assert found is not None, output
            rate += int(found[1]) / (time.monotonic() - started)  # s_time itself counts in seconds
    return rate


@contextmanager
def _openssl_server(station: Station, *, ask: bool) -> Iterator[int]:
    """The port of an `openssl s_server` with the certificates and key of the station."""
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
            yield port
        finally:
            server.kill()


def _server_pem(station: Station) -> bytes:
    workspace = open_workspace(station.folder, SystemClock(), PASSPHRASE)
    identity = workspace.est_servers.tls_identity()
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


def issued_per_second(seconds: float) -> float:
    """Requests that `cryptography` alone reads, checks and certifies, in one thread."""
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Issuer")])
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gateway")])
    builder = x509.CertificateSigningRequestBuilder().subject_name(name)
    request = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)
    started, count = time.monotonic(), 0
    while time.monotonic() - started < seconds:
        _issue(request, issuer, key)
        count += 1
    return count / (time.monotonic() - started)


def _issue(request: bytes, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> bytes:
    csr = x509.load_der_x509_csr(request)
    assert csr.is_signature_valid
    now = datetime.now(UTC)
    public_key = csr.public_key()
    builder = (
        x509.CertificateBuilder(issuer, csr.subject, public_key, x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=731))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False
        )
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)
