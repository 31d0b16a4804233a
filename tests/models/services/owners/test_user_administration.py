"""Changing users: roles, being switched off, deleted, and given a password."""

from collections.abc import Callable

import pytest

from app.core.errors import (
    AccessDeniedError,
    AuthenticationError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    SessionEndedError,
)
from app.models.domain.access import SYSTEM, Actor, Channel, Role
from app.models.domain.events import EntityChanged
from app.models.domain.users import PasswordChangeNeededError
from app.models.services.listing import ListQuery
from app.models.services.setup.demo_data import DEMO_PASSWORD
from app.models.services.workspace.workspace import Workspace
from tests.fakes import FakeClock
from tests.models.services.people import person

GOOD, OTHER = "three green apples", "four purple pears"


def sign_in(workspace: Workspace, name: str, password: str = DEMO_PASSWORD) -> Actor:
    return workspace.users.sign_in(name, password, Channel.WINDOW)


def user_id(workspace: Workspace, name: str) -> int:
    found = person(workspace, name).user_id
    assert found is not None
    return found


@pytest.mark.req("ROLE-01", "ROLE-03")
def test_an_initial_password_is_changed_at_the_first_sign_in(demo: Workspace, admin: Actor) -> None:
    demo.users.create(admin, "zoe", GOOD, Role.AUDITOR)
    with pytest.raises(AuthenticationError, match="wrong"):
        demo.users.sign_in("zoe", "not the password", Channel.WINDOW, new_password=OTHER)
    with pytest.raises(PasswordChangeNeededError) as caught:
        sign_in(demo, "zoe", GOOD)
    assert caught.value.field == "new_password"
    for bad in ("short", GOOD, "password2026"):
        with pytest.raises(InvalidInputError) as refused:
            demo.users.sign_in("zoe", GOOD, Channel.WINDOW, new_password=bad)
        assert refused.value.field == "new_password"
    zoe = demo.users.sign_in("zoe", GOOD, Channel.WINDOW, new_password=OTHER)
    assert not demo.users.me(zoe).must_change_password
    assert sign_in(demo, "zoe", OTHER).user_id == zoe.user_id
    with pytest.raises(AuthenticationError):
        sign_in(demo, "zoe", GOOD)


def test_a_new_role_ends_the_sessions(demo: Workspace, admin: Actor) -> None:
    mia = sign_in(demo, "mia.rossi")
    heard: list[EntityChanged] = []
    demo.store.events.subscribe(EntityChanged, heard.append)
    assert mia.user_id is not None
    changed = demo.users.edit(admin, mia.user_id, role=Role.TENANT_AUDITOR, tenant_id=mia.tenant_id)
    assert changed.role is Role.TENANT_AUDITOR
    assert heard == [EntityChanged("user", mia.user_id)]
    with pytest.raises(SessionEndedError):
        demo.device_types.all(mia)
    assert sign_in(demo, "mia.rossi").role is Role.TENANT_AUDITOR
    event = demo.audit.of_object(SYSTEM, "user", mia.user_id, 9)[1]
    assert (event.before["role"], event.after["role"]) == ("tenant-operator", "tenant-auditor")


def test_an_edit_that_changes_nothing_leaves_people_signed_in(
    demo: Workspace, admin: Actor
) -> None:
    mia = sign_in(demo, "mia.rossi")
    assert mia.user_id is not None
    demo.users.edit(admin, mia.user_id, role=Role.TENANT_OPERATOR, tenant_id=mia.tenant_id)
    assert demo.users.me(mia).name == "mia.rossi"


@pytest.mark.req("RBAC-06", "ROLE-05")
def test_a_tenant_admin_gives_no_right_wider_than_their_own(demo: Workspace) -> None:
    ruth = person(demo, "ruth.keller")
    mia = user_id(demo, "mia.rossi")
    for role in (Role.ADMIN, Role.AUDITOR):
        with pytest.raises(AccessDeniedError):
            demo.users.edit(ruth, mia, role=role)
    other = demo.tenants.create_tenant(SYSTEM, "Borealis")
    with pytest.raises(AccessDeniedError):
        demo.users.edit(ruth, mia, role=Role.TENANT_OPERATOR, tenant_id=other.id)
    for name in ("admin", "ivan.petrov"):
        with pytest.raises(NotFoundError):
            demo.users.edit(ruth, user_id(demo, name), role=Role.TENANT_ADMIN, tenant_id=1)
        with pytest.raises(NotFoundError):
            demo.users.set_active(ruth, user_id(demo, name), active=False)
        with pytest.raises(NotFoundError):
            demo.users.reset_password(ruth, user_id(demo, name), GOOD)


def test_the_last_active_admin_stays(demo: Workspace) -> None:
    first = user_id(demo, "admin")
    second = demo.users.create(SYSTEM, "ada", GOOD, Role.ADMIN).id
    demo.users.set_active(SYSTEM, second, active=False)
    with pytest.raises(ConflictError, match="last active administrator"):
        demo.users.set_active(SYSTEM, first, active=False)
    with pytest.raises(ConflictError, match="last active administrator"):
        demo.users.edit(SYSTEM, first, role=Role.AUDITOR)
    demo.users.set_active(SYSTEM, second, active=True)
    demo.users.edit(SYSTEM, first, role=Role.AUDITOR)
    with pytest.raises(ConflictError, match="last active administrator"):
        demo.users.set_active(SYSTEM, second, active=False)


