from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AttributeOID, NameOID

from app.pki import der
from app.pki.csr import CsrError, build_csr, parse_csr
from app.pki.keys import KeyAlgorithm
from app.pki.names import Attribute, GeneralName, SanKind
from tests.pki.material import (
    CHALLENGE_PASSWORD,
    CN,
    MICROSOFT_EXTENSION_REQUEST,
    OPENSSL_ALGORITHMS,
    attribute,
    common_name,
    csr,
    extension,
    key,
    name,
    openssl,
    requesting,
    signed,
)

DNS = GeneralName(SanKind.DNS, "device.example")
HARDWARE = GeneralName(SanKind.HARDWARE_MODULE_NAME, "1.3.6.1.4.1.99999.1:SN-0001")
DNS_DER = bytes.fromhex("30038201 61")


@pytest.mark.parametrize("algorithm", KeyAlgorithm)
def test_what_is_built_is_read(algorithm: KeyAlgorithm) -> None:
    signer = key(algorithm)
    data = build_csr(signer, common_name("device"), [DNS, HARDWARE])
    request = parse_csr(data)
    assert request.der == data
    assert request.subject == common_name("device")
    assert request.subject_der == CN
    assert request.san == (DNS, HARDWARE)
    assert request.san_der is not None
    assert request.algorithm is algorithm
    assert request.public_key == signer.public_key
    assert request.challenges == ()
    assert request.requested_extensions == ("2.5.29.17",)


@pytest.mark.parametrize(
    ("algorithm", "text"),
    [
        (KeyAlgorithm.RSA_2048, "sha256WithRSAEncryption"),
        (KeyAlgorithm.EC_P384, "ecdsa-with-SHA384"),
        (KeyAlgorithm.ED25519, "Ed25519"),
        (KeyAlgorithm.ML_DSA_65, "ML-DSA-65"),
    ],
)
def test_the_signature_algorithm_is_named(algorithm: KeyAlgorithm, text: str) -> None:
    assert parse_csr(csr(signer=key(algorithm))).signature_algorithm == text


@pytest.mark.parametrize("algorithm", OPENSSL_ALGORITHMS)
def test_openssl_verifies_what_is_built(algorithm: KeyAlgorithm, tmp_path: Path) -> None:
    path = tmp_path / "request.der"
    path.write_bytes(build_csr(key(algorithm), common_name("x"), [DNS]))
    text = openssl("req", "-inform", "DER", "-in", path, "-verify", "-noout", "-text")
    assert "DNS:device.example" in text


def test_an_ml_dsa_request_is_good_for_another_implementation_and_the_other_way_round() -> None:
    signer = key(KeyAlgorithm.ML_DSA_44)
    assert x509.load_der_x509_csr(build_csr(signer, common_name("x"))).is_signature_valid
    name_x = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])
    theirs = x509.CertificateSigningRequestBuilder().subject_name(name_x)
    data = theirs.sign(signer.private_key, None).public_bytes(Encoding.DER)
    assert parse_csr(data).algorithm is KeyAlgorithm.ML_DSA_44


def test_an_ml_dsa_signature_has_no_parameters() -> None:
    signer = key(KeyAlgorithm.ML_DSA_44)
    info = der.parse(csr(signer=signer)).children()[0].encoded
    oid = der.oid("2.16.840.1.101.3.4.3.17")
    with pytest.raises(CsrError):
        parse_csr(signed(info, signer, der.sequence(oid, der.tlv(der.NULL))))
    assert parse_csr(signed(info, signer, der.sequence(oid)))


