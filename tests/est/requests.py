"""Certification requests put together by hand, so that each defect is signed by a good key."""

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from tests.plant import DeviceKey

SHA256_ECDSA = bytes.fromhex("300a06082a8648ce3d040302")
SHA256_RSA = bytes.fromhex("300d06092a864886f70d01010b0500")
COMMON_NAME = bytes.fromhex("0603550403")
EXTENSION_REQUEST = bytes.fromhex("06092a864886f70d01090e")
MICROSOFT_REQUEST = bytes.fromhex("060a2b06010401823702010e")
CHALLENGE_PASSWORD = bytes.fromhex("06092a864886f70d010907")
SAN, BASIC_CONSTRAINTS = bytes.fromhex("0603551d11"), bytes.fromhex("0603551d13")
KEY_USAGE, EXTENDED_KEY_USAGE = bytes.fromhex("0603551d0f"), bytes.fromhex("0603551d25")


def tlv(tag: int, *parts: bytes) -> bytes:
    """An element of DER."""
    content = b"".join(parts)
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(length)]) + length + content


def sequence(*parts: bytes) -> bytes:
    return tlv(0x30, *parts)


def set_of(*parts: bytes) -> bytes:
    return tlv(0x31, *parts)


def rdn(value: bytes, oid: bytes = COMMON_NAME, tag: int = 0x0C) -> bytes:
    """A relative distinguished name of one attribute."""
    return set_of(sequence(oid, tlv(tag, value)))


def attribute(oid: bytes, *values: bytes) -> bytes:
    return sequence(oid, set_of(*values))


def extension(oid: bytes, value: bytes, *, critical: bool = False) -> bytes:
    return sequence(oid, b"\x01\x01\xff" if critical else b"", tlv(0x04, value))


def asking(*extensions: bytes, oid: bytes = EXTENSION_REQUEST) -> bytes:
    """The attribute that asks for extensions."""
    return attribute(oid, sequence(*extensions))


def spki(key: DeviceKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def request(
    key: DeviceKey,
    *attributes: bytes,
    subject: bytes = sequence(rdn(b"pump-1")),
    public_key: bytes | None = None,
    version: bytes = b"\x02\x01\x00",
    info: bytes | None = None,
    signature: bytes | None = None,
    algorithm: bytes | None = None,
    signed_by: DeviceKey | None = None,
) -> bytes:
    """A request of these parts, signed by `key` unless told otherwise."""
    if info is None:
        public_key = spki(key) if public_key is None else public_key
        info = sequence(version, subject, public_key, tlv(0xA0, *attributes))
    signer = signed_by or key
    if signature is None:
        if isinstance(signer, rsa.RSAPrivateKey):
            signature = signer.sign(info, padding.PKCS1v15(), hashes.SHA256())
        else:
            signature = signer.sign(info, ec.ECDSA(hashes.SHA256()))
    if algorithm is None:
        algorithm = SHA256_RSA if isinstance(signer, rsa.RSAPrivateKey) else SHA256_ECDSA
    return sequence(info, algorithm, tlv(0x03, b"\0", signature))
