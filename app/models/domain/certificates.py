"""A certificate this workspace issued."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.models.domain.access import Channel
from app.models.domain.templates import CertificateKind


class CertificateStatus(StrEnum):
    """Whether a certificate still counts, apart from its validity."""

    ISSUED = "issued"
    REVOKED = "revoked"


@dataclass(frozen=True)
class Certificate:
    """A certificate of a device.

    `serial` is lower-case hex, `fingerprint` the SHA-256 of the DER (DEC-10). `key_until` is
    the last moment a key made here can be downloaded, None when there is no such key (any more).
    """

    id: int
    kind: CertificateKind
    device_id: int
    device_name: str
    template_id: int
    authority_id: int
    serial: str
    fingerprint: str
    subject: str
    not_before: datetime
    not_after: datetime
    status: CertificateStatus
    issued_at: datetime
    issued_through: Channel
    key_until: datetime | None = None
    der: bytes = field(default=b"", repr=False)
