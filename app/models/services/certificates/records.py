"""Certificates in the database: record those that were issued, read them back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, or_, select

from app.core.errors import AccessDeniedError, NotFoundError
from app.core.language import _
from app.models.db.tables import authority, certificate, organization, secret, template
from app.models.domain.access import Actor, Channel, Operation, Reach, reach, require
from app.models.domain.certificates import Certificate, CertificateStatus
from app.models.domain.events import CertificateIssued
from app.models.domain.templates import CertificateKind
from app.models.services.listing import looked_up
from app.models.services.store import Change
from app.pki.certificates import thumbprint
from app.pki.revocation import RevocationReason


@dataclass(frozen=True)
class NewCertificate:
    """A certificate that was just signed; its id is not known yet.

    `key_secret_id` is the secret that keeps its key as PKCS#12, None when there is none.
    """

    certificate: Certificate
    template_name: str
    public_key_fingerprint: str
    key_secret_id: int | None = None


def record_certificates(change: Change, new: Sequence[NewCertificate]) -> tuple[Certificate, ...]:
    """Insert the certificates, with an audit event for each."""
    ids = change.insert_all(certificate, [_row_of(one) for one in new], "fingerprint")
    # What `replace` does, in a third of its time.
    recorded = tuple(
        Certificate(**vars(one.certificate) | {"id": id_})
        for one, id_ in zip(new, ids, strict=True)
    )
    for issued, one in zip(recorded, new, strict=True):
        kind, holder_id = issued.held_by
        change.audit(
            "certificate.issue",
            kind,
            holder_id,
            issued.name,
            after={
                "certificate": issued.id,
                "kind": issued.kind.value,
                "serial": issued.serial,
                "subject": issued.subject,
                "template": one.template_name,
                "authority": issued.authority_id,
                "fingerprint": issued.fingerprint,
                "not_after": issued.not_after.isoformat(),
            },
        )
        change.publish(CertificateIssued(issued.id, issued.device_id))
    return recorded


def _row_of(new: NewCertificate) -> dict[str, Any]:
    issued = new.certificate
    return {
        "kind": issued.kind.value,
        "device_id": issued.device_id,
        "application_id": issued.application_id,
        "name": issued.name,
        "tenant_id": issued.tenant_id,
        "organization_id": issued.organization_id,
        "template_id": issued.template_id,
        "authority_id": issued.authority_id,
        "serial": issued.serial,
        "fingerprint": issued.fingerprint,
        "public_key_fingerprint": new.public_key_fingerprint,
        "subject": issued.subject,
        "der": issued.der,
        "not_before": issued.not_before,
        "not_after": issued.not_after,
        "status": issued.status.value,
        "issued_at": issued.issued_at,
        "issued_through": issued.issued_through.value,
        "issued_by": issued.issued_by,
        "previous_id": issued.previous_id,
        "crl_partition": issued.crl_partition,
        "thumbprint": thumbprint(issued.der),
        "key_secret_id": new.key_secret_id,
    }


def certificates_in_reach(
    actor: Actor,
    operation: Operation,
    see: Callable[[ColumnElement[Any]], ColumnElement[Any]] = looked_up,
) -> tuple[ColumnElement[bool], ...]:
    """Conditions on a certificate that hold where the actor's right extends.

    A tenant is asked for by its organizations, because an index begins with them. `see` says
    how the columns are to be looked at, see `app.models.services.listing`.
    """
    extent = reach(actor, operation)
    if extent is Reach.ALL:
        return ()
    owner = see(certificate.c.organization_id)
    if extent is Reach.TENANT:
        mine = select(organization.c.id).where(organization.c.tenant_id == actor.tenant_id)
        without = and_(owner.is_(None), certificate.c.tenant_id == actor.tenant_id)
        return (or_(owner.in_(mine), without),)
    return (owner == actor.organization_id,)


def select_certificates(*, with_der: bool) -> Select[tuple[object, ...]]:
    """Certificates with the state of their key, in rows for `certificate_of`."""
    columns = [c for c in certificate.c if with_der or c is not certificate.c.der]
    return select(
        *columns,
        secret.c.destroy_after.label("key_until"),
        secret.c.wrapped_key.is_not(None).label("key_kept"),
        template.c.name.label("template_name"),
        authority.c.name.label("authority_name"),
    ).select_from(
        # outer joins, so that nobody begins with a small table and walks all certificates
        certificate.outerjoin(template, template.c.id == certificate.c.template_id)
        .outerjoin(authority, authority.c.id == certificate.c.authority_id)
        .outerjoin(secret, secret.c.id == certificate.c.key_secret_id)
    )


def certificate_of(row: Row[tuple[object, ...]], now: datetime) -> Certificate:
    """The certificate in a row of `select_certificates`; its key is gone once its time is over."""
    kept = row.key_kept and row.key_until > now
    reason = row.revocation_reason
    return Certificate(
        id=row.id,
        kind=CertificateKind(row.kind),
        name=row.name,
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
        issued_by=row.issued_by,
        device_id=row.device_id,
        application_id=row.application_id,
        tenant_id=row.tenant_id,
        organization_id=row.organization_id,
        previous_id=row.previous_id,
        revoked_at=row.revoked_at,
        revocation_reason=None if reason is None else RevocationReason(reason),
        invalid_since=row.invalid_since,
        crl_partition=row.crl_partition,
        key_until=row.key_until if kept else None,
        der=getattr(row, "der", b""),
        template_name=row.template_name,
        authority_name=row.authority_name,
    )


def certificate_in_reach(
    connection: Connection,
    actor: Actor,
    operation: Operation,
    certificate_id: int,
    now: datetime,
) -> Certificate:
    """The certificate with its DER, when the actor may carry out `operation` on it.

    Raises `AccessDeniedError` when the actor may do it nowhere or not with this one,
    `NotFoundError` when the certificate does not exist or is out of reach.
    """
    require(actor, operation)
    wanted = select_certificates(with_der=True).where(
        certificate.c.id == certificate_id, *certificates_in_reach(actor, operation)
    )
    row = connection.execute(wanted).first()
    if row is None:
        raise no_certificate()
    if operation is not Operation.CERTIFICATE_VIEW:
        _check_not_anothers(actor, row)
    return certificate_of(row, now)


def _check_not_anothers(actor: Actor, row: Row[tuple[object, ...]]) -> None:
    """Raise `AccessDeniedError` for an application at the certificate of another one.

    With a key of its own in it, it could sign in as the other one.
    """
    if actor.application_id is None or row.application_id in (None, actor.application_id):
        return
    raise AccessDeniedError(
        _("{name} may not do this.").format(name=actor.name),
        cause=_("The certificate is that of another application."),
        remedy=_("Ask an administrator."),
    )


def no_certificate() -> NotFoundError:
    """The refusal for a certificate that is not there, or not for whoever asks."""
    return NotFoundError(
        _("This certificate does not exist."),
        cause=_("It was never issued here, or it belongs to somebody else."),
    )
