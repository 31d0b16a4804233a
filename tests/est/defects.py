"""Defects of certification requests by the row of est.md section 4 they belong to.

Each is signed by the key in it unless the signature is the defect, so that the refusal proves
the check it is meant for.
"""

import os

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.est.requests import (
    BASIC_CONSTRAINTS,
    CHALLENGE_PASSWORD,
    COMMON_NAME,
    EXTENDED_KEY_USAGE,
    EXTENSION_REQUEST,
    KEY_USAGE,
    MICROSOFT_REQUEST,
    SAN,
    SHA256_ECDSA,
    asking,
    attribute,
    extension,
    rdn,
    request,
    sequence,
    set_of,
    tlv,
)
from tests.plant import csr, ec_key, rsa_key

KEY = ec_key()
GOOD = csr(KEY, "pump-1")
EC_PUBLIC_KEY = bytes.fromhex("06072a8648ce3d0201")
P256 = bytes.fromhex("06082a8648ce3d030107")
RSA_ENCRYPTION = bytes.fromhex("06092a864886f70d0101010500")


def with_point(point: bytes, *parameters: bytes) -> bytes:
    algorithm = sequence(EC_PUBLIC_KEY, *(parameters or (P256,)))
    return request(KEY, public_key=sequence(algorithm, tlv(0x03, b"\0", point)))


def with_modulus(modulus: int, exponent: int = 65537) -> bytes:
    """An RSA key of these numbers; the signature is of the right length and worth nothing."""
    key = sequence(integer(modulus), integer(exponent))
    public_key = sequence(sequence(RSA_ENCRYPTION), tlv(0x03, b"\0", key))
    size = (modulus.bit_length() + 7) // 8
    return request(rsa_key(), public_key=public_key, signature=os.urandom(min(size, 512)))


def integer(value: int) -> bytes:
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, signed=True))


def nested(depth: int) -> bytes:
    data = b""
    for _level in range(depth):
        data = tlv(0x30, data)
    return data


def ecdsa(r: int, s: int) -> bytes:
    return request(KEY, signature=sequence(integer(r), integer(s)))


POINT = KEY.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
COMPRESSED = KEY.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
N = rsa_key().public_key().public_numbers().n
CURVE_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
R, S = decode_dss_signature(KEY.sign(b"x", ec.ECDSA(hashes.SHA256())))
CA_TRUE = extension(BASIC_CONSTRAINTS, sequence(b"\x01\x01\xff"), critical=True)
OLD_KEY = ed448.Ed448PrivateKey.generate().public_key()

