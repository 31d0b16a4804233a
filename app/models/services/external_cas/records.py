"""External CAs in the database: read one, see which are in reach, record what changed."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, select, update

from app.core.errors import ConflictError, NotFoundError
from app.core.language import _
from app.models.db.tables import external_ca
from app.models.domain.access import Actor, Operation, require
from app.models.domain.events import EntityChanged
from app.models.domain.external_cas import ExternalCa, VerifiedBy
from app.models.services.applications.records import within
from app.models.services.store import Change

KIND = "external-ca"


def row_in_reach(
    connection: Connection, actor: Actor, operation: Operation, ca_id: int
) -> Row[Any]:
    """The row, when the actor may carry out `operation` on it.

    Raises `AccessDeniedError` when the actor may do it nowhere, `NotFoundError` when there is
    none within reach.
    """
    require(actor, operation)
    reached = within(actor, operation, external_ca)
    row = connection.execute(select(external_ca).where(external_ca.c.id == ca_id, reached)).first()
    if row is None:
        raise NotFoundError(
            _("The external CA does not exist."),
            remedy=_("Choose one from the list of external CAs."),
        )
    return row


def unverified_row(connection: Connection, actor: Actor, ca_id: int) -> Row[Any]:
    """The row of an active external CA that the actor may verify; `ConflictError` for others."""
    row = row_in_reach(connection, actor, Operation.EXTERNAL_CA_MANAGE, ca_id)
    if row.verified_at is not None:
        raise ConflictError(_("{name} is verified already.").format(name=row.name))
    if not row.active:
        raise ConflictError(
            _("{name} is inactive.").format(name=row.name),
            remedy=_("Activate it first; then it can be verified."),
        )
    return row


def external_ca_of(row: Row[Any]) -> ExternalCa:
    """The external CA in a row of its table."""
    return ExternalCa(
        id=row.id,
        name=row.name,
        tenant_id=row.tenant_id,
        organization_id=row.organization_id,
        certificate=row.certificate,
        fingerprint=row.fingerprint,
        created_at=row.created_at,
        active=row.active,
        verified_at=row.verified_at,
        verified_by=VerifiedBy(row.verified_by) if row.verified_by else None,
    )


def store_columns(change: Change, ca_id: int, **values: object) -> None:
    """Change columns of an external CA."""
    change.connection.execute(update(external_ca).where(external_ca.c.id == ca_id).values(values))


def record_change(
    change: Change,
    verb: str,
    row: Row[Any],
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Record in the audit log what was done to an external CA, and tell lists of it."""
    change.audit(f"{KIND}.{verb}", KIND, row.id, row.name, before=before, after=after)
    change.publish(EntityChanged(KIND, row.id))