def test_nobody_shuts_the_door_behind_themselves(demo: Workspace) -> None:
    admin = person(demo, "admin")
    me = user_id(demo, "admin")
    demo.users.create(SYSTEM, "ada", GOOD, Role.ADMIN)
    acts: tuple[Callable[[], None], ...] = (
        lambda: demo.users.set_active(admin, me, active=False),
        lambda: demo.users.delete(admin, me),
        lambda: demo.users.reset_password(admin, me, OTHER),
        lambda: demo.users.remove_certificate(admin, me),
    )
    for act in acts:
        with pytest.raises(AccessDeniedError, match="themselves"):
            act()


def test_switched_off_is_signed_out(demo: Workspace, admin: Actor) -> None:
    nora = sign_in(demo, "nora.lind")
    nora_id = user_id(demo, "nora.lind")
    demo.users.set_active(admin, nora_id, active=False)
    with pytest.raises(SessionEndedError):
        demo.device_types.all(nora)
    with pytest.raises(AuthenticationError, match="not active"):
        sign_in(demo, "nora.lind")
    demo.users.set_active(admin, nora_id, active=True)
    assert sign_in(demo, "nora.lind").session_id != nora.session_id


def test_a_deleted_user_leaves_the_name_in_the_log_only(demo: Workspace, admin: Actor) -> None:
    nora = sign_in(demo, "nora.lind")
    nora_id = user_id(demo, "nora.lind")
    with pytest.raises(ConflictError, match="is active"):
        demo.users.delete(admin, nora_id)
    demo.users.set_active(admin, nora_id, active=False)
    demo.users.delete(admin, nora_id)
    with pytest.raises(NotFoundError):
        demo.users.get(admin, nora_id)
    with pytest.raises(SessionEndedError):
        demo.device_types.all(nora)
    assert demo.audit.of_object(SYSTEM, "user", nora_id, 1)[0].object_name == "nora.lind"
    with pytest.raises(ConflictError, match="deleted"):
        demo.users.create(admin, "Nora.Lind", GOOD, Role.AUDITOR)


def test_a_name_beyond_ascii_is_not_given_again_either(demo: Workspace, admin: Actor) -> None:
    made = demo.users.create(admin, "Özil", GOOD, Role.AUDITOR)
    demo.users.set_active(admin, made.id, active=False)
    demo.users.delete(admin, made.id)
    with pytest.raises(ConflictError, match="who was deleted"):
        demo.users.create(admin, "Özil", GOOD, Role.AUDITOR)


def test_the_number_of_a_deleted_user_is_not_given_again(demo: Workspace, admin: Actor) -> None:
    last = demo.users.create(admin, "zoe", GOOD, Role.AUDITOR).id
    demo.users.set_active(admin, last, active=False)
    demo.users.delete(admin, last)
    assert demo.users.create(admin, "yan", GOOD, Role.AUDITOR).id > last


def test_a_reset_password_is_for_once(demo: Workspace, admin: Actor) -> None:
    mia = sign_in(demo, "mia.rossi")
    mia_id = user_id(demo, "mia.rossi")
    with pytest.raises(InvalidInputError):
        demo.users.reset_password(admin, mia_id, "mia.rossi2026")
    demo.users.reset_password(admin, mia_id, GOOD)
    with pytest.raises(SessionEndedError):
        demo.users.me(mia)
    with pytest.raises(PasswordChangeNeededError):
        sign_in(demo, "mia.rossi", GOOD)
    assert demo.users.sign_in("mia.rossi", GOOD, Channel.CLI, new_password=OTHER)
    assert GOOD not in str(demo.audit.page(SYSTEM, 0, 100))


def test_lists_show_where_people_belong(demo: Workspace, clock: FakeClock) -> None:
    sign_in(demo, "mia.rossi")
    paul = person(demo, "paul.jensen")
    rows = demo.users.page(paul, ListQuery(sort="role"), 0, 10)
    assert [row.name for row in rows] == ["nora.lind", "ruth.keller", "paul.jensen", "mia.rossi"]
    assert (rows[0].tenant_name, rows[0].organization_name) == ("Acme Controls", "North plant")
    assert rows[3].last_sign_in_at == clock.now()
    assert not rows[3].second_factor
    assert demo.users.count(paul, ListQuery("acme")) == 4
    assert demo.users.count(person(demo, "admin"), ListQuery()) == 6


def test_language_is_one_the_program_speaks(demo: Workspace) -> None:
    mia = person(demo, "mia.rossi")
    for language in ("en", ""):
        demo.users.set_language(mia, language)
        assert demo.users.me(mia).language == language
    with pytest.raises(InvalidInputError) as caught:
        demo.users.set_language(mia, "../../etc")
    assert caught.value.field == "language"


def test_the_program_itself_has_no_profile(demo: Workspace) -> None:
    with pytest.raises(InvalidInputError, match="no profile"):
        demo.users.me(SYSTEM)
