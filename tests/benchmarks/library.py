"""Certificates that `cryptography` alone issues, in memory and in one thread: the yardstick.

What is done for each is what no issuer can do without: read the request and check its
signature; build the certificate that the service makes of it, with the same names, usages and
key identifiers; sign it; and write it as DER.
"""

import time
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ALONE = "issued by cryptography"
_KEY = ec.generate_private_key(ec.SECP256R1())
_COMPANY = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Acme Controls")
_UNIT = x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "Gateways")
_ISSUER = x509.Name([_COMPANY, x509.NameAttribute(NameOID.COMMON_NAME, "Acme Operational CA 1")])
_USAGE = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)
_AUTHORITY = x509.AuthorityKeyIdentifier.from_issuer_public_key(_KEY.public_key())
_PURPOSES = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])


def issue(request: bytes) -> bytes:
    """The certificate (DER) for a request (DER)."""
    csr = x509.load_der_x509_csr(request)
    assert csr.is_signature_valid
    now = datetime.now(UTC)
    public_key = csr.public_key()
    names = csr.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    subject = x509.Name([*names, _COMPANY, _UNIT])
    builder = (
        x509.CertificateBuilder(_ISSUER, subject, public_key, x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=731))
        .add_extension(_USAGE, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(_AUTHORITY, critical=False)
        .add_extension(_PURPOSES, critical=False)
    )
    return builder.sign(_KEY, hashes.SHA256()).public_bytes(Encoding.DER)


def issued_per_second(seconds: float) -> float:
    """How many certificates that is a second, for one request again and again."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gateway")])
    builder = x509.CertificateSigningRequestBuilder().subject_name(name)
    request = builder.sign(_KEY, hashes.SHA256()).public_bytes(Encoding.DER)
    started, count = time.monotonic(), 0
    while time.monotonic() - started < seconds:
        issue(request)
        count += 1
    return count / (time.monotonic() - started)
