"""Every route of the REST API, in the order of its description."""

from functools import cache

from app.api import (
    authentication,
    certificate_issue,
    certificate_status,
    certificate_templates,
    certificates,
    certification_authorities,
    device_types,
    devices,
    own_device,
)
from app.api.openapi import Description, description
from app.api.routes import PREFIX, AnyRoute, Call, Nothing, Route
from app.models.services.workspace.workspace import Workspace


@cache
def _description() -> Description:
    return description(ROUTES)


def openapi(_workspace: Workspace, _call: Call, _given: Nothing) -> Description:
    """The description of everything that can be asked."""
    return _description()


ROUTES: tuple[AnyRoute, ...] = (
    Route("GET", f"{PREFIX}/openapi.json", "Describe the API", Nothing, Description, openapi),
    *authentication.ROUTES,
    *certificate_templates.ROUTES,
    *certification_authorities.ROUTES,
    *certificates.ROUTES,
    *certificate_issue.ROUTES,
    *certificate_status.ROUTES,
    *device_types.ROUTES,
    *devices.ROUTES,
    *own_device.ROUTES,
)
