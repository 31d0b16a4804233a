"""TLS as real clients speak it (est.md 1.A), and what the monitor says of failed handshakes."""

import base64
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import Encoding
from OpenSSL import SSL

from app.listener import tls
from app.models.domain.authorities import KeyChoice
from app.models.services.certificates.listed import CertificateQuery
from app.pki.certificates import NEVER, read_certificate
from app.pki.keys import KeyAlgorithm
from app.pki.names import ATTRIBUTE_TYPES, Attribute
from app.pki.revocation import RevocationReason
from tests.listener.station import Client, Station, get, post
from tests.plant import ADMIN, DOMAIN, DeviceKey, basic, csr, ec_key, name, rsa_key

TLS_1_2, TLS_1_3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
ECDHE_ECDSA_AES128_GCM = b"\xc0\x2b"


def client_hello(version: bytes, suites: bytes) -> bytes:
    """A ClientHello record with P-256 and ECDSA, no other extensions."""
    extensions = bytes.fromhex("000a000400020017000b00020100000d0006000404030401")
    hello = version + bytes(32) + b"\0" + len(suites).to_bytes(2) + suites + b"\x01\0"
    hello += len(extensions).to_bytes(2) + extensions
    message = b"\x01" + len(hello).to_bytes(3) + hello
    return b"\x16\x03\x01" + len(message).to_bytes(2) + message


def answer_to(station: Station, data: bytes) -> bytes:
    """All the server says to the first bytes of a client."""
    answer = b""
    with station.tcp() as tcp:
        tcp.sendall(data)
        while part := tcp.recv(65536):
            answer += part
    return answer


@pytest.mark.req("EST-TLS-03", "EST-TLS-05")
@pytest.mark.parametrize(("version", "words"), [(TLS_1_2, "TLS 1.2"), (TLS_1_3, "TLS 1.3")])
def test_versions(station: Station, version: ssl.TLSVersion, words: str) -> None:
    client = station.connect(station.context(version))  # checks chain and host name
    assert client.send(get("cacerts")).response().status == 200
    assert station.next_exchange().tls == words


@pytest.mark.req("EST-TLS-02", "EST-TLS-04")
@pytest.mark.parametrize(
    ("version", "suites", "alert"),
    [
        (b"\x03\x02", ECDHE_ECDSA_AES128_GCM + b"\xc0\x09", 70),  # TLS 1.1: protocol_version
        (b"\x03\x01", ECDHE_ECDSA_AES128_GCM + b"\xc0\x09", 70),
        (b"\x03\x03", b"\xc0\x06\x00\x3b", 40),  # NULL: handshake_failure
        (b"\x03\x03", b"\xc0\x18\x00\x34", 40),  # anonymous
        (b"\x03\x03", b"\x00\x03\x00\x09", 40),  # EXPORT, DES
        (b"\x03\x03", b"\xc0\x09\xc0\x13", 40),  # CBC
    ],
)
def test_old_versions_and_weak_suites_are_refused(
    station: Station, version: bytes, suites: bytes, alert: int
) -> None:
    answer = answer_to(station, client_hello(version, suites))
    assert answer[:1] == b"\x15"
    assert answer[5:] == bytes([2, alert])
    line = station.next_exchange()
    assert (line.operation, line.status, line.ok) == ("TLS", 0, False)
    assert line.cause
    assert line.address == "127.0.0.1"


def test_the_hello_of_these_tests_is_a_good_one(station: Station) -> None:
    with station.tcp() as tcp:
        tcp.sendall(client_hello(b"\x03\x03", ECDHE_ECDSA_AES128_GCM))
        assert tcp.recv(6)[0::5] == b"\x16\x02"  # a handshake record with a ServerHello


@pytest.mark.req("EST-TLS-01")
def test_plain_http_gets_no_answer(station: Station) -> None:
    answer = answer_to(station, get("cacerts"))
    assert b"HTTP" not in answer
    assert b"pkcs7" not in answer
    line = station.next_exchange()
    assert "http request" in line.cause
    assert line.problem
    station.is_well()


