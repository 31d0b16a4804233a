"""HTTP/1.1 as real clients speak it (est.md 1.B, 2.3)."""

import base64
import http.client
import ssl

import pytest

from tests.listener.station import Station, get, post
from tests.plant import ADMIN, DOMAIN, basic, csr, ec_key


def authorization(device: str = "pump-1") -> str:
    return f"Authorization: {basic(device)['authorization']}"


def body(device: str = "pump-1") -> bytes:
    return base64.encodebytes(csr(ec_key(), device))


@pytest.mark.req("EST-HTTP-06", "EST-HTTP-07", "EST-HTTP-01", "EST-TLS-14", "DEC-17")
def test_the_response_that_suits_every_client(station: Station) -> None:
    client = station.connect()
    answer = client.send(get("cacerts", "Accept-Encoding: gzip", close=True)).response()
    assert answer.head == (
        b"HTTP/1.1 200 OK\r\n"
        b"Content-Type: application/pkcs7-mime; smime-type=certs-only\r\n"
        b"Content-Transfer-Encoding: base64\r\n"
        b"Content-Length: %d\r\n"
        b"Connection: close" % len(answer.body)
    )
    assert answer.body == station.plant.ask("cacerts").body
    client.assert_closed()


@pytest.mark.req("EST-HTTP-06", "EST-AUT-01", "DEC-22")
def test_the_challenge_that_suits_every_client(station: Station) -> None:
    answer = station.connect().send(post("simpleenroll", body())).response()
    assert answer.head.split(b"\r\n") == [
        b"HTTP/1.1 401 Unauthorized",
        b'WWW-Authenticate: Basic realm="EST"',
        b"Cache-Control: no-store",
        b"Content-Length: 0",
    ]


@pytest.mark.req("EST-CSA-01")
def test_no_content_has_no_length(station: Station) -> None:
    station.plant.add_label("anything", station.plant.undemanding_type())
    answer = station.connect().send(get("anything/csrattrs")).response()
    assert answer.head == b"HTTP/1.1 204 No Content"


@pytest.mark.req("EST-HTTP-07")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_head_and_body_are_one_tls_record(station: Station, version: ssl.TLSVersion) -> None:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = station.context(version).wrap_bio(incoming, outgoing, server_hostname=DOMAIN)
    with station.tcp() as tcp:
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                tcp.sendall(outgoing.read())
                incoming.write(tcp.recv(65536))
        tcp.sendall(outgoing.read())
        if version is ssl.TLSVersion.TLSv1_3:  # OpenSSL sends tickets that nobody redeems
            incoming.write(tcp.recv(65536))
        tls.write(get("cacerts", close=True))
        tcp.sendall(outgoing.read())
        wire = b""
        while data := tcp.recv(65536):
            wire += data
    records = []
    while wire:
        end = 5 + int.from_bytes(wire[3:5])
        records.append(wire[:end])
        wire = wire[end:]
    assert len(records) == 2  # the response, and close_notify
    assert records[0][0] == 23
    incoming.write(records[0])
    answer = tls.read(65536)
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"\n")


@pytest.mark.req("EST-HTTP-01")
def test_keep_alive(station: Station) -> None:
    station.plant.device("pump-1")
    client = station.connect()
    for request in (get("cacerts"), post("simpleenroll", body(), authorization()), get("csrattrs")):
        assert client.send(request).response().status in (200, 204)
    assert client.send(get("cacerts", close=True)).response().status == 200
    client.assert_closed()


@pytest.mark.req("EST-HTTP-01", "ATK-D06")
def test_a_standard_client(station: Station) -> None:
    station.plant.device("pump-1")
    connection = http.client.HTTPSConnection(
        "localhost", station.listener.port, context=station.context(), timeout=20
    )
    headers = {**basic("pump-1"), "Content-Type": "application/pkcs10"}
    for _time in range(2):
        connection.request("POST", "/.well-known/est/simpleenroll", body(), headers)
        answer = connection.getresponse()
        assert (answer.status, len(answer.read())) == (200, int(answer.headers["content-length"]))
    headers["X-HTTP-Method-Override"] = "GET"
    connection.request("POST", "/.well-known/est/cacerts", b"", headers)
    refused = connection.getresponse()
    assert (refused.status, refused.headers["Allow"]) == (405, "GET")
    connection.close()


@pytest.mark.req("EST-HTTP-02", "EST-ERR-06")
def test_chunked_requests(station: Station) -> None:
    station.plant.device("pump-1")
    text = body()
    parts = [text[start : start + 78] for start in range(0, len(text), 78)]
    chunks = b"".join(b"%x;x=y\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    head = get(
        "simpleenroll",
        "Content-Type: application/pkcs10",
        "Transfer-Encoding: chunked",
        authorization(),
        method="POST",
    )
    client = station.connect()
    for _time in range(2):
        assert client.send(head + chunks).response().status == 200


@pytest.mark.req("EST-ERR-06", "EST-ENR-16")
def test_a_post_without_a_length_is_empty(station: Station) -> None:
    station.plant.device("pump-1")
    request = get(
        "simpleenroll", "Content-Type: application/pkcs10", authorization(), method="POST"
    )
    assert station.connect().send(request).response().status == 400


