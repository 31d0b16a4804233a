"""Certificates as links of a chain: which names which as its issuer, and who signed whom."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from app.core.language import _
from app.pki.certificates import (
    CertificateError,
    CertificateInfo,
    read_certificate,
)
from app.pki.keys import PublicKey
from app.pki.names import names_match, subject_text
from app.pki.sign import verify_signature

_STRONG_HASHES = frozenset({"sha256", "sha384", "sha512"})


@dataclass(frozen=True)
class Link:
    """A certificate, taken apart by this program and by the library."""

    info: CertificateInfo
    certificate: x509.Certificate

    @property
    def name(self) -> str:
        """What people know it by: its subject, or its serial number without one."""
        return subject_text(self.info.subject) or self.info.serial_hex

    @property
    def issuer(self) -> str:
        """Its issuer's name as text."""
        return subject_text(self.info.issuer)

    @property
    def is_self_issued(self) -> bool:
        """Whether issuer and subject are the same: a root, or a CA's change of keys."""
        return self.names_as_issuer(self)

    @property
    def is_strongly_signed(self) -> bool:
        """Whether the signature is over SHA-2, or of a key that takes the whole message."""
        try:
            algorithm = self.certificate.signature_hash_algorithm
        except UnsupportedAlgorithm:
            return False
        return algorithm is None or algorithm.name in _STRONG_HASHES

    def names_as_issuer(self, other: "Link") -> bool:
        """Whether its issuer is the other's subject (RFC 5280 section 7.1)."""
        return _same_name(self.info.issuer_der, other.info.subject_der)

    def is_signed_by(self, other: "Link") -> bool:
        """Whether the other's key made its signature; no, for algorithms nobody should trust."""
        try:
            _verify(self.certificate, other.certificate.public_key())
        except (InvalidSignature, ValueError, UnsupportedAlgorithm):
            return False
        return True


_same_name = lru_cache(maxsize=256)(names_match)


def _verify(certificate: x509.Certificate, public_key: object) -> None:
    """Raises InvalidSignature unless the key signed the certificate.

    The library's own check would compare the names too, octet by octet.
    """
    signature, signed = certificate.signature, certificate.tbs_certificate_bytes
    parameters = certificate.signature_algorithm_parameters
    hashed = certificate.signature_hash_algorithm
    if not isinstance(public_key, PublicKey):
        raise InvalidSignature
    if isinstance(public_key, rsa.RSAPublicKey) and isinstance(parameters, padding.PSS) and hashed:
        public_key.verify(signature, signed, parameters, hashed)
    else:
        oid = certificate.signature_algorithm_oid.dotted_string
        verify_signature(public_key, oid, signature, signed)


def read_link(data: bytes) -> Link:
    """The link of a DER certificate; raises CertificateError when it cannot be read."""
    info = read_certificate(data)
    try:
        return Link(info, x509.load_der_x509_certificate(data))
    except ValueError as error:
        raise CertificateError(_("The certificate cannot be read.")) from error


def read_links(certificates: Iterable[bytes]) -> list[Link]:
    """The readable ones, each once; others cannot be part of a chain anyway."""
    found = []
    for data in dict.fromkeys(certificates):
        try:
            found.append(read_link(data))
        except CertificateError:
            continue
    return found
