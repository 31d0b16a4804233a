"""Certificates in the database: record one that was issued, read them back."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Row, Select, select

from app.models.db.tables import certificate, device, secret
from app.models.domain.access import Channel
from app.models.domain.certificates import Certificate, CertificateStatus
from app.models.domain.events import CertificateIssued
from app.models.domain.templates import CertificateKind, Template
from app.models.services.store import Change


def record_certificate(
    change: Change,
    issued: Certificate,
    template: Template,
    public_key_fingerprint: str,
    key_secret_id: int | None,
) -> Certificate:
    """Insert a certificate that was just signed (its id is not known yet) and audit it.

    `key_secret_id` is the secret that keeps its key as PKCS#12, None when there is none.
    """
    values = {
        "kind": issued.kind.value,
        "device_id": issued.device_id,
        "template_id": issued.template_id,
        "authority_id": issued.authority_id,
        "serial": issued.serial,
        "fingerprint": issued.fingerprint,
        "public_key_fingerprint": public_key_fingerprint,
        "subject": issued.subject,
        "der": issued.der,
        "not_before": issued.not_before,
        "not_after": issued.not_after,
        "status": issued.status.value,
        "issued_at": issued.issued_at,
        "issued_through": issued.issued_through.value,
        "key_secret_id": key_secret_id,
    }
    recorded = replace(issued, id=change.insert(certificate, values))
    change.audit(
        "certificate.issue",
        "device",
        recorded.device_id,
        recorded.device_name,
        after={
            "certificate": recorded.id,
            "kind": recorded.kind.value,
            "serial": recorded.serial,
            "subject": recorded.subject,
            "template": template.name,
            "authority": recorded.authority_id,
            "fingerprint": recorded.fingerprint,
            "not_after": recorded.not_after.isoformat(),
        },
    )
    change.publish(CertificateIssued(recorded.id, recorded.device_id))
    return recorded


def select_certificates(*, with_der: bool) -> Select[tuple[object, ...]]:
    """Certificates with the name of their device and the state of their key.

    For rows that `certificate_of` turns into domain objects.
    """
    columns = [c for c in certificate.c if with_der or c is not certificate.c.der]
    return (
        select(
            *columns,
            device.c.name.label("device_name"),
            secret.c.destroy_after.label("key_until"),
            secret.c.wrapped_key.is_not(None).label("key_kept"),
        )
        .join(device, device.c.id == certificate.c.device_id)
        .join(secret, secret.c.id == certificate.c.key_secret_id, isouter=True)
    )


def certificate_of(row: Row[tuple[object, ...]], now: datetime) -> Certificate:
    """The certificate in a row of `select_certificates`; its key is gone once its time is over."""
    kept = row.key_kept and row.key_until > now
    return Certificate(
        id=row.id,
        kind=CertificateKind(row.kind),
        device_id=row.device_id,
        device_name=row.device_name,
        template_id=row.template_id,
        authority_id=row.authority_id,
        serial=row.serial,
        fingerprint=row.fingerprint,
        subject=row.subject,
        not_before=row.not_before,
        not_after=row.not_after,
        status=CertificateStatus(row.status),
        issued_at=row.issued_at,
        issued_through=Channel(row.issued_through),
        key_until=row.key_until if kept else None,
        der=getattr(row, "der", b""),
    )
