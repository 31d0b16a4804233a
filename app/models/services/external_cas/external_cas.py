"""External CAs: registered, listed and offered to device types."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select

from app.core.errors import ConflictError, InvalidInputError
from app.core.language import _, ngettext
from app.models.db.tables import (
    device_type,
    external_ca,
    external_certificate,
    organization,
    tenant,
)
from app.models.domain.access import Actor, Operation, Reach, Scope, reach, require
from app.models.domain.external_cas import ExternalCa, ExternalCaRow, VerifiedBy, read_ca
from app.models.services.applications.records import within
from app.models.services.external_cas.records import (
    KIND,
    external_ca_of,
    record_change,
    row_in_reach,
    store_columns,
)
from app.models.services.external_cas.trust import TRUSTED
from app.models.services.lifecycle import remove, switch
from app.models.services.listing import ListQuery, count_of, page_of
from app.models.services.names import check_new_name, unused_id
from app.models.services.sharing import check_owners, visible
from app.models.services.store import Change, Store
from app.pki.certificates import CertificateInfo, read_certificate
from app.pki.names import subject_text

_VIEW, _MANAGE = Operation.EXTERNAL_CA_VIEW, Operation.EXTERNAL_CA_MANAGE
_COLUMNS: dict[str, ColumnElement[Any]] = {
    "name": external_ca.c.name,
    "tenant": tenant.c.name,
    "organization": organization.c.name,
    "verified": external_ca.c.verified_at.is_not(None),
    "active": external_ca.c.active,
}
_SEARCHED = (external_ca.c.name, external_ca.c.fingerprint, tenant.c.name, organization.c.name)


class ExternalCas:
    """Makes, changes, lists and offers the CAs of manufacturers. Safe to share by threads."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def register(
        self,
        actor: Actor,
        name: str,
        data: bytes,
        tenant_id: int,
        organization_id: int | None = None,
        *,
        verified: bool = False,
    ) -> ExternalCa:
        """Keep the CA in a file, the first one; `verified` vouches for it at once.

        Only who reaches all tenants may leave the organization out (ECA-05). Raises
        `InvalidInputError` for what is no good CA certificate and for a private key, which is
        never kept; `ConflictError` for a name or certificate that the tenant has already.
        """
        with self._store.change(actor) as change:
            return self.register_in(
                change, name, data, tenant_id, organization_id, verified=verified
            )

    def register_in(
        self,
        change: Change,
        name: str,
        data: bytes,
        tenant_id: int,
        organization_id: int | None = None,
        *,
        verified: bool = False,
    ) -> ExternalCa:
        """As `register`, as a part of a transaction."""
        require(change.actor, _MANAGE, Scope(tenant_id, organization_id))
        if organization_id is None:
            _check_may_leave_out(change.actor)
        certificate = read_ca(data, change.now).certificate
        info = read_certificate(certificate)
        check_owners(change.connection, tenant_id, organization_id)
        in_tenant = external_ca.c.tenant_id == tenant_id
        check_new_name(change, external_ca.c.name, name, in_tenant)
        _check_new_certificate(change, info, in_tenant)
        values = {
            "id": unused_id(change, external_ca, KIND),
            "name": name,
            "tenant_id": tenant_id,
            "organization_id": organization_id,
            "certificate": certificate,
            "fingerprint": info.fingerprint,
            "active": True,
            "created_at": change.now,
            "verified_at": change.now if verified else None,
            "verified_by": VerifiedBy.OVERRIDE.value if verified else None,
        }
        ca_id = change.insert(external_ca, values)
        row = row_in_reach(change.connection, change.actor, _MANAGE, ca_id)
        after = {"subject": subject_text(info.subject), "fingerprint": info.fingerprint}
        if verified:
            after["verified_by"] = VerifiedBy.OVERRIDE.value
        record_change(change, "register", row, after=after)
        return external_ca_of(row)

    def rename(self, actor: Actor, ca_id: int, name: str) -> None:
        """Give it another name; raises as `register` does."""
        with self._store.change(actor) as change:
            row = row_in_reach(change.connection, actor, _MANAGE, ca_id)
            if name == row.name:
                return
            in_tenant = external_ca.c.tenant_id == row.tenant_id
            check_new_name(change, external_ca.c.name, name, in_tenant, old=row.name)
            store_columns(change, row.id, name=name)
            renamed = row_in_reach(change.connection, actor, _MANAGE, ca_id)
            before, after = {"name": row.name}, {"name": name}
            record_change(change, "rename", renamed, before=before, after=after)

    def set_active(self, actor: Actor, ca_id: int, *, active: bool) -> None:
        """Accept its factory certificates again, or no longer from the next request on."""
        with self._store.change(actor) as change:
            row = row_in_reach(change.connection, actor, _MANAGE, ca_id)
            switch(change, external_ca, KIND, row, active=active)

    def delete(self, actor: Actor, ca_id: int) -> None:
        """Delete an inactive one; `ConflictError` while a device type or device needs it."""
        with self._store.change(actor) as change:
            row = row_in_reach(change.connection, actor, _MANAGE, ca_id)
            types, devices = (
                _count(change.connection, table.c.external_ca_id == row.id)
                for table in (device_type, external_certificate)
            )
            hanging = {
                ngettext("device type", "device types", types): types,
                ngettext("device certificate", "device certificates", devices): devices,
            }
            remove(change, external_ca, KIND, row, hanging)

    def get(self, actor: Actor, ca_id: int) -> ExternalCa:
        """One external CA; `NotFoundError` when there is none within the actor's reach."""
        with self._store.read(actor) as connection:
            return external_ca_of(row_in_reach(connection, actor, _VIEW, ca_id))

    def page(
        self, actor: Actor, query: ListQuery, offset: int, limit: int
    ) -> tuple[ExternalCaRow, ...]:
        """The external CAs within reach that match, from `offset` on."""
        require(actor, _VIEW)
        with self._store.read(actor) as connection:
            rows = page_of(connection, _rows(actor), query, _COLUMNS, _SEARCHED, offset, limit)
        found = ((row, read_certificate(row.certificate)) for row in rows)
        return tuple(
            ExternalCaRow(
                external_ca_of(row),
                row.tenant_name,
                row.organization_name or "",
                subject_text(info.subject),
                info.not_after,
            )
            for row, info in found
        )

    def count(self, actor: Actor, query: ListQuery) -> int:
        """How many external CAs within reach match."""
        require(actor, _VIEW)
        with self._store.read(actor) as connection:
            return count_of(connection, _rows(actor), query, _COLUMNS, _SEARCHED)

    def device_types(self, actor: Actor, ca_id: int) -> tuple[str, ...]:
        """The names of the device types in reach whose devices have certificates of it."""
        with self._store.read(actor) as connection:
            row = row_in_reach(connection, actor, _VIEW, ca_id)
            seen = visible(actor, Operation.DEVICE_TYPE_VIEW, device_type)
            names = select(device_type.c.name).where(device_type.c.external_ca_id == row.id, seen)
            return tuple(connection.scalars(names.order_by(device_type.c.name)))

    def offered(
        self, actor: Actor, tenant_id: int | None, organization_id: int | None
    ) -> tuple[ExternalCa, ...]:
        """The trusted ones that a device type of this tenant or organization can use, by name.

        A type of all tenants can use none: each belongs to one (DTC-08, ECA-09).
        """
        require(actor, _VIEW)
        of_whole, table = external_ca.c.organization_id.is_(None), external_ca
        query = select(table).where(
            within(actor, _VIEW, table),
            table.c.tenant_id == tenant_id,
            or_(of_whole, table.c.organization_id == organization_id),
            *TRUSTED,
        )
        with self._store.read(actor) as connection:
            rows = connection.execute(query.order_by(table.c.name))
            return tuple(external_ca_of(row) for row in rows)


