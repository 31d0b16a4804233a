"""The names by which set-up files refer to what has ids in a workspace, in both directions."""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, select, true

from app.core.errors import InvalidInputError, NotFoundError
from app.core.language import _
from app.models.db.tables import (
    authority,
    custom_extension,
    device_type,
    external_ca,
    organization,
    template,
    tenant,
)
from app.models.domain.access import Access, Actor, Operation, Reach, Sharing, reach
from app.models.services.applications.records import within
from app.models.services.sharing import visible

_VIEWED_BY: Mapping[Table, Operation] = {
    authority: Operation.AUTHORITY_VIEW,
    custom_extension: Operation.EXTENSION_VIEW,
    template: Operation.TEMPLATE_VIEW,
    device_type: Operation.DEVICE_TYPE_VIEW,
}


class SetupNames:
    """Names and ids in one transaction, as far as `actor` reaches.

    `authorities` leads from names of authorities in a file to those of authorities here.
    """

    def __init__(
        self,
        connection: Connection,
        actor: Actor,
        authorities: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.connection = connection
        self.actor = actor
        self._authorities = authorities

    def active(self, table: Table) -> list[int]:
        """The ids of all active rows within reach."""
        seen = self._seen(table)
        return list(self.connection.scalars(select(table.c.id).where(table.c.active, seen)))

    def name_of(self, table: Table, id_: int) -> str:
        """The name of a row."""
        return str(
            self.connection.execute(select(table.c.name).where(table.c.id == id_)).scalar_one()
        )

    def names_of(self, table: Table, ids: Collection[int]) -> list[str]:
        """The names of rows, in the order of the ids."""
        return [self.name_of(table, id_) for id_ in ids]

    def find(self, table: Table, name: str) -> int | None:
        """The id of the shareable row with this name, None when there is none in reach."""
        query = select(table.c.id).where(table.c.name == name, self._seen(table))
        return self.connection.execute(query).scalar()

    def authority_name(self, name: str) -> str:
        """What the authority that a file calls so is called here; empty when there is none."""
        own = self._authorities.get(name, name)
        return "" if self.find(authority, own) is None else own

    def authority(self, name: str) -> int:
        """The id of the authority that a file calls so; `NotFoundError` without one."""
        found = self.find(authority, self._authorities.get(name, name))
        if found is None:
            raise NotFoundError(
                _("There is no authority with the name {name}.").format(name=name),
                remedy=_("Choose one to take its place."),
                field="authority",
            )
        return found

    def extensions(self, names: Collection[str]) -> tuple[int, ...]:
        """The ids of custom extensions; `NotFoundError` when there is none with a name."""
        return tuple(self._needed(custom_extension, name) for name in names)

    def template(self, name: str) -> int:
        """The id of a template; `NotFoundError` without one."""
        return self._needed(template, name)

    def external_ca(self, name: str, tenant_id: int | None) -> int:
        """The id of an external CA of a tenant; `NotFoundError` without one."""
        found = self.find_external_ca(name, tenant_id)
        if found is None:
            raise _missing(name)
        return found

    def find_external_ca(self, name: str, tenant_id: int | None) -> int | None:
        """The id of an external CA of a tenant, None when there is none in reach."""
        of_tenant = external_ca.c.tenant_id == tenant_id
        query = select(external_ca.c.id).where(
            external_ca.c.name == name, of_tenant, self._seen(external_ca)
        )
        return self.connection.execute(query).scalar()

    def tenant(self, name: str) -> int:
        """The id of a tenant; `NotFoundError` without one."""
        return self._owned(tenant, name, self._own_tenant())

    def owner(self, names: Mapping[str, Any]) -> tuple[int | None, int | None]:
        """The ids of the tenant and the organization that an object in a file names."""
        tenant_name, organization_name = names["tenant"], names["organization"]
        if tenant_name is None:
            if organization_name is not None:
                raise InvalidInputError(
                    _("An organization is named without its tenant."), field="tenant"
                )
            return None, None
        tenant_id = self.tenant(tenant_name)
        if organization_name is None:
            return tenant_id, None
        of_tenant = organization.c.tenant_id == tenant_id
        return tenant_id, self._owned(organization, organization_name, of_tenant)

    def sharing(self, content: Mapping[str, Any]) -> Sharing:
        """Whom something is offered to, as a file says it."""
        return Sharing(Access(content["access"]), *self.owner(content))

    def sharing_content(self, sharing: Sharing) -> dict[str, Any]:
        """Whom something is offered to, for a file."""
        owners = self.owner_content(sharing.tenant_id, sharing.organization_id)
        return {"access": sharing.access.value, **owners}

    def owner_content(
        self, tenant_id: int | None, organization_id: int | None
    ) -> dict[str, str | None]:
        """A tenant and an organization, for a file."""
        return {
            "tenant": None if tenant_id is None else self.name_of(tenant, tenant_id),
            "organization": None
            if organization_id is None
            else self.name_of(organization, organization_id),
        }

    def _seen(self, table: Table) -> ColumnElement[bool]:
        if table is external_ca:
            return within(self.actor, Operation.EXTERNAL_CA_VIEW, table)
        return visible(self.actor, _VIEWED_BY[table], table)

    def _needed(self, table: Table, name: str) -> int:
        found = self.find(table, name)
        if found is None:
            raise _missing(name)
        return found

    def _owned(self, table: Table, name: str, condition: ColumnElement[bool]) -> int:
        query = select(table.c.id).where(table.c.name == name, condition)
        found = self.connection.execute(query).scalar()
        if found is None:
            raise _missing(name)
        return int(found)

    def _own_tenant(self) -> ColumnElement[bool]:
        if reach(self.actor, Operation.TENANT_VIEW) is Reach.ALL:
            return true()
        return tenant.c.id == self.actor.tenant_id


def _missing(name: str) -> NotFoundError:
    return NotFoundError(
        _("Nothing here is called {name}.").format(name=name),
        cause=_("It does not exist, or is out of reach."),
    )
