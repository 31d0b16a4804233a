"""API applications: making and changing them, their keys, and the EST servers they may use."""

import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, select, update

from app.core.errors import AuthenticationError, InvalidInputError
from app.core.language import _, ngettext
from app.models.db.tables import (
    api_application,
    certificate,
    est_server_application,
    organization,
    tenant,
)
from app.models.domain.access import Actor, Channel, Operation, Scope, require
from app.models.domain.applications import ApiApplication, ApplicationRow, CreatedApplication
from app.models.services.applications.links import (
    add_link,
    end_link,
    linked_applications,
    server_in_reach,
)
from app.models.services.applications.records import (
    application_in_reach,
    application_of,
    record_change,
    within,
)
from app.models.services.applications.sign_in import ApplicationSignIn
from app.models.services.lifecycle import remove, switch
from app.models.services.listing import ListQuery, count_of, page_of
from app.models.services.names import check_new_name, unused_id
from app.models.services.sharing import check_owners
from app.models.services.store import Change, Store
from app.pki.passwords import hash_password
from app.pki.sealing import KdfCost

LONGEST_OVERLAP_HOURS = 30 * 24
_KIND = "application"
_COLUMNS: dict[str, ColumnElement[Any]] = {
    "name": api_application.c.name,
    "app_id": api_application.c.app_id,
    "tenant": tenant.c.name,
    "organization": organization.c.name,
    "active": api_application.c.active,
    "last_used": api_application.c.last_used_at,
}
_SEARCHED = (api_application.c.name, api_application.c.app_id, tenant.c.name, organization.c.name)