@pytest.mark.req("ATK-D01")
@pytest.mark.parametrize("data", [b"\x80\x2e\x01", b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00"])
def test_a_handshake_broken_off(station: Station, data: bytes) -> None:
    with station.tcp() as tcp:
        tcp.sendall(data)
    assert station.next_exchange().operation == "TLS"
    station.is_well()


@pytest.mark.req("ATK-D01")
def test_a_handshake_that_never_ends(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tls, "HANDSHAKE_TIMEOUT", 0.05)
    with station.tcp() as tcp:
        assert "in time" in station.next_exchange().cause
        assert tcp.recv(1) == b""


@pytest.mark.req("EST-TLS-07")
def test_a_client_that_distrusts_the_server_stands_in_the_monitor(station: Station) -> None:
    context = ssl.create_default_context()  # does not know our root
    with pytest.raises(ssl.SSLCertVerificationError):
        station.connect(context)
    assert "unknown ca" in station.next_exchange().cause


@pytest.mark.req("EST-TLS-07", "EST-13", "EST-TLS-10", "TC-03", "TC-04")
@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
@pytest.mark.parametrize("make_key", [ec_key, rsa_key])
def test_a_factory_certificate_alone(
    station: Station, version: ssl.TLSVersion, make_key: Callable[[], DeviceKey]
) -> None:
    key = make_key()
    factory, _key = station.plant.with_factory_certificate("pump-1", factory_key=key)
    client = station.connect(station.context(version, factory, key))
    request = post("simpleenroll", base64.b64encode(csr(ec_key(), "pump-1")))
    assert client.send(request).response().status == 200
    line = station.next_exchange()
    assert (line.device, line.showed) == ("pump-1", "factory certificate")


def stranger(key: DeviceKey, *, days: int = 1, critical: bool = False) -> bytes:
    """A self-signed certificate."""
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(CN="stranger"))
        .issuer_name(name(CN="stranger"))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=9))
        .not_valid_after(now + timedelta(days=days))
    )
    if critical:
        unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
        builder = builder.add_extension(unknown, critical=True)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


