"""External CAs: manufacturers' CAs, whose factory certificates count once verified (DEC-07)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from app.core.errors import InvalidInputError
from app.pki.ca_checks import check_ca
from app.pki.certificate_text import describe_certificate
from app.pki.certificates import read_certificate
from app.pki.descriptions import Section
from app.pki.formats import certificates_in
from app.pki.names import subject_text

CHALLENGE_LIFETIME = timedelta(hours=24)
MAX_ATTEMPTS = 10
REQUEST_FILE, PROOF_FILE = "proof.csr", "proof.pem"


class VerifiedBy(StrEnum):
    """How an external CA was verified."""

    POSSESSION = "possession"
    OVERRIDE = "override"


@dataclass(frozen=True)
class ExternalCa:
    """A CA of somebody else. `certificate` is DER, `fingerprint` its SHA-256 in hex (DEC-10).

    It belongs to a tenant, or to one of its organizations. Names are unique in a tenant.
    """

    id: int
    name: str
    tenant_id: int
    organization_id: int | None
    certificate: bytes = field(repr=False)
    fingerprint: str
    created_at: datetime
    active: bool = True
    verified_at: datetime | None = None
    verified_by: VerifiedBy | None = None

    @property
    def verified(self) -> bool:
        """Whether its owner has shown to have its key, or an administrator vouched for it."""
        return self.verified_at is not None

    @property
    def trusted(self) -> bool:
        """Whether its factory certificates are accepted (ECA-09)."""
        return self.verified and self.active


@dataclass(frozen=True)
class ExternalCaRow:
    """An external CA as a list shows it: with its owners' names and what its certificate says."""

    ca: ExternalCa
    tenant_name: str
    organization_name: str
    subject: str
    not_after: datetime

    @property
    def id(self) -> int:
        """The id of the external CA."""
        return self.ca.id

    @property
    def name(self) -> str:
        """What people call the external CA."""
        return self.ca.name

    @property
    def active(self) -> bool:
        """Whether the external CA can be used."""
        return self.ca.active


@dataclass(frozen=True)
class Challenge:
    """What the owner of an external CA is asked to sign (ECA-17).

    `code` has to be the common name of the certificate, good until `until`. `request` is a
    certification request for it (PKCS#10, PEM), for CAs that want one.
    """

    code: str
    until: datetime
    request: bytes = field(repr=False)

    @property
    def request_command(self) -> str:
        """What makes another request for the code, with a key of one's own."""
        return (
            "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
            f' -keyout proof.key -subj "/CN={self.code}" -out {REQUEST_FILE}'
        )

    @property
    def signing_command(self) -> str:
        """What signs the request where the CA's key is."""
        return (
            f"openssl x509 -req -in {REQUEST_FILE} -CA ca.pem -CAkey ca.key -CAcreateserial"
            f" -days 1 -out {PROOF_FILE}"
        )


@dataclass(frozen=True)
class UploadedCa:
    """The certificate of a CA out of a file: the first one; `others` are left alone."""

    certificate: bytes = field(repr=False)
    subject: str
    sections: tuple[Section, ...] = field(repr=False)
    others: int


def read_ca(data: bytes, now: datetime) -> UploadedCa:
    """The CA certificate in a file: PEM, DER, base64 or PKCS#7, told by its content.

    Raises `InvalidInputError`, field `certificate`, when there is none that will do, and for a
    private key, whose bytes are never kept.
    """
    first, *others = _certificates(data, "certificate")
    check_ca(first, now)
    subject = subject_text(read_certificate(first).subject)
    return UploadedCa(first, subject, describe_certificate(first), len(others))


def read_proof(data: bytes) -> bytes:
    """The certificate (DER) in a file that answers a challenge, the first one; as `read_ca`."""
    return _certificates(data, "proof")[0]


def _certificates(data: bytes, field: str) -> tuple[bytes, ...]:
    try:
        return certificates_in(data)
    except InvalidInputError as error:
        error.field = field
        raise
