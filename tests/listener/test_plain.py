"""HTTP without TLS, as it serves revocation lists: the same limits, and long answers."""

import asyncio
import queue
import socket
import struct
import threading
from collections.abc import Iterator
from typing import ClassVar

import pytest

from app.core.messages import Request, Response
from app.listener import connection, http
from app.listener import listener as listener_module
from app.listener.listener import Listener

TIMEOUT = 20.0  # never reached unless something hangs
TEXT = ("Content-Type", "text/plain")


class Echo:
    """Answers with what it was asked, or with as many bytes as the target says."""

    def __init__(self) -> None:
        self.asked: list[Request] = []

    def handle(self, request: Request) -> Response:
        self.asked.append(request)
        size = request.target.removeprefix("/bytes/")
        if size.isdecimal():
            return Response(200, bytes(int(size)), (TEXT,))
        if request.target == "/known":
            return Response(304, b"", (("ETag", '"1"'),))
        return Response(200, f"{request.method} {request.target} ".encode() + request.body, (TEXT,))


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def listener(echo: Echo) -> Iterator[Listener]:
    listener = Listener(echo.handle)
    listener.start("127.0.0.1", 0)
    yield listener
    listener.stop()


class Watched(connection.Connection):
    """A connection that tells each look at whether its client goes on taking."""

    looks: "ClassVar[queue.Queue[bool]]" = queue.Queue()
    open: "ClassVar[list[Watched]]"
    answered: "ClassVar[threading.Event]" = threading.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.loop = asyncio.get_running_loop()
        self.open.append(self)
        super().connection_made(transport)

    def _send(self, data: bytes) -> None:
        super()._send(data)
        self.answered.set()

    def time_is_over(self, *, close: bool) -> None:
        """As if the time for the next sign of life had passed."""
        conversation = self._conversation
        assert isinstance(conversation, http.HttpConversation)
        over = self._hang_up if close else conversation._timed_out
        self.loop.call_soon_threadsafe(over)

    @property
    def taken(self) -> bool:
        found = super().taken
        self.looks.put(found)
        return found


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> "queue.Queue[bool]":
    """Each look at whether a client goes on taking what is sent, two a second."""
    monkeypatch.setattr(Watched, "looks", queue.Queue())
    monkeypatch.setattr(Watched, "open", [], raising=False)
    monkeypatch.setattr(listener_module, "Connection", Watched)
    for module, limit in ((http, "IDLE_TIMEOUT"), (connection, "DRAIN_TIMEOUT")):
        monkeypatch.setattr(module, limit, 0.5)
    return Watched.looks


def connected(listener: Listener) -> socket.socket:
    return socket.create_connection(("127.0.0.1", listener.port), TIMEOUT)


def everything(client: socket.socket) -> bytes:
    """All that comes until the server has closed."""
    parts = []
    while part := client.recv(65536):
        parts.append(part)
    client.close()
    return b"".join(parts)


def get(target: str, *fields: str, method: str = "GET", close: bool = True) -> bytes:
    end = ["Connection: close"] if close else []
    return "\r\n".join([f"{method} {target} HTTP/1.1", "Host: pki", *fields, *end, "", ""]).encode()


def answer(listener: Listener, request: bytes) -> tuple[int, bytes]:
    client = connected(listener)
    client.sendall(request)
    head, _end, body = everything(client).partition(b"\r\n\r\n")
    return int(head.split(b" ")[1]), body


def test_requests_one_after_the_other(listener: Listener, echo: Echo) -> None:
    client = connected(listener)
    client.sendall(get("/a", close=False) + get("/b", "Content-Length: 2", method="POST")[:-2])
    client.sendall(b"\r\nhi")
    said = everything(client)
    assert said.count(b"HTTP/1.1 200 OK") == 2
    assert b"GET /a " in said
    assert said.endswith(b"POST /b hi")
    peer = echo.asked[0].peer
    assert (peer.address, peer.tls, peer.certificates) == ("127.0.0.1", "", ())


def test_http_1_0(listener: Listener) -> None:
    assert answer(listener, b"GET /old HTTP/1.0\r\n\r\n") == (200, b"GET /old ")


@pytest.mark.parametrize("target", ["http://elsewhere/x", "/x"])
def test_absolute_targets(listener: Listener, echo: Echo, target: str) -> None:
    assert answer(listener, get(target)) == (200, b"GET /x ")
    assert echo.asked[0].headers["host"] == ("elsewhere" if "elsewhere" in target else "pki")


