"""What EST servers tell everybody before anybody enrols: CA certificates, CSR attributes."""

from sqlalchemy import Connection

from app.models.domain.est_servers import EstServer
from app.models.services.authorities.authorities import Authorities
from app.models.services.device_types.device_types import DeviceTypes
from app.models.services.est.identity import only
from app.models.services.est.rules import operational_template
from app.models.services.store import Store
from app.models.services.templates.templates import Templates
from app.pki.csrattrs import csr_attributes


class EnrolmentTerms:
    """Answers for one EST server, or for several that need not be told apart.

    Safe to share by threads.
    """

    def __init__(
        self,
        store: Store,
        *,
        device_types: DeviceTypes,
        templates: Templates,
        authorities: Authorities,
    ) -> None:
        self._store = store
        self._device_types = device_types
        self._templates = templates
        self._authorities = authorities

    def ca_certificates(self, servers: tuple[EstServer, ...]) -> tuple[bytes, ...]:
        """What /cacerts answers: the chain to the root, then what a roll-over adds.

        After it the same of older versions of the type, for the devices that go by them. Raises
        `AccessDeniedError` naming the servers when they do not issue by the same authority.
        """
        with self._store.database.read() as connection:
            issuing = [self._authority_ids(connection, server) for server in servers]
            if len({ids[0] for ids in issuing}) > 1:
                only(servers)
            authorities = dict.fromkeys(id_ for ids in issuing for id_ in ids)
            found = [self._authorities.ca_certificates(connection, id_) for id_ in authorities]
        return tuple(dict.fromkeys(der for certificates in found for der in certificates))

    def csr_attributes(self, servers: tuple[EstServer, ...]) -> bytes:
        """What /csrattrs answers, as DER CsrAttrs; empty when any request will do.

        Raises `AccessDeniedError` naming the servers when they do not ask for the same.
        """
        with self._store.database.read() as connection:
            asked = {self._asked(connection, server) for server in servers}
        if len(asked) > 1:
            only(servers)
        return asked.pop()

    def _asked(self, connection: Connection, server: EstServer) -> bytes:
        device_type = self._device_types.get(connection, server.device_type_id)
        template_id = device_type.default_operational_template_id
        if template_id is None:
            return b""
        algorithms = self._templates.get(connection, template_id).key_algorithms
        return csr_attributes(algorithms, challenge_password=server.require_pop)

    def _authority_ids(self, connection: Connection, server: EstServer) -> list[int]:
        """The authority of the type as it is now, then those of its older versions in use."""
        current, *older = self._device_types.in_use(connection, server.device_type_id)
        ids = [operational_template(current)]
        ids += [one.operational_template_ids[0] for one in older if one.operational_template_ids]
        return [self._templates.get(connection, id_).authority_id for id_ in ids]
