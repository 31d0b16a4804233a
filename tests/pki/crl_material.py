"""Revocation lists of the root of `material`."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from app.pki.certificates import pem
from app.pki.crl import build_crl
from app.pki.revocation import RevocationReason, RevokedCertificate
from tests.pki.material import (
    NOW,
    Authority,
    root,
)

WEEK = timedelta(days=7)
PARTITION = "http://ca.example/crl/3"


def crl(
    revoked: Sequence[RevokedCertificate] = (), ca: Authority | None = None, **changes: Any
) -> bytes:
    ca = ca or root()
    usual: dict[str, Any] = {"number": 7, "this_update": NOW, "next_update": NOW + WEEK}
    return build_crl(ca.certificate, ca.key, revoked, **(usual | changes))


def revoked(serial: int = 5, **changes: Any) -> RevokedCertificate:
    usual: dict[str, Any] = {"revoked_at": NOW, "reason": RevocationReason.SUPERSEDED}
    return RevokedCertificate(serial, **(usual | changes))


def crl_to_pem(data: bytes) -> bytes:
    """The list in PEM armour, as the openssl command reads it (RFC 7468 section 7)."""
    return pem("X509 CRL", data)