class Applications:
    """Makes, changes, lists and lets in machine clients (SYS-10). Safe to share by threads."""

    def __init__(self, store: Store, cost: KdfCost) -> None:
        self._store = store
        self._cost = cost
        self._sign_in = ApplicationSignIn(store, cost)

    def create(
        self,
        actor: Actor,
        name: str,
        tenant_id: int,
        organization_id: int | None = None,
        description: str = "",
    ) -> CreatedApplication:
        """Make an active application with an AppID and an AppKey, which is told this once.

        Raises `InvalidInputError` for a bad name, `NotFoundError` when there is no such tenant,
        `ConflictError` for a name taken in the tenant, and for an inactive owner.
        """
        require(actor, Operation.APPLICATION_MANAGE, Scope(tenant_id, organization_id))
        app_id, app_key = secrets.token_hex(16), secrets.token_hex(16)
        key_hash = hash_password(app_key, self._cost)
        with self._store.change(actor) as change:
            check_owners(change.connection, tenant_id, organization_id)
            _check_name(change, name, tenant_id)
            values: dict[str, Any] = {
                "id": unused_id(change, api_application, "application"),
                "name": name,
                "description": description,
                "tenant_id": tenant_id,
                "organization_id": organization_id,
                "app_id": app_id,
                "active": True,
                "created_at": change.now,
            }
            change.insert(api_application, values | {"key_hash": key_hash})
            application = ApiApplication(**values)
            after = {"app_id": app_id, "description": description}
            record_change(change, "create", application, after=after)
        return CreatedApplication(application, app_key)

    def edit(self, actor: Actor, application_id: int, *, name: str, description: str) -> None:
        """Give the application another name or description; raises as `create` does."""
        with self._store.change(actor) as change:
            old = application_in_reach(
                change.connection, actor, Operation.APPLICATION_MANAGE, application_id
            )
            before = {"name": old.name, "description": old.description}
            after = {"name": name, "description": description}
            if before == after:
                return
            _check_name(change, name, old.tenant_id, old=old.name)
            _update(change, old.id, **after)
            record_change(change, "edit", old, before=before, after=after)

    def set_active(self, actor: Actor, application_id: int, *, active: bool) -> None:
        """Let the application in, or not any more."""
        with self._store.change(actor) as change:
            row = _managed(change.connection, actor, application_id)
            switch(change, api_application, _KIND, row, active=active)

    def delete(self, actor: Actor, application_id: int) -> None:
        """Delete an inactive application that never had a certificate."""
        with self._store.change(actor) as change:
            row = _managed(change.connection, actor, application_id)
            issued = change.connection.execute(
                select(func.count()).where(certificate.c.application_id == row.id)
            ).scalar_one()
            links = est_server_application
            change.connection.execute(delete(links).where(links.c.application_id == row.id))
            hanging = {ngettext("certificate", "certificates", issued): issued}
            remove(change, api_application, _KIND, row, hanging)

    def rotate_key(self, actor: Actor, application_id: int, overlap_hours: int = 24) -> str:
        """Make a new AppKey and return it, for the only time.

        The key before it stays good for `overlap_hours`, so that the client can be changed
        meanwhile; a key before that is good no longer. Raises `InvalidInputError` for an
        overlap that is negative or longer than thirty days.
        """
        _check_overlap(overlap_hours)
        app_key = secrets.token_hex(16)
        key_hash = hash_password(app_key, self._cost)
        with self._store.change(actor) as change:
            row = _managed(change.connection, actor, application_id)
            until = change.now + timedelta(hours=overlap_hours) if overlap_hours else None
            _update(
                change,
                row.id,
                key_hash=key_hash,
                previous_key_hash=row.key_hash if until else None,
                previous_key_until=until,
            )
            after = {"overlap_hours": overlap_hours}
            record_change(change, "rotate-key", application_of(row), after=after)
        return app_key

    def authenticate(self, app_id: str, app_key: str, channel: Channel, address: str) -> Actor:
        """The actor that the application with this AppID and AppKey is.

        Raises `ThrottledError` while the place has to wait after failures with this AppID, and
        `AuthenticationError` that does not tell an unknown AppID from a wrong AppKey.
        """
        return self._sign_in.authenticate(app_id, app_key, channel, address)

    def record_refusal(self, channel: Channel, address: str, error: AuthenticationError) -> None:
        """Keep in the audit log that somebody unknown was not let in as an application."""
        self._sign_in.record_refusal(None, channel, address, error)

    def get(self, actor: Actor, application_id: int) -> ApiApplication:
        """One application; `NotFoundError` when there is none within the actor's reach."""
        with self._store.read(actor) as connection:
            return self.get_in(connection, actor, Operation.APPLICATION_VIEW, application_id)

    def get_in(
        self, connection: Connection, actor: Actor, operation: Operation, application_id: int
    ) -> ApiApplication:
        """The application, when the actor may carry out `operation` on it.

        Raises `AccessDeniedError` when the actor may do it nowhere, `NotFoundError` when there
        is none within reach.
        """
        return application_in_reach(connection, actor, operation, application_id)

    def page(
        self, actor: Actor, query: ListQuery, offset: int, limit: int
    ) -> tuple[ApplicationRow, ...]:
        """The applications within reach that match, from `offset` on."""
        require(actor, Operation.APPLICATION_VIEW)
        with self._store.read(actor) as connection:
            rows = page_of(connection, _rows(actor), query, _COLUMNS, _SEARCHED, offset, limit)
        return tuple(
            ApplicationRow(application_of(row), row.tenant_name, row.organization_name or "")
            for row in rows
        )

    def count(self, actor: Actor, query: ListQuery) -> int:
        """How many applications within reach match."""
        require(actor, Operation.APPLICATION_VIEW)
        with self._store.read(actor) as connection:
            return count_of(connection, _rows(actor), query, _COLUMNS, _SEARCHED)

    def link(self, actor: Actor, est_server_id: int, application_id: int) -> None:
        """Let the application enrol devices at the EST server (DEC-05).

        Raises `NotFoundError` for what is out of reach, `InvalidInputError` when the two do not
        belong to the same tenant, or the application to another organization.
        """
        with self._store.change(actor) as change:
            server = server_in_reach(
                change.connection, actor, Operation.EST_SERVER_MANAGE, est_server_id
            )
            application = self.get_in(
                change.connection, actor, Operation.APPLICATION_VIEW, application_id
            )
            add_link(change, server, application)

    def unlink(self, actor: Actor, est_server_id: int, application_id: int) -> None:
        """Let the application enrol devices at the EST server no longer."""
        with self._store.change(actor) as change:
            server = server_in_reach(
                change.connection, actor, Operation.EST_SERVER_MANAGE, est_server_id
            )
            application = self.get_in(
                change.connection, actor, Operation.APPLICATION_VIEW, application_id
            )
            end_link(change, server, application)

    def linked(self, actor: Actor, est_server_id: int) -> tuple[ApiApplication, ...]:
        """The applications that may enrol devices at the EST server, by name."""
        with self._store.read(actor) as connection:
            server_in_reach(connection, actor, Operation.EST_SERVER_VIEW, est_server_id)
            return linked_applications(connection, est_server_id)


def _rows(actor: Actor) -> Select[Any]:
    owned = api_application.join(tenant, tenant.c.id == api_application.c.tenant_id)
    owned = owned.outerjoin(organization, organization.c.id == api_application.c.organization_id)
    names = tenant.c.name.label("tenant_name"), organization.c.name.label("organization_name")
    reached = within(actor, Operation.APPLICATION_VIEW, api_application)
    return select(api_application, *names).select_from(owned).where(reached)


def _managed(connection: Connection, actor: Actor, application_id: int) -> Row[Any]:
    application_in_reach(connection, actor, Operation.APPLICATION_MANAGE, application_id)
    query = select(api_application).where(api_application.c.id == application_id)
    return connection.execute(query).one()


def _update(change: Change, application_id: int, **values: object) -> None:
    change.connection.execute(
        update(api_application).where(api_application.c.id == application_id).values(values)
    )


def _check_name(change: Change, name: str, tenant_id: int, old: str | None = None) -> None:
    in_tenant = api_application.c.tenant_id == tenant_id
    check_new_name(change, api_application.c.name, name, in_tenant, old=old)


def _check_overlap(hours: int) -> None:
    if not 0 <= hours <= LONGEST_OVERLAP_HOURS:
        raise InvalidInputError(
            _("The old key cannot stay good for that long."),
            remedy=_("Give 0 to {most} hours.").format(most=LONGEST_OVERLAP_HOURS),
            field="overlap_hours",
        )