def test_head_and_not_modified_have_no_body(listener: Listener) -> None:
    client = connected(listener)
    client.sendall(get("/bytes/7", method="HEAD", close=False) + get("/known"))
    first, second, rest = everything(client).split(b"\r\n\r\n")
    assert b"Content-Length: 7" in first
    assert second.startswith(b"HTTP/1.1 304 Not Modified\r\n")
    assert b"content-length" not in second.lower()
    assert rest == b""


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),  # TLS
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\nHost: pki\n\r\n\r\n", 400),
        (get("/", "Content-Length: 1", "Transfer-Encoding: chunked"), 400),
        (get("/", f"Content-Length: {http.MAX_BODY + 1}"), 413),
        (get("/" + "a" * http.MAX_HEAD), 431),
    ],
)
def test_garbage(listener: Listener, echo: Echo, request_bytes: bytes, status: int) -> None:
    assert answer(listener, request_bytes)[0] == status
    assert echo.asked == []
    assert answer(listener, get("/well")) == (200, b"GET /well ")


def test_slow_clients_are_sent_away(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "REQUEST_TIMEOUT", 0.05)
    monkeypatch.setattr(http, "IDLE_TIMEOUT", 0.05)
    assert everything(connected(listener)) == b""
    assert answer(listener, b"GET / HTTP/1.1\r\n")[0] == 408
    idle = connected(listener)
    idle.sendall(get("/", close=False))
    assert everything(idle).startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize("close", [True, False])
def test_a_long_answer_comes_over_a_slow_line(
    listener: Listener, monkeypatch: pytest.MonkeyPatch, close: bool
) -> None:
    """The client reads on only when its time was over once more, and still gets it all."""
    monkeypatch.setattr(Watched, "looks", looks := queue.Queue[bool]())
    monkeypatch.setattr(Watched, "answered", answered := threading.Event())
    monkeypatch.setattr(Watched, "open", [], raising=False)
    monkeypatch.setattr(listener_module, "Connection", Watched)
    size, step = 64 * 1024 * 1024, 12 * 1024 * 1024  # more than the system itself has room for
    client = connected(listener)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    client.sendall(get(f"/bytes/{size}", close=close))
    assert answered.wait(TIMEOUT)  # else much could be taken while it is being written
    head, _end, body = client.recv(65536).partition(b"\r\n\r\n")
    assert f"Content-Length: {size}".encode() in head
    read = len(body)
    for wanted in (*range(step, size - step, step), size):  # none small enough for the system
        while read < wanted:
            read += len(client.recv(65536))
        Watched.open[0].time_is_over(close=close)
        assert looks.get(timeout=TIMEOUT)
    Watched.open[0].time_is_over(close=close)
    assert not looks.get(timeout=TIMEOUT)
    assert everything(client) == b""


def test_a_client_that_takes_nothing_is_dropped(
    listener: Listener, looks: "queue.Queue[bool]"
) -> None:
    size = 64 * 1024 * 1024
    client = connected(listener)
    client.sendall(get(f"/bytes/{size}", close=False))
    for _time in ("asked to go", "dropped"):
        while looks.get(timeout=TIMEOUT):  # some went to where the system keeps it
            pass
    assert len(received(client)) < size


def received(client: socket.socket) -> bytes:
    """What was under way when the server dropped the connection."""
    parts = []
    try:
        while part := client.recv(65536):
            parts.append(part)
    except ConnectionError:
        pass
    client.close()
    return b"".join(parts)


def test_a_client_that_asks_and_never_reads_is_dropped(listener: Listener, echo: Echo) -> None:
    client = connected(listener)
    with pytest.raises(ConnectionError):
        ask_for_ever(client)
    assert len(echo.asked) < 100
    client.close()
    assert answer(listener, get("/well")) == (200, b"GET /well ")


def ask_for_ever(client: socket.socket) -> None:
    while True:
        client.sendall(get("/bytes/8000000", close=False))


def test_stopping_hangs_up(listener: Listener) -> None:
    idle = connected(listener)
    idle.sendall(get("/", close=False))
    assert idle.recv(65536).startswith(b"HTTP/1.1 200 OK")
    listener.stop()
    assert everything(idle) == b""


def test_a_client_may_reset_the_connection_as_it_is_closed(listener: Listener) -> None:
    client = socket.create_connection(("127.0.0.1", listener.port), TIMEOUT)
    client.sendall(b"GET /here HTTP/1.1\r\nHost: here\r\n\r\n")
    assert client.recv(1) == b"H"
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    async def reset_and_close() -> int:
        client.close()  # nobody has looked at the socket since
        open_ = tuple(listener._connections)
        for one in open_:
            one.close()
        return len(open_)

    assert listener._loop is not None
    closed = asyncio.run_coroutine_threadsafe(reset_and_close(), listener._loop)
    assert closed.result(TIMEOUT) == 1
