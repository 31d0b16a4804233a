"""Requests that are built to hurt (est.md 4.A to 4.C): a clear 4xx, on record, and life goes on."""

import base64
import re
from collections.abc import Callable

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from tests.est.defects import ENCODING, KEYS, NAMES, REASONS
from tests.est.refusals import assert_refused
from tests.est.requests import SAN, asking, extension, rdn, request, sequence, tlv
from tests.plant import Plant, basic, certificates_of, csr, ec_key, rsa_key

KEY = ec_key()
GOOD = csr(KEY, "pump-1")


def assert_harmless(plant: Plant, body: bytes) -> str:
    """Refused in words, on record, nothing issued; the next good request is answered."""
    before, records = plant.count(), len(plant.refusals())
    response = plant.ask("simpleenroll", body=body, headers=basic("pump-1"))
    text = assert_refused(plant, response, 400)
    assert plant.count() == before
    assert len(plant.refusals()) == records + 1
    good = plant.ask("simpleenroll", csr(ec_key(), "pump-1"), headers=basic("pump-1"))
    assert good.status == 200
    return text


CASES = [
    pytest.param(der, REASONS[row], id=f"{row}-{title}", marks=pytest.mark.req(row, "EST-ERR-00"))
    for row, defects in (ENCODING | KEYS | NAMES).items()
    for title, der in defects.items()
]


@pytest.mark.req("EST-ERR-01", "DEC-20", "EST-ENR-04", "EST-ENC-05")
@pytest.mark.parametrize(("der", "reason"), CASES)
def test_hostile_requests_are_400(shared_plant: Plant, der: bytes, reason: str) -> None:
    assert re.search(reason, assert_harmless(shared_plant, base64.b64encode(der)))


@pytest.mark.req("ATK-A01", "ATK-A02", "ATK-A03", "EST-ENR-16")
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\r\n \t",
        b"M",
        base64.b64encode(GOOD)[:-1],
        base64.urlsafe_b64encode(b"\xfb\xff" + GOOD),
        base64.b64encode(GOOD).decode().encode("utf-16"),
        GOOD,
        b'{"csr": "MII="}',
        b"<html></html>",
        b"\x1f\x8b\x08\x00" + bytes(40),
        b"--b\r\nContent-Type: application/pkcs10\r\n\r\n" + base64.b64encode(GOOD) + b"\r\n--b--",
        base64.b64encode(b"not DER at all"),
    ],
)
def test_bodies_that_are_no_request(shared_plant: Plant, body: bytes) -> None:
    assert_harmless(shared_plant, body)


@pytest.mark.req("ATK-A02")
def test_a_private_key_is_never_repeated(
    shared_plant: Plant, caplog: pytest.LogCaptureFixture
) -> None:
    pem = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    secret = pem.splitlines()[1].decode()
    text = assert_harmless(shared_plant, pem)
    assert "private key" in text
    written = text + caplog.text + str(shared_plant.refusals()) + str(shared_plant.monitor_line())
    assert secret not in written


@pytest.mark.req("ATK-A04")
def test_no_truncation_and_no_changed_byte_gets_through(shared_plant: Plant) -> None:
    before = shared_plant.count()
    broken = [GOOD[:length] for length in range(0, len(GOOD), 7)]
    broken += [
        GOOD[:place] + bytes([GOOD[place] ^ (1 << place % 8)]) + GOOD[place + 1 :]
        for place in range(0, len(GOOD), 3)
    ]
    for der in broken:
        response = shared_plant.ask("simpleenroll", der, headers=basic("pump-1"))
        assert response.status == 400
    assert shared_plant.count() == before


