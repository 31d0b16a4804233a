"""HTTP that is built to hurt (est.md 4.D)."""

import base64
import socket
import ssl

import pytest

from app.core.messages import Request, Response
from app.listener import connection, http
from tests.listener.station import Station, get, post
from tests.plant import DOMAIN, csr, ec_key

BODY = base64.b64encode(csr(ec_key(), "pump-1"))
SECOND = get("csrattrs")


def assert_refused(station: Station, request: bytes, status: int = 400) -> None:
    """Answered by `status` and closed; nothing in the request reached EST."""
    client = station.connect().send(request)
    answer = client.response()
    assert answer.status == status
    assert answer.field("Content-Type") == "text/plain; charset=utf-8"
    assert answer.field("Connection") == "close"
    client.assert_closed()
    assert station.plant.workspace.est_monitor.entries() == ()
    station.is_well()


def framed(*fields: str, body: bytes = b"") -> bytes:
    fields = ("Content-Type: application/pkcs10", *fields)
    return get("simpleenroll", *fields, method="POST") + body


@pytest.mark.req("ATK-D03", "EST-HTTP-12")
@pytest.mark.parametrize(
    "length", ["-1", "+5", "0x5", "5, 6", "five", "", "5 5", "1e3", "1" + "0" * 30]
)
def test_lengths_that_are_none(station: Station, length: str) -> None:
    assert_refused(station, framed(f"Content-Length: {length}", body=b"aGFsbG8=" + SECOND))


@pytest.mark.req("ATK-D03", "EST-HTTP-12")
def test_two_lengths(station: Station) -> None:
    assert_refused(
        station, framed("Content-Length: 5", "Content-Length: 6", body=b"aGFsbG8=" + SECOND)
    )


@pytest.mark.req("ATK-D03")
def test_a_length_that_is_too_small_leaves_no_request_behind(station: Station) -> None:
    client = station.connect().send(framed("Content-Length: 4", body=BODY + SECOND))
    assert client.response().status == 401
    assert client.response().status == 400
    client.assert_closed()
    assert len(station.plant.workspace.est_monitor.entries()) == 1


