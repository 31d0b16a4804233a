"""The key a CA signs with, wherever it lives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from app.pki import der
from app.pki.keys import KeyAlgorithm, PrivateKey, algorithm_of, public_key_der


class SigningKey(Protocol):
    """What certificate building needs of a key; a token can offer it as well as a file.

    `algorithm` decides the signature algorithm (`signature_algorithm`); `sign` must follow it.
    """

    @property
    def public_key(self) -> bytes:
        """The public half as SubjectPublicKeyInfo DER."""

    @property
    def algorithm(self) -> KeyAlgorithm:
        """Kind and size of the key."""

    def sign(self, data: bytes) -> bytes:
        """X.509 signature octets over `data` (ECDSA: DER Ecdsa-Sig-Value; RSA: PKCS#1 v1.5)."""


# A hash at least as strong as the key it serves (NIST SP 800-57).
_HASHES: Mapping[KeyAlgorithm, hashes.SHA256 | hashes.SHA384 | hashes.SHA512] = {
    KeyAlgorithm.RSA_2048: hashes.SHA256(),
    KeyAlgorithm.RSA_3072: hashes.SHA256(),
    KeyAlgorithm.RSA_4096: hashes.SHA384(),
    KeyAlgorithm.EC_P256: hashes.SHA256(),
    KeyAlgorithm.EC_P384: hashes.SHA384(),
    KeyAlgorithm.EC_P521: hashes.SHA512(),
}
_RSA_OIDS = {
    "sha256": "1.2.840.113549.1.1.11",
    "sha384": "1.2.840.113549.1.1.12",
    "sha512": "1.2.840.113549.1.1.13",
}
_ECDSA_OIDS = {
    "sha256": "1.2.840.10045.4.3.2",
    "sha384": "1.2.840.10045.4.3.3",
    "sha512": "1.2.840.10045.4.3.4",
}
_ED25519 = "1.3.101.112"
SIGNATURE_NAMES: Mapping[str, str] = {
    **{oid: f"{name}WithRSAEncryption" for name, oid in _RSA_OIDS.items()},
    **{oid: f"ecdsa-with-{name.upper()}" for name, oid in _ECDSA_OIDS.items()},
    _ED25519: "Ed25519",
}
"""The signature algorithms accepted from others, by OID (RFC 5912, RFC 8410)."""


def signature_algorithm(algorithm: KeyAlgorithm) -> bytes:
    """DER AlgorithmIdentifier of the signatures a key of this kind makes."""
    if algorithm is KeyAlgorithm.ED25519:
        return der.sequence(der.oid(_ED25519))
    name = _HASHES[algorithm].name
    if algorithm.startswith("rsa"):
        return der.sequence(der.oid(_RSA_OIDS[name]), der.tlv(der.NULL))
    return der.sequence(der.oid(_ECDSA_OIDS[name]))


@dataclass(frozen=True)
class SoftwareKey:
    """A signing key held in memory."""

    private_key: PrivateKey = field(repr=False)

    @property
    def public_key(self) -> bytes:
        """The public half as SubjectPublicKeyInfo DER."""
        return public_key_der(self.private_key.public_key())

    @property
    def algorithm(self) -> KeyAlgorithm:
        """Kind and size of the key; WeakKeyError when it is none we sign with."""
        return algorithm_of(self.private_key.public_key())

    def sign(self, data: bytes) -> bytes:
        """X.509 signature octets over `data`, hashed as `signature_algorithm` says."""
        key = self.private_key
        if isinstance(key, rsa.RSAPrivateKey):
            return key.sign(data, padding.PKCS1v15(), _HASHES[self.algorithm])
        if isinstance(key, ec.EllipticCurvePrivateKey):
            return key.sign(data, ec.ECDSA(_HASHES[self.algorithm]))
        return key.sign(data)
