"""Key pairs: generation, encodings, and which public keys are good enough."""

import math
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import lru_cache

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa

from app.core.errors import InvalidInputError
from app.core.language import _
from app.pki import der

MlDsaPrivateKey = mldsa.MLDSA44PrivateKey | mldsa.MLDSA65PrivateKey | mldsa.MLDSA87PrivateKey
MlDsaPublicKey = mldsa.MLDSA44PublicKey | mldsa.MLDSA65PublicKey | mldsa.MLDSA87PublicKey
PrivateKey = (
    rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | MlDsaPrivateKey
)
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | MlDsaPublicKey


class WeakKeyError(InvalidInputError):
    """The public key is too weak, malformed, or of a kind that is not supported."""


class KeyAlgorithm(StrEnum):
    """The keys this program makes and certifies."""

    RSA_2048 = "rsa-2048"
    RSA_3072 = "rsa-3072"
    RSA_4096 = "rsa-4096"
    EC_P256 = "ec-p256"
    EC_P384 = "ec-p384"
    EC_P521 = "ec-p521"
    ED25519 = "ed25519"
    ML_DSA_44 = "ml-dsa-44"
    ML_DSA_65 = "ml-dsa-65"
    ML_DSA_87 = "ml-dsa-87"

    @property
    def label(self) -> str:
        """What people call it: `RSA 2048`, `EC P-256`, `Ed25519`, `ML-DSA-44`."""
        kind, _dash, size = self.value.partition("-")
        labels = {"rsa": f"RSA {size}", "ec": f"EC P-{size[1:]}", "ml": self.value.upper()}
        return labels.get(kind, "Ed25519")

    @property
    def signs_only(self) -> bool:
        """Whether such a key can neither encrypt nor agree on a key (RFC 8410, RFC 9881)."""
        return self is KeyAlgorithm.ED25519 or self.startswith("ml-dsa")


_RSA, _EC, _ED25519 = "1.2.840.113549.1.1.1", "1.2.840.10045.2.1", "1.3.101.112"
_RSA_SIZES: Mapping[int, KeyAlgorithm] = {
    2048: KeyAlgorithm.RSA_2048,
    3072: KeyAlgorithm.RSA_3072,
    4096: KeyAlgorithm.RSA_4096,
}
# named curve -> algorithm, class, octets of a coordinate
_CURVES: Mapping[str, tuple[KeyAlgorithm, type[ec.EllipticCurve], int]] = {
    "1.2.840.10045.3.1.7": (KeyAlgorithm.EC_P256, ec.SECP256R1, 32),
    "1.3.132.0.34": (KeyAlgorithm.EC_P384, ec.SECP384R1, 48),
    "1.3.132.0.35": (KeyAlgorithm.EC_P521, ec.SECP521R1, 66),
}
# algorithm -> class, octets of a public key (RFC 9881 section 4)
_ML_DSA: Mapping[KeyAlgorithm, tuple[type[MlDsaPrivateKey], int]] = {
    KeyAlgorithm.ML_DSA_44: (mldsa.MLDSA44PrivateKey, 1312),
    KeyAlgorithm.ML_DSA_65: (mldsa.MLDSA65PrivateKey, 1952),
    KeyAlgorithm.ML_DSA_87: (mldsa.MLDSA87PrivateKey, 2592),
}
ML_DSA_OIDS: Mapping[str, KeyAlgorithm] = {
    "2.16.840.1.101.3.4.3.17": KeyAlgorithm.ML_DSA_44,
    "2.16.840.1.101.3.4.3.18": KeyAlgorithm.ML_DSA_65,
    "2.16.840.1.101.3.4.3.19": KeyAlgorithm.ML_DSA_87,
}
"""The ML-DSA keys by OID, which names their signatures too (RFC 9881 section 2)."""


def key_type(algorithm: KeyAlgorithm) -> tuple[str, str | int | None]:
    """The OID of a key's type, and its curve's OID or its RSA bits; None where neither is due."""
    for size, known in _RSA_SIZES.items():
        if known is algorithm:
            return _RSA, size
    for curve, (known, _class, _size) in _CURVES.items():
        if known is algorithm:
            return _EC, curve
    oid = next((oid for oid, known in ML_DSA_OIDS.items() if known is algorithm), _ED25519)
    return oid, None


