"""The EST servers in service: which one a request is for, and the TLS identity they share."""

from dataclasses import replace

from sqlalchemy import Connection, bindparam, select

from app.core.errors import ConflictError
from app.core.language import _
from app.models.db import tables
from app.models.domain.est_labels import ARBITRARY
from app.models.domain.est_servers import EstServer
from app.models.services.authorities.authorities import Authorities
from app.models.services.device_types.device_types import DeviceTypes
from app.models.services.est.servers import est_server_of
from app.models.services.est.tls_identity import TlsIdentities, TlsIdentity
from app.models.services.sharing import owner_active
from app.models.services.store import Store
from app.models.services.templates.templates import Templates
from app.models.services.workspace import station
from app.pki.certificates import certificate_to_pem
from app.pki.names import GeneralName, SanKind


class NoEstServerError(ConflictError):
    """There is nothing to serve EST for."""


# Made once: building a statement costs as much as running it.
_ACTIVE = (
    select(tables.est_server)
    .where(tables.est_server.c.active, owner_active(tables.est_server))
    .order_by(tables.est_server.c.id)
)
_LABELLED = select(tables.est_label.c.est_server_id, tables.est_label.c.device_type_id).where(
    tables.est_label.c.name == bindparam("label")
)


class EstEndpoints:
    """Finds the active EST servers and gives them a TLS identity. Safe to share by threads."""

    def __init__(
        self,
        store: Store,
        authorities: Authorities,
        templates: Templates,
        device_types: DeviceTypes,
    ) -> None:
        self._store = store
        self._authorities = authorities
        self._templates = templates
        self._device_types = device_types
        self._tls = TlsIdentities(store, authorities)

    def active_for(
        self, connection: Connection, host: str | None, label: str = ""
    ) -> tuple[EstServer, ...]:
        """The active EST servers that a request for `host` (without port) may mean.

        One of an inactive tenant or organization is not active. Those of this domain; for this
        computer's own name or address, or no host, the only active one (DEC-12). With a label
        those that have it, each with the label's device type in the place of its own (LBL-01);
        `ARBITRARY` stands for that one.
        """
        found = self._at_host(connection, host)
        if not label:
            return found
        if label == ARBITRARY:
            return tuple(replace(server, label=label) for server in found)
        rows = connection.execute(_LABELLED, {"label": label})
        types = {row.est_server_id: row.device_type_id for row in rows}
        return tuple(
            replace(server, label=label, device_type_id=types[server.id])
            for server in found
            if server.id in types
        )

    def _at_host(self, connection: Connection, host: str | None) -> tuple[EstServer, ...]:
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
        when no EST server can answer and `LockedError` when the keys are locked.
        """
        with self._store.database.read() as connection:
            servers = _active(connection)
            authority_ids = self._authority_ids(connection, servers)
        return self._tls.current(authority_ids[0], _tls_names(servers))

    def trust_anchors(self) -> bytes:
        """The root certificates a client of the active EST servers has to trust, as PEM.

        Raises `NoEstServerError` when no EST server can answer.
        """
        with self._store.database.read() as connection:
            authority_ids = self._authority_ids(connection, _active(connection))
            roots = [self._authorities.chain(connection, id_)[-1] for id_ in authority_ids]
        return b"".join(certificate_to_pem(root) for root in dict.fromkeys(roots))

    def _authority_ids(
        self, connection: Connection, servers: tuple[EstServer, ...]
    ) -> tuple[int, ...]:
        """The authorities that issue for these servers, in their order; at least one.

        Raises `NoEstServerError` when there is none.
        """
        types = [self._device_types.get(connection, server.device_type_id) for server in servers]
        template_ids = [device_type.default_operational_template_id for device_type in types]
        templates = [
            self._templates.get(connection, id_) for id_ in template_ids if id_ is not None
        ]
        if not templates:
            raise NoEstServerError(
                _("No EST server can answer."),
                cause=_("None is active with a device type that has an operational template."),
                remedy=_("Create or activate an EST server first."),
            )
        return tuple(dict.fromkeys(template.authority_id for template in templates))


def _active(connection: Connection) -> tuple[EstServer, ...]:
    return tuple(est_server_of(row) for row in connection.execute(_ACTIVE))


def _tls_names(servers: tuple[EstServer, ...]) -> tuple[GeneralName, ...]:
    domains = dict.fromkeys(server.domain for server in servers)
    own = [name for name in station.host_names() if name not in domains]
    return (
        *(GeneralName(SanKind.DNS, name) for name in (*domains, *own)),
        *(GeneralName(SanKind.IP, address) for address in station.addresses()),
    )
