"""PKCS#12 files: a certificate with its private key and chain under a passphrase (RFC 7292)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat
from cryptography.hazmat.primitives.serialization import pkcs12 as library

from app.core.errors import InvalidInputError
from app.core.language import _
from app.pki import der
from app.pki.keys import MlDsaPrivateKey, PrivateKey

MAX_SIZE = 1024 * 1024
_ITERATIONS = 100_000
_LEGACY_ITERATIONS = 10_000  # old devices are slow
_MAX_TOTAL_ITERATIONS = 5_000_000
# PBES1, PBES2, PBKDF2, PBMAC1; the PKCS#12 schemes; scrypt
_PASSWORD_BASED = ("1.2.840.113549.1.5.", "1.2.840.113549.1.12.1.", "1.3.6.1.4.1.11591.4.11")


@dataclass(frozen=True)
class Bundle:
    """What a PKCS#12 file holds; certificates are DER, `chain` is the ones without the key."""

    private_key: PrivateKey | None = field(repr=False)
    certificate: bytes | None
    chain: tuple[bytes, ...]


def pack(
    private_key: PrivateKey,
    certificate: bytes,
    chain: Sequence[bytes],
    passphrase: str,
    name: str,
    *,
    legacy: bool = False,
) -> bytes:
    """A PKCS#12 file; `name` is shown by stores.

    AES-256-CBC under PBKDF2-SHA-256 and a MAC by SHA-256, or, for old devices that know
    nothing better, triple DES and SHA-1 (`legacy`). Raises InvalidInputError for an empty
    passphrase and for ML-DSA keys, which the format's library does not carry.
    """
    if not passphrase:
        raise InvalidInputError(_("A PKCS#12 file needs a passphrase."), field="passphrase")
    if isinstance(private_key, MlDsaPrivateKey):
        raise InvalidInputError(
            _("A PKCS#12 file cannot hold an ML-DSA key."),
            remedy=_("Save the key and the certificates as PEM."),
            field="format",
        )
    builder = PrivateFormat.PKCS12.encryption_builder()
    if legacy:
        scheme = library.PBES.PBESv1SHA1And3KeyTripleDESCBC
        builder = builder.kdf_rounds(_LEGACY_ITERATIONS).key_cert_algorithm(scheme)
        builder = builder.hmac_hash(hashes.SHA1())  # noqa: S303  what old devices know
    else:
        scheme = library.PBES.PBESv2SHA256AndAES256CBC
        builder = builder.kdf_rounds(_ITERATIONS).key_cert_algorithm(scheme)
        builder = builder.hmac_hash(hashes.SHA256())
    return library.serialize_key_and_certificates(
        name.encode(),
        private_key,
        x509.load_der_x509_certificate(certificate),
        [x509.load_der_x509_certificate(issuer) for issuer in chain],
        builder.build(passphrase.encode()),
    )


def unpack(data: bytes, passphrase: str) -> Bundle:
    """Opens a PKCS#12 file; InvalidInputError for a wrong passphrase or a damaged file.

    The work the file asks for is read first, and refused when it is absurd.
    """
    if len(data) > MAX_SIZE:
        raise InvalidInputError(_("The PKCS#12 file is larger than 1 MiB."))
    if _iterations(der.parse(data)) > _MAX_TOTAL_ITERATIONS:
        raise InvalidInputError(
            _("The PKCS#12 file asks for an absurd amount of work to open."),
            remedy=_("Export it again with a usual number of iterations."),
        )
    try:
        key, certificate, chain = library.load_key_and_certificates(data, passphrase.encode())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise InvalidInputError(
            _("The PKCS#12 file cannot be opened."),
            cause=_("The passphrase is wrong, or the file is damaged or of an unknown kind."),
            field="passphrase",
        ) from None
    if key is not None and not isinstance(key, PrivateKey):
        raise InvalidInputError(_("The private key is of a kind that is not supported."))
    return Bundle(
        key,
        certificate.public_bytes(Encoding.DER) if certificate else None,
        tuple(issuer.public_bytes(Encoding.DER) for issuer in chain),
    )


def _iterations(root: der.Element) -> int:
    """The key derivation rounds the file asks for, as far as it says so unencrypted.

    Sums the integers of every password-based algorithm and of the MAC; looks into octet
    strings, because PKCS#12 wraps its content in them.
    """
    total = 0
    pending = [(part, index == 2) for index, part in enumerate(root.sequence())]
    while pending:
        element, counted = pending.pop()
        if element.tag == der.INTEGER and counted:
            total += max(0, der.read_integer(element))
        elif element.tag == der.OCTET_STRING and not counted:
            pending.extend((part, False) for part in _wrapped(element))
        elif element.tag & 0x20:
            parts = element.children()
            first = parts[0] if parts else element
            scheme = der.read_oid(first) if first.tag == der.OID else ""
            counts = counted or scheme.startswith(_PASSWORD_BASED)
            pending.extend((part, counts) for part in parts)
    return total


def _wrapped(element: der.Element) -> list[der.Element]:
    """The structure inside an octet string, if there is one."""
    try:
        return [der.parse(element.content)]
    except der.DerError:
        return []