@pytest.mark.req("ATK-C01", "ATK-C02", "ATK-C03", "ATK-A11")
@pytest.mark.req("EST-ENR-11", "EST-ENR-14", "EST-RA-02")
@pytest.mark.parametrize(
    "asked",
    [
        [
            (
                x509.KeyUsage(False, False, False, False, True, False, False, False, False),  # noqa: FBT003  in the order of the bits
                True,
            )
        ],
        [(x509.BasicConstraints(ca=True, path_length=3), True)],
        [
            (
                x509.KeyUsage(True, True, True, True, True, True, True, True, True),  # noqa: FBT003  in the order of the bits
                True,
            )
        ],
        [
            (
                x509.ExtendedKeyUsage(
                    x509.ObjectIdentifier(oid)
                    for oid in ("2.5.29.37.0", "1.3.6.1.5.5.7.3.28", "1.3.6.1.5.5.7.3.9")
                ),
                False,
            )
        ],
        [(x509.NameConstraints([x509.DNSName("example")], None), True)],
        [(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True)],
        [(x509.OCSPNoCheck(), False), (x509.PrecertPoison(), True)],
        [
            (x509.SubjectKeyIdentifier(b"forged"), False),
            (x509.AuthorityKeyIdentifier(b"forged", None, None), False),
        ],
    ],
)
def test_extensions_are_never_copied(
    shared_plant: Plant, asked: list[tuple[x509.ExtensionType, bool]]
) -> None:
    plain, given = (
        certificates_of(
            shared_plant.ask(
                "simpleenroll",
                csr(ec_key(), "pump-1", extensions=extensions),
                headers=basic("pump-1"),
            )
        )[0]
        for extensions in ([], asked)
    )
    described = [
        {item.oid.dotted_string: item.critical for item in certificate.extensions}
        for certificate in (plain, given)
    ]
    assert described[0] == described[1]
    usage = given.extensions.get_extension_for_class(x509.KeyUsage).value
    assert not usage.key_cert_sign
    purposes = given.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert [oid.dotted_string for oid in purposes] == ["1.3.6.1.5.5.7.3.2"]


@pytest.mark.req("ATK-C11", "ATK-C10")
@pytest.mark.parametrize(
    "text",
    [
        "pump-1,O=Evil", "a/b", "a+b", "#0500", "${HOME}", "{{7*7}}", "{name}", "%s%n",
        "'; DROP TABLE device;--", "<script>", "../../etc/passwd", "*)(uid=*", "=1+1", "`id`",
    ],
)  # fmt: skip
def test_text_is_data(shared_plant: Plant, text: str) -> None:
    """The mapped name wins; what was asked for is neither read nor run nor refused as ours."""
    request_ = csr(ec_key(), text)
    response = shared_plant.ask("simpleenroll", request_, headers=basic("pump-1"))
    (issued,) = certificates_of(response)
    assert issued.subject.rfc4514_string() == "O=Acme Controls,CN=pump-1"


@pytest.mark.req("ATK-C10")
@pytest.mark.parametrize(
    "san",
    [
        tlv(0x86, b"spiffe://plant.example/other"),
        tlv(0x81, b"boss@plant.example"),
        tlv(0x88, b"\x2a\x03\x04"),
        tlv(0xA4, sequence(rdn(b"root"))),
        tlv(0xA0, bytes.fromhex("060a2b060104018237140203"), tlv(0xA0, b"\x0c\x05a@b.c")),
    ],
)
def test_names_beyond_the_template_are_not_issued(shared_plant: Plant, san: bytes) -> None:
    der = request(ec_key(), asking(extension(SAN, sequence(san))))
    (issued,) = certificates_of(shared_plant.ask("simpleenroll", der, headers=basic("pump-1")))
    with pytest.raises(x509.ExtensionNotFound):
        issued.extensions.get_extension_for_class(x509.SubjectAlternativeName)


@pytest.mark.req("ATK-B11")
def test_the_key_of_an_authority_is_refused(shared_plant: Plant) -> None:
    """Nobody can sign for it; the weak spot would be a request whose signature is not checked."""
    issuer = certificates_of(shared_plant.ask("cacerts"))[0]
    public_key = issuer.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert_harmless(shared_plant, base64.b64encode(request(KEY, public_key=public_key)))


@pytest.mark.req("ATK-B08", "ATK-B09")
@pytest.mark.parametrize(
    "make",
    [
        lambda: request(ec_key()),
        lambda: request(rsa_key(1)),
        lambda: csr(ec.generate_private_key(ec.SECP384R1()), "pump-1"),
    ],
)
def test_the_builder_of_these_requests_makes_good_ones_too(
    plant: Plant, make: Callable[[], bytes]
) -> None:
    plant.device("pump-1")
    der = make()
    response = plant.ask("simpleenroll", der, headers=basic("pump-1"))
    (issued,) = certificates_of(response)
    assert issued.public_key() == x509.load_der_x509_csr(der).public_key()
