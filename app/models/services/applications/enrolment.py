"""API applications at an EST server: they enrol its devices (DEC-05, DEC-21)."""

import re
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Row, select

from app.core.errors import AccessDeniedError
from app.core.language import _
from app.models.db.tables import api_application, est_server_application
from app.models.domain.access import Actor, Channel
from app.models.domain.est_servers import EstServer
from app.models.services.applications.applications import Applications
from app.models.services.applications.certificates import ApplicationCertificates
from app.models.services.devices.records import device_by_name
from app.models.services.est.identity import (
    Credential,
    Identity,
    identity_of,
    is_served,
    only,
)
from app.models.services.sharing import owner_active
from app.models.services.store import Store
from app.pki.csr import RequestContents
from app.pki.names import ATTRIBUTE_TYPES, SanKind

_APP_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
_CN = ATTRIBUTE_TYPES["CN"].oid


class ApplicationEnrolment:
    """Lets in the applications linked to an EST server. Safe to share by threads."""

    def __init__(
        self, store: Store, applications: Applications, certificates: ApplicationCertificates
    ) -> None:
        self._store = store
        self._applications = applications
        self._certificates = certificates

    def any(self, server: EstServer) -> bool:
        """Whether an application may enrol devices here."""
        return self._linked(server) is not None

    def by_key(self, server: EstServer, app_id: str, app_key: str, address: str) -> Actor | None:
        """The linked application with this AppID and AppKey; None when none has the AppID.

        Raises `AuthenticationError` for a wrong AppKey and `ThrottledError` after too many.
        """
        if not _APP_ID.fullmatch(app_id):
            return None  # as nearly always, and without asking the database
        if self._linked(server, api_application.c.app_id == app_id) is None:
            return None
        actor = self._applications.authenticate(app_id, app_key, Channel.EST, address)
        return replace(actor, organization_id=server.organization_id)

    def by_certificate(
        self, server: EstServer, presented: tuple[bytes, ...], address: str
    ) -> Actor | None:
        """The linked application whose certificate this is (DER, its own first); else None.

        Raises what `ApplicationCertificates.check` raises.
        """
        holder = self._certificates.holder(presented[0])
        if holder is None:
            return None
        application = self._linked(server, api_application.c.id == holder.id)
        if application is None:
            return None
        self._certificates.check(holder, presented)
        return Actor(
            application.name,
            Channel.EST,
            tenant_id=application.tenant_id,
            organization_id=server.organization_id,
            address=address,
            application_id=application.id,
        )

    def linked_by_id(self, servers: tuple[EstServer, ...], app_id: str) -> tuple[EstServer, ...]:
        """Those of the EST servers that let in the application with this AppID."""
        if not _APP_ID.fullmatch(app_id):
            return ()
        known = api_application.c.app_id == app_id
        return tuple(server for server in servers if self._linked(server, known) is not None)

    def linked_by_certificate(
        self, servers: tuple[EstServer, ...], shown: bytes
    ) -> tuple[EstServer, ...]:
        """Those of the EST servers that let in the application whose certificate (DER) this is."""
        holder = self._certificates.holder(shown)
        if holder is None:
            return ()
        known = api_application.c.id == holder.id
        return tuple(server for server in servers if self._linked(server, known) is not None)

    def device_for(
        self, servers: tuple[EstServer, ...], application: Actor, csr: RequestContents
    ) -> tuple[EstServer, Identity]:
        """The device that a request of an application names, and the EST server that serves it.

        It is named by CN, else by the first DNS name. Raises `AccessDeniedError` unless it is a
        device of one of the EST servers, and enabled.
        """
        names = [one.value for one in csr.subject if one.oid == _CN]
        names += [one.value for one in csr.san if one.kind is SanKind.DNS]
        name = names[0] if names else ""
        with self._store.database.read() as connection:
            known = device_by_name(connection, servers[0].tenant_id, name)
        serving = [server for server in servers if known is not None and is_served(server, known)]
        if known is None or not serving:
            raise AccessDeniedError(
                _("This EST server has no device named {name}.").format(name=name or "-"),
                cause=_("An application enrols devices that exist, by the name in the request."),
                remedy=_("Create the device first, or put its name into the request."),
            )
        server = only(serving)
        actor = replace(application, organization_id=server.organization_id)
        identity = identity_of(known, Credential.APPLICATION, application.address)
        return server, replace(identity, actor=actor)

    def _linked(self, server: EstServer, *which: ColumnElement[bool]) -> Row[Any] | None:
        """An active application that is linked to the EST server."""
        links = est_server_application.c
        query = (
            select(api_application)
            .join(est_server_application, links.application_id == api_application.c.id)
            .where(links.est_server_id == server.id, api_application.c.active, *which)
            .where(owner_active(api_application))
        )
        with self._store.database.read() as connection:
            return connection.execute(query.limit(1)).first()
