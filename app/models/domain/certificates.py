"""A certificate this workspace issued."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.models.domain.access import Channel
from app.models.domain.templates import CertificateKind
from app.pki.revocation import RevocationReason


class CertificateStatus(StrEnum):
    """Whether a certificate still counts, apart from its validity."""

    ISSUED = "issued"
    ON_HOLD = "on-hold"
    REVOKED = "revoked"


@dataclass(frozen=True)
class Holder:
    """Whom a certificate is for: a device, an application, or nobody this workspace knows.

    `name` is the device's or application's, or what the certificate calls its subject. Without
    an organization it belongs to the tenant, without a tenant to the whole workspace.
    """

    name: str
    tenant_id: int | None = None
    organization_id: int | None = None
    device_id: int | None = None
    application_id: int | None = None


@dataclass(frozen=True)
class Certificate:
    """A certificate and what became of it.

    `name`, `tenant_id`, `organization_id`, `device_id` and `application_id` are its holder's.
    `serial` is lower-case hex, `fingerprint` the SHA-256 of the DER (DEC-10). `previous_id` is
    the certificate it renews. `invalid_since` is when the key of a revoked one may have been
    lost. `crl_partition` is the part of its authority's CRL that would name it. `key_until` is
    the last moment a key made here can be downloaded, None when there is no such key (any more).
    The names of template and authority are known only of what was read from the database.
    """

    id: int
    kind: CertificateKind
    name: str
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
    issued_by: str = ""
    device_id: int | None = None
    application_id: int | None = None
    tenant_id: int | None = None
    organization_id: int | None = None
    previous_id: int | None = None
    revoked_at: datetime | None = None
    revocation_reason: RevocationReason | None = None
    invalid_since: datetime | None = None
    crl_partition: int = 0
    key_until: datetime | None = None
    der: bytes = field(default=b"", repr=False)
    template_name: str = field(default="", compare=False)
    authority_name: str = field(default="", compare=False)

    @property
    def held_by(self) -> tuple[str, int]:
        """Kind and id of the holder in the audit log; of the certificate if there is none."""
        if self.device_id is not None:
            return "device", self.device_id
        if self.application_id is not None:
            return "application", self.application_id
        return "certificate", self.id