@pytest.mark.req("EST-HTTP-08")
def test_expect_continue(station: Station) -> None:
    station.plant.device("pump-1")
    request = post("simpleenroll", body(), "Expect: 100-continue", authorization())
    head, _end, content = request.partition(b"\r\n\r\n")
    client = station.connect().send(head + b"\r\n\r\n")
    assert client.response().head == b"HTTP/1.1 100 Continue"
    assert client.send(content).response().status == 200
    # a client that does not wait gets no 100 it never asked for
    assert client.send(request).response().status == 200


@pytest.mark.req("ATK-D07")
def test_another_expectation_is_ignored(station: Station) -> None:
    assert station.connect().send(get("cacerts", "Expect: rain")).response().status == 200


@pytest.mark.req("EST-HTTP-03")
def test_empty_lines_between_requests(station: Station) -> None:
    """libest sends two octets more than its Content-Length says."""
    station.plant.device("pump-1")
    request = post("simpleenroll", body(), authorization())
    client = station.connect().send(b"\r\n\r\n" + request + b"\r\n")
    assert client.response().status == 200
    assert client.send(b"\r\n").send(request + b"\r\n" + get("cacerts")).response().status == 200
    assert client.response().status == 200


@pytest.mark.req("ATK-D08", "EST-HTTP-01")
def test_a_hundred_pipelined_requests(station: Station) -> None:
    client = station.connect().send(get("cacerts") * 99 + get("nothing"))
    statuses = [client.response().status for _time in range(100)]
    assert statuses == [200] * 99 + [404]


@pytest.mark.req("EST-HTTP-02")
def test_a_request_that_dribbles(station: Station) -> None:
    station.plant.device("pump-1")
    client = station.connect()
    request = post("simpleenroll", body(), authorization())
    for start in range(0, len(request), 7):
        client.send(request[start : start + 7])
    assert client.response().status == 200


@pytest.mark.req("EST-HTTP-09", "EST-ERR-05")
@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"])
def test_other_methods(station: Station, method: str) -> None:
    client = station.connect()
    marked = get("cacerts", "X-Mark: echo-me", method=method)
    answer = client.send(marked).response(without_body=method == "HEAD")
    assert answer.status == 405
    assert answer.field("Allow") == "GET"
    assert b"echo-me" not in answer.body
    assert client.send(get("cacerts")).response().status == 200


@pytest.mark.req("EST-HTTP-09")
def test_connect_leads_nowhere(station: Station) -> None:
    request = f"CONNECT example.com:443 HTTP/1.1\r\nHost: {DOMAIN}\r\n\r\n".encode()
    assert station.connect().send(request).response().status == 404
    station.is_well()


@pytest.mark.req("EST-HTTP-13")
def test_an_upgrade_is_ignored(station: Station) -> None:
    client = station.connect()
    upgrade = get("cacerts", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c")
    assert client.send(upgrade).response().status == 200
    assert client.send(get("cacerts")).response().status == 200


@pytest.mark.req("ATK-D05", "EST-TLS-13")
def test_the_host_of_an_absolute_target_decides(station: Station) -> None:
    station.plant.add_server("second")
    client = station.connect()
    for target, host, status in (
        (f"https://{DOMAIN}/.well-known/est/cacerts", "nobody.example", 200),
        ("https://nobody.example/.well-known/est/cacerts", DOMAIN, 404),
        (f"http://{DOMAIN}/.well-known/est/cacerts", DOMAIN, 404),
    ):
        request = f"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n"
        assert client.send(request.encode()).response().status == status


@pytest.mark.req("ATK-D05", "EST-POP-11")
def test_identity_comes_from_tls_alone(station: Station) -> None:
    factory, _key = station.plant.with_factory_certificate("pump-1")
    claimed = base64.b64encode(factory).decode()
    request = post(
        "simpleenroll",
        body(),
        f"X-SSL-Client-Cert: {claimed}",
        "X-Client-Verify: SUCCESS",
        f"Client-Cert: :{claimed}:",
        "X-Forwarded-Host: nobody.example",
    )
    assert station.connect().send(request).response().status == 401


@pytest.mark.req("EST-HTTP-01")
def test_http_1_0_is_answered_and_closed(station: Station) -> None:
    request = f"GET /.well-known/est/cacerts HTTP/1.0\r\nHost: {DOMAIN}\r\n\r\n"
    client = station.connect().send(request.encode())
    answer = client.response()
    assert answer.head.startswith(b"HTTP/1.1 200 OK\r\n")
    client.assert_closed()


@pytest.mark.req("ATK-E07", "EST-REN-15", "DEV-84")
def test_disabling_takes_effect_on_an_open_connection(station: Station) -> None:
    factory, key = station.plant.with_factory_certificate("pump-1")
    client = station.connect(station.context(None, factory, key))
    assert client.send(post("simpleenroll", body())).response().status == 200
    station.plant.workspace.devices.disable(ADMIN, 1)
    for request in (
        post("simpleenroll", body()),
        post("simplereenroll", body()),
        post("simpleenroll", body(), authorization()),
    ):
        assert client.send(request).response().status == 403
    station.plant.workspace.devices.enable(ADMIN, 1)
    assert client.send(post("simpleenroll", body())).response().status == 200
