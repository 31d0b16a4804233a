"""Each defect stands in a request whose signature is good, so that only the defect refuses it."""

import random
import time
from itertools import count

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from hypothesis import given
from hypothesis import strategies as st

from app.pki import der
from app.pki.csr import MAX_CSR_SIZE, CsrError, parse_csr
from app.pki.keys import KeyAlgorithm
from app.pki.sign import SoftwareKey
from tests.pki import weak
from tests.pki.material import (
    CHALLENGE_PASSWORD,
    CN,
    MICROSOFT_EXTENSION_REQUEST,
    attribute,
    csr,
    extension,
    key,
    name,
    requesting,
    rsa_spki,
    signed,
)

UTF8 = der.UTF8_STRING
SAN, KEY_USAGE, CONSTRAINTS = "2.5.29.17", "2.5.29.15", "2.5.29.19"
ORDINARY = extension("1.2.3", b"\x05\x00")
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def refusal(data: bytes) -> CsrError:
    with pytest.raises(CsrError) as caught:
        parse_csr(data)
    return caught.value


def broken_signature(data: bytes) -> bytes:
    return data[:-1] + bytes((data[-1] ^ 1,))


def san(*names: bytes) -> bytes:
    return requesting(extension(SAN, der.sequence(*names)))


def subject(value: bytes, tag: int = UTF8, oid: str = "2.5.4.3") -> bytes:
    return name((oid, tag, value))


DEFECTS = [
    # structure
    (csr(version=der.integer(1)), "version is not 0"),
    (csr(version=der.integer(-1)), "version is not 0"),
    (signed(der.sequence(der.integer(0), CN), key()), "not a PKCS#10"),
    (der.sequence(b"\x30\x00", b"\x30\x00"), "not a PKCS#10"),
    (b"\x30\x00", "not a PKCS#10"),
    (csr(subject=der.tlv(der.NULL)), "not valid DER"),
    (csr() + b"\x00", "follow the end"),
    (csr() * 2, "follow the end"),
    (bytes(MAX_CSR_SIZE + 1), "larger than 64 KiB"),
    # attributes
    (csr(attribute("1.2.3")), "has no value"),
    (csr(der.sequence(der.oid("1.2.3"))), "has no value"),
    (csr(attribute("1.2.3", b"\x05\x00"), attribute("1.2.3", b"\x05\x00")), "stands twice"),
    (csr(requesting(ORDINARY), requesting(extension("1.2.4", b"\x05\x00"))), "stands twice"),
    (csr(requesting(ORDINARY, ORDINARY)), "stands twice"),
    (
        csr(requesting(ORDINARY), requesting(ORDINARY, oid=MICROSOFT_EXTENSION_REQUEST)),
        "requested twice",
    ),
    (
        csr(attribute("1.2.840.113549.1.9.14", der.sequence(ORDINARY), der.sequence(ORDINARY))),
        "several values",
    ),
    (csr(requesting()), "list of extensions is empty"),
    (csr(attribute("1.2.840.113549.1.9.14", der.octet_string(b""))), "not valid DER"),
    # extension values
    (csr(requesting(extension(SAN, b"garbage"))), "not valid DER"),
    (csr(san()), "alternative names is empty"),
    (csr(san(der.tlv(0x87, b"12345"))), "malformed or of an unknown kind"),
    (csr(requesting(extension(KEY_USAGE, bytes.fromhex("03020080")))), "key usage is malformed"),
    (csr(requesting(extension(KEY_USAGE, bytes.fromhex("030201ff")))), "unused bits"),
    (csr(requesting(extension(CONSTRAINTS, bytes.fromhex("3003010101")))), "BOOLEAN"),
    (csr(requesting(extension("2.5.29.37", b"\x30\x00"))), "extended key usage is empty"),
    # challenge password
    (csr(attribute(CHALLENGE_PASSWORD, der.integer(1))), "challenge password"),
    (csr(attribute(CHALLENGE_PASSWORD, der.tlv(der.IA5_STRING, b"a"))), "challenge password"),
    (csr(attribute(CHALLENGE_PASSWORD, der.tlv(UTF8))), "challenge password"),
    (csr(attribute(CHALLENGE_PASSWORD, der.tlv(UTF8, b"x" * 256))), "challenge password"),
    (csr(attribute(CHALLENGE_PASSWORD, der.tlv(UTF8, b"\xff"))), "does not allow"),
    (csr(attribute(CHALLENGE_PASSWORD, *[der.tlv(UTF8, b"a")] * 2)), "several values"),
    # names
    (csr(subject=subject(b"good.example\0.evil")), "invisible character U+0000"),
    (csr(subject=subject(b"a\r\nX: b")), "invisible character U+000D"),
    (csr(subject=subject(b"\x1b[2J")), "invisible character U+001B"),
    (csr(subject=subject("a\u202eb".encode())), "invisible character U+202E"),
    (csr(subject=subject("a\u200bb".encode())), "invisible character U+200B"),
    (csr(subject=subject(b"x" * 65)), "64 are allowed"),
    (csr(subject=subject(b"USA", oid="2.5.4.6")), "2 are allowed"),
    (csr(subject=subject(b"x" * 65, der.PRINTABLE_STRING, "2.5.4.5")), "64 are allowed"),
    (csr(subject=subject(b"")), "is empty"),
    (csr(subject=subject(b"\xc0\xaf")), "does not allow"),
    (csr(subject=subject(b"caf\xe9", der.T61_STRING)), "TeletexString"),
    (csr(subject=subject(b"\x00", der.BMP_STRING)), "does not allow"),
    (csr(subject=name(("2.5.4.3", UTF8, b"a"), ("2.5.4.3", UTF8, b"b"))), "more than one common"),
    (
        csr(
            subject=der.sequence(
                der.tlv(
                    der.SET,
                    der.sequence(der.oid("2.5.4.3"), der.tlv(UTF8, b"a")),
                    der.sequence(der.oid("2.5.4.10"), der.tlv(UTF8, b"b")),
                )
            )
        ),
        "several attributes in one part",
    ),
    *((csr(san(der.tlv(0x82, bad))), "wildcard") for bad in (b"*", b"*.com", b"*.*", b"f*o.com")),
    (csr(san(der.tlv(0x82, b"good\0.evil"))), "invisible character U+0000"),
    (csr(san(der.tlv(0x82, b"\xe9"))), "does not allow"),
    (csr(san(der.tlv(0x86, b"/relative"))), "not an absolute URI"),
    (csr(san(der.tlv(0x81, b"nobody"))), "not an e-mail address"),
]


