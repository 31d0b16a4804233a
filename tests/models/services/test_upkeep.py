import pytest

from app.core.errors import AccessDeniedError, AuthenticationError, UnavailableError
from app.models.domain.access import SYSTEM, Actor, Channel, Role
from app.models.services.upkeep import change_passphrase, check_clock
from app.models.services.workspace import Workspace
from tests.fakes import FakeClock
from tests.workspace_fixtures import CHEAP, PASSPHRASE


def test_a_clock_that_was_set_back_is_noticed(workspace: Workspace, clock: FakeClock) -> None:
    workspace.tenants.create_tenant(SYSTEM, "Acme")
    check_clock(workspace.store)
    clock.advance(hours=-1)
    with pytest.raises(UnavailableError, match="before the newest"):
        check_clock(workspace.store)


def test_a_changed_passphrase_opens_the_same_keys(workspace: Workspace, admin: Actor) -> None:
    sealed = workspace.store.vault.seal(b"secret", "test")
    change_passphrase(workspace.store, admin, PASSPHRASE, "another horse", CHEAP)
    workspace.lock()
    with pytest.raises(AuthenticationError):
        workspace.unlock(PASSPHRASE)
    workspace.unlock("another horse")
    assert workspace.store.vault.unseal(sealed, "test") == b"secret"
    newest, *_older = workspace.audit.page(SYSTEM, 0, 1)
    assert (newest.action, newest.actor) == ("workspace.change-passphrase", "admin")


def test_only_who_runs_the_station_changes_the_passphrase(workspace: Workspace) -> None:
    operator = Actor("operator", Channel.WINDOW, Role.TENANT_OPERATOR, tenant_id=1)
    with pytest.raises(AccessDeniedError):
        change_passphrase(workspace.store, operator, PASSPHRASE, "another horse", CHEAP)
    workspace.lock()
    workspace.unlock(PASSPHRASE)
