"""What is known of one API application, read for the panel."""

from dataclasses import dataclass

from app.models.domain.access import Actor
from app.models.domain.applications import ApiApplication, ApplicationRow
from app.models.domain.certificates import Certificate
from app.models.domain.est_servers import EstServer
from app.models.domain.templates import CertificateKind, Template
from app.models.services.workspace.workspace import Workspace
from app.views.application_links import fits
from app.views.applications.rest_section import RestApi


@dataclass(frozen=True)
class ApplicationDetails:
    """An application, where it signs in, its certificates, the newest first, and EST servers.

    `linked` let it in, `others` could.
    """

    row: ApplicationRow
    rest_api: RestApi
    certificates: tuple[Certificate, ...]
    linked: tuple[EstServer, ...]
    others: tuple[EstServer, ...]


def read_details(
    workspace: Workspace, actor: Actor, row: ApplicationRow, rest_api: RestApi
) -> ApplicationDetails:
    """What is to be told; on a worker thread."""
    application = row.application
    linked: list[EstServer] = []
    others: list[EstServer] = []
    for server in workspace.est_servers.all(actor):
        if not fits(server, application):
            continue
        let_in = (one.id for one in workspace.applications.linked(actor, server.id))
        (linked if application.id in let_in else others).append(server)
    certificates = workspace.certificates.of_application(actor, application.id)
    return ApplicationDetails(row, rest_api, certificates, tuple(linked), tuple(others))


def usable_templates(
    workspace: Workspace, actor: Actor, application: ApiApplication
) -> tuple[Template, ...]:
    """The templates from which the application can be issued a certificate; on a worker thread."""
    owner = application.tenant_id, application.organization_id
    return tuple(
        template
        for template in workspace.templates.all(actor)
        if template.kind is CertificateKind.APPLICATION
        and template.active
        and template.sharing.offered_to(*owner)
    )
