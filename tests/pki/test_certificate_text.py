from pathlib import Path

import cryptography_vectors
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import InvalidInputError
from app.pki import der
from app.pki.certificate_text import (
    MAX_ENTRIES,
    describe_certificate,
    describe_crl,
    describe_csr,
)
from app.pki.certificates import CertificateError, read_certificate
from app.pki.contents import NEVER
from app.pki.csr import build_csr
from app.pki.extensions import KeyUsage
from app.pki.formats import certificates_in
from app.pki.keys import KeyAlgorithm
from app.pki.names import Attribute, GeneralName, SanKind
from app.pki.revocation import RevocationReason, RevokedCertificate
from app.pki.tbs import read_fields
from tests.pki.crl_material import crl
from tests.pki.material import (
    CHALLENGE_PASSWORD,
    NOW,
    attribute,
    common_name,
    csr,
    extension,
    key,
    openssl,
    requesting,
    root,
    rsa_spki,
)
from tests.pki.material import name as der_name
from tests.pki.told import lines

X509_VECTORS = Path(cryptography_vectors.__file__).parent / "x509"


@pytest.mark.req("OVR-01")
def test_a_certificate_is_told_field_by_field() -> None:
    data = root().issue(
        subject=(Attribute("2.5.4.6", "CH"), Attribute("2.5.4.3", "Gateway 7")),
        san=(GeneralName(SanKind.DNS, "gw7.example"), GeneralName(SanKind.IP, "192.0.2.7")),
        not_after=NEVER,
        key_usage=frozenset({KeyUsage.KEY_AGREEMENT, KeyUsage.DIGITAL_SIGNATURE}),
        crl_urls=("http://ca.example/crl",),
        ocsp_urls=("http://ca.example/ocsp",),
        ca_issuer_urls=("http://ca.example/ca.cer",),
    )
    told = describe_certificate(data)
    general = lines(told, "Certificate")
    assert (general["Version"], general["Signature algorithm"]) == ("3", "ecdsa-with-SHA256")
    serial = general["Serial number"].replace(" ", "").replace("\n", "")
    assert int(serial, 16) == read_certificate(data).serial
    assert lines(told, "Issuer") == {"Common name": "Root"}
    assert lines(told, "Validity") == {
        "Not before": "2026-05-04 11:55:00 UTC",
        "Not after": "never (9999-12-31 23:59:59 UTC)",
    }
    assert lines(told, "Subject") == {"Country": "CH", "Common name": "Gateway 7"}
    public_key = lines(told, "Public key")
    assert (public_key["Algorithm"], public_key["Curve"]) == ("EC P-256", "1.2.840.10045.3.1.7")
    assert lines(told, "Key usage")["Usage"] == "digitalSignature, keyAgreement"
    assert lines(told, "Key usage")["Critical"] == "yes"
    assert lines(told, "Extended key usage")["Purpose"] == "TLS client (1.3.6.1.5.5.7.3.2)"
    names = lines(told, "Subject alternative name")
    assert (names["DNS name"], names["IP address"]) == ("gw7.example", "192.0.2.7")
    assert names["Critical"] == "no"
    assert lines(told, "CRL distribution points")["URI"] == "http://ca.example/crl"
    access = lines(told, "Authority information access")
    assert (access["OCSP"], access["CA certificate"]) == (
        "http://ca.example/ocsp",
        "http://ca.example/ca.cer",
    )
    assert lines(told, "Signature")["Algorithm"] == "ecdsa-with-SHA256"


def test_fingerprints_are_those_of_openssl() -> None:
    told = describe_certificate(root().certificate)
    shown = lines(told, "Certificate")["SHA-256 fingerprint"].replace("\n", " ")
    theirs = openssl(
        "x509", "-inform", "DER", "-noout", "-fingerprint", "-sha256", data=root().certificate
    )
    assert theirs.strip().partition("=")[2] == shown.upper().replace(" ", ":")


@pytest.mark.parametrize("algorithm", KeyAlgorithm)
def test_keys_are_told_by_what_people_call_them(algorithm: KeyAlgorithm) -> None:
    told = describe_certificate(root().issue(public_key=key(algorithm).public_key))
    public_key = lines(told, "Public key")
    assert public_key["Algorithm"] == algorithm.label
    if algorithm is KeyAlgorithm.RSA_2048:
        assert (public_key["Size"], public_key["Exponent"]) == ("2048 bits", "65537")


