"""Certificates that `cryptography` alone issues, in memory and in one thread: the yardstick.

What is done for each is what no issuer can do without: read the request and check its
signature; build a certificate of the request's subject and key with basic constraints, the two
key identifiers and an extended key usage; sign it; and write it as DER.
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
_ISSUER = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Issuer")])
_END_ENTITY = x509.BasicConstraints(ca=False, path_length=None)
_AUTHORITY = x509.AuthorityKeyIdentifier.from_issuer_public_key(_KEY.public_key())
_PURPOSES = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])


def issue(request: bytes) -> bytes:
    """The certificate (DER) for a request (DER)."""
    csr = x509.load_der_x509_csr(request)
    assert csr.is_signature_valid
    now = datetime.now(UTC)
    public_key = csr.public_key()
    builder = (
        x509.CertificateBuilder(_ISSUER, csr.subject, public_key, x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=731))
        .add_extension(_END_ENTITY, critical=True)
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
