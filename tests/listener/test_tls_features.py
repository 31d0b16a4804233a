"""What TLS is for EST and what it is not: no SRP, no resumption, no HTTP/2, keys that fit."""

import base64
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from app.models.services.est.tls_identity import TlsIdentity
from app.pki import der
from app.pki.certificates import CMC_RA, SERVER_AUTH, certificate_to_pem
from app.pki.names import ATTRIBUTE_TYPES, Attribute, GeneralName, SanKind
from tests.listener.station import Client, Station, get, post
from tests.listener.test_tls import (
    ECDHE_ECDSA_AES128_GCM,
    TLS_1_2,
    TLS_1_3,
    answer_to,
    client_hello,
    linked,
)
from tests.plant import DOMAIN, basic, csr, ec_key

EC_PUBLIC_KEY, P256 = "1.2.840.10045.2.1", "1.2.840.10045.3.1.7"
NO_EXTENDED_MASTER_SECRET = 0x1  # SSL_OP_NO_EXTENDED_MASTER_SECRET, which ssl does not name
EXTENDED_MASTER_SECRET = b"\x00\x17\x00\x00"


def pkcs8(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@pytest.mark.req("EST-TLS-16")
def test_srp_is_refused(station: Station) -> None:
    suites = b"\xc0\x1a\xc0\x1b\xc0\x1c\xc0\x1d\xc0\x1e\xc0\x1f\xc0\x20\xc0\x21\xc0\x22"
    answer = answer_to(station, client_hello(b"\x03\x03", suites))
    assert (answer[:1], answer[5:]) == (b"\x15", b"\x02\x28")  # handshake_failure
    station.is_well()


@pytest.mark.req("EST-TLS-15")
def test_the_extended_master_secret_is_agreed_on(station: Station) -> None:
    hello = client_hello(b"\x03\x03", ECDHE_ECDSA_AES128_GCM)
    with_it = bytearray(hello + EXTENDED_MASTER_SECRET)
    added = len(EXTENDED_MASTER_SECRET)
    lengths = [(3, 2), (6, 3), (len(hello) - 26, 2)]  # record, handshake, extensions
    for offset, size in lengths:
        value = int.from_bytes(with_it[offset : offset + size]) + added
        with_it[offset : offset + size] = value.to_bytes(size)
    for sent, agreed in ((hello, False), (bytes(with_it), True)):
        with station.tcp() as tcp:
            tcp.sendall(sent)
            answer = tcp.recv(65536)
        length = int.from_bytes(answer[3:5])
        assert answer[5:6] == b"\x02"  # ServerHello
        assert (EXTENDED_MASTER_SECRET in answer[5 : 5 + length]) is agreed


@pytest.mark.req("EST-TLS-15", "EST-POP-01")
@pytest.mark.parametrize("options", [0, NO_EXTENDED_MASTER_SECRET])
def test_linking_with_and_without_it(station: Station, options: int) -> None:
    """Without it linking is sound, too: nobody resumes or renegotiates here."""
    station.plant.device("pump-1")
    context = station.context(TLS_1_2)
    context.options |= options
    client = station.connect(context)
    binding = client.tls.get_channel_binding("tls-unique")
    assert binding is not None
    assert client.send(linked(binding)).response().status == 200


@pytest.mark.req("EST-TLS-11", "EST-POP-03", "ATK-F12")
@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
def test_who_would_resume_proves_its_identity_anew(
    station: Station, version: ssl.TLSVersion
) -> None:
    """So a certificate cannot outlive its connection, and tls-unique is the client's Finished."""
    factory, key = station.plant.with_factory_certificate("pump-1")
    context = station.context(version, factory, key)
    first = station.connect(context)
    request = post("simpleenroll", base64.b64encode(csr(ec_key(), "pump-1")))
    assert first.send(request).response().status == 200
    again = Client(
        context.wrap_socket(
            station.tcp(),
            server_hostname=DOMAIN,
            session=first.tls.session,
            suppress_ragged_eofs=False,
        )
    )
    with again.tls:
        assert not again.tls.session_reused
        assert again.send(request).response().status == 200
        binding = again.tls.get_channel_binding("tls-unique")
        if version is TLS_1_2:
            assert binding is not None
            assert again.send(linked(binding)).response().status == 200
    bare = station.context(version)
    without = bare.wrap_socket(station.tcp(), server_hostname=DOMAIN)
    with without:
        assert Client(without).send(request).response().status == 401


def mismatched(shown: ec.EllipticCurvePrivateKey, other: ec.EllipticCurvePrivateKey) -> bytes:
    """A PKCS#8 key that says it is the first one and signs as the other."""
    point = shown.public_key().public_bytes(
        Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    private = other.private_numbers().private_value.to_bytes(32)
    content = der.sequence(
        der.integer(1), der.octet_string(private), der.tlv(0xA1, der.bit_string(point))
    )
    algorithm = der.sequence(der.oid(EC_PUBLIC_KEY), der.oid(P256))
    return der.sequence(der.integer(0), algorithm, der.octet_string(content))


def load(context: ssl.SSLContext, certificate: bytes, key: bytes, folder: Path) -> None:
    path = folder / "mismatched.pem"
    text = base64.encodebytes(key)
    pem = b"-----BEGIN PRIVATE KEY-----\n" + text + b"-----END PRIVATE KEY-----\n"
    path.write_bytes(certificate_to_pem(certificate) + pem)
    context.load_cert_chain(path)


@pytest.mark.req("ATK-F11")
@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
def test_a_certificate_without_its_key_gets_nowhere(
    station: Station, version: ssl.TLSVersion
) -> None:
    key = ec_key()
    factory, _key = station.plant.with_factory_certificate("pump-1", factory_key=key)
    request = post("simpleenroll", base64.b64encode(csr(ec_key(), "pump-1")))
    right, wrong = station.context(version), station.context(version)
    load(right, factory, mismatched(key, key), station.folder)
    load(wrong, factory, mismatched(key, ec_key()), station.folder)
    with pytest.raises(ssl.SSLError, match=r"(?i)decrypt.error"):
        station.connect(wrong).send(request).response()  # TLS 1.3 learns of it when it reads
    line = station.next_exchange()
    assert (line.operation, line.status, line.ok) == ("TLS", 0, False)
    before = station.plant.count()
    assert station.connect(right).send(request).response().status == 200
    assert station.plant.count() == before + 1


@pytest.mark.req("ATK-D09", "EST-HTTP-13")
def test_http_2_is_not_agreed_on(station: Station) -> None:
    context = station.context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    client = station.connect(context)
    assert client.tls.selected_alpn_protocol() in {None, "http/1.1"}
    assert client.send(get("cacerts")).response().status == 200


@pytest.mark.req("ATK-D09")
@pytest.mark.parametrize("frames", [b"", bytes.fromhex("000000040000000000") * 1000])
def test_http_2_without_asking_is_turned_away(station: Station, frames: bytes) -> None:
    context = station.context()
    context.set_alpn_protocols(["h2"])
    client = station.connect(context)
    client.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frames)
    for status in (404, 400):  # no such path, no request line
        answer = client.response()
        assert (answer.status, answer.head[:9]) == (status, b"HTTP/1.1 ")
    client.assert_closed()
    station.is_well()


@pytest.mark.req("EST-HTTP-14")
@pytest.mark.parametrize(
    "operation",
    ["", "cacerts/", "../est/cacerts", "/cacerts", "CACERTS", "simpleenroll/", "nowhere/cacerts"],
)
@pytest.mark.parametrize("make", [get, lambda operation: post(operation, b"MAA=")])
def test_nobody_is_redirected(
    station: Station, operation: str, make: Callable[[str], bytes]
) -> None:
    client = station.connect()
    for host in (DOMAIN, "elsewhere.example"):
        request = make(operation).replace(f"Host: {DOMAIN}".encode(), f"Host: {host}".encode())
        answer = client.send(request).response()
        assert answer.status in {404, 405}
        assert b"location" not in answer.head.lower()


@pytest.mark.req("EST-AUT-02", "EST-TLS-01")
def test_a_password_goes_over_tls_or_nowhere(station: Station) -> None:
    station.plant.device("pump-1")
    authorization = f"Authorization: {basic('pump-1')['authorization']}"
    body = base64.b64encode(csr(ec_key(), "pump-1"))
    request = post("simpleenroll", body, authorization)
    assert b"HTTP" not in answer_to(station, request)
    assert station.plant.count() == 0
    client = station.connect()
    wrong = post("simpleenroll", body, "Authorization: Basic eDp5", "Cookie: session=1")
    for sent, status in ((wrong, 401), (request, 200), (get("cacerts"), 200)):
        answer = client.send(sent).response()
        assert answer.status == status
        assert b"cookie" not in answer.head.lower()


@pytest.mark.req("EST-TLS-06")
def test_a_server_certificate_of_a_registration_authority_serves(station: Station) -> None:
    key = ec_key()
    public_key = key.public_key().public_bytes(
        Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    now = datetime.now(UTC).replace(microsecond=0)
    leaf = station.plant.sign(
        "Named",
        public_key,
        (Attribute(ATTRIBUTE_TYPES["CN"].oid, "EST RA"),),
        not_after=now + timedelta(days=1),
        extended_key_usage=(SERVER_AUTH, CMC_RA),
        san=(GeneralName(SanKind.DNS, DOMAIN),),
    )
    usual = station.plant.workspace.est_endpoints.tls_identity()
    identity = TlsIdentity((leaf, *usual.chain[1:]), pkcs8(key))
    port = station.listener.port
    station.listener.stop()
    station.listener = station.other_listener(lambda: identity)
    station.listener.start("127.0.0.1", port)
    client = station.connect()  # checks chain and host name
    assert client.tls.getpeercert(binary_form=True) == leaf
    assert client.send(get("cacerts")).response().status == 200
