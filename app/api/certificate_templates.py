"""Certificate templates that certificates of an organization are made from."""

from app.api.routes import ORGANIZATION, Answer, Call, Nothing, Route
from app.models.domain.templates import Template
from app.models.services.workspace.workspace import Workspace


class TemplateItem(Answer):
    """A certificate template, as it is listed."""

    template_id: int
    organization_id: int | None
    name: str
    description: str
    status: str
    kind: str


class TemplateList(Answer):
    """The templates offered to the organization, by name."""

    templates: tuple[TemplateItem, ...]


def list_templates(workspace: Workspace, call: Call, _given: Nothing) -> TemplateList:
    """Every template that is offered."""
    return TemplateList(
        templates=tuple(_item(template) for template in workspace.templates.all(call.actor))
    )


def _item(template: Template) -> TemplateItem:
    return TemplateItem(
        template_id=template.id,
        organization_id=template.sharing.organization_id,
        name=template.name,
        description=template.description,
        status="active" if template.active else "inactive",
        kind=template.kind.value,
    )


ROUTES = (
    Route(
        "GET",
        f"{ORGANIZATION}/certificatetemplates",
        "List the certificate templates",
        Nothing,
        TemplateList,
        list_templates,
    ),
)
