"""HTTP/1.1 over one connection, with every limit in our own hands (RFC 9112)."""

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import Executor
from http import HTTPStatus

import h11

from app.core.messages import Peer, Request, Response
from app.listener.connection import Connection

MAX_BODY = 64 * 1024
MAX_HEAD = 16 * 1024
REQUEST_TIMEOUT = 15.0
IDLE_TIMEOUT = 30.0
# Line ends and folded lines that servers and proxies read differently (RFC 9112 section 11.2).
_AMBIGUOUS = re.compile(rb"(?<!\r)\n|\r(?!\n|\Z)|\n[ \t]")


class HttpConversation:
    """Reads requests one after the other, has each answered on a worker thread, writes answers.

    Nothing is read from the client while its request is being answered, so a client that
    pipelines holds only itself up.
    """

    def __init__(
        self,
        peer: Peer,
        connection: Connection,
        handle: Callable[[Request], Response],
        executor: Executor,
    ) -> None:
        self._peer = peer
        self._connection = connection
        self._handle = handle
        self._executor = executor
        self._loop = asyncio.get_running_loop()
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)
        self._head: h11.Request | None = None
        self._raw_head = bytearray()
        self._body = bytearray()
        self._between = True
        self._busy = False
        self._timer = self._loop.call_later(IDLE_TIMEOUT, self._timed_out)

    def received(self, data: bytes) -> None:
        """Take bytes."""
        if self._between:
            # libest leaves CRLF behind its body (RFC 9112 section 2.2)
            data = data.lstrip(b"\r\n")
            if not data:
                return
            self._between = False
            self._raw_head.clear()
            self._restart_timer(REQUEST_TIMEOUT)
        try:
            if self._head is None:
                self._check_raw_head(data)
            self._http.receive_data(data)
        except h11.RemoteProtocolError as error:
            self._fail(error.error_status_hint)
            return
        if not self._busy:
            self._advance()

    def closed(self) -> None:
        """The connection is gone."""
        self._timer.cancel()

    def _check_raw_head(self, data: bytes) -> None:
        """Raise for a head that is too long or that others could read in another way."""
        self._raw_head += data
        head = self._raw_head.partition(b"\r\n\r\n")[0]
        if len(head) > MAX_HEAD:
            raise h11.RemoteProtocolError("the head is too long", error_status_hint=431)
        if _AMBIGUOUS.search(head):
            raise h11.RemoteProtocolError("a line end in the head is ambiguous")

    def _advance(self) -> None:
        while True:
            try:
                event = self._http.next_event()
            except h11.RemoteProtocolError as error:
                # h11 answers 501 to an unknown Transfer-Encoding; it is an attack or a defect
                self._fail(431 if error.error_status_hint == 431 else 400)
                return
            if event is h11.NEED_DATA or event is h11.PAUSED:
                self._continue()
                return
            if isinstance(event, h11.Request):
                self._head = event
                if problem := _framing_problem(event):
                    self._fail(problem)
                    return
            elif isinstance(event, h11.Data):
                self._body += event.data
                if len(self._body) > MAX_BODY:
                    self._fail(413)
                    return
            elif isinstance(event, h11.EndOfMessage):
                self._dispatch()
                return

    def _continue(self) -> None:
        if self._http.they_are_waiting_for_100_continue:
            self._send(h11.InformationalResponse(status_code=100, headers=[], reason="Continue"))

    def _dispatch(self) -> None:
        head = self._head
        if head is None:
            return
        try:
            request = _request(head, bytes(self._body), self._peer)
        except ValueError:
            self._fail(400)
            return
        self._timer.cancel()
        try:
            future = self._loop.run_in_executor(self._executor, self._handle, request)
        except RuntimeError:  # the listener is stopping
            self._connection.close()
            return
        self._busy = True
        self._connection.pause_reading()
        future.add_done_callback(self._answered)

    def _answered(self, future: "asyncio.Future[Response]") -> None:
        self._respond(future.result())
        self._busy = False
        if self._http.our_state is h11.MUST_CLOSE or self._http.their_state is h11.MUST_CLOSE:
            self._connection.close()
            return
        self._http.start_next_cycle()
        self._head, self._body, self._between = None, bytearray(), True
        self._restart_timer(IDLE_TIMEOUT)
        self._connection.resume_reading()
        self._take_pipelined()

    def _take_pipelined(self) -> None:
        """Go on with what came in behind the last request; h11 holds it back."""
        waiting, ended = self._http.trailing_data
        if waiting and not ended:
            # a fresh h11 connection lets stray CRLF be stripped as if it had just come in
            self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)
            self.received(waiting)

    def _respond(self, response: Response, *, close: bool = False) -> None:
        without_body = self._head is not None and self._head.method == b"HEAD"
        headers = [*response.headers]
        if response.status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            headers.append(("Content-Length", str(len(response.body))))
        if close:
            headers.append(("Connection", "close"))
        head = h11.Response(
            status_code=response.status,
            headers=headers,
            reason=HTTPStatus(response.status).phrase,
        )
        body = b"" if without_body else response.body
        self._send(head, h11.Data(data=body), h11.EndOfMessage())

    def _send(self, *events: h11.Event) -> None:
        """Write all events at once: strongSwan wants head and body in one TLS record."""
        parts = (self._http.send(event) for event in events)
        self._connection.write(b"".join(part for part in parts if part))

    def _fail(self, status: int) -> None:
        """Answer what broke HTTP's own rules or ran out of time, and close."""
        phrase = HTTPStatus(status).phrase
        content_type = ("Content-Type", "text/plain; charset=utf-8")
        if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self._respond(Response(status, f"{phrase}\n".encode(), (content_type,)), close=True)
        self._connection.close()

    def _restart_timer(self, seconds: float) -> None:
        self._timer.cancel()
        self._timer = self._loop.call_later(seconds, self._timed_out)

    def _timed_out(self) -> None:
        if self._between and self._connection.taken:  # a long answer over a slow line
            self._restart_timer(IDLE_TIMEOUT)
        elif self._between:
            self._connection.close()
        else:
            self._fail(408)


def _framing_problem(head: h11.Request) -> int:
    """The status that refuses the body before it is read, 0 when it may come."""
    lengths = [int(value) for name, value in head.headers if name == b"content-length"]
    if lengths and any(name == b"transfer-encoding" for name, _value in head.headers):
        return 400  # the classic of request smuggling (RFC 9112 section 6.1)
    return 413 if max(lengths, default=0) > MAX_BODY else 0


def _request(head: h11.Request, body: bytes, peer: Peer) -> Request:
    """The plain request; raises `ValueError` for header fields that must not come twice."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in head.headers:
        name = raw_name.decode("ascii")
        if name in headers and name in ("authorization", "content-type", "host"):
            raise ValueError(name)
        headers[name] = raw_value.decode("latin-1")
    target = head.target.decode("ascii")
    scheme = "https://" if peer.tls else "http://"
    if target.startswith(scheme):  # absolute form, which decides (RFC 9112 section 3.2.2)
        headers["host"], _slash, path = target.removeprefix(scheme).partition("/")
        target = f"/{path}"
    return Request(head.method.decode("ascii"), target, headers, body, peer)
