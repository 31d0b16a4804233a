"""What certificate of an external CA will do, and what proves the possession of its key."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import InvalidInputError
from app.pki.ca_checks import CLOCK_DIFFERENCE, check_ca, check_proof, is_proof
from app.pki.certificates import build_root
from app.pki.keys import KeyAlgorithm
from app.pki.sign import SoftwareKey
from tests.pki.chain_material import middle
from tests.pki.material import NOW, Authority, ca_contents, common_name, key, openssl, root
from tests.pki.test_chain_strength import rsa_certificate

CODE = "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
Names = Sequence[tuple[x509.ObjectIdentifier, str] | tuple[x509.ObjectIdentifier, str, _ASN1Type]]
CN = NameOID.COMMON_NAME
_OTHER_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "encipher_only",
    "decipher_only",
)


def proof(
    names: Names = ((CN, CODE),),
    ca: Authority | None = None,
    *,
    begin: datetime = NOW - DAY,
    end: datetime = NOW + DAY,
    is_ca: bool = False,
    san: str = "",
) -> bytes:
    """A certificate from another implementation, signed with the key of `ca`."""
    ca = ca or root()
    assert isinstance(ca.key, SoftwareKey)
    private, public = ca.key.private_key, key(number=3).private_key.public_key()
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    assert isinstance(public, ec.EllipticCurvePublicKey)
    issuer = x509.load_der_x509_certificate(ca.certificate).subject
    subject = x509.Name(
        [x509.NameAttribute(one[0], one[1], one[2] if len(one) > 2 else None) for one in names]
    )
    builder = (
        x509.CertificateBuilder(issuer, subject, public, 77)
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
    )
    if san:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.DNSName(san)]), critical=False
        )
    return builder.sign(private, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def foreign_ca(*, may_sign: bool | None, bits: int = 2048) -> bytes:
    """A root from another implementation; without key usage when `may_sign` is None."""
    private = rsa.generate_private_key(65537, bits)
    name = x509.Name([x509.NameAttribute(CN, "Maker")])
    builder = (
        x509.CertificateBuilder(name, name, private.public_key(), 78)
        .not_valid_before(NOW - DAY)
        .not_valid_after(NOW + DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    )
    if may_sign is not None:
        others = dict.fromkeys(_OTHER_USAGES, False)
        usage = x509.KeyUsage(key_cert_sign=may_sign, crl_sign=True, **others)
        builder = builder.add_extension(usage, critical=True)
    return builder.sign(private, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def refusal(data: bytes, code: str = CODE, ca: Authority | None = None) -> InvalidInputError:
    with pytest.raises(InvalidInputError) as refused:
        check_proof(data, (ca or root()).certificate, code, NOW)
    assert refused.value.field == "proof"
    return refused.value


@pytest.mark.req("POP-01")
@pytest.mark.parametrize("algorithm", list(KeyAlgorithm))
def test_a_strong_ca_and_its_answer_will_do(algorithm: KeyAlgorithm) -> None:
    ca = root(f"Maker {algorithm}", 30, algorithm)
    check_ca(ca.certificate, NOW)
    check_proof(ca.issue(subject=common_name(CODE)), ca.certificate, CODE, NOW)


@pytest.mark.req("POP-01")
def test_an_intermediate_is_verified_by_its_own_key() -> None:
    check_ca(middle().certificate, NOW)
    check_proof(proof(ca=middle()), middle().certificate, CODE, NOW)


@pytest.mark.req("POP-01", "POP-02")
def test_the_code_may_stand_in_any_string_of_ascii() -> None:
    for kind in (_ASN1Type.UTF8String, _ASN1Type.PrintableString, _ASN1Type.IA5String):
        check_proof(proof([(CN, CODE, kind)]), root().certificate, CODE, NOW)
    assert "not for this code" in refusal(proof([(CN, CODE, _ASN1Type.T61String)])).problem


@pytest.mark.req("POP-02")
@pytest.mark.parametrize(
    "names",
    [
        [(CN, CODE[::-1])],
        [(CN, CODE.upper())],
        [(CN, CODE + " ")],
        [(CN, " " + CODE)],
        [(CN, CODE + "0")],
        [(CN, CODE[:-1])],
        [(CN, CODE), (CN, CODE)],
        [(CN, CODE), (CN, "device")],
        [(NameOID.ORGANIZATIONAL_UNIT_NAME, CODE)],
        [(NameOID.SERIAL_NUMBER, CODE)],
        [(NameOID.ORGANIZATIONAL_UNIT_NAME, CODE), (CN, "device")],
    ],
)
def test_the_code_is_the_one_common_name_to_the_letter(names: Names) -> None:
    assert "not for this code" in refusal(proof(names)).problem


@pytest.mark.req("POP-02")
def test_the_code_as_an_alternative_name_is_no_answer() -> None:
    assert "not for this code" in refusal(proof([(CN, "device")], san=CODE)).problem


@pytest.mark.req("POP-03")
def test_another_key_of_the_same_name_proves_nothing() -> None:
    twin = root("Root", 11)
    assert "another key" in refusal(proof(ca=twin)).problem


@pytest.mark.req("POP-03")
def test_who_signed_it_is_told() -> None:
    said = refusal(proof(ca=middle()))
    assert said.problem == "This certificate was signed by “CN=Middle”, not by “CN=Root”."
    signing_key = key(number=12)
    own = build_root(ca_contents(CODE, signing_key), signing_key)
    assert refusal(own).problem == "This certificate was signed by itself, not by “CN=Root”."
    assert "CA itself" in refusal(root().certificate).problem


@pytest.mark.req("POP-04")
def test_a_ca_is_no_answer() -> None:
    assert "is a CA certificate" in refusal(proof(is_ca=True)).problem


@pytest.mark.req("POP-04")
def test_the_answer_is_valid_now_within_five_minutes() -> None:
    beginning, ended = NOW + CLOCK_DIFFERENCE, NOW - CLOCK_DIFFERENCE
    check_proof(proof(begin=beginning), root().certificate, CODE, NOW)
    check_proof(proof(end=ended), root().certificate, CODE, NOW)
    assert "not valid now" in refusal(proof(begin=beginning + SECOND)).problem
    assert "not valid now" in refusal(proof(end=ended - SECOND)).problem


@pytest.mark.req("POP-04")
def test_weak_answers_are_refused() -> None:
    good, anchor = rsa_certificate(2048, hashes.SHA256())
    check_proof(good, anchor, "old", NOW)
    for bits, algorithm, problem in (
        (2048, hashes.SHA1(), "signature of “CN=old” is too weak"),
        (1024, hashes.SHA256(), "RSA keys of 1024 bits"),
    ):
        leaf, anchor = rsa_certificate(bits, algorithm)
        with pytest.raises(InvalidInputError, match=problem) as refused:
            check_proof(leaf, anchor, "old", NOW)
        assert refused.value.field == "proof"


def test_what_is_no_ca_is_refused() -> None:
    for data, problem in (
        (root().issue(), "“CN=device” is no CA certificate."),
        (foreign_ca(may_sign=False), "“CN=Maker” is no CA certificate."),
        (b"\x30\x00", "cannot be read"),
    ):
        with pytest.raises(InvalidInputError, match=problem) as refused:
            check_ca(data, NOW)
        assert refused.value.field == "certificate"


def test_a_ca_without_key_usage_will_do() -> None:
    check_ca(foreign_ca(may_sign=True), NOW)
    check_ca(foreign_ca(may_sign=None), NOW)


def test_an_expired_ca_is_refused() -> None:
    ca_key = key(number=15)
    ca = build_root(ca_contents("Gone", ca_key, not_after=NOW), ca_key)
    check_ca(ca, NOW)
    with pytest.raises(InvalidInputError, match="expired on 2026-05-04"):
        check_ca(ca, NOW + SECOND)


def test_a_weak_ca_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="RSA keys of 1024 bits"):
        check_ca(foreign_ca(may_sign=True, bits=1024), NOW)
    made = [
        "req",
        "-x509",
        "-sha1",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        "/CN=Old",
        "-days",
        "3650",
        "-outform",
        "DER",
    ]
    openssl(*made, "-keyout", tmp_path / "key", "-out", tmp_path / "ca")
    with pytest.raises(InvalidInputError, match="The signature of “CN=Old” is too weak"):
        check_ca((tmp_path / "ca").read_bytes(), NOW)


@pytest.mark.req("POP-08")
def test_a_proof_is_known_by_its_code() -> None:
    assert is_proof(proof(), CODE)
    assert is_proof(proof([(CN, CODE), (CN, "device")]), CODE)
    assert not is_proof(proof([(CN, "device")], san=CODE), CODE)


@given(st.binary(max_size=400))
def test_junk_is_refused_in_words(data: bytes) -> None:
    assert refusal(data).problem


@given(st.integers(0, 999), st.integers(1, 255))
def test_a_damaged_answer_is_refused(place: int, change: int) -> None:
    answer = bytearray(proof())
    answer[place % len(answer)] ^= change
    assert refusal(bytes(answer)).problem
