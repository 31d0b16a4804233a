from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509 import load_der_x509_certificate
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import InvalidInputError
from app.pki import der
from app.pki.pkcs7 import certificates_in, certs_only
from tests.pki.material import openssl, root


def chain() -> list[bytes]:
    sub = root().sub("Sub", 20)
    return [sub.issue(), sub.certificate, root().certificate]


@pytest.mark.req("EST-CAC-03", "EST-ENC-06")
def test_the_shape_is_the_degenerate_one_to_the_byte() -> None:
    certificate = root().certificate
    wrapped = der.tlv(0xA0, certificate)
    signed_data = der.sequence(
        bytes.fromhex("020101 3100 300b 06092a864886f70d010701"), wrapped, b"\x31\x00"
    )
    expected = der.sequence(bytes.fromhex("06092a864886f70d010702"), der.tlv(0xA0, signed_data))
    assert certs_only([certificate]) == expected


@pytest.mark.req("EST-CAC-08", "EST-ENC-06")
def test_the_order_is_kept() -> None:
    certificates = chain()
    for order in (certificates, certificates[::-1]):
        assert certificates_in(certs_only(order)) == tuple(order)


def test_openssl_and_another_implementation_read_it(tmp_path: Path) -> None:
    certificates = chain()
    path = tmp_path / "chain.p7"
    path.write_bytes(certs_only(certificates))
    text = openssl("pkcs7", "-inform", "DER", "-in", path, "-print_certs")
    assert text.count("BEGIN CERTIFICATE") == 3
    with pytest.warns(UserWarning, match="InvalidSetOrdering"):  # the order, and nothing else
        theirs = pkcs7.load_der_pkcs7_certificates(path.read_bytes())
    assert [certificate.public_bytes(Encoding.DER) for certificate in theirs] == certificates


def test_what_others_write_is_read() -> None:
    certificates = chain()
    theirs = pkcs7.serialize_certificates(
        [load_der_x509_certificate(certificate) for certificate in certificates], Encoding.DER
    )
    assert sorted(certificates_in(theirs)) == sorted(certificates)


def test_revocation_lists_are_passed_over() -> None:
    signed_data = der.sequence(
        der.integer(1),
        b"\x31\x00",
        b"\x30\x00",
        der.tlv(0xA0, b"\x30\x00"),
        b"\xa1\x00",
        b"\x31\x00",
    )
    content = der.sequence(der.oid("1.2.840.113549.1.7.2"), der.tlv(0xA0, signed_data))
    assert certificates_in(content) == (b"\x30\x00",)


@pytest.mark.req("ATK-C13")
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x30\x00",
        der.sequence(der.oid("1.2.840.113549.1.7.2")),
        der.sequence(der.oid("1.2.840.113549.1.7.2"), der.tlv(0xA0)),
        der.sequence(der.oid("1.2.840.113549.1.7.2"), der.tlv(0xA0, b"\x05\x00")),
        der.sequence(der.oid("1.2.840.113549.1.7.1"), der.tlv(0xA0, b"\x30\x00")),
        der.sequence(der.oid("1.2.840.113549.1.7.2"), der.tlv(0xA0, b"\x30\x00")),
        der.sequence(der.integer(1), der.tlv(0xA0, b"\x30\x00")),
    ],
)
def test_what_is_no_list_of_certificates_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInputError):
        certificates_in(data)


@given(st.binary(max_size=80))
def test_any_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidInputError):
        certificates_in(data)
