import pytest

from app.core.errors import UnavailableError
from app.models.domain.access import SYSTEM
from app.models.services.workspace.upkeep import check_clock
from app.models.services.workspace.workspace import Workspace
from tests.fakes import FakeClock


def test_a_clock_that_was_set_back_is_noticed(workspace: Workspace, clock: FakeClock) -> None:
    workspace.tenants.create_tenant(SYSTEM, "Acme")
    check_clock(workspace.store)
    clock.advance(hours=-1)
    with pytest.raises(UnavailableError, match="before the newest"):
        check_clock(workspace.store)
