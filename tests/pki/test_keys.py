from itertools import count

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa, x25519
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import InvalidInputError
from app.pki import der
from app.pki.keys import (
    KeyAlgorithm,
    WeakKeyError,
    algorithm_of,
    check_public_key,
    generate,
    private_key_from_der,
    private_key_to_der,
    private_key_to_pem,
    public_key_der,
    public_key_from_der,
    spki_algorithm,
)
from tests.pki import weak
from tests.pki.material import key, openssl, rsa_spki, spki

EC, ED25519 = der.oid("1.2.840.10045.2.1"), der.oid("1.3.101.112")
P256_OID = der.oid("1.2.840.10045.3.1.7")
POINT = public_key_der(ec.derive_private_key(1, ec.SECP256R1()).public_key())[-65:]


@pytest.mark.parametrize("algorithm", KeyAlgorithm)
def test_generated_keys_are_what_was_asked_for(algorithm: KeyAlgorithm) -> None:
    private = key(algorithm).private_key
    public = private.public_key()
    assert algorithm_of(public) is algorithm
    check_public_key(public)
    assert public_key_from_der(public_key_der(public)) == public
    again = private_key_from_der(private_key_to_der(private))
    assert private_key_to_der(again) == private_key_to_der(private)


def test_two_keys_differ() -> None:
    first, second = (generate(KeyAlgorithm.EC_P256) for _time in range(2))
    assert private_key_to_der(first) != private_key_to_der(second)


def test_labels() -> None:
    assert [algorithm.label for algorithm in KeyAlgorithm] == [
        "RSA 2048",
        "RSA 3072",
        "RSA 4096",
        "EC P-256",
        "EC P-384",
        "EC P-521",
        "Ed25519",
        "ML-DSA-44",
        "ML-DSA-65",
        "ML-DSA-87",
    ]


@pytest.mark.parametrize("algorithm", [KeyAlgorithm.EC_P256, KeyAlgorithm.RSA_2048])
def test_openssl_reads_the_pem(algorithm: KeyAlgorithm) -> None:
    private = key(algorithm).private_key
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    plain = private_key_to_pem(private, None)
    assert openssl("pkey", "-pubout", data=plain).encode() == public
    sealed = private_key_to_pem(private, "s3cret")
    assert sealed.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert openssl("pkey", "-pubout", "-passin", "pass:s3cret", data=sealed).encode() == public


def test_what_is_no_private_key_is_refused() -> None:
    x25519_key = x25519.X25519PrivateKey.generate().private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    encrypted = key().private_key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"x"),
    )
    for data in (b"", b"\x30\x00", x25519_key, encrypted):
        with pytest.raises(InvalidInputError):
            private_key_from_der(data)


@pytest.mark.req("ATK-B01", "ATK-B02", "ATK-B03", "ATK-B13")
@pytest.mark.parametrize(
    ("modulus", "exponent"),
    [
        *((2**bits - 1, 65537) for bits in (512, 768, 1024, 1536, 2047, 2049, 3071, 8192)),
        (2**16384 - 1, 65537),
        (2**32768 - 1, 65537),
        (2**1_000_000 - 1, 65537),
        (0, 65537),
        (-(2**2047) - 1, 65537),
        (2**2048 - 2, 65537),  # even
        *((2**2048 - 1, exponent) for exponent in (-1, 0, 1, 2, 3, 17, 65536, 65538, 2**64 + 1)),
        (2**2048 - 1, 2**2048 + 1),
    ],
    ids=lambda number: f"{number.bit_length()} bits",
)
def test_rsa_numbers_out_of_bounds_are_refused_by_their_bytes(modulus: int, exponent: int) -> None:
    with pytest.raises(WeakKeyError):
        spki_algorithm(rsa_spki(modulus, exponent))