def _rows(actor: Actor) -> Select[Any]:
    owned = external_ca.join(tenant, tenant.c.id == external_ca.c.tenant_id)
    owned = owned.outerjoin(organization, organization.c.id == external_ca.c.organization_id)
    names = tenant.c.name.label("tenant_name"), organization.c.name.label("organization_name")
    reached = within(actor, _VIEW, external_ca)
    return select(external_ca, *names).select_from(owned).where(reached)


def _check_may_leave_out(actor: Actor) -> None:
    """Raise unless the actor may register a CA for a whole tenant."""
    if reach(actor, _MANAGE) is not Reach.ALL:
        raise InvalidInputError(
            _("An organization is required."),
            remedy=_("Choose the organization whose devices the CA is for."),
            field="organization_id",
        )


def _check_new_certificate(
    change: Change, info: CertificateInfo, in_tenant: ColumnElement[bool]
) -> None:
    """Another tenant may have it, too: an unverified upload keeps nobody out."""
    same = external_ca.c.fingerprint == info.fingerprint
    name = change.connection.scalar(select(external_ca.c.name).where(same, in_tenant))
    if name is not None:
        raise ConflictError(
            _("This CA certificate is registered already as {name}.").format(name=name),
            remedy=_("Use that one."),
            field="certificate",
        )


def _count(connection: Connection, condition: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).where(condition)).scalar_one()
