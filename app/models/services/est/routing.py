"""Which EST server a request is for: by its host and label, else by who asks (DEC-09)."""

from app.core.errors import AccessDeniedError, NotFoundError
from app.core.language import _
from app.models.domain.addresses import allows
from app.models.domain.est_servers import EstServer
from app.models.services.applications.enrolment import ApplicationEnrolment
from app.models.services.devices.records import device_by_name
from app.models.services.est.device_recognition import DeviceRecognition
from app.models.services.est.endpoints import EstEndpoints
from app.models.services.est.identity import is_served
from app.models.services.store import Store

Servers = tuple[EstServer, ...]
"""EST servers that share a domain; never none."""


class EstRouting:
    """Tells EST servers on one domain apart. Safe to share by threads.

    All of them are of one tenant (EST-15). What is said to tell them apart by is not yet proved:
    it only chooses where to prove it.
    """

    def __init__(
        self,
        store: Store,
        *,
        est_endpoints: EstEndpoints,
        applications: ApplicationEnrolment,
        recognition: DeviceRecognition,
    ) -> None:
        self._store = store
        self._est_endpoints = est_endpoints
        self._applications = applications
        self._recognition = recognition

    def servers_for(self, host: str, label: str) -> Servers:
        """The active EST servers that answer to `host` and have the label (EST-02, DEC-12).

        Raises `NotFoundError` when there is none, in the same words whatever is missing.
        """
        with self._store.database.read() as connection:
            found = self._est_endpoints.active_for(connection, host, label)
        if not found:
            raise NotFoundError(
                _("No EST server answers to the name {host}.").format(host=host or "-"),
                cause=_("No active EST server has this domain, and the label if one is given."),
                remedy=_("Use the domain of an active EST server, and a label that it has."),
            )
        return found

    def of_name(self, servers: Servers, name: str) -> Servers:
        """Those of the servers that let in this AppID, else serve the device with this ID.

        In this order, or a device that is given the name keeps the application out.
        """
        if linked := self._applications.linked_by_id(servers, name):
            return linked
        with self._store.database.read() as connection:
            known = device_by_name(connection, servers[0].tenant_id, name)
        return tuple(one for one in servers if known is not None and is_served(one, known))

    def of_certificate(self, servers: Servers, shown: bytes) -> Servers:
        """Those of the servers that serve the device, or let in the application, it was made for.

        `shown` is DER. None for a certificate that nobody is known by.
        """
        with self._store.database.read() as connection:
            known = self._recognition.owner(connection, servers[0], shown)
        if known is not None:
            return tuple(server for server in servers if is_served(server, known))
        return self._applications.linked_by_certificate(servers, shown)


def admitting(servers: Servers, address: str) -> Servers:
    """Those of the servers that take requests from the address (EST-14).

    Raises `AccessDeniedError` when none does.
    """
    found = tuple(server for server in servers if allows(server.allowed_addresses, address))
    if not found:
        raise AccessDeniedError(
            _("The address {address} may not use this EST server.").format(address=address),
            cause=_("It is not among the allowed addresses of the EST server."),
            remedy=_("Have the address allowed, or ask from one that is."),
        )
    return found
