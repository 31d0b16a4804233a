"""Revoked certificates, as lists (RFC 5280 section 5) and answers (RFC 6960) name them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.core.language import _
from app.pki import der


class RevocationReason(StrEnum):
    """Why a certificate was revoked: the CRLReason of RFC 5280 section 5.3.1."""

    UNSPECIFIED = "unspecified"
    KEY_COMPROMISE = "keyCompromise"
    CA_COMPROMISE = "cACompromise"
    AFFILIATION_CHANGED = "affiliationChanged"
    SUPERSEDED = "superseded"
    CESSATION_OF_OPERATION = "cessationOfOperation"
    CERTIFICATE_HOLD = "certificateHold"
    REMOVE_FROM_CRL = "removeFromCRL"
    PRIVILEGE_WITHDRAWN = "privilegeWithdrawn"
    AA_COMPROMISE = "aACompromise"

    @property
    def code(self) -> int:
        """The number of the ENUMERATED."""
        return _CODES[self]


# 7 was never given out
_CODES = dict(zip(RevocationReason, (0, 1, 2, 3, 4, 5, 6, 8, 9, 10), strict=True))
_REASONS = {code: reason for reason, code in _CODES.items()}


@dataclass(frozen=True)
class RevokedCertificate:
    """One revocation; times are aware UTC, to the second.

    `invalid_since` is when the key is known or suspected to have been in wrong hands, which
    may be long before `revoked_at` (invalidityDate, RFC 5280 section 5.3.2).
    """

    serial: int
    revoked_at: datetime
    reason: RevocationReason
    invalid_since: datetime | None = None


def encode_reason(reason: RevocationReason) -> bytes:
    """DER CRLReason."""
    return der.tlv(der.ENUMERATED, bytes((reason.code,)))


def read_reason(value: bytes) -> RevocationReason:
    """Decodes a CRLReason; DerError when malformed or not defined."""
    code = der.read_integer(der.parse(value), der.ENUMERATED)
    if code not in _REASONS:
        raise der.malformed(_("The reason of a revocation is not one that is defined."))
    return _REASONS[code]
