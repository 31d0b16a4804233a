"""Keys, CAs and hand-made structures the tests of this room share."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.pki import der
from app.pki.certificates import (
    CLIENT_AUTH,
    NEVER,
    CertificateContents,
    KeyUsage,
    build,
    build_root,
    new_serial,
)
from app.pki.keys import KeyAlgorithm, generate
from app.pki.names import Attribute, Subject
from app.pki.sign import SigningKey, SoftwareKey, signature_algorithm

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
P256 = KeyAlgorithm.EC_P256
# what the openssl command knows before its version 3.5
OPENSSL_ALGORITHMS = [kind for kind in KeyAlgorithm if not kind.startswith("ml-dsa")]
CA_USAGE = frozenset({KeyUsage.KEY_CERT_SIGN, KeyUsage.CRL_SIGN})

EXTENSION_REQUEST = "1.2.840.113549.1.9.14"
MICROSOFT_EXTENSION_REQUEST = "1.3.6.1.4.1.311.2.1.14"
CHALLENGE_PASSWORD = "1.2.840.113549.1.9.7"


def key(algorithm: KeyAlgorithm = P256, number: int = 0) -> SoftwareKey:
    """A key of its kind, the same one for the same `number`."""
    return _key(algorithm, number)


@lru_cache
def _key(algorithm: KeyAlgorithm, _number: int) -> SoftwareKey:
    return SoftwareKey(generate(algorithm))


def common_name(text: str) -> Subject:
    return (Attribute("2.5.4.3", text),)


def contents(**changes: Any) -> CertificateContents:
    """Contents of an ordinary device certificate, with changes."""
    usual = CertificateContents(
        subject=common_name("device"),
        san=(),
        public_key=key().public_key,
        not_before=NOW - timedelta(minutes=5),
        not_after=NOW + timedelta(days=365),
        key_usage=frozenset({KeyUsage.DIGITAL_SIGNATURE}),
        extended_key_usage=(CLIENT_AUTH,),
    )
    return replace(usual, **changes)


def ca_contents(name: str, signing_key: SigningKey, **changes: Any) -> CertificateContents:
    usual = contents(
        subject=common_name(name),
        public_key=signing_key.public_key,
        not_before=NOW - timedelta(days=30),
        not_after=NEVER,
        key_usage=CA_USAGE,
        extended_key_usage=(),
        ca=True,
    )
    return replace(usual, **changes)


@dataclass(frozen=True)
class Authority:
    """A CA: its certificate and key."""

    certificate: bytes
    key: SigningKey

    def issue(self, **changes: Any) -> bytes:
        return build(contents(**changes), self.certificate, self.key, new_serial())

    def sub(self, name: str, number: int = 50, **changes: Any) -> "Authority":
        signing_key = key(P256, number)
        wanted = ca_contents(name, signing_key, **changes)
        return Authority(build(wanted, self.certificate, self.key, new_serial()), signing_key)


@lru_cache
def root(name: str = "Root", number: int = 10, algorithm: KeyAlgorithm = P256) -> Authority:
    signing_key = key(algorithm, number)
    return Authority(build_root(ca_contents(name, signing_key), signing_key), signing_key)


def signed(tbs: bytes, signer: SigningKey, algorithm: bytes | None = None) -> bytes:
    """Any hand-made content, validly signed."""
    identifier = algorithm or signature_algorithm(signer.algorithm)
    return der.sequence(tbs, identifier, der.bit_string(signer.sign(tbs)))


def name(*attributes: tuple[str, int, bytes]) -> bytes:
    """DER Name from (OID, string tag, octets), unchecked."""
    return der.sequence(
        *(
            der.tlv(der.SET, der.sequence(der.oid(oid), der.tlv(tag, value)))
            for oid, tag, value in attributes
        )
    )


CN = name(("2.5.4.3", der.UTF8_STRING, b"device"))


def attribute(oid: str, *values: bytes) -> bytes:
    return der.sequence(der.oid(oid), der.tlv(der.SET, *values))


def extension(oid: str, value: bytes, *, critical: bool = False) -> bytes:
    flag = der.tlv(der.BOOLEAN, b"\xff") if critical else b""
    return der.sequence(der.oid(oid), flag, der.octet_string(value))


def requesting(*extensions: bytes, oid: str = EXTENSION_REQUEST) -> bytes:
    return attribute(oid, der.sequence(*extensions))


def csr(
    *attributes: bytes,
    subject: bytes = CN,
    signer: SoftwareKey | None = None,
    spki: bytes | None = None,
    version: bytes = b"\x02\x01\x00",
) -> bytes:
    """A hand-made request, validly signed by its key (unless `spki` is another's)."""
    signer = signer or key()
    info = der.sequence(version, subject, spki or signer.public_key, der.tlv(0xA0, *attributes))
    return signed(info, signer)


def openssl(*arguments: str | Path, data: bytes | None = None) -> str:
    """Output of the openssl command; a failure fails the test with what it said."""
    done = subprocess.run(
        ["openssl", *map(str, arguments)], input=data, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def spki(identifier: Sequence[bytes], public_key: bytes) -> bytes:
    """SubjectPublicKeyInfo, unchecked."""
    return der.sequence(der.sequence(*identifier), der.bit_string(public_key))


def rsa_spki(modulus: int, exponent: int = 65537) -> bytes:
    numbers = der.sequence(der.integer(modulus), der.integer(exponent))
    return spki((der.oid("1.2.840.113549.1.1.1"), der.tlv(der.NULL)), numbers)
