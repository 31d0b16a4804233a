"""Facts the window is told about, after they have been committed."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DeviceChanged:
    """A device was created, changed mode, or got or lost a certificate or credential."""

    device_id: int


@dataclass(frozen=True)
class CertificateIssued:
    """A certificate was issued."""

    certificate_id: int
    device_id: int | None


@dataclass(frozen=True)
class CertificateRevoked:
    """A certificate was revoked, put on hold, or released."""

    certificate_id: int


@dataclass(frozen=True)
class EntityChanged:
    """A tenant, user, template or the like was made, changed or deleted.

    `kind` is what the audit log calls it.
    """

    kind: str
    id: int


@dataclass(frozen=True)
class KeysChanged:
    """The workspace's keys were locked or unlocked."""

    locked: bool