@pytest.mark.req("ATK-A05", "ATK-A08", "ATK-A09", "ATK-A10", "ATK-A14", "EST-POP-08")
@pytest.mark.req("ATK-C04", "ATK-C05", "ATK-C06", "ATK-C07", "ATK-C09", "ATK-C10")
@pytest.mark.parametrize(("data", "problem"), DEFECTS, ids=count())
def test_each_defect_is_refused_for_what_it_is(data: bytes, problem: str) -> None:
    assert problem in refusal(data).text()


@pytest.mark.parametrize("data", [data for data, _problem in DEFECTS], ids=count())
def test_each_defect_is_refused_with_a_bad_signature_too(data: bytes) -> None:
    assert refusal(broken_signature(data)).problem


@pytest.mark.req("ATK-A07")
@pytest.mark.parametrize("depth", [40, 1_000, 10_000])
def test_deep_nesting_is_refused(depth: int) -> None:
    nested = b"\x05\x00"
    for _level in range(depth):
        nested = der.tlv(der.SET, nested)
    assert refusal(csr(attribute("1.2.3", nested))).problem


@pytest.mark.req("ATK-A12")
@pytest.mark.parametrize(
    "data",
    [
        csr(subject=der.sequence(*[CN[2:]] * 1000)),
        csr(subject=der.sequence(der.tlv(der.SET, *[CN[4:]] * 1000))),
        csr(*[attribute("1.2.3", b"\x05\x00")] * 5_000),
        csr(san(*[der.tlv(0x82, b"")] * 30_000)),
        csr(attribute("1.2.3", der.tlv(der.OID, b"\x81" * 50_000 + b"\x01"))),
        csr(attribute("1.2.3", der.octet_string(bytes(10 * 2**20)))),
    ],
    ids=count(),
)
def test_huge_requests_are_refused_fast(data: bytes) -> None:
    start = time.process_time()
    assert refusal(data).problem
    assert time.process_time() - start < 1


@pytest.mark.req("EST-ENR-04", "ATK-B09")
def test_the_key_in_the_request_must_have_signed_it() -> None:
    assert refusal(csr(spki=key(number=1).public_key)).problem == (
        "The request's signature does not verify."
    )
    assert refusal(broken_signature(csr())).problem == "The request's signature does not verify."


def resigned(signature: bytes, identifier: bytes | None = None) -> bytes:
    info, algorithm, _signature = der.parse(csr()).children()
    return der.sequence(info.encoded, identifier or algorithm.encoded, der.bit_string(signature))


@pytest.mark.req("ATK-B09")
def test_bad_ecdsa_signatures_are_refused_and_good_ones_are_not() -> None:
    info = der.parse(csr()).children()[0].encoded
    r, s = decode_dss_signature(key().sign(info))
    assert parse_csr(resigned(encode_dss_signature(r, s)))
    assert parse_csr(resigned(encode_dss_signature(r, P256_ORDER - s)))  # as valid as the other
    good = encode_dss_signature(r, s)
    for bad in (
        b"",
        good + b"\x00",
        b"\x30\x81" + good[1:],
        encode_dss_signature(0, s),
        encode_dss_signature(r, 0),
        encode_dss_signature(r, s + P256_ORDER),
        encode_dss_signature(s, r),
    ):
        assert "does not verify" in refusal(resigned(bad)).problem


