"""HTTP as the rooms that answer it see it: plain data, no sockets."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Peer:
    """The other end of a connection; only the address is known of one without TLS.

    `certificates` are DER, the client's own first; possession of its key was proved by TLS,
    nothing else was checked. `channel_binding` is tls-unique under TLS 1.2 (RFC 5929) and
    tls-exporter under TLS 1.3 (RFC 9266).
    """

    address: str
    tls: str = ""
    certificates: tuple[bytes, ...] = field(default=(), repr=False)
    channel_binding: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Request:
    """An HTTP request. `headers` have lower-case names; `target` is path and query as sent."""

    method: str
    target: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    peer: Peer

    @property
    def host(self) -> str:
        """The host name it is for, without the port, lower case; empty when it names none."""
        host = self.headers.get("host", "").strip().lower()
        if host.startswith("["):
            return host[1:].partition("]")[0]
        return host.partition(":")[0]


@dataclass(frozen=True)
class Response:
    """An HTTP response. Content-Length and Connection are added where it is sent."""

    status: int
    body: bytes = field(default=b"", repr=False)
    headers: tuple[tuple[str, str], ...] = ()