@pytest.mark.parametrize(
    "kind", [["rsa:2048"], ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"], ["ed25519"]]
)
def test_openssl_requests_are_read(kind: list[str], tmp_path: Path) -> None:
    out = tmp_path / "request.der"
    openssl(
        *("req", "-new", "-nodes", "-newkey", *kind, "-keyout", str(tmp_path / "key.pem")),
        *("-subj", "/C=CH/O=Maker/CN=dev 1/serialNumber=42", "-outform", "DER", "-out", str(out)),
        *("-addext", "subjectAltName=DNS:a.example,IP:192.0.2.1"),
        *("-addext", "keyUsage=critical,digitalSignature"),
    )
    request = parse_csr(out.read_bytes())
    assert [(part.short, part.value) for part in request.subject] == [
        ("C", "CH"),
        ("O", "Maker"),
        ("CN", "dev 1"),
        ("serialNumber", "42"),
    ]
    assert request.san == (
        GeneralName(SanKind.DNS, "a.example"),
        GeneralName(SanKind.IP, "192.0.2.1"),
    )
    assert request.requested_extensions == ("2.5.29.17", "2.5.29.15")


@pytest.mark.req("TC-12", "EST-ENR-15")
def test_a_request_may_name_only_its_hardware() -> None:
    request = parse_csr(build_csr(key(), (), [HARDWARE]))
    assert request.subject == ()
    assert request.subject_der == b"\x30\x00"
    assert request.san == (HARDWARE,)


def test_a_request_may_name_nobody() -> None:
    request = parse_csr(build_csr(key(), ()))
    assert (request.subject, request.san, request.san_der) == ((), (), None)


@pytest.mark.req("EST-ENR-11", "EST-ENR-14", "ATK-C01", "ATK-C02", "ATK-A11")
def test_whatever_extensions_are_asked_for_are_only_listed() -> None:
    request = parse_csr(
        csr(
            requesting(
                extension("2.5.29.19", bytes.fromhex("30030101ff"), critical=True),
                extension("2.5.29.15", bytes.fromhex("03020106")),  # keyCertSign, cRLSign
                extension("2.5.29.37", der.sequence(der.oid("2.5.29.37.0"))),
                extension("2.5.29.14", der.octet_string(b"12345")),
                extension("2.5.29.35", der.sequence(der.tlv(0x80, b"12345"))),
                extension("1.2.3.4", b"not even DER", critical=True),
            )
        )
    )
    assert request.requested_extensions == (
        *("2.5.29.19", "2.5.29.15", "2.5.29.37", "2.5.29.14", "2.5.29.35", "1.2.3.4"),
    )
    assert request.san == ()


def test_extensions_may_come_in_the_attribute_of_microsoft() -> None:
    san = extension("2.5.29.17", bytes.fromhex("300382 0161"))
    request = parse_csr(csr(requesting(san, oid=MICROSOFT_EXTENSION_REQUEST)))
    assert request.san == (GeneralName(SanKind.DNS, "a"),)
    both = csr(
        requesting(extension("1.2.3", b"\x05\x00")),
        requesting(san, oid=MICROSOFT_EXTENSION_REQUEST),
    )
    assert parse_csr(both).requested_extensions == ("1.2.3", "2.5.29.17")


@pytest.mark.req("ATK-A08")
def test_attributes_may_be_absent() -> None:
    info = der.sequence(der.integer(0), CN, key().public_key)
    assert parse_csr(signed(info, key())).subject == common_name("device")


def test_unknown_attributes_do_no_harm() -> None:
    assert parse_csr(csr(attribute("1.3.6.1.4.1.311.13.2.3", der.tlv(der.IA5_STRING, b"10.0"))))


@pytest.mark.req("ATK-C10")
def test_alternative_names_of_other_kinds_are_passed_on_as_such() -> None:
    directory = der.sequence(der.tlv(0xA4, CN))
    request = parse_csr(csr(requesting(extension("2.5.29.17", directory))))
    assert request.san == (GeneralName(SanKind.OTHER, "directoryName:CN=device"),)


@pytest.mark.req("EST-POP-08", "ATK-A14")
@pytest.mark.parametrize(
    ("value", "text"),
    [
        (der.tlv(der.PRINTABLE_STRING, b"abc"), "abc"),
        (der.tlv(der.UTF8_STRING, "caf\u00e9".encode()), "caf\u00e9"),
        (der.tlv(der.T61_STRING, b"abc"), "abc"),
        (der.tlv(der.BMP_STRING, b"\x00a"), "a"),
        (der.tlv(der.UTF8_STRING, b"x" * 255), "x" * 255),
    ],
)
def test_the_challenge_password_is_read_and_not_shown(value: bytes, text: str) -> None:
    request = parse_csr(csr(attribute(CHALLENGE_PASSWORD, value)))
    assert request.challenges == (text,)
    assert "challenge" not in repr(request)


def test_another_implementation_s_request_is_read() -> None:
    builder = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "device")]))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("a")]), critical=False)
        .add_attribute(AttributeOID.CHALLENGE_PASSWORD, b"pw")
    )
    request = parse_csr(builder.sign(key().private_key, hashes.SHA512()).public_bytes(Encoding.DER))
    assert (request.challenges, request.signature_algorithm) == (("pw",), "ecdsa-with-SHA512")


@pytest.mark.req("EST-ENR-10", "FAC-07")
def test_only_allowed_keys_pass_and_the_refusal_names_them() -> None:
    with pytest.raises(CsrError) as refusal:
        parse_csr(csr(), {KeyAlgorithm.RSA_2048, KeyAlgorithm.EC_P384})
    assert refusal.value.problem == "The request's key is EC P-256, which is not allowed here."
    assert refusal.value.remedy == "Allowed: RSA 2048, EC P-384."
    assert parse_csr(csr(), {KeyAlgorithm.EC_P256})


@pytest.mark.req("ATK-C11")
def test_values_that_look_like_names_stay_values() -> None:
    subject = name(("2.5.4.3", der.UTF8_STRING, b"dev,O=Evil/CN=x+Y=${z}"))
    assert parse_csr(csr(subject=subject)).subject == (
        Attribute("2.5.4.3", "dev,O=Evil/CN=x+Y=${z}"),
    )
