"""TLS over asyncio with pyOpenSSL, because only that shows us every client certificate.

The standard library ends a handshake whose client certificate does not verify; we want such
a client to reach our own validation, be told why and stand in the monitor. TLS still proves
that the client holds the certificate's key.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_der_private_key
from OpenSSL import SSL, crypto

from app.core.language import _
from app.core.messages import Peer
from app.listener.connection import Connection, Conversation
from app.models.services.est.tls_identity import TlsIdentity
from app.pki.certificates import CertificateError, read_certificate
from app.pki.names import subject_text

HANDSHAKE_TIMEOUT = 10.0
_CHUNK = 65536
_NO_RENEGOTIATION = 0x40000000  # SSL_OP_NO_RENEGOTIATION, which pyOpenSSL does not name
_CIPHERS = b"ECDHE+AESGCM:ECDHE+CHACHA20"
_EXPORTER = b"EXPORTER-Channel-Binding"


def server_context(identity: TlsIdentity) -> SSL.Context:
    """A server context: TLS 1.2 and 1.3, a client certificate asked for but not demanded.

    Sessions are not resumed: a resumed one would skip the look at the client certificate.
    """
    context = SSL.Context(SSL.TLS_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.set_options(
        SSL.OP_NO_TICKET
        | SSL.OP_NO_COMPRESSION
        | SSL.OP_CIPHER_SERVER_PREFERENCE
        | _NO_RENEGOTIATION
    )
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    context.set_cipher_list(_CIPHERS)
    leaf, *chain = (x509.load_der_x509_certificate(der) for der in identity.chain)
    context.use_certificate(leaf)
    for certificate in chain:
        context.add_extra_chain_cert(certificate)
    context.use_privatekey(load_der_private_key(identity.private_key_der, None))  # type: ignore[arg-type]  # our own key, of a kind TLS knows
    context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_CLIENT_ONCE, _accept_every_certificate)
    return context


def _accept_every_certificate(*_arguments: object) -> bool:
    return True


class TlsConnection(Connection):
    """One accepted TCP connection: handshake, then bytes in and out of a conversation."""

    def __init__(
        self,
        context: SSL.Context,
        converse: Callable[[Peer, Connection], Conversation],
        failed: Callable[[str, str, str], None],
        among: set[Connection],
    ) -> None:
        """`failed` is told address, reason and client certificate subject of a bad handshake."""
        super().__init__(converse, among)
        self._tls = SSL.Connection(context, None)
        self._tls.set_accept_state()
        self._failed = failed

    def data_received(self, data: bytes) -> None:
        """Take bytes from the wire."""
        if self._closing:
            return
        self._tls.bio_write(data)
        if self._conversation is None and not self._handshake():
            return
        self._read()

    def connection_lost(self, exc: Exception | None) -> None:
        """The TCP connection is gone."""
        if self._conversation is None and not self._closing:
            self._report(_("The client closed the connection during the handshake."))
        super().connection_lost(exc)

    def write(self, data: bytes) -> None:
        """Encrypt and send; up to 16 KiB go out as one TLS record."""
        if self._closing:
            return
        view = memoryview(data)
        try:
            while view:
                view = view[self._tls.send(view.tobytes()) :]
        except SSL.Error:  # the client broke TLS while its answer was being made
            self.abort()
        self._flush()

    def _begin(self) -> None:
        """Wait for the client's first flight."""
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(HANDSHAKE_TIMEOUT, self._handshake_timed_out)

    def _say_goodbye(self) -> None:
        """Send close_notify (EST-TLS-14)."""
        with suppress(SSL.Error):  # an unfinished handshake leaves nobody to say goodbye to
            self._tls.shutdown()
        self._flush()

    def _handshake(self) -> bool:
        """Go on with the handshake; whether it is done."""
        try:
            self._tls.do_handshake()
        except SSL.WantReadError:
            self._flush()
            return False
        except SSL.Error as error:
            self._flush()  # the alert that tells the client
            self._report(_reason(error))
            self.abort_after_flush()
            return False
        self._stop_timer()
        self._flush()
        self._conversation = self._converse(self._peer(), self)
        return True

    def abort_after_flush(self) -> None:
        """Close the TCP connection once the alert is out."""
        self._closing = True
        if self._transport is not None:
            self._transport.close()

    def _read(self) -> None:
        while self._conversation is not None and not self._closing:
            try:
                data = self._tls.recv(_CHUNK)
            except SSL.WantReadError:
                break
            except (SSL.ZeroReturnError, SSL.Error):
                self.close()
                break
            self._conversation.received(data)
        self._flush()

    def _flush(self) -> None:
        parts = []
        while True:
            try:
                parts.append(self._tls.bio_read(_CHUNK))
            except SSL.Error:  # nothing more to send
                break
        if parts:
            self._send(b"".join(parts))

    def _peer(self) -> Peer:
        version = self._tls.get_protocol_version_name()
        if version == "TLSv1.3":
            binding = self._tls.export_keying_material(_EXPORTER, 32)
        else:
            binding = self._tls.get_peer_finished() or b""
        return Peer(self._address, version.replace("v", " "), self._certificates(), binding)

    def _certificates(self) -> tuple[bytes, ...]:
        """What the client sent, its own certificate first."""
        leaf = self._tls.get_peer_certificate()
        if leaf is None:
            return ()
        first = crypto.dump_certificate(crypto.FILETYPE_ASN1, leaf)
        chain = self._tls.get_peer_cert_chain() or []
        others = (crypto.dump_certificate(crypto.FILETYPE_ASN1, other) for other in chain)
        return (first, *(der for der in others if der != first))

    def _report(self, reason: str) -> None:
        subject = ""
        certificates = self._certificates()
        if certificates:
            try:
                subject = subject_text(read_certificate(certificates[0]).subject)
            except CertificateError:
                subject = _("unreadable certificate")
        self._failed(self._address, reason, subject)

    def _handshake_timed_out(self) -> None:
        self._report(_("The client did not finish the handshake in time."))
        self.abort()


def _reason(error: SSL.Error) -> str:
    """OpenSSL's own words for what went wrong."""
    reasons = error.args[0] if error.args and isinstance(error.args[0], list) else []
    words = "; ".join(str(reason[-1]) for reason in reasons if reason)
    return words or _("The connection broke off.")