def generate(algorithm: KeyAlgorithm) -> PrivateKey:
    """A new private key from the operating system's random numbers."""
    for size, known in _RSA_SIZES.items():
        if known is algorithm:
            return rsa.generate_private_key(65537, size)
    for known, curve, _size in _CURVES.values():
        if known is algorithm:
            return ec.generate_private_key(curve())
    if algorithm in _ML_DSA:
        return _ML_DSA[algorithm][0].generate()
    return ed25519.Ed25519PrivateKey.generate()


def private_key_to_der(key: PrivateKey) -> bytes:
    """Unencrypted PKCS#8 DER; the caller seals it."""
    return key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def private_key_from_der(data: bytes) -> PrivateKey:
    """The key in unencrypted PKCS#8 DER; InvalidInputError when it holds none we support."""
    try:
        key = serialization.load_der_private_key(data, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise InvalidInputError(_("The private key cannot be read.")) from None
    if not isinstance(key, PrivateKey):
        raise InvalidInputError(_("The private key is of a kind that is not supported."))
    return key


def private_key_to_pem(key: PrivateKey, passphrase: str | None) -> bytes:
    """PKCS#8 PEM, encrypted with AES-256 when a passphrase is given."""
    encryption = (
        serialization.BestAvailableEncryption(passphrase.encode())
        if passphrase
        else serialization.NoEncryption()
    )
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    )


def public_key_der(key: PublicKey) -> bytes:
    """SubjectPublicKeyInfo DER (RFC 5280 section 4.1.2.7)."""
    return key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def public_key_from_der(spki: bytes) -> PublicKey:
    """The key in a SubjectPublicKeyInfo, its kind and size checked on the raw bytes first.

    Raises WeakKeyError for a kind or size that is not supported and for a point that is not
    on its curve, DerError for malformed bytes.
    """
    spki_algorithm(spki)
    try:
        key = serialization.load_der_public_key(spki)
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, PublicKey):
        raise WeakKeyError(
            _("The public key is not a valid key."),
            remedy=_("Generate a new key pair on the device."),
        )
    return key


def algorithm_of(public_key: PublicKey) -> KeyAlgorithm:
    """Kind and size of the key; WeakKeyError when this program does not certify it."""
    return spki_algorithm(public_key_der(public_key))


@lru_cache(maxsize=1024)  # one key is looked at again and again while it is certified
def spki_algorithm(spki: bytes) -> KeyAlgorithm:
    """Kind and size of the key in a SubjectPublicKeyInfo, from its bytes alone.

    Cheap whatever the size, so that it can stand before any arithmetic. Raises WeakKeyError
    for other kinds, sizes, curves or encodings, DerError for malformed bytes.
    """
    identifier, key = read_public_key_info(spki)
    oid = der.read_oid(identifier[0])
    parameters = [element.encoded for element in identifier[1:]]
    if oid == _RSA and parameters == [b"\x05\x00"]:
        return _rsa_algorithm(key)
    if oid == _EC:
        return _ec_algorithm(identifier[1:], key)
    if oid == _ED25519 and not parameters and len(key) == 32:
        return KeyAlgorithm.ED25519
    if oid in ML_DSA_OIDS and not parameters and len(key) == _ML_DSA[ML_DSA_OIDS[oid]][1]:
        return ML_DSA_OIDS[oid]
    raise WeakKeyError(
        _("Keys of this kind are not supported (algorithm {oid}).").format(oid=oid),
        remedy=_("Use an RSA, EC P-256, P-384, P-521, Ed25519 or ML-DSA key."),
    )


@lru_cache(maxsize=1024)
def read_public_key_info(spki: bytes) -> tuple[tuple[der.Element, ...], bytes]:
    """The parts of the algorithm, and the key octets; DerError when malformed."""
    parts = der.parse(spki).sequence()
    if len(parts) != 2:
        raise der.malformed(_("A public key is not an algorithm and a key."))
    identifier = tuple(parts[0].sequence())
    if not identifier:
        raise der.malformed(_("A public key names no algorithm."))
    return identifier, der.read_octets(parts[1])