ENCODING = {
    "ATK-A04": {"half": GOOD[: len(GOOD) // 2], "one-byte": GOOD[:1]},
    "ATK-A05": {"trailing": GOOD + b"\0", "twice": GOOD + GOOD},
    "ATK-A06": {
        "indefinite": b"\x30\x80" + GOOD[4:] + b"\0\0",
        "padded-length": b"\x30\x83\x00" + GOOD[2:],
        "four-gigabytes": b"\x30\x84\xff\xff\xff\xff" + GOOD[4:],
        "absurd": b"\x30\x88" + b"\xff" * 8 + GOOD[4:],
        "empty": b"\x30\x00",
    },
    "ATK-A07": {"deep": nested(10_000), "inside": request(KEY, nested(2_000))},
    "ATK-A08": {
        "version-1": request(KEY, version=b"\x02\x01\x01"),
        "no-value": request(KEY, attribute(EXTENSION_REQUEST)),
        "long-tag": request(KEY, b"\x3f\x81\x01\x00"),
        "no-version": request(KEY, version=b""),
    },
    "ATK-A09": {
        "extension-twice": request(KEY, asking(CA_TRUE, CA_TRUE)),
        "attribute-twice": request(KEY, asking(CA_TRUE), asking(CA_TRUE)),
        "both-oids": request(KEY, asking(CA_TRUE), asking(CA_TRUE, oid=MICROSOFT_REQUEST)),
        "two-values": request(
            KEY, attribute(EXTENSION_REQUEST, sequence(CA_TRUE), sequence(CA_TRUE))
        ),
    },
    "ATK-A10": {
        "san": request(KEY, asking(extension(SAN, b"garbage"))),
        "boolean": request(KEY, asking(extension(BASIC_CONSTRAINTS, sequence(b"\x01\x01\x01")))),
        "usage": request(KEY, asking(extension(KEY_USAGE, b"\x03\x02\x00\x80"))),
        "purposes": request(KEY, asking(extension(EXTENDED_KEY_USAGE, sequence()))),
    },
    "ATK-A12": {
        "attributes": request(KEY, *(attribute(EXTENSION_REQUEST, b"") for _n in range(3000))),
        "names": request(KEY, subject=sequence(*(rdn(b"x") for _n in range(4000)))),
        "values": request(
            KEY, subject=sequence(set_of(*(sequence(COMMON_NAME, b"\x0c\x01x"),) * 4000))
        ),
        "oid": request(KEY, attribute(tlv(0x06, b"\x2a" * 40_000), b"\x05\x00")),
        "arc": request(KEY, attribute(tlv(0x06, b"\x2a" + b"\xff" * 20 + b"\x7f"), b"\x05\x00")),
        "too-long": request(KEY, attribute(CHALLENGE_PASSWORD, tlv(0x0C, b"x" * 66_000))),
    },
    "ATK-A13": {
        "padded": request(KEY, attribute(b"\x06\x03\x2a\x80\x01", b"\x05\x00")),
        "unfinished": request(KEY, attribute(b"\x06\x02\x2a\x86", b"\x05\x00")),
        "empty": request(KEY, attribute(b"\x06\x00", b"\x05\x00")),
    },
    "ATK-A14": {
        "no-string": request(KEY, attribute(CHALLENGE_PASSWORD, b"\x02\x01\x05")),
        "two-values": request(KEY, attribute(CHALLENGE_PASSWORD, b"\x0c\x01a", b"\x0c\x01b")),
        "long": request(KEY, attribute(CHALLENGE_PASSWORD, tlv(0x0C, b"a" * 256))),
        "empty": request(KEY, attribute(CHALLENGE_PASSWORD, b"\x0c\x00")),
    },
}
KEYS = {
    "ATK-B01": {
        str(bits): with_modulus((1 << (bits - 1)) | (N & ((1 << (bits - 1)) - 1)) | 1)
        for bits in (512, 768, 1024, 1536, 2047, 2049)
    },
    "ATK-B02": {
        "16k": with_modulus((1 << 16_383) | 1),
        "32k": with_modulus((1 << 32_767) | 1),
        "exponent": with_modulus(N, (1 << 2000) | 1),
    },
    "ATK-B03": {
        "e-1": with_modulus(N, 1),
        "e-2": with_modulus(N, 2),
        "e-3": with_modulus(N, 3),
        "even": with_modulus(N - 1),
        "zero": with_modulus(0),
        "negative": with_modulus(-N),
        "square": with_modulus(rsa_key().private_numbers().p ** 2),
    },
    "ATK-B05": {"small-factor": with_modulus(N - N % 3 + (3 if (N - N % 3) % 2 == 0 else 0))},
    "ATK-B06": {
        "off-curve": with_point(POINT[:-1] + bytes([POINT[-1] ^ 1])),
        "infinity": with_point(b"\0"),
        "compressed": with_point(COMPRESSED),
        "hybrid": with_point(bytes([6 + POINT[-1] % 2]) + POINT[1:]),
        "short": with_point(POINT[:-1]),
        "coordinate": with_point(b"\x04" + b"\xff" * 64),
        "secp256k1": csr(ec.generate_private_key(ec.SECP256K1()), "pump-1"),
        "p192-oid": with_point(POINT, bytes.fromhex("06082a8648ce3d030101")),
    },
    "ATK-B07": {
        "explicit": with_point(POINT, sequence(b"\x02\x01\x01", b"\x30\x00")),
        "implicit": with_point(POINT, b"\x05\x00"),
        "none": request(KEY, public_key=sequence(sequence(EC_PUBLIC_KEY), tlv(0x03, b"\0", POINT))),
    },
    "ATK-B08": {
        "ed448": request(
            KEY,
            public_key=OLD_KEY.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        ),
        "unknown": request(
            KEY, public_key=sequence(sequence(b"\x06\x02\x2a\x03"), tlv(0x03, b"\0", POINT))
        ),
    },
    "ATK-B09": {
        "other-key": request(KEY, signed_by=ec_key()),
        "other-kind": request(KEY, signed_by=rsa_key()),
        "empty": request(KEY, signature=b""),
        "zero": ecdsa(0, 0),
        "r-0": ecdsa(0, S),
        "s-order": ecdsa(R, CURVE_ORDER),
        "of-other-data": ecdsa(R, S),
        "wrong-hash": request(KEY, algorithm=SHA256_ECDSA[:-1] + b"\x03"),
        "trailing": GOOD[:-1] + bytes([GOOD[-1] ^ 1]),
    },
    "ATK-B10": {
        "sha1": request(KEY, algorithm=bytes.fromhex("300906072a8648ce3d0401")),
        "md5": request(rsa_key(), algorithm=bytes.fromhex("300d06092a864886f70d0101040500")),
    },
}
NAMES = {
    "ATK-C04": {
        text: request(KEY, asking(extension(SAN, sequence(tlv(0x82, text.encode())))))
        for text in ("*", "*.*", "*.com", "f*o.example")
    },
    "ATK-C05": {
        title: request(KEY, subject=sequence(rdn(value.encode())))
        for title, value in {
            "nul": "good\0.evil",
            "line": "pump-1\r\nX: y",
            "delete": "pump\x7f",
            "escape": "\x1b[31mpump",
            "bidi": "pump-\u202e1",
            "zero-width": "pump\u200b-1",
        }.items()
    },
    "ATK-C06": {
        "cn": request(KEY, subject=sequence(rdn(b"x" * 65))),
        "country": request(
            KEY, subject=sequence(rdn(b"USA", bytes.fromhex("0603550406"), tag=0x13))
        ),
    },
    "ATK-C07": {
        "utf8": request(KEY, subject=sequence(rdn(b"\xff\xfe"))),
        "overlong": request(KEY, subject=sequence(rdn(b"\xc0\xaf"))),
        "surrogate": request(KEY, subject=sequence(rdn(b"\xed\xa0\x80"))),
        "bmp-odd": request(KEY, subject=sequence(rdn(b"\0pu", tag=0x1E))),
        "teletex": request(KEY, subject=sequence(rdn(b"p\xfcmp", tag=0x14))),
        "ia5-san": request(KEY, asking(extension(SAN, sequence(tlv(0x82, b"p\xfcmp"))))),
        "number": request(KEY, subject=sequence(set_of(sequence(COMMON_NAME, b"\x02\x01\x05")))),
    },
    "ATK-C09": {
        "two": request(KEY, subject=sequence(rdn(b"pump-1"), rdn(b"pump-1"))),
        "multi": request(
            KEY, subject=sequence(set_of(*(sequence(COMMON_NAME, b"\x0c\x01x"),) * 2))
        ),
        "empty": request(KEY, subject=sequence(rdn(b""))),
    },
    "ATK-C10": {
        "no-names": request(KEY, asking(extension(SAN, sequence()))),
        "address": request(KEY, asking(extension(SAN, sequence(tlv(0x87, b"12345"))))),
    },
}
# What the refusal of a row says, as a regular expression.
REASONS = {
    "ATK-A04": "not valid DER",
    "ATK-A05": "Bytes follow the end",
    "ATK-A06": "length|not a PKCS#10",
    "ATK-A07": "nested too deeply",
    "ATK-A08": "version|no value|long-form|0x30 stands where",
    "ATK-A09": "twice|several values",
    "ATK-A10": "not valid DER",
    "ATK-A12": "no value|more than one|several|too long|large",
    "ATK-A13": "object identifier",
    "ATK-A14": "challenge password|several values",
    "ATK-B01": "bits are not accepted",
    "ATK-B02": "bits are not accepted|exponent",
    "ATK-B03": "exponent|even|bits are not accepted|too close",
    "ATK-B05": "small factor",
    "ATK-B06": "not a valid key|uncompressed|curve is not accepted",
    "ATK-B07": "does not name its curve",
    "ATK-B08": "this kind are not supported",
    "ATK-B09": "signature does not verify",
    "ATK-B10": "algorithm that is not accepted",
    "ATK-C04": "is a wildcard",
    "ATK-C05": "invisible character",
    "ATK-C06": "characters long",
    "ATK-C07": "does not allow|Teletex|not text",
    "ATK-C09": "more than one|several attributes|is empty",
    "ATK-C10": "alternative name",
}