@pytest.mark.req("ATK-B09", "ATK-B10")
@pytest.mark.parametrize(
    ("oid", "problem"),
    [
        ("1.2.840.10045.4.3.3", "does not verify"),  # says SHA-384, is SHA-256
        ("1.2.840.113549.1.1.11", "does not verify"),  # says RSA, is EC
        ("1.3.101.112", "does not verify"),
        ("1.2.840.10045.4.1", "algorithm that is not accepted"),  # ECDSA with SHA-1
        ("1.2.840.113549.1.1.10", "algorithm that is not accepted"),  # RSASSA-PSS
        ("1.2.3.4", "algorithm that is not accepted"),
    ],
)
def test_the_named_algorithm_counts(oid: str, problem: str) -> None:
    good = der.parse(csr()).children()[2].content[1:]
    assert problem in refusal(resigned(good, der.sequence(der.oid(oid)))).problem


def test_a_request_that_names_no_algorithm_is_refused() -> None:
    assert "algorithm that is not accepted" in refusal(resigned(b"x", b"\x30\x00")).problem


@pytest.mark.req("ATK-B10", "EST-ENR-10")
def test_sha1_signatures_are_refused_though_they_verify() -> None:
    private = key(KeyAlgorithm.RSA_2048).private_key
    assert isinstance(private, rsa.RSAPrivateKey)
    info = der.sequence(der.integer(0), CN, key(KeyAlgorithm.RSA_2048).public_key, der.tlv(0xA0))
    signature = private.sign(info, padding.PKCS1v15(), hashes.SHA1())
    algorithm = der.sequence(der.oid("1.2.840.113549.1.1.5"), der.tlv(der.NULL))
    request = der.sequence(info, algorithm, der.bit_string(signature))
    assert "algorithm that is not accepted" in refusal(request).problem


@pytest.mark.req("ATK-B01", "ATK-B06")
def test_keys_of_other_kinds_are_refused_before_their_signature_counts() -> None:
    small = rsa.generate_private_key(65537, 1024)
    spki = rsa_spki(small.public_key().public_numbers().n)
    assert "1024 bits" in refusal(csr(spki=spki)).problem
    curve = SoftwareKey(ec.generate_private_key(ec.SECP256K1()))
    assert "curve is not accepted" in refusal(csr(spki=curve.public_key)).problem


@pytest.mark.req("ATK-B04", "ATK-B05")
def test_broken_generators_are_found_though_the_signature_is_good() -> None:
    assert "ROCA" in refusal(csr(signer=weak.roca())).problem
    assert "too close" in refusal(csr(signer=weak.close_primes())).problem


@pytest.mark.req("ATK-B02", "ATK-B13")
@pytest.mark.parametrize("bits", [16_384, 32_768, 262_144])
def test_the_size_of_a_key_is_looked_at_before_any_arithmetic(bits: int) -> None:
    data = csr(spki=rsa_spki(2**bits - 1, 2**64 - 1))
    start = time.process_time()
    assert f"{bits} bits" in refusal(data).problem
    assert time.process_time() - start < 0.2


@pytest.mark.req("ATK-A04")
def test_every_truncation_is_refused() -> None:
    whole = csr(san(der.tlv(0x82, b"device.example")))
    for length in range(len(whole)):
        assert refusal(whole[:length]).problem


@pytest.mark.req("ATK-A04", "EST-ENR-04")
def test_ten_thousand_mutations_are_refused() -> None:
    """Whatever octet changes: it is signed, or it is the signature."""
    chance = random.Random(7)
    whole = csr(san(der.tlv(0x82, b"device.example")))
    for _time in range(10_000):
        mutant = bytearray(whole)
        mutant[chance.randrange(len(whole))] ^= chance.randrange(1, 256)
        assert refusal(bytes(mutant)).problem


@given(st.binary(max_size=100))
def test_any_bytes_are_refused(data: bytes) -> None:
    assert refusal(data).problem


@given(st.binary(max_size=60))
def test_any_signed_subject_is_read_or_refused(data: bytes) -> None:
    try:
        request = parse_csr(csr(subject=der.sequence(data)))
    except CsrError:
        return
    assert request.subject_der == der.sequence(data)


@given(st.binary(max_size=60), st.sampled_from([SAN, KEY_USAGE, CONSTRAINTS, "2.5.29.35"]))
def test_any_signed_extension_is_read_or_refused(value: bytes, oid: str) -> None:
    try:
        request = parse_csr(csr(requesting(extension(oid, value))))
    except CsrError:
        return
    assert request.requested_extensions == (oid,)
