"""Files that set a device up as a client of an EST server (AIS-09)."""

from dataclasses import replace

from sqlalchemy import Connection

from app.config.settings import SettingsFile
from app.core.errors import InvalidInputError, NotFoundError
from app.core.language import _
from app.models.domain.access import Actor, Operation
from app.models.domain.client_files.making import client_files
from app.models.domain.client_files.setups import (
    ClientCredential,
    ClientFiles,
    ClientSetup,
    EstClient,
)
from app.models.domain.devices import name_problem
from app.models.domain.est_servers import EstServer
from app.models.services.applications.links import linked_applications, server_in_reach
from app.models.services.device_types.device_types import DeviceTypes
from app.models.services.est.endpoints import EstEndpoints
from app.models.services.est.server_records import labels_of
from app.models.services.est.servers import est_server_of
from app.models.services.store import Store
from app.models.services.templates.templates import Templates
from app.pki.keys import KeyAlgorithm


class ClientFileMaking:
    """Makes the files. Safe to share by threads."""

    def __init__(
        self,
        store: Store,
        settings: SettingsFile,
        *,
        device_types: DeviceTypes,
        templates: Templates,
        est_endpoints: EstEndpoints,
    ) -> None:
        self._store = store
        self._settings = settings
        self._device_types = device_types
        self._templates = templates
        self._est_endpoints = est_endpoints

    def make(
        self,
        actor: Actor,
        server_id: int,
        client: EstClient,
        *,
        device: str = "",
        label: str = "",
        credential: ClientCredential = ClientCredential.PASSWORD,
        key: KeyAlgorithm = KeyAlgorithm.EC_P256,
    ) -> ClientFiles:
        """The files with which `client` enrols at an EST server, and what to know of them.

        Without a device each fills in its own name. No secret is in them. Raises
        `NotFoundError` for an EST server out of reach or a label it does not have,
        `InvalidInputError` for what would be refused there, `NoEstServerError` while none can
        answer.
        """
        if device and (problem := name_problem(device)):
            raise InvalidInputError(problem, field="device")
        with self._store.read(actor) as connection:
            row = server_in_reach(connection, actor, Operation.EST_SERVER_VIEW, server_id)
            server = _labelled(connection, est_server_of(row), label)
            device_type = self._device_types.get(connection, server.device_type_id)
            template_id = device_type.default_operational_template_id
            accepted = (
                ()
                if template_id is None
                else self._templates.get(connection, template_id).key_algorithms
            )
            applications = bool(linked_applications(connection, server.id))
        setup = ClientSetup(
            server,
            self._port(),
            device,
            credential,
            key,
            accepted,
            self._est_endpoints.trust_anchors(),
            applications=applications,
            enforce_factory_mode=device_type.enforce_factory_mode,
        )
        return client_files(client, setup)

    def _port(self) -> int:
        port = self._settings.current.listener_port
        if not port:
            raise InvalidInputError(
                _("The EST listener has no port of its own."),
                remedy=_("Choose one in the settings first."),
                field="listener_port",
            )
        return port


def _labelled(connection: Connection, server: EstServer, label: str) -> EstServer:
    """The EST server as its clients meet it under this label."""
    if not label:
        return server
    for row in labels_of(connection, server.id):
        if row.label.name == label:
            return replace(server, label=label, device_type_id=row.label.device_type_id)
    raise NotFoundError(
        _("The EST server has no such label."),
        remedy=_("Choose one from its list of labels."),
        field="label",
    )