def test_a_ca_certificate_tells_its_limits() -> None:
    limits = lines(
        describe_certificate(root().sub("Sub", path_length=0).certificate), "Basic constraints"
    )
    assert (limits["Certification authority"], limits["Path length"]) == ("yes", "0")


def test_what_deceives_the_eye_is_escaped() -> None:
    evil = "good\u202elive".encode()
    told = describe_csr(csr(subject=der_name(("2.5.4.3", der.UTF8_STRING, evil))))
    assert lines(told, "Subject") == {"Common name": "good\\e2\\80\\aelive"}


def test_certificates_of_the_nist_suite_are_told_if_read() -> None:
    told = 0
    for path in sorted((X509_VECTORS / "PKITS_data/certs").glob("*.crt")):
        data = path.read_bytes()
        try:
            wanted = read_fields(data).extensions
            read_certificate(data)
        except InvalidInputError:
            continue
        sections = describe_certificate(data)
        assert not any(line.name == "Malformed" for part in sections for line in part.lines)
        assert len(sections) == 6 + len(wanted)
        told += 1
    assert told > 390


def test_certificates_of_all_sorts_are_told_or_refused() -> None:
    told = 0
    for path in sorted(X509_VECTORS.rglob("*.pem")):
        try:
            found = certificates_in(path.read_bytes())
        except InvalidInputError:
            continue
        for data in found:
            assert describe_certificate(data)
            told += 1
    assert told > 50


@pytest.mark.parametrize("data", [b"", b"\x30\x00", b"\x30\x80\x00\x00"])
def test_what_is_no_certificate_is_refused(data: bytes) -> None:
    with pytest.raises(CertificateError):
        describe_certificate(data)


def test_a_request_is_told_with_what_it_asks_for() -> None:
    wanted = (GeneralName(SanKind.DNS, "dev.example"),)
    told = describe_csr(build_csr(key(), common_name("device"), wanted))
    assert lines(told, "Subject") == {"Common name": "device"}
    assert lines(told, "Subject alternative name")["DNS name"] == "dev.example"
    assert lines(told, "Signature")["Algorithm"] == "ecdsa-with-SHA256"


def test_a_request_that_would_be_refused_is_told_all_the_same() -> None:
    data = csr(
        attribute(CHALLENGE_PASSWORD, der.tlv(der.UTF8_STRING, b"secret")),
        requesting(extension("2.5.29.15", der.integer(1))),
        attribute("1.2.3.4", der.integer(5)),
        spki=rsa_spki(2**511 + 1),
        subject=der.sequence(),
    )
    told = describe_csr(data)
    assert "not accepted" in lines(told, "Public key")["Algorithm"]
    assert lines(told, "Public key")["Size"] == "512 bits"
    assert lines(told, "Subject") == {"Name": "empty"}
    assert lines(told, "Challenge password") == {"Value": "given, not shown"}
    assert "secret" not in repr(told)
    assert lines(told, "Attribute 1.2.3.4")["Value"] == "31 03 02 01 05"


@given(st.binary(max_size=80))
def test_any_octets_are_a_request_or_refused(data: bytes) -> None:
    with pytest.raises(InvalidInputError):
        describe_csr(data)


@given(st.integers(0, 2000), st.integers(1, 255))
def test_damaged_requests_are_told_or_refused(position: int, change: int) -> None:
    mutant = bytearray(csr(requesting(extension("1.2.3", der.integer(1)))))
    mutant[position % len(mutant)] ^= change
    try:
        assert describe_csr(bytes(mutant))
    except InvalidInputError as refusal:
        problem = refusal.problem
        assert problem


def test_a_revocation_list_is_told() -> None:
    entry = RevokedCertificate(0xBEEF, NOW, RevocationReason.KEY_COMPROMISE)
    told = describe_crl(crl([entry]))
    general = lines(told, "Revocation list")
    assert (general["Number"], general["Revoked certificates"]) == ("7", "1")
    assert lines(told, "Issuer") == {"Common name": "Root"}
    assert lines(told, "Revoked certificates") == {"beef": "2026-05-04 12:00:00 UTC, keyCompromise"}


def test_a_long_revocation_list_is_told_in_part() -> None:
    many = [
        RevokedCertificate(number, NOW, RevocationReason.SUPERSEDED)
        for number in range(1, MAX_ENTRIES + 10)
    ]
    told = describe_crl(crl(many))
    assert len(told[-1].lines) == MAX_ENTRIES
    assert lines(told, "Revocation list")["Revoked certificates"] == str(len(many))
