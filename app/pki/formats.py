"""Tells by content what people hand over: PEM, DER, bare base64, PKCS#7, PKCS#12, keys."""

import base64
import binascii
import re
from collections.abc import Iterator
from enum import StrEnum

from app.core.errors import InvalidInputError
from app.core.language import _
from app.pki import der, pkcs7
from app.pki.certificates import read_certificate

MAX_SIZE = 1024 * 1024
_TIMES = frozenset((der.UTC_TIME, der.GENERALIZED_TIME))
_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 #]{1,40})-----([^-]*)-----END \1-----")


class Kind(StrEnum):
    """What a DER structure is."""

    CSR = "certification request"
    CERTIFICATE = "certificate"
    CRL = "revocation list"
    PKCS7 = "PKCS#7"
    PKCS12 = "PKCS#12"
    PRIVATE_KEY = "private key"
    UNKNOWN = "unknown"


def csr_in(data: bytes) -> bytes:
    """The DER of the one certification request in `data`, not yet checked.

    Raises InvalidInputError when there is none or more than one, and for a private key,
    whose bytes are never repeated.
    """
    requests = [found for kind, found in _objects(data) if kind is Kind.CSR]
    if len(requests) != 1:
        raise InvalidInputError(
            _("The data is not one certification request."),
            remedy=_("Give a PKCS#10 request as PEM or DER."),
        )
    return requests[0]


def certificates_in(data: bytes) -> tuple[bytes, ...]:
    """The DER certificates in `data`, in order, each of them readable.

    Takes PEM with any text around it, DER, base64 and PKCS#7. Raises InvalidInputError when
    there is no certificate, and for a private key, whose bytes are never repeated.
    """
    found = tuple(content for kind, content in _unpacked(data) if kind is Kind.CERTIFICATE)
    if not found:
        raise InvalidInputError(
            _("The data holds no certificate."), remedy=_("Give certificates as PEM or DER.")
        )
    for certificate in found:
        read_certificate(certificate)
    return found


def described_in(data: bytes) -> tuple[tuple[Kind, bytes], ...]:
    """The DER certificates, requests and revocation lists in `data`, in order, not yet checked.

    Takes what `certificates_in` takes. Raises InvalidInputError when there is none of them, and
    for a private key, whose bytes are never repeated.
    """
    wanted = (Kind.CERTIFICATE, Kind.CSR, Kind.CRL)
    found = tuple((kind, content) for kind, content in _unpacked(data) if kind in wanted)
    if not found:
        raise InvalidInputError(
            _("The data holds no certificate, request or revocation list."),
            remedy=_("Give one as PEM or DER."),
        )
    return found


def _unpacked(data: bytes) -> Iterator[tuple[Kind, bytes]]:
    """As `_objects`, with the certificates of PKCS#7 in its place; PKCS#12 is refused."""
    for kind, content in _objects(data):
        if kind is Kind.PKCS7:
            yield from ((Kind.CERTIFICATE, one) for one in pkcs7.certificates_in(content))
        elif kind is Kind.PKCS12:
            raise InvalidInputError(
                _("The data is a PKCS#12 file, which needs a passphrase."),
                remedy=_("Export the certificate alone, as PEM or DER."),
            )
        else:
            yield kind, content


def _objects(data: bytes) -> list[tuple[Kind, bytes]]:
    """Kind and DER of each object; a private key among them is refused at once."""
    if len(data) > MAX_SIZE:
        raise InvalidInputError(_("The data is larger than 1 MiB."))
    if b"PRIVATE KEY-----" in data:
        raise _private_key()
    blocks = [_decoded(match[2]) for match in _PEM.finditer(data)]
    if not blocks:
        blocks = [data if data[:1] == b"\x30" else _decoded(data)]
    found = [(_kind(block), block) for block in blocks]
    if any(kind is Kind.PRIVATE_KEY for kind, _block in found):
        raise _private_key()
    return found


def _private_key() -> InvalidInputError:
    return InvalidInputError(
        _("The data contains a private key."),
        cause=_("It was not read or kept."),
        remedy=_("Give the certificate or the request alone, and keep the key secret."),
    )


def _decoded(text: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except binascii.Error:
        raise InvalidInputError(
            _("The data is neither PEM nor DER nor base64."),
            remedy=_("Choose the file again, or paste all of the text."),
        ) from None


def _kind(data: bytes) -> Kind:
    """What a DER structure is, by its outline."""
    parts = der.parse(data).sequence()
    tags = [part.tag for part in parts]
    if tags[:1] == [der.INTEGER]:
        return Kind.PKCS12 if der.read_integer(parts[0]) == 3 else Kind.PRIVATE_KEY
    if tags == [der.SEQUENCE, der.OCTET_STRING]:  # EncryptedPrivateKeyInfo
        return Kind.PRIVATE_KEY
    if tags[:1] == [der.OID]:
        return Kind.PKCS7
    if tags == [der.SEQUENCE, der.SEQUENCE, der.BIT_STRING]:
        inner = [part.tag for part in parts[0].children()]
        if not _TIMES.isdisjoint(inner):  # in a certificate they are in its validity
            return Kind.CRL
        return Kind.CSR if inner[:1] == [der.INTEGER] and len(inner) <= 4 else Kind.CERTIFICATE
    return Kind.UNKNOWN
