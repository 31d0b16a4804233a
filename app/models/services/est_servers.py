"""EST servers: the endpoints at which devices enrol, as administrators make them."""

import secrets
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Row, select

from app.config.settings import SettingsFile
from app.core.errors import ConflictError, InvalidInputError
from app.core.language import _
from app.models.db import tables
from app.models.domain.access import Actor, Operation, Reach, Scope, reach, require
from app.models.domain.device_types import DeviceType
from app.models.domain.est_servers import Base64Form, EstServer
from app.models.services.device_types import DeviceTypes
from app.models.services.names import check_new_name
from app.models.services.sharing import check_owners
from app.models.services.store import Change, Store
from app.pki.names import GeneralName, SanKind, check_general_name


class EstServers:
    """Makes and lists EST servers. Safe to share by threads."""

    def __init__(
        self,
        store: Store,
        settings: SettingsFile,
        device_types: DeviceTypes,
    ) -> None:
        self._store = store
        self._settings = settings
        self._device_types = device_types

    def create(self, actor: Actor, server: EstServer) -> EstServer:
        """Store an EST server; its id is given here, and its domain when that is empty.

        Raises `InvalidInputError` for a domain outside the base domain, an organization of
        another tenant, a device type not offered to it, or no way to authenticate;
        `ConflictError` for a taken name, or a domain of another tenant.
        """
        scope = Scope(server.tenant_id, server.organization_id)
        require(actor, Operation.EST_SERVER_MANAGE, scope)
        server = replace(server, domain=server.domain.lower() or self._new_domain())
        self._check_domain(server.domain)
        with self._store.change(actor) as change:
            check_new_name(change, tables.est_server.c.name, server.name)
            check_owners(change.connection, server.tenant_id, server.organization_id)
            _check_domain_owner(change, server)
            device_type = self._device_types.seen(change.connection, actor, server.device_type_id)
            _check_device_type(server, device_type)
            values = asdict(server)
            del values["id"], values["label"]
            created = replace(server, id=change.insert(tables.est_server, values))
            change.audit("est-server.create", "est-server", created.id, created.name, after=values)
        return created

    def all(self, actor: Actor) -> tuple[EstServer, ...]:
        """Every EST server within the actor's reach, by name."""
        require(actor, Operation.EST_SERVER_VIEW)
        table = tables.est_server
        query = select(table).order_by(table.c.name)
        if reach(actor, Operation.EST_SERVER_VIEW) is not Reach.ALL:
            query = query.where(table.c.tenant_id == actor.tenant_id)
        with self._store.read(actor) as connection:
            return tuple(est_server_of(row) for row in connection.execute(query))

    def _new_domain(self) -> str:
        return f"est-{secrets.token_hex(4)}.{self._settings.current.est_base_domain}"

    def _check_domain(self, domain: str) -> None:
        base = self._settings.current.est_base_domain
        check_general_name(GeneralName(SanKind.DNS, domain))
        if not domain.endswith(f".{base}"):
            raise InvalidInputError(
                _("The domain must end with .{base}.").format(base=base),
                remedy=_("Leave the domain empty to have one made."),
                field="domain",
            )


def _check_domain_owner(change: Change, server: EstServer) -> None:
    table = tables.est_server
    query = select(table.c.id).where(
        table.c.domain == server.domain, table.c.tenant_id != server.tenant_id
    )
    if change.connection.execute(query).first() is not None:
        raise ConflictError(
            _("The domain {domain} is used by another tenant.").format(domain=server.domain),
            remedy=_("Leave the domain empty to have one made."),
            field="domain",
        )


def _check_device_type(server: EstServer, device_type: DeviceType) -> None:
    offered = device_type.sharing.offered_to(server.tenant_id, server.organization_id)
    if not offered or not device_type.active:
        raise InvalidInputError(
            _("The device type {name} cannot be used here.").format(name=device_type.name),
            cause=_("It is not active, or is not offered to the organization."),
            remedy=_("Choose another device type."),
            field="device_type_id",
        )
    if not (server.password_authentication or server.certificate_authentication):
        raise InvalidInputError(
            _("Devices need a way to authenticate."),
            remedy=_("Allow passwords, factory certificates or both."),
            field="password_authentication",
        )
    if server.certificate_authentication and not device_type.operational_template_ids:
        raise InvalidInputError(
            _("Factory certificates need an operational template in the device type."),
            remedy=_("Allow passwords only, or choose another device type."),
            field="certificate_authentication",
        )


def est_server_of(row: Row[Any]) -> EstServer:
    """The EST server in a row of its table."""
    values = row._asdict() | {
        "base64_form": Base64Form(row.base64_form),
        "allowed_addresses": tuple(row.allowed_addresses),
    }
    return EstServer(**values)