@pytest.mark.req("EST-AUT-11", "ATK-F01", "ATK-F02", "EST-TLS-08", "EST-CAC-11")
@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
@pytest.mark.parametrize("kind", ["self-signed", "expired", "strange", "expired-factory"])
def test_bad_client_certificates_are_told_why(
    station: Station, version: ssl.TLSVersion, kind: str
) -> None:
    key = ec_key()
    if kind == "expired-factory":
        public_key = key.public_key().public_bytes(
            Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        now = datetime.now(UTC).replace(microsecond=0)
        shown = station.plant.sign(
            "Factory",
            public_key,
            (Attribute(ATTRIBUTE_TYPES["CN"].oid, "stranger"),),
            not_after=now - timedelta(hours=1),
        )
    else:
        shown = stranger(key, days=-1 if kind == "expired" else 1, critical=kind == "strange")
    client = station.connect(station.context(version, shown, key))
    request = post("simpleenroll", base64.b64encode(csr(ec_key(), "pump-1")))
    answer = client.send(request).response()
    assert answer.status == 403
    assert answer.field("Content-Type") == "text/plain; charset=utf-8"
    assert b"stranger" in answer.body
    line = station.next_exchange()
    assert (line.status, line.certificate_subject) == (403, "CN=stranger")
    assert answer.body.decode().startswith(line.problem)
    assert ("expired on" in line.problem) == (kind == "expired-factory")
    assert client.send(get("cacerts")).response().status == 200


@pytest.mark.req("ATK-F12")
@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
def test_sessions_are_not_resumed(station: Station, version: ssl.TLSVersion) -> None:
    context = station.context(version)
    first = station.connect(context)
    assert first.send(get("csrattrs")).response().status == 200
    second = context.wrap_socket(station.tcp(), server_hostname=DOMAIN, session=first.tls.session)
    with second:
        assert not second.session_reused


def pyopenssl(station: Station, version: int) -> SSL.Connection:
    """A client that can renegotiate and export keying material."""
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_min_proto_version(version)
    context.set_max_proto_version(version)
    context.load_verify_locations(str(station.anchors))
    context.set_verify(SSL.VERIFY_PEER)
    tcp = station.tcp()
    tcp.settimeout(None)
    connection = SSL.Connection(context, tcp)
    connection.set_tlsext_host_name(DOMAIN.encode())
    connection.set_connect_state()
    connection.do_handshake()
    return connection


@pytest.mark.req("EST-TLS-12", "ATK-F13")
def test_renegotiation_is_refused(station: Station) -> None:
    connection = pyopenssl(station, SSL.TLS1_2_VERSION)
    connection.renegotiate()
    with pytest.raises(SSL.Error):
        connection.do_handshake()
    station.is_well()


def linked(challenge: bytes) -> bytes:
    request = csr(ec_key(), "pump-1", challenge=base64.b64encode(challenge).decode())
    authorization = f"Authorization: {basic('pump-1')['authorization']}"
    return post("simpleenroll", base64.b64encode(request), authorization)


@pytest.mark.req("EST-POP-01", "DEC-19")
def test_linking_over_tls_1_2(station: Station) -> None:
    station.plant.device("pump-1")
    client, other = (station.connect(station.context(TLS_1_2)) for _number in range(2))
    binding = client.tls.get_channel_binding("tls-unique")
    assert binding is not None
    assert len(binding) == 12
    assert client.send(linked(binding)).response().status == 200
    assert other.send(linked(binding)).response().status == 400


@pytest.mark.req("EST-POP-04", "EST-POP-05", "EST-POP-12", "DEC-19")
def test_linking_over_tls_1_3(station: Station) -> None:
    station.plant.device("pump-1")
    connection = pyopenssl(station, SSL.TLS1_3_VERSION)
    exported = connection.export_keying_material(b"EXPORTER-Channel-Binding", 32)
    finished = connection.get_finished()
    assert finished is not None
    for challenge, status in ((exported, b"200"), (finished, b"400"), (exported[::-1], b"400")):
        connection.sendall(linked(challenge))
        answer = connection.recv(65536)
        assert answer.startswith(b"HTTP/1.1 " + status)
    connection.shutdown()


@pytest.mark.req("EST-TLS-09")
def test_no_issuer_is_asked_for(station: Station) -> None:
    connection = pyopenssl(station, SSL.TLS1_2_VERSION)
    assert connection.get_client_ca_list() == []


@pytest.mark.req("EST-TLS-13")
def test_a_name_of_no_server_and_none_at_all(station: Station) -> None:
    context = station.context()
    context.check_hostname = False
    for host in (None, "nobody.example"):
        with context.wrap_socket(station.tcp(), server_hostname=host) as wrapped:
            assert Client(wrapped).send(get("cacerts")).response().status == 200


def test_who_trusts_the_root_of_before_a_roll_over_still_believes_us(station: Station) -> None:
    workspace = station.plant.workspace
    key = KeyChoice(KeyAlgorithm.EC_P256)
    for word in ("Root", "Operational"):
        old = next(found for found in workspace.authorities.all(ADMIN) if found.name == word)
        workspace.authority_making.roll_over(ADMIN, old.id, f"{word} 2", key, not_after=NEVER)
    port = station.listener.port
    station.listener.stop()
    station.listener.start("127.0.0.1", port)
    station.is_well()
    before = station.anchors.read_bytes()
    station.anchors.write_bytes(workspace.est_endpoints.trust_anchors())
    assert station.anchors.read_bytes() != before
    station.is_well()


@pytest.mark.req("EST-REN-15")
def test_a_certificate_revoked_while_its_connection_is_open(station: Station) -> None:
    workspace = station.plant.workspace
    der, key = station.plant.with_factory_certificate("pump-1")
    body = base64.b64encode(csr(ec_key(), "pump-1"))
    client = station.connect(station.context(certificate=der, key=key))
    assert client.send(post("simpleenroll", body)).response().status == 200
    (row,) = workspace.certificate_list.page(
        ADMIN, CertificateQuery(text=read_certificate(der).serial_hex), 0, 2
    )
    workspace.revocation.revoke(ADMIN, row.id, RevocationReason.KEY_COMPROMISE)
    assert client.send(post("simpleenroll", body)).response().status == 401
