"""Signatures and keys a chain may be made of."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from app.pki import der
from app.pki.chains import (
    ChainFault,
    validate_client_chain,
)
from app.pki.keys import KeyAlgorithm
from tests.pki.chain_material import fault
from tests.pki.material import (
    NOW,
    key,
    root,
    signed,
)

DAY = timedelta(days=1)


def rsa_certificate(bits: int, algorithm: hashes.HashAlgorithm) -> tuple[bytes, bytes]:
    """A leaf with an RSA key and its RSA-2048 root, made by another implementation."""
    ca_key = key(KeyAlgorithm.RSA_2048).private_key
    assert isinstance(ca_key, rsa.RSAPrivateKey)
    public = rsa.generate_private_key(65537, bits).public_key()
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "R")])
    leaf = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "old")]))
        .issuer_name(issuer)
        .not_valid_before(NOW - DAY)
        .not_valid_after(NOW + DAY)
        .serial_number(5)
        .public_key(public)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
    )
    anchor = root("R", 0, KeyAlgorithm.RSA_2048).certificate
    signer = leaf.sign(ca_key, hashes.SHA256())
    if isinstance(algorithm, hashes.SHA256):
        return signer.public_bytes(serialization.Encoding.DER), anchor
    parts = der.parse(signer.public_bytes(serialization.Encoding.DER)).children()
    sha1 = der.sequence(der.oid("1.2.840.113549.1.1.5"), der.tlv(der.NULL))
    fields = parts[0].children()
    tbs = der.sequence(
        *(part.encoded for part in fields[:2]), sha1, *(part.encoded for part in fields[3:])
    )
    signature = ca_key.sign(tbs, padding.PKCS1v15(), hashes.SHA1())
    return der.sequence(tbs, sha1, der.bit_string(signature)), anchor


@pytest.mark.req("ATK-F10")
def test_weak_keys_and_hashes_are_refused() -> None:
    good, anchor = rsa_certificate(2048, hashes.SHA256())
    assert validate_client_chain(good, [], [anchor], NOW)
    small, anchor = rsa_certificate(1024, hashes.SHA256())
    assert fault(small, anchors=[anchor]) is ChainFault.WEAK
    sha1, anchor = rsa_certificate(2048, hashes.SHA1())
    assert fault(sha1, anchors=[anchor]) is ChainFault.WEAK


def with_algorithm(identifier: bytes) -> bytes:
    """A leaf that names another signature algorithm in both places."""
    fields = der.parse(root().issue()).children()[0].children()
    tbs = der.sequence(
        *(part.encoded for part in fields[:2]), identifier, *(part.encoded for part in fields[3:])
    )
    return signed(tbs, root().key, identifier)


@pytest.mark.req("ATK-F10")
def test_unknown_signature_algorithms_are_refused() -> None:
    assert fault(with_algorithm(der.sequence(der.oid("1.2.3")))) is ChainFault.WEAK
    bad_parameters = der.sequence(der.oid("1.2.840.113549.1.1.11"), der.integer(5))
    assert fault(with_algorithm(bad_parameters)) is ChainFault.MALFORMED


def test_rsa_pss_signatures_verify() -> None:
    ca_key = key(KeyAlgorithm.RSA_2048).private_key
    assert isinstance(ca_key, rsa.RSAPrivateKey)
    name_x = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])
    leaf = (
        x509.CertificateBuilder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "R")]), name_x)
        .not_valid_before(NOW - DAY)
        .not_valid_after(NOW + DAY)
        .serial_number(5)
        .public_key(ca_key.public_key())
        .sign(ca_key, hashes.SHA256(), rsa_padding=padding.PSS(padding.MGF1(hashes.SHA256()), 32))
        .public_bytes(serialization.Encoding.DER)
    )
    anchor = root("R", 0, KeyAlgorithm.RSA_2048).certificate
    assert validate_client_chain(leaf, [], [anchor], NOW)
    changed = leaf[:-1] + bytes((leaf[-1] ^ 1,))
    assert fault(changed, anchors=[anchor]) is ChainFault.BAD_SIGNATURE
