"""How the REST API describes a certificate: the sixteen members a client of the field reads."""

from base64 import b64encode
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from app.api.routes import Answer
from app.models.domain.certificates import Certificate, CertificateStatus
from app.pki.certificates import read_certificate, thumbprint
from app.pki.subjects import subject_text


class Standing(StrEnum):
    """What a certificate is worth; one on hold counts as revoked."""

    GOOD = "Good"
    REVOKED = "Revoked"
    EXPIRED = "Expired"
    UNKNOWN = "Unknown"


class CertificateAnswer(Answer):
    """A certificate; lists leave `certificate` out.

    `certificate` is base64 of its DER and `certificate_pkcs12` of a PKCS#12 file, each on one
    line. The latter and the passphrase that opens it come with a key that was just made here.
    `serial_number` and `thumbprint` (SHA-1) are hex, `san` is `kind:name, kind:name`.
    """

    certificate_id: int
    organization_id: int | None
    common_name: str
    issued_dn: str
    certificate: str | None
    certificate_pkcs12: str | None = Field(default=None, repr=False)
    passphrase: str | None = Field(default=None, repr=False)
    status: Standing
    issuer: str
    serial_number: str
    valid_from: datetime
    valid_until: datetime
    revocation_reason: str | None
    revocation_date: datetime | None
    thumbprint: str
    san: str | None


def certificate_answer(
    certificate: Certificate, now: datetime, *, listed: bool = False
) -> CertificateAnswer:
    """The description of a certificate that was read with its DER."""
    info = read_certificate(certificate.der)
    names = ", ".join(f"{name.kind}:{name.value}" for name in info.san)
    return CertificateAnswer(
        certificate_id=certificate.id,
        organization_id=certificate.organization_id,
        common_name=next((part.value for part in info.subject if part.short == "CN"), ""),
        issued_dn=subject_text(info.subject),
        certificate=None if listed else base64_of(certificate.der),
        status=standing(certificate, now),
        issuer=subject_text(info.issuer),
        serial_number=certificate.serial,
        valid_from=certificate.not_before,
        valid_until=certificate.not_after,
        revocation_reason=certificate.revocation_reason,
        revocation_date=certificate.revoked_at,
        thumbprint=thumbprint(certificate.der).upper(),
        san=names or None,
    )


def standing(certificate: Certificate, now: datetime) -> Standing:
    """What the certificate is worth, apart from those who issued it."""
    if certificate.status is not CertificateStatus.ISSUED:
        return Standing.REVOKED
    return Standing.EXPIRED if certificate.not_after <= now else Standing.GOOD


def base64_of(data: bytes) -> str:
    """Base64 on one line."""
    return b64encode(data).decode()
