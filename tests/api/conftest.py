"""What the tests of the REST API share."""

import pytest

from app.models.domain.applications import CreatedApplication
from app.models.services.workspace.workspace import Workspace
from tests.api.rest_client import RestClient
from tests.est.conftest import plant, plant_folder
from tests.plant import ADMIN

__all__ = ["plant", "plant_folder"]


@pytest.fixture
def line(demo: Workspace) -> CreatedApplication:
    """An application of the demo's tenant."""
    return demo.applications.create(ADMIN, "Line 1", demo.est_servers.all(ADMIN)[0].tenant_id)


@pytest.fixture
def rest(demo: Workspace, line: CreatedApplication) -> RestClient:
    """That application at the REST API, for the North plant."""
    return RestClient(demo, line, demo.est_servers.all(ADMIN)[0].organization_id)
