import pytest

from app.config.settings import SettingsFile
from app.core.errors import AccessDeniedError, AuthenticationError, InvalidInputError
from app.models.domain.access import SYSTEM, Actor, Channel, Role
from app.models.domain.audit import AuditEvent
from app.models.services.workspace.folder import SETTINGS
from app.models.services.workspace.workspace import Workspace
from tests.workspace_fixtures import PASSPHRASE

OPERATOR = Actor("operator", Channel.WINDOW, Role.TENANT_OPERATOR, tenant_id=1)


def events(workspace: Workspace) -> tuple[AuditEvent, ...]:
    return tuple(workspace.audit.page(SYSTEM, 0, 100))


def test_a_change_is_kept_and_recorded_with_what_was_before(
    workspace: Workspace, admin: Actor
) -> None:
    workspace.station_settings.change(admin, listener_host="127.0.0.1", listener_port=8443)
    assert workspace.station_settings.current.listener_host == "127.0.0.1"
    assert SettingsFile(workspace.folder / SETTINGS).current.listener_host == "127.0.0.1"
    newest, *_older = events(workspace)
    assert (newest.action, newest.actor) == ("settings.change", "admin")
    assert newest.before == {"listener_host": "0.0.0.0"}
    assert newest.after == {"listener_host": "127.0.0.1"}


def test_a_setting_that_has_its_value_is_not_recorded(workspace: Workspace, admin: Actor) -> None:
    before = events(workspace)
    workspace.station_settings.change(admin, listener_port=8443)
    assert events(workspace) == before


def test_a_refused_value_leaves_setting_and_audit_log_alone(
    workspace: Workspace, admin: Actor
) -> None:
    before = events(workspace)
    with pytest.raises(InvalidInputError, match="0 to 65535"):
        workspace.station_settings.change(admin, listener_host="::1", listener_port=70_000)
    assert workspace.station_settings.current.listener_host == "0.0.0.0"
    assert events(workspace) == before


def test_a_changed_passphrase_opens_the_same_keys(workspace: Workspace, admin: Actor) -> None:
    sealed = workspace.store.vault.seal(b"secret", "test")
    workspace.station_settings.change_passphrase(admin, PASSPHRASE, "another horse")
    newest, *_older = events(workspace)
    assert (newest.action, newest.actor) == ("workspace.change-passphrase", "admin")
    workspace.lock()
    with pytest.raises(AuthenticationError):
        workspace.unlock(PASSPHRASE)
    workspace.unlock("another horse")
    assert workspace.store.vault.unseal(sealed, "test") == b"secret"


def test_a_wrong_passphrase_is_recorded_as_refused_and_a_bad_new_one_is_not(
    workspace: Workspace, admin: Actor
) -> None:
    before = events(workspace)
    with pytest.raises(AuthenticationError):
        workspace.station_settings.change_passphrase(admin, "not it at all", "another horse")
    with pytest.raises(InvalidInputError):
        workspace.station_settings.change_passphrase(admin, PASSPHRASE, "short")
    refused, *older = events(workspace)
    assert tuple(older) == before
    assert (refused.action, refused.actor) == ("workspace.change-passphrase", "admin")
    assert (refused.outcome, refused.reason) == (
        "refused",
        "The passphrase does not open this workspace.",
    )
    workspace.lock()
    workspace.unlock(PASSPHRASE)


def test_only_who_runs_the_station_changes_it(workspace: Workspace) -> None:
    with pytest.raises(AccessDeniedError):
        workspace.station_settings.change(OPERATOR, listener_port=1)
    with pytest.raises(AccessDeniedError):
        workspace.station_settings.change_passphrase(OPERATOR, PASSPHRASE, "another horse")
    assert workspace.station_settings.current.listener_port == 8443
    workspace.lock()
    workspace.unlock(PASSPHRASE)