@pytest.mark.req("ATK-D04", "EST-HTTP-12")
@pytest.mark.parametrize(
    "fields",
    [
        ("Content-Length: 5", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked", "Content-Length: 5"),
        ("Transfer-Encoding: chunked, identity",),
        ("Transfer-Encoding: identity, chunked",),
        ("Transfer-Encoding: xchunked",),
        ("Transfer-Encoding: chunked\x0b",),
        ("Transfer-Encoding : chunked",),
        ("Transfer-Encoding: gzip",),
        ("Transfer-Encoding:\r\n chunked",),
        ("X-Folded: a\r\n b",),
        ("X-Bare: a\nTransfer-Encoding: chunked",),
        ("X-Bare: a\rTransfer-Encoding: chunked",),
        ("X-Nul: a\0b",),
        ("Bad Name: x",),
        (": x",),
    ],
)
def test_smuggling(station: Station, fields: tuple[str, ...]) -> None:
    assert_refused(station, framed(*fields, body=b"0\r\n\r\n" + SECOND))


@pytest.mark.req("ATK-D04", "EST-HTTP-12")
def test_bare_line_feeds_end_no_head(station: Station) -> None:
    assert_refused(station, get("cacerts").replace(b"\r\n", b"\n"))


@pytest.mark.req("ATK-D04")
@pytest.mark.parametrize(
    "chunk", [b"0x5\r\n", b"-5\r\n", b"5\n", b"g\r\n", b"\r\n", b"fffffffffffffffffffff\r\n"]
)
def test_bad_chunk_sizes(station: Station, chunk: bytes) -> None:
    request = framed("Transfer-Encoding: chunked", body=chunk + b"aGFsbG8\r\n0\r\n\r\n" + SECOND)
    assert_refused(station, request)


@pytest.mark.req("ATK-D04")
def test_a_chunk_that_is_longer_than_it_says(station: Station) -> None:
    body = b"3\r\naGFsbG8\r\n0\r\n\r\n" + SECOND
    assert_refused(station, framed("Transfer-Encoding: chunked", body=body))


@pytest.mark.req("EST-HTTP-10")
@pytest.mark.parametrize("fields", ["", f"Host: {DOMAIN}\r\nHost: other.example\r\n"])
def test_no_host_and_two_hosts(station: Station, fields: str) -> None:
    request = f"GET /.well-known/est/cacerts HTTP/1.1\r\n{fields}\r\n"
    assert_refused(station, request.encode())


@pytest.mark.req("ATK-E04")
@pytest.mark.parametrize(
    "twice", ["Authorization: Basic cHVtcC0xOng=", "Content-Type: application/pkcs10"]
)
def test_fields_that_must_not_come_twice(station: Station, twice: str) -> None:
    assert_refused(station, post("simpleenroll", BODY, twice, twice))


@pytest.mark.req("ATK-D03", "EST-ERR-07", "DEC-20")
@pytest.mark.parametrize("length", [http.MAX_BODY + 1, 10 * 2**30])
def test_a_declared_length_beyond_the_limit(station: Station, length: int) -> None:
    assert_refused(station, framed(f"Content-Length: {length}", "Expect: 100-continue"), 413)


@pytest.mark.req("EST-ERR-07", "DEC-20", "ATK-A12")
def test_a_chunked_body_beyond_the_limit(station: Station) -> None:
    chunks = (b"1000\r\n" + b"A" * 4096 + b"\r\n") * 200
    assert_refused(station, framed("Transfer-Encoding: chunked", body=chunks), 413)


@pytest.mark.req("EST-ERR-07")
def test_a_body_at_the_limit_is_read(station: Station) -> None:
    station.plant.device("pump-1")
    assert (
        station.connect().send(post("simpleenroll", b"A" * http.MAX_BODY)).response().status == 401
    )


@pytest.mark.req("ATK-D02", "EST-HTTP-11")
@pytest.mark.parametrize(
    "fields", [["X-Long: " + "a" * 100_000], [f"X-{number}: a" for number in range(10_000)]]
)
def test_header_bombs(station: Station, fields: list[str]) -> None:
    assert_refused(station, get("cacerts", *fields), 431)


@pytest.mark.req("ATK-D02", "EST-HTTP-11")
def test_long_request_lines(station: Station) -> None:
    assert station.connect().send(get("a" * 9000)).response().status == 404
    station.next_exchange()
    client = station.connect().send(get("a" * 17_000))
    assert client.response().status == 431
    client.assert_closed()


@pytest.mark.req("ATK-D04")
@pytest.mark.parametrize(
    "data", [b"hello\r\n\r\n", b"GET /\r\n\r\n", b"GET  / HTTP/1.1\r\n\r\n", b"\x16\x03\x01" * 9]
)
def test_what_is_not_http(station: Station, data: bytes) -> None:
    assert_refused(station, data + b"\r\n\r\n")


@pytest.mark.req("ATK-D01")
@pytest.mark.parametrize(
    "part", [b"G", get("cacerts")[:-2], post("simpleenroll", BODY)[:-5], b"POST / HTTP/1.1\r\nX:"]
)
def test_a_request_that_never_ends(
    station: Station, monkeypatch: pytest.MonkeyPatch, part: bytes
) -> None:
    monkeypatch.setattr(http, "REQUEST_TIMEOUT", 0.05)
    assert_refused(station, part, 408)


@pytest.mark.req("ATK-D01")
def test_an_idle_connection_is_closed(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "IDLE_TIMEOUT", 0.05)
    station.connect().assert_closed()
    client = station.connect().send(get("csrattrs"))
    assert client.response().status == 200
    client.assert_closed()


@pytest.mark.req("ATK-D01", "ATK-D08")
def test_others_are_served_beside_many_that_say_nothing(station: Station) -> None:
    silent = [station.tcp() for _number in range(200)]
    half = [station.connect().send(b"GET / HTTP/1.1\r\n") for _number in range(20)]
    station.is_well()
    for waiting in silent:
        waiting.close()
    for client in half:
        client.tls.close()
    station.is_well()


@pytest.mark.req("ATK-D01")
def test_a_client_that_never_hangs_up_is_dropped(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "LINGER_TIMEOUT", 0.05)
    client = station.connect().send(b"nonsense\r\n\r\n")
    assert client.response().status == 400
    while client.tls.recv(65536):
        pass
    # The server is gone for good once what is sent to it is answered by a reset.
    with pytest.raises(ConnectionError), client.tls.unwrap() as raw:
        send_for_ever(raw)


def send_for_ever(raw: socket.socket) -> None:
    while True:
        raw.send(b"x")


@pytest.mark.req("ATK-D08")
def test_clients_that_leave_early(station: Station) -> None:
    for data in (b"", b"GET", get("cacerts"), post("simpleenroll", BODY)):
        station.connect().send(data).tls.close()
    station.is_well()


@pytest.mark.req("ATK-D01", "ATK-D08")
def test_a_client_that_asks_and_never_reads_is_dropped(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, answered = 100, []
    large = Response(200, bytes(1024 * 1024), (("Content-Type", "text/plain"),))

    def handle(request: Request) -> Response:
        answered.append(request)
        return large

    with monkeypatch.context() as patch:
        patch.setattr(station.listener, "_handle", handle)
        client = station.connect().send(get("cacerts") * asked)
        with pytest.raises((ConnectionError, ssl.SSLEOFError)):
            send_for_ever(client.tls)
        assert 0 < len(answered) < asked
    station.is_well()
