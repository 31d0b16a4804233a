import base64
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import InvalidInputError
from app.pki import der
from app.pki.certificates import CertificateError, certificate_to_pem
from app.pki.formats import MAX_SIZE, Kind, certificates_in, csr_in, described_in
from app.pki.keys import KeyAlgorithm, private_key_to_der, private_key_to_pem
from app.pki.pkcs7 import certs_only
from app.pki.pkcs12 import pack
from tests.pki.crl_material import crl
from tests.pki.material import contents, csr, key, openssl, root, signed

BEGIN, END = "-----BEGIN {0}-----\n", "\n-----END {0}-----\n"


def pem(label: str, data: bytes, newline: str = "\n") -> bytes:
    body = base64.encodebytes(data).decode().strip()
    text = BEGIN.format(label) + body + END.format(label)
    return text.replace("\n", newline).encode()


def chain() -> tuple[bytes, ...]:
    return (root().issue(), root().certificate)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda data: data,
        base64.b64encode,
        base64.encodebytes,
        lambda data: b" \r\n\t" + base64.encodebytes(data).replace(b"\n", b"\r\n"),
        lambda data: pem("CERTIFICATE REQUEST", data),
        lambda data: pem("NEW CERTIFICATE REQUEST", data, "\r\n"),
        lambda data: b"\xef\xbb\xbfsome text\n" + pem("CERTIFICATE REQUEST", data) + b"more",
    ],
)
def test_requests_are_found(wrap: Callable[[bytes], bytes]) -> None:
    request = csr()
    assert csr_in(wrap(request)) == request


def test_certificates_are_found() -> None:
    leaf, ca = chain()
    both = certs_only([leaf, ca])
    for data, found in (
        (leaf, (leaf,)),
        (base64.b64encode(leaf), (leaf,)),
        (certificate_to_pem(leaf) + certificate_to_pem(ca), (leaf, ca)),
        (certificate_to_pem(ca) + b"\n\n# text\n" + certificate_to_pem(leaf), (ca, leaf)),
        (pem("X509 CERTIFICATE", leaf), (leaf,)),
        (both, (leaf, ca)),
        (base64.encodebytes(both), (leaf, ca)),
        (pem("PKCS7", both), (leaf, ca)),
        (pem("CERTIFICATE REQUEST", csr()) + certificate_to_pem(leaf), (leaf,)),
    ):
        assert certificates_in(data) == found


def test_what_can_be_described_is_told_apart() -> None:
    leaf, ca = chain()
    request, revoked = csr(), crl()
    data = b"".join(
        (
            pem("CERTIFICATE REQUEST", request),
            pem("X509 CRL", revoked),
            pem("PKCS7", certs_only([leaf, ca])),
        )
    )
    assert described_in(data) == (
        (Kind.CSR, request),
        (Kind.CRL, revoked),
        (Kind.CERTIFICATE, leaf),
        (Kind.CERTIFICATE, ca),
    )
    assert described_in(revoked) == ((Kind.CRL, revoked),)
    for read in (csr_in, certificates_in):
        with pytest.raises(InvalidInputError):
            read(revoked)
    with pytest.raises(InvalidInputError, match="no certificate, request"):
        described_in(der.sequence())


def test_openssl_s_text_around_pem_does_not_matter() -> None:
    leaf = root().issue()
    text = openssl("x509", "-text", data=certificate_to_pem(leaf))
    assert certificates_in(text.encode()) == (leaf,)


def test_a_certificate_of_version_1_is_one() -> None:
    fields = der.parse(root().issue()).children()[0].children()
    old = signed(der.sequence(*(field.encoded for field in fields[1:-1])), root().key)
    assert certificates_in(old) == (old,)


def private_keys() -> list[bytes]:
    private = key(KeyAlgorithm.RSA_2048).private_key
    elliptic = key().private_key
    return [
        private_key_to_pem(private, None),
        private_key_to_pem(private, "x"),
        private_key_to_der(private),
        private_key_to_der(elliptic),
        base64.b64encode(private_key_to_der(elliptic)),
        private.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption()),
        elliptic.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption()),
        private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")),
        certificate_to_pem(root().certificate) + private_key_to_pem(elliptic, None),
        pem("CERTIFICATE", private_key_to_der(elliptic)),
    ]


@pytest.mark.req("ATK-A02")
@pytest.mark.parametrize("number", range(len(private_keys())))
def test_private_keys_are_refused_and_never_repeated(number: int) -> None:
    data = private_keys()[number]
    for read in (csr_in, certificates_in):
        with pytest.raises(InvalidInputError) as refusal:
            read(data)
        assert refusal.value.problem == "The data contains a private key."
        assert base64.b64encode(data).decode()[40:60] not in repr(refusal.value.args)
        assert refusal.value.__cause__ is None


def test_the_wrong_kind_of_thing_is_named() -> None:
    leaf, _ca = chain()
    with pytest.raises(InvalidInputError, match="not one certification request"):
        csr_in(certificate_to_pem(leaf))
    with pytest.raises(InvalidInputError, match="not one certification request"):
        csr_in(pem("CERTIFICATE REQUEST", csr()) * 2)
    with pytest.raises(InvalidInputError, match="holds no certificate"):
        certificates_in(pem("CERTIFICATE REQUEST", csr()))
    with pytest.raises(InvalidInputError, match="needs a passphrase"):
        certificates_in(pack(key().private_key, leaf, [], "x", "n"))
    with pytest.raises(InvalidInputError, match="holds no certificate"):
        certificates_in(b"\x30\x03\x01\x01\xff")


@pytest.mark.req("ATK-A01", "ATK-A03")
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" \n",
        b"A",
        b"AAA",
        b"AB-_",
        b"MA==MA==",
        b"MAA\0",
        b"{}",
        b"<html>",
        b"\x1f\x8b\x08",
        b"-----BEGIN CERTIFICATE-----",
        b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----",
        "MAA=".encode("utf-16"),
        bytes(MAX_SIZE + 1),
    ],
)
def test_rubbish_is_refused(data: bytes) -> None:
    for read in (csr_in, certificates_in):
        with pytest.raises(InvalidInputError):
            read(data)


def test_unreadable_certificates_are_refused() -> None:
    broken = contents().public_key
    with pytest.raises(InvalidInputError):
        certificates_in(pem("CERTIFICATE", broken))
    with pytest.raises(CertificateError):
        certificates_in(certs_only([b"\x30\x00"]))


@given(st.binary(max_size=60))
def test_any_bytes_are_refused(data: bytes) -> None:
    for read in (csr_in, certificates_in):
        with pytest.raises(InvalidInputError):
            read(data)
