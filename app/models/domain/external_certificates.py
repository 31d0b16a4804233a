"""Factory certificates that external CAs issued to the devices here."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class ExternalCertificate:
    """What is kept of one. `fingerprint` is SHA-256 in hex (DEC-10), `ca_name` its CA's name."""

    ca_name: str
    subject: str
    fingerprint: str
    not_after: datetime
    first_seen_at: datetime
