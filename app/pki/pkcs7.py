"""Certs-only PKCS#7: the degenerate SignedData that EST answers with (RFC 5652, RFC 7030)."""

from collections.abc import Sequence

from app.core.errors import InvalidInputError
from app.core.language import _
from app.pki import der

SIGNED_DATA = "1.2.840.113549.1.7.2"
DATA = "1.2.840.113549.1.7.1"


def certs_only(certificates: Sequence[bytes]) -> bytes:
    """DER ContentInfo with the given DER certificates, in the given order.

    DER would sort the set; clients that take the certificates as a chain need the order.
    """
    signed_data = der.sequence(
        der.integer(1),
        der.set_of(()),
        der.sequence(der.oid(DATA)),
        der.tlv(0xA0, *certificates),
        der.set_of(()),
    )
    return der.sequence(der.oid(SIGNED_DATA), der.tlv(0xA0, signed_data))


def certificates_in(data: bytes) -> tuple[bytes, ...]:
    """The DER certificates of a SignedData, in order; signatures on it are not looked at.

    Raises InvalidInputError when it is no SignedData or holds no certificate.
    """
    parts = der.parse(data).sequence()
    wrapped = parts[1].children() if [part.tag for part in parts] == [der.OID, 0xA0] else []
    if len(wrapped) != 1 or der.read_oid(parts[0]) != SIGNED_DATA:
        raise InvalidInputError(_("The PKCS#7 data is not a list of certificates."))
    found = tuple(
        certificate.encoded
        for field in wrapped[0].sequence()
        if field.tag == 0xA0
        for certificate in field.children()
        if certificate.tag == der.SEQUENCE
    )
    if not found:
        raise InvalidInputError(_("The PKCS#7 data holds no certificate."))
    return found
