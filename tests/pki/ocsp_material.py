"""How a client asks for a certificate of the root of `material`."""

import hashlib
from typing import Literal

from app.pki import der
from app.pki.certificates import read_certificate
from app.pki.ocsp import CertId

_OIDS = {"sha1": "1.3.14.3.2.26", "sha256": "2.16.840.1.101.3.4.2.1"}


def id_for(
    issuer_certificate: bytes, serial: int, hash_name: Literal["sha1", "sha256"] = "sha256"
) -> CertId:
    """The CertID (RFC 6960 section 4.1.1) of the certificate with this serial number."""
    issuer, oid = read_certificate(issuer_certificate), _OIDS[hash_name]
    _algorithm, key = der.parse(issuer.public_key).children()
    name_hash, key_hash = (
        hashlib.new(hash_name, octets, usedforsecurity=False).digest()
        for octets in (issuer.subject_der, key.content[1:])
    )
    encoded = der.sequence(
        der.sequence(der.oid(oid), der.tlv(der.NULL)),
        der.octet_string(name_hash),
        der.octet_string(key_hash),
        der.integer(serial),
    )
    return CertId(oid, name_hash, key_hash, serial, encoded)
