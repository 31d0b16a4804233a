"""One accepted TCP connection, and what speaks over it."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from app.core.messages import Peer

LINGER_TIMEOUT = 2.0
DRAIN_TIMEOUT = 30.0  # without a sign that the client takes what is sent
MAX_UNREAD = 1024 * 1024


class Conversation(Protocol):
    """What speaks over a connection."""

    def received(self, data: bytes) -> None:
        """Take bytes."""

    def closed(self) -> None:
        """The connection is gone."""


class Connection(asyncio.Protocol):
    """A connection as it is without TLS: the conversation's bytes as they come."""

    def __init__(
        self,
        converse: Callable[[Peer, "Connection"], Conversation],
        among: "set[Connection]",
    ) -> None:
        """`among` holds this connection as long as it is open, so that others can close it."""
        self._converse = converse
        self._among = among
        self._conversation: Conversation | None = None
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._address = ""
        self._closing = False
        self._waiting = 0

    @property
    def taken(self) -> bool:
        """Whether the client took some of what waits to be sent since this was last asked."""
        before, self._waiting = self._waiting, self._unsent()
        return self._waiting < before

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  TCP gives nothing else
        self._among.add(self)
        self._transport = transport
        peer = transport.get_extra_info("peername")
        self._address = str(peer[0]) if peer else ""
        self._begin()

    def data_received(self, data: bytes) -> None:
        """Take bytes from the wire."""
        if self._conversation is not None and not self._closing:
            self._conversation.received(data)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  the reason changes nothing
        """The TCP connection is gone."""
        self._among.discard(self)
        self._stop_timer()
        if self._conversation is not None:
            self._conversation.closed()
        self._closing = True

    def pause_reading(self) -> None:
        """Let TCP hold back what the client sends."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Take what the client sends again."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def write(self, data: bytes) -> None:
        """Send bytes of the conversation."""
        if not self._closing:
            self._send(data)

    def close(self) -> None:
        """Close the TCP connection once everything is sent, or the client takes no more of it.

        What the client still sends is thrown away for a while: closing on unread bytes would
        reset the connection, and the client might never see the answer.
        """
        if self._closing or self._transport is None:
            return
        self._closing = True
        self._say_goodbye()
        if self._transport.is_closing():
            return
        self._transport.resume_reading()
        try:
            self._transport.write_eof()
        except OSError:  # the client has reset the connection, as yet unnoticed
            self._transport.abort()
            return
        self._linger()

    def abort(self) -> None:
        """Drop the connection and whatever is still to be sent."""
        self._closing = True
        if self._transport is not None:
            self._transport.abort()

    def _begin(self) -> None:
        """Start what comes before the conversation; here there is nothing."""
        self._conversation = self._converse(Peer(self._address), self)

    def _say_goodbye(self) -> None:
        """Send what comes after the conversation; here there is nothing."""

    def _send(self, data: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        if self._unsent() > MAX_UNREAD:
            self.abort()  # a client that asks again and never reads
            return
        self._transport.write(data)
        self._waiting = self._unsent()

    def _unsent(self) -> int:
        return self._transport.get_write_buffer_size() if self._transport is not None else 0

    def _linger(self) -> None:
        seconds = DRAIN_TIMEOUT if self._unsent() else LINGER_TIMEOUT
        self._timer = asyncio.get_running_loop().call_later(seconds, self._hang_up)

    def _hang_up(self) -> None:
        if self.taken:
            self._linger()
        else:
            self.abort()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
