"""Which applications an EST server lets in (DEC-05)."""

from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from app.core.errors import ConflictError, InvalidInputError, NotFoundError
from app.core.language import _
from app.models.db.tables import api_application, est_server, est_server_application
from app.models.domain.access import Actor, Operation, require
from app.models.domain.applications import ApiApplication
from app.models.domain.est_servers import EstServer
from app.models.domain.events import EntityChanged
from app.models.services.applications.records import application_of, within
from app.models.services.store import Change


def server_in_reach(
    connection: Connection, actor: Actor, operation: Operation, est_server_id: int
) -> Row[Any]:
    """The row of an EST server; raises `NotFoundError` when there is none within reach."""
    require(actor, operation)
    query = select(est_server).where(
        est_server.c.id == est_server_id, within(actor, operation, est_server)
    )
    row = connection.execute(query).first()
    if row is None:
        raise NotFoundError(_("The EST server does not exist."))
    return row


def linked_applications(connection: Connection, est_server_id: int) -> tuple[ApiApplication, ...]:
    """The applications that may enrol devices at an EST server, by name, whoever asks."""
    links = est_server_application
    query = (
        select(api_application)
        .join(links, links.c.application_id == api_application.c.id)
        .where(links.c.est_server_id == est_server_id)
        .order_by(api_application.c.name)
    )
    return tuple(application_of(row) for row in connection.execute(query))


def add_link(change: Change, server: Row[Any], application: ApiApplication) -> None:
    """Let the application in at the EST server, if it is not yet.

    Raises `InvalidInputError` unless the application belongs to the server's tenant, and to
    its organization or none.
    """
    _check_fit(server, application)
    if application in linked_applications(change.connection, server.id):
        return
    values = {"est_server_id": server.id, "application_id": application.id}
    change.connection.execute(insert(est_server_application), values)
    _record(change, "link", server, application)


def end_link(change: Change, server: Row[Any], application: ApiApplication) -> None:
    """Let the application in no longer, if it was."""
    links = est_server_application
    ended = change.connection.execute(
        delete(links).where(
            links.c.est_server_id == server.id, links.c.application_id == application.id
        )
    )
    if ended.rowcount:
        _record(change, "unlink", server, application)


def check_links(connection: Connection, server: EstServer) -> None:
    """Raise `ConflictError` when an application let in does not fit the EST server's owner."""
    for application in linked_applications(connection, server.id):
        if not _fits(server, application):
            raise ConflictError(
                _("The application {name} cannot come along.").format(name=application.name),
                cause=_("It belongs to another tenant or organization."),
                remedy=_("Unlink it first."),
                field="organization_id",
            )


def _record(change: Change, verb: str, server: Row[Any], application: ApiApplication) -> None:
    change.audit(
        f"est-server.{verb}-application",
        "est-server",
        server.id,
        server.name,
        after={"application": application.name, "application_id": application.id},
    )
    change.publish(EntityChanged("est-server", server.id))


def _check_fit(server: Row[Any], application: ApiApplication) -> None:
    if not _fits(server, application):
        raise InvalidInputError(
            _("The application cannot be used at this EST server."),
            cause=_("It belongs to another tenant or organization."),
            remedy=_("Choose another application."),
            field="application_id",
        )


def _fits(server: EstServer | Row[Any], application: ApiApplication) -> bool:
    same_tenant: bool = server.tenant_id == application.tenant_id
    return same_tenant and application.organization_id in (None, server.organization_id)
