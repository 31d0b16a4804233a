"""The steps of creating a device, what each one asks, and where it stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from app.pki.csr import CertificationRequest


class Step(StrEnum):
    """The six steps, in their order (DEV-04)."""

    INFO = "info"
    ATTRIBUTES = "attributes"
    FACTORY = "factory"
    OPERATIONAL = "operational"
    CREDENTIALS = "credentials"
    OVERVIEW = "overview"


CERTIFICATE_STEPS = (Step.FACTORY, Step.OPERATIONAL)


class StepState(StrEnum):
    """Where a step stands."""

    DONE = "done"
    CURRENT = "current"
    TO_DO = "to-do"
    SKIPPED = "skipped"
    DOES_NOT_APPLY = "does-not-apply"


@dataclass(frozen=True)
class StepStatus:
    """Where a step stands; `reason` says why, when it does not apply."""

    state: StepState
    reason: str = ""


class CredentialsLayout(StrEnum):
    """What the one secret of the Credentials step is used for (CRED-03)."""

    PASSWORD = "password"  # noqa: S105  a kind of form, not a secret
    PASSPHRASE = "passphrase"  # noqa: S105  the same
    BOTH = "both"


@dataclass(frozen=True)
class InfoAnswers:
    """Who the device is and whom it belongs to (DEV-06..10)."""

    name: str = ""
    tenant_id: int | None = None
    organization_id: int | None = None
    type_id: int | None = None
    description: str = ""


@dataclass(frozen=True)
class MakersCertificate:
    """The factory certificate that an external CA issued to the device (DEC-03).

    `chain` is DER, the device's own first, then what else the file held. `subject` and `issuer`
    are for people, and `name` is what they call the file.
    """

    name: str
    chain: tuple[bytes, ...] = field(repr=False)
    fingerprint: str
    subject: str
    issuer: str
    algorithm: str
    not_before: datetime
    not_after: datetime


@dataclass(frozen=True)
class CertificateAnswers:
    """What a certificate step was told.

    `from_device` says that the device made key and CSR; `csr_name` is what people call the CSR
    that was loaded. The rest has the meaning it has in `IssueRequest`.
    """

    from_device: bool = False
    csr: CertificationRequest | None = None
    csr_name: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    valid_from: date | None = None
    validity_days: int | None = None
    unlimited: bool | None = None
