"""EST servers, and the TLS identity under which the listener offers them."""

import secrets
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Connection, Row, select

from app.config.settings import SettingsFile
from app.core.errors import ConflictError, InvalidInputError
from app.core.language import _
from app.models.db import tables
from app.models.domain.access import Actor, Operation, Reach, Scope, reach, require
from app.models.domain.device_types import DeviceType
from app.models.domain.est_servers import Base64Form, EstServer
from app.models.services import station
from app.models.services.authorities import Authorities
from app.models.services.device_types import DeviceTypes
from app.models.services.names import check_new_name
from app.models.services.sharing import check_owners, owner_active
from app.models.services.store import Change, Store
from app.models.services.templates import Templates
from app.models.services.tls_identity import TlsIdentities, TlsIdentity
from app.pki.certificates import certificate_to_pem
from app.pki.names import GeneralName, SanKind, check_general_name


class NoEstServerError(ConflictError):
    """There is nothing to serve EST for."""


# Made once: building a statement costs as much as running it.
_ACTIVE = (
    select(tables.est_server)
    .where(tables.est_server.c.active, owner_active(tables.est_server))
    .order_by(tables.est_server.c.id)
)


class EstServers:
    """Makes, lists and finds EST servers."""

    def __init__(
        self,
        store: Store,
        settings: SettingsFile,
        authorities: Authorities,
        templates: Templates,
        device_types: DeviceTypes,
    ) -> None:
        self._store = store
        self._settings = settings
        self._authorities = authorities
        self._templates = templates
        self._device_types = device_types
        self._tls = TlsIdentities(store, authorities)

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
            return tuple(_server(row) for row in connection.execute(query))

    def active_for(self, connection: Connection, host: str | None) -> tuple[EstServer, ...]:
        """The active EST servers that a request for `host` (without port) may mean.

        One of an inactive tenant or organization is not active. Those of this domain; for this
        computer's own name or address, or no host, the only active one (DEC-12).
        """
        active = _active(connection)
        name = (host or "").lower().rstrip(".")
        found = tuple(server for server in active if server.domain == name)
        if found or len(active) != 1:
            return found
        own = not name or station.is_address(name) or name in station.host_names()
        return active if own else ()

    def tls_identity(self) -> TlsIdentity:
        """The TLS certificate and key of the listener.

        Good for the domain of each active EST server and for this computer's own names, and
        issued by the authority of the first one's operational template. Raises `NoEstServerError`
        when no EST server is active and `LockedError` when the keys are locked.
        """
        with self._store.database.read() as connection:
            servers = _active(connection)
            authority_ids = self._authority_ids(connection, servers)
        if not authority_ids:
            raise NoEstServerError(
                _("No EST server can answer."),
                cause=_("None is active with a device type that has an operational template."),
                remedy=_("Create or activate an EST server first."),
            )
        return self._tls.current(authority_ids[0], _tls_names(servers))

    def trust_anchors(self) -> bytes:
        """The root certificates a client of the active EST servers has to trust, as PEM."""
        with self._store.database.read() as connection:
            authority_ids = self._authority_ids(connection, _active(connection))
            roots = [self._authorities.chain(connection, id_)[-1] for id_ in authority_ids]
        return b"".join(certificate_to_pem(root) for root in dict.fromkeys(roots))

    def _authority_ids(
        self, connection: Connection, servers: tuple[EstServer, ...]
    ) -> tuple[int, ...]:
        """The authorities that issue for these servers, in their order."""
        types = [self._device_types.get(connection, server.device_type_id) for server in servers]
        template_ids = [device_type.default_operational_template_id for device_type in types]
        templates = [
            self._templates.get(connection, id_) for id_ in template_ids if id_ is not None
        ]
        return tuple(dict.fromkeys(template.authority_id for template in templates))

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


def _active(connection: Connection) -> tuple[EstServer, ...]:
    return tuple(_server(row) for row in connection.execute(_ACTIVE))


def _tls_names(servers: tuple[EstServer, ...]) -> tuple[GeneralName, ...]:
    domains = dict.fromkeys(server.domain for server in servers)
    own = [name for name in station.host_names() if name not in domains]
    return (
        *(GeneralName(SanKind.DNS, name) for name in (*domains, *own)),
        *(GeneralName(SanKind.IP, address) for address in station.addresses()),
    )


def _server(row: Row[Any]) -> EstServer:
    values = row._asdict() | {
        "base64_form": Base64Form(row.base64_form),
        "allowed_addresses": tuple(row.allowed_addresses),
    }
    return EstServer(**values)
