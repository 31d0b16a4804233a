"""Signatures: the key a CA signs with, wherever it lives, and checking those of others."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from app.pki import der
from app.pki.keys import (
    ML_DSA_OIDS,
    KeyAlgorithm,
    MlDsaPublicKey,
    PrivateKey,
    PublicKey,
    algorithm_of,
    public_key_der,
)


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

    def sign(self, data: bytes, hash_name: str | None = None) -> bytes:
        """X.509 signature octets over `data` (ECDSA: DER Ecdsa-Sig-Value; RSA: PKCS#1 v1.5).

        `hash_name` as for `signature_algorithm`. ML-DSA signs `data` itself with an empty
        context (RFC 9881 section 2).
        """


Hash = hashes.SHA256 | hashes.SHA384 | hashes.SHA512

# A hash at least as strong as the key it serves (NIST SP 800-57).
_HASHES: Mapping[KeyAlgorithm, Hash] = {
    KeyAlgorithm.RSA_2048: hashes.SHA256(),
    KeyAlgorithm.RSA_3072: hashes.SHA256(),
    KeyAlgorithm.RSA_4096: hashes.SHA384(),
    KeyAlgorithm.EC_P256: hashes.SHA256(),
    KeyAlgorithm.EC_P384: hashes.SHA384(),
    KeyAlgorithm.EC_P521: hashes.SHA512(),
}
_BY_NAME: Mapping[str, Hash] = {
    chosen.name: chosen for chosen in (hashes.SHA256(), hashes.SHA384(), hashes.SHA512())
}
HASH_NAMES = tuple(_BY_NAME)
"""The hashes that RSA and EC keys can be told to sign with."""
_RSA_HASHES: Mapping[str, Hash] = {
    "1.2.840.113549.1.1.11": hashes.SHA256(),
    "1.2.840.113549.1.1.12": hashes.SHA384(),
    "1.2.840.113549.1.1.13": hashes.SHA512(),
}
_ECDSA_HASHES: Mapping[str, Hash] = {
    "1.2.840.10045.4.3.2": hashes.SHA256(),
    "1.2.840.10045.4.3.3": hashes.SHA384(),
    "1.2.840.10045.4.3.4": hashes.SHA512(),
}
# These take the whole message; the OID of the key names the signature too.
_UNHASHED: Mapping[str, KeyAlgorithm] = {"1.3.101.112": KeyAlgorithm.ED25519, **ML_DSA_OIDS}
SIGNATURE_NAMES: Mapping[str, str] = {
    **{oid: f"{chosen.name}WithRSAEncryption" for oid, chosen in _RSA_HASHES.items()},
    **{oid: f"ecdsa-with-{chosen.name.upper()}" for oid, chosen in _ECDSA_HASHES.items()},
    **{oid: algorithm.label for oid, algorithm in _UNHASHED.items()},
}
"""The signature algorithms accepted from others, by OID (RFC 5912, RFC 8410, RFC 9881)."""


def signature_hash(algorithm: KeyAlgorithm, hash_name: str | None = None) -> Hash:
    """The hash under the signatures of an RSA or EC key: one of HASH_NAMES, or what suits it."""
    return _HASHES[algorithm] if hash_name is None else _BY_NAME[hash_name]


@lru_cache
def signature_algorithm(algorithm: KeyAlgorithm, hash_name: str | None = None) -> bytes:
    """DER AlgorithmIdentifier of the signatures a key of this kind makes.

    `hash_name` is one of HASH_NAMES, None for what suits the key; keys that take the whole
    message (Ed25519, ML-DSA) have no choice, and pay no attention to it.
    """
    for oid, unhashed in _UNHASHED.items():
        if unhashed is algorithm:
            return der.sequence(der.oid(oid))
    rsa_key = algorithm.startswith("rsa")
    known = _RSA_HASHES if rsa_key else _ECDSA_HASHES
    wanted = signature_hash(algorithm, hash_name).name
    (oid,) = (oid for oid, chosen in known.items() if chosen.name == wanted)
    return der.sequence(der.oid(oid), der.tlv(der.NULL) if rsa_key else b"")


def sign_structure(content: bytes, key: SigningKey, hash_name: str | None = None) -> bytes:
    """The SIGNED structure of X.509: `content` (DER), algorithm and signature (RFC 2986, 5280)."""
    signature = der.bit_string(key.sign(content, hash_name))
    return der.sequence(content, signature_algorithm(key.algorithm, hash_name), signature)


@dataclass(frozen=True)
class SoftwareKey:
    """A signing key held in memory."""

    private_key: PrivateKey = field(repr=False)

    @cached_property
    def public_key(self) -> bytes:
        """The public half as SubjectPublicKeyInfo DER."""
        return public_key_der(self.private_key.public_key())

    @cached_property
    def algorithm(self) -> KeyAlgorithm:
        """Kind and size of the key; WeakKeyError when it is none we sign with."""
        return algorithm_of(self.private_key.public_key())

    def sign(self, data: bytes, hash_name: str | None = None) -> bytes:
        """X.509 signature octets over `data`, hashed as `signature_algorithm` says."""
        key = self.private_key
        if isinstance(key, rsa.RSAPrivateKey):
            return key.sign(data, padding.PKCS1v15(), signature_hash(self.algorithm, hash_name))
        if isinstance(key, ec.EllipticCurvePrivateKey):
            return key.sign(data, ec.ECDSA(signature_hash(self.algorithm, hash_name)))
        return key.sign(data)


def verify_signature(
    public_key: PublicKey, signature_oid: str, signature: bytes, data: bytes
) -> None:
    """Raises InvalidSignature unless `signature` over `data` is the key's by that algorithm."""
    if isinstance(public_key, rsa.RSAPublicKey) and signature_oid in _RSA_HASHES:
        public_key.verify(signature, data, padding.PKCS1v15(), _RSA_HASHES[signature_oid])
    elif isinstance(public_key, ec.EllipticCurvePublicKey) and signature_oid in _ECDSA_HASHES:
        public_key.verify(signature, data, ec.ECDSA(_ECDSA_HASHES[signature_oid]))
    elif isinstance(public_key, ed25519.Ed25519PublicKey | MlDsaPublicKey) and _UNHASHED.get(
        signature_oid
    ) is algorithm_of(public_key):
        public_key.verify(signature, data)
    else:
        raise InvalidSignature