@pytest.mark.req("ATK-B06", "ATK-B07", "ATK-B08")
@pytest.mark.parametrize(
    "data",
    [
        spki((EC, P256_OID), b"\x02" + POINT[1:33]),  # compressed
        spki((EC, P256_OID), b"\x06" + POINT[1:]),  # hybrid
        spki((EC, P256_OID), b"\x00"),  # infinity
        spki((EC, P256_OID), POINT[:-1]),
        spki((EC, P256_OID), POINT + b"\x00"),
        spki((EC, P256_OID), POINT[:-1] + bytes((POINT[-1] ^ 1,))),  # not on the curve
        spki((EC, P256_OID), b"\x04" + b"\xff" * 64),  # coordinates beyond the field
        spki((EC, P256_OID), b"\x04" + bytes(64)),
        spki((EC,), POINT),  # no parameters
        spki((EC, der.tlv(der.NULL)), POINT),  # implicit curve
        spki((EC, der.sequence(der.integer(1))), POINT),  # explicit parameters
        spki((EC, der.oid("1.2.840.10045.3.1.1")), POINT[:49]),  # P-192
        spki((EC, der.oid("1.3.132.0.10")), POINT),  # secp256k1
        spki((EC, der.oid("1.3.36.3.3.2.8.1.1.7")), POINT),  # brainpoolP256r1
        spki((ED25519,), bytes(31)),
        spki((ED25519, der.tlv(der.NULL)), bytes(32)),
        spki((der.oid("1.2.840.113549.1.1.1"),), der.sequence(der.integer(15), der.integer(3))),
        spki((der.oid("1.2.840.113549.1.1.10"),), b""),  # RSASSA-PSS
        spki((der.oid("1.2.643.7.1.1.1.1"),), b""),  # GOST
        spki((der.oid("1.2.3.4"),), b""),
        public_key_der(x25519.X25519PrivateKey.generate().public_key()),  # type: ignore[arg-type]
        public_key_der(ed448.Ed448PrivateKey.generate().public_key()),  # type: ignore[arg-type]
        public_key_der(dsa.generate_private_key(1024).public_key()),  # type: ignore[arg-type]
    ],
    ids=count(),
)
def test_other_keys_are_refused(data: bytes) -> None:
    with pytest.raises(WeakKeyError) as refusal:
        public_key_from_der(data)
    assert refusal.value.remedy


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x30\x00",
        der.sequence(der.sequence(), der.bit_string(b"")),
        der.sequence(der.sequence(EC, P256_OID), der.octet_string(POINT)),
        der.sequence(der.sequence(EC, P256_OID), bytes.fromhex("03020780")),
        spki((der.oid("1.2.840.113549.1.1.1"), der.tlv(der.NULL)), b"rubbish"),
        spki((der.oid("1.2.840.113549.1.1.1"), der.tlv(der.NULL)), der.sequence(der.integer(1))),
    ],
)
def test_malformed_keys_are_refused(data: bytes) -> None:
    with pytest.raises(der.DerError):
        public_key_from_der(data)


@given(st.binary(max_size=80))
def test_any_point_is_judged_without_surprise(point: bytes) -> None:
    with pytest.raises(InvalidInputError):
        public_key_from_der(spki((EC, P256_OID), point))


def rsa_public(modulus: int) -> rsa.RSAPublicKey:
    public = public_key_from_der(rsa_spki(modulus))
    assert isinstance(public, rsa.RSAPublicKey)
    return public


@pytest.mark.req("ATK-B04")
def test_roca_keys_are_found() -> None:
    with pytest.raises(WeakKeyError, match="ROCA"):
        check_public_key(weak.roca().private_key.public_key())


@pytest.mark.req("ATK-B05")
def test_close_primes_are_found() -> None:
    with pytest.raises(WeakKeyError, match="too close together"):
        check_public_key(weak.close_primes().private_key.public_key())


@pytest.mark.req("ATK-B03")
def test_moduli_of_other_shapes_are_found() -> None:
    p, _q = weak.strong_primes()
    for modulus, problem in (
        (p * p, "too close together"),
        (weak.PRIME_2048, "is a prime number"),
        (1999 * (2**2037 + 1), "small factor"),
    ):
        with pytest.raises(WeakKeyError, match=problem):
            check_public_key(rsa_public(modulus))


@pytest.mark.req("ATK-B04")
def test_good_keys_are_not_flagged() -> None:
    for number in range(3):
        check_public_key(key(KeyAlgorithm.RSA_2048, number).private_key.public_key())
    check_public_key(ed25519.Ed25519PrivateKey.generate().public_key())


@pytest.mark.req("ATK-B08")
@pytest.mark.parametrize(("arc", "size"), [(17, 1312), (18, 1952), (19, 2592)])
def test_ml_dsa_keys_of_the_wrong_shape_are_refused(arc: int, size: int) -> None:
    oid = der.oid(f"2.16.840.1.101.3.4.3.{arc}")
    assert spki_algorithm(spki((oid,), bytes(size))).value.startswith("ml-dsa")
    for data in (
        spki((oid,), bytes(size - 1)),
        spki((oid,), bytes(size + 1)),
        spki((oid, der.tlv(der.NULL)), bytes(size)),  # RFC 9881 section 4: no parameters
    ):
        with pytest.raises(WeakKeyError):
            spki_algorithm(data)


def test_an_ml_dsa_key_is_kept_as_its_seed() -> None:
    data = private_key_to_der(key(KeyAlgorithm.ML_DSA_65).private_key)
    _version, algorithm, content = der.parse(data).sequence()
    assert algorithm.encoded == der.sequence(der.oid("2.16.840.1.101.3.4.3.18"))
    seed = der.tlv(0x80, content.content[2:])  # RFC 9881 section 6: seed [0], 32 octets
    assert (seed, len(seed)) == (content.content, 34)
