"""Whether a device would reach an EST server: one real request over TLS (EST-18)."""

import http.client
import socket
import ssl
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter

from app.core.errors import InvalidInputError, KnownError, UnavailableError
from app.core.language import _
from app.models.domain.est_servers import est_path
from app.pki.certificates import CertificateInfo, read_certificate
from app.pki.formats import certificates_in
from app.pki.names import subject_text
from app.pki.strings import escape_unsafe

TIMEOUT = 5.0
_LARGEST = 1 << 20
_HOSTNAME_MISMATCH = 62  # X509_V_ERR_HOSTNAME_MISMATCH of OpenSSL
_LOOPBACK = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  not bound, met


@dataclass(frozen=True)
class ProbeReport:
    """What a device meets: the TLS version, the certificates sent, and for how long all is good.

    `milliseconds` are those from the first packet to the end of the answer; `server_subject`
    and `not_after` are of the TLS certificate.
    """

    tls: str
    certificates: int
    milliseconds: int
    server_subject: str
    not_after: datetime


def probe(address: str, domain: str, trust_anchors: bytes, label: str = "") -> ProbeReport:
    """Fetch the CA certificates of an EST server (RFC 7030 section 4.1) as a device does.

    `address` is the `host:port` of its listener, which may be the one it was bound to;
    `trust_anchors` are PEM. The TLS certificate has to lead to one of them and to be for
    `domain`. Raises `InvalidInputError` for what is no address, `UnavailableError` for each
    way it can fail.
    """
    host, port = _split(address)
    began = perf_counter()
    with _connect(host, port) as tcp, _handshake(tcp, domain, trust_anchors) as tls:
        version, shown = tls.version() or "", _shown(tls)
        body = _fetch(tls, domain, port, label)
        took = perf_counter() - began
    return ProbeReport(
        tls=version.replace("TLSv", "TLS "),
        certificates=len(_certificates(body)),
        milliseconds=round(took * 1000),
        server_subject=subject_text(shown.subject),
        not_after=shown.not_after,
    )


def _split(address: str) -> tuple[str, int]:
    """Host and port to connect to; a listener on every address is met on this computer."""
    host, _colon, port = address.rpartition(":")
    if not (port.isascii() and port.isdecimal() and 0 < int(port[:6]) < 65536):
        raise InvalidInputError(
            _("“{address}” is not an address with a port.").format(address=address),
            remedy=_("Write it like 192.0.2.7:8443."),
            field="address",
        )
    host = host.strip("[]")
    return _LOOPBACK.get(host, host), int(port)


def _connect(host: str, port: int) -> socket.socket:
    try:
        return socket.create_connection((host, port), TIMEOUT)
    except (OSError, UnicodeError) as error:
        raise UnavailableError(
            _("Nobody answers at {host}:{port}.").format(host=host, port=port),
            cause=str(error),
            remedy=_("Start the listener there, or let the firewall through."),
        ) from error


def _handshake(tcp: socket.socket, domain: str, trust_anchors: bytes) -> ssl.SSLSocket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if trust_anchors:
        context.load_verify_locations(cadata=trust_anchors.decode("ascii"))
    try:
        return context.wrap_socket(tcp, server_hostname=domain)
    except ssl.SSLCertVerificationError as error:
        raise _untrusted(domain, error) from error
    except OSError as error:
        raise UnavailableError(
            _("The TLS handshake failed."),
            cause=str(error),
            remedy=_("Check that an EST listener, and nothing else, has this port."),
        ) from error


def _untrusted(domain: str, error: ssl.SSLCertVerificationError) -> UnavailableError:
    if error.verify_code == _HOSTNAME_MISMATCH:
        return UnavailableError(
            _("The TLS certificate is not for {domain} yet.").format(domain=domain),
            cause=_("The listener has a new one made about once a minute."),
            remedy=_("Try again in a minute, or start the listener anew."),
            retry_after=60,
        )
    return UnavailableError(
        _("The TLS certificate cannot be trusted."),
        cause=error.verify_message,
        remedy=_("Check the clock of this computer, and that its own listener has this port."),
    )


def _fetch(tls: ssl.SSLSocket, domain: str, port: int, label: str) -> bytes:
    connection = http.client.HTTPConnection(domain, port)
    connection.sock = tls
    try:
        connection.request("GET", f"{est_path(label)}/cacerts", headers={"Connection": "close"})
        with connection.getresponse() as response:
            body = response.read(_LARGEST)
    except (OSError, http.client.HTTPException) as error:
        raise UnavailableError(
            _("The EST server does not answer as HTTP."),
            cause=str(error),
            remedy=_("Check that an EST listener, and nothing else, has this port."),
        ) from error
    if response.status != http.client.OK:
        said = body[:500].decode("utf-8", "replace").strip()
        raise UnavailableError(
            _("The EST server answered {status} {reason}.").format(
                status=response.status, reason=escape_unsafe(response.reason)
            ),
            cause=escape_unsafe(said),
            remedy=_("Check that it is active, and its label and accepted addresses."),
        )
    return body


def _certificates(body: bytes) -> tuple[bytes, ...]:
    try:
        return certificates_in(body)
    except KnownError as error:
        raise UnavailableError(
            _("The EST server's answer holds no CA certificates."),
            cause=error.problem,
            remedy=_("Check that an EST listener, and nothing else, has this port."),
        ) from error


def _shown(tls: ssl.SSLSocket) -> CertificateInfo:
    """The TLS certificate of the server, which the handshake has verified."""
    return read_certificate(tls.getpeercert(binary_form=True) or b"")