def _rsa_algorithm(key: bytes) -> KeyAlgorithm:
    numbers = [der.read_integer(element) for element in der.parse(key).sequence()]
    if len(numbers) != 2:
        raise der.malformed(_("An RSA key is not a modulus and an exponent."))
    modulus, exponent = numbers
    size = modulus.bit_length()
    if modulus <= 0 or size not in _RSA_SIZES:
        raise WeakKeyError(
            _("RSA keys of {size} bits are not accepted.").format(size=size),
            remedy=_("Use RSA with 2048, 3072 or 4096 bits."),
        )
    if modulus % 2 == 0:
        raise _weak(_("The RSA modulus is an even number."))
    # NIST SP 800-56B asks for an odd exponent above 2^16; 64 bits bound the work of a check
    if exponent % 2 == 0 or not 2**16 < exponent < 2**64:
        raise WeakKeyError(
            _("The RSA public exponent is not accepted."),
            remedy=_("Use the exponent 65537."),
        )
    return _RSA_SIZES[size]


def _ec_algorithm(parameters: Sequence[der.Element], point: bytes) -> KeyAlgorithm:
    if len(parameters) != 1 or parameters[0].tag != der.OID:
        raise WeakKeyError(
            _("The EC key does not name its curve."),
            cause=_("Curves given by explicit parameters are not accepted."),
            remedy=_("Use the named curve P-256, P-384 or P-521."),
        )
    curve = _CURVES.get(der.read_oid(parameters[0]))
    if curve is None:
        raise WeakKeyError(
            _("The EC key's curve is not accepted."),
            remedy=_("Use the curve P-256, P-384 or P-521."),
        )
    algorithm, _curve_class, size = curve
    if len(point) != 2 * size + 1 or point[0] != 4:
        raise WeakKeyError(
            _("The EC key is not an uncompressed point of its curve."),
            remedy=_("Encode the public key as an uncompressed point."),
        )
    return algorithm


def _weak(problem: str) -> WeakKeyError:
    return WeakKeyError(
        problem,
        cause=_("The generator that made this key is broken; its private key can be found."),
        remedy=_("Generate a new key pair with another generator."),
    )


def _primes(limit: int) -> list[int]:
    return [n for n in range(2, limit) if all(n % d for d in range(2, math.isqrt(n) + 1))]


_SMALL_PRIMES = math.prod(_primes(2000))
# Per prime the residues 65537 generates: moduli of the Infineon library lie in all of them
# (CVE-2017-15361); others do not, with overwhelming probability.
_ROCA = {p: {pow(65537, k, p) for k in range(p)} for p in _primes(168) if p > 2}
_FERMAT_ROUNDS = 100


def check_public_key(public_key: PublicKey) -> None:
    """Raises WeakKeyError for a key whose private key can be found.

    On top of `public_key_from_der`, for RSA: small factors, prime factors too close together
    (Fermat, CVE-2022-26320), the ROCA fingerprint, a modulus that is itself prime. Takes
    some 20 ms for RSA 2048, mostly the last.
    """
    if not isinstance(public_key, rsa.RSAPublicKey):
        return
    modulus = public_key.public_numbers().n
    if math.gcd(modulus, _SMALL_PRIMES) != 1:
        raise _weak(_("The RSA modulus has a small factor."))
    if all(modulus % prime in residues for prime, residues in _ROCA.items()):
        raise _weak(_("The RSA key has the ROCA weakness (CVE-2017-15361)."))
    root = math.isqrt(modulus)
    for candidate in range(root, root + _FERMAT_ROUNDS):
        difference = candidate * candidate - modulus
        if difference >= 0 and math.isqrt(difference) ** 2 == difference:
            raise _weak(_("The RSA key's two prime factors are too close together."))
    if pow(2, modulus - 1, modulus) == 1:
        raise _weak(_("The RSA modulus is a prime number."))
