from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from app.core.errors import (
    AccessDeniedError,
    AuthenticationError,
    ConflictError,
    InvalidInputError,
    ThrottledError,
)
from app.models.db import tables
from app.models.domain.access import SYSTEM, Actor, Channel, Role
from app.models.domain.audit import AuditEvent
from app.models.services.setup.demo_data import DEMO_PASSWORD, DEMO_USERS
from app.models.services.workspace.workspace import Workspace
from app.pki import passwords
from app.pki.sealing import KdfCost
from tests.fakes import FakeClock
from tests.models.services.people import person

GOOD = "three green apples"


@pytest.fixture
def lena(workspace: Workspace) -> Actor:
    user = workspace.users.create(SYSTEM, "Lena", GOOD, Role.ADMIN, must_change=False)
    return user.actor(Channel.WINDOW)


def enters(workspace: Workspace, who: Actor, password: str = GOOD) -> bool:
    """Whether this person is let in at the window, as themselves."""
    actor = workspace.users.sign_in(who.name, password, Channel.WINDOW)
    return replace(actor, session_id=None) == replace(who, session_id=None)


def newest(workspace: Workspace) -> AuditEvent:
    return workspace.audit.page(SYSTEM, 0, 1)[0]


@pytest.mark.req("SYS-02", "ROLE-01")
@pytest.mark.parametrize(("name", "role"), DEMO_USERS)
def test_each_role_signs_in(demo: Workspace, name: str, role: Role) -> None:
    actor = demo.users.sign_in(name, DEMO_PASSWORD, Channel.WINDOW, "10.0.0.7")
    assert (actor.name, actor.role, actor.channel) == (name, role, Channel.WINDOW)
    who = replace(person(demo, name), address="10.0.0.7")
    assert replace(actor, session_id=None) == who
    event = newest(demo)
    assert (event.action, event.outcome, event.actor) == ("user.sign-in", "done", name)
    assert event.address == "10.0.0.7"


@pytest.mark.req("SYS-01", "ROLE-01")
def test_wrong_password_and_unknown_name_look_the_same(workspace: Workspace, lena: Actor) -> None:
    texts = []
    for name in (lena.name, "nobody"):
        with pytest.raises(AuthenticationError) as caught:
            workspace.users.sign_in(name, "wrong password", Channel.CLI)
        texts.append(caught.value.text())
        assert newest(workspace).outcome == "refused"
    assert texts[0] == texts[1]


def test_unknown_name_costs_one_hash_too(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    real: Callable[..., str] = passwords.hash_password

    def counting(password: str, cost: KdfCost) -> str:
        hashed.append(password)
        return real(password, cost)

    monkeypatch.setattr(passwords, "hash_password", counting)
    with pytest.raises(AuthenticationError):
        workspace.users.sign_in("nobody", GOOD, Channel.WINDOW)
    assert hashed == [GOOD]


def test_password_typed_as_name_is_not_recorded(workspace: Workspace, lena: Actor) -> None:
    assert lena.name == "Lena"
    with pytest.raises(AuthenticationError):
        workspace.users.sign_in(GOOD, "Lena", Channel.WINDOW)
    event = newest(workspace)
    assert event.action == "user.sign-in"
    assert GOOD not in str(event)


def test_case_of_the_name_does_not_matter(workspace: Workspace, lena: Actor) -> None:
    assert workspace.users.sign_in("lena", GOOD, Channel.WINDOW).user_id == lena.user_id
    with pytest.raises(ConflictError):
        workspace.users.create(SYSTEM, "LENA", GOOD, Role.ADMIN)


def test_inactive_user_is_refused(workspace: Workspace, lena: Actor) -> None:
    with workspace.store.change(SYSTEM) as change:
        change.connection.execute(update(tables.user).values(active=False))
    with pytest.raises(AuthenticationError, match="not active"):
        workspace.users.sign_in(lena.name, GOOD, Channel.WINDOW)
    assert newest(workspace).outcome == "refused"
    with pytest.raises(AuthenticationError, match="wrong"):
        workspace.users.sign_in(lena.name, "wrong password", Channel.WINDOW)


def test_guessing_is_slowed_down(workspace: Workspace, lena: Actor, clock: FakeClock) -> None:
    for _attempt in range(5):
        with pytest.raises(AuthenticationError):
            workspace.users.sign_in("lena", "wrong password", Channel.WINDOW)
    with pytest.raises(ThrottledError) as caught:
        workspace.users.sign_in("Lena", GOOD, Channel.WINDOW)
    assert caught.value.retry_after == 1
    clock.advance(seconds=1)
    assert enters(workspace, lena)


def test_change_password(workspace: Workspace, lena: Actor) -> None:
    workspace.users.change_password(lena, GOOD, "four blue pears")
    assert newest(workspace).action == "user.change-password"
    with pytest.raises(AuthenticationError):
        workspace.users.sign_in("Lena", GOOD, Channel.WINDOW)
    assert enters(workspace, lena, "four blue pears")


def test_change_password_needs_the_old_one(workspace: Workspace, lena: Actor) -> None:
    for _attempt in range(5):
        with pytest.raises(AuthenticationError):
            workspace.users.change_password(lena, "wrong password", "four blue pears")
    with pytest.raises(ThrottledError):
        workspace.users.change_password(lena, GOOD, "four blue pears")


@pytest.mark.parametrize("password", ["short", "password1234", "a" * 129, "aaaaaaaaaaaa"])
def test_weak_password_is_refused(workspace: Workspace, lena: Actor, password: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        workspace.users.change_password(lena, GOOD, password)
    assert caught.value.field == "new_password"
    with pytest.raises(InvalidInputError) as caught:
        workspace.users.create(lena, "Lena2", password, Role.AUDITOR)
    assert caught.value.field == "password"


def test_password_is_kept_as_a_hash(workspace: Workspace, lena: Actor) -> None:
    with workspace.store.database.read() as connection:
        kept = connection.execute(select(tables.user.c.password_hash)).scalar_one()
    assert kept.startswith("$argon2id$")
    events = str(workspace.audit.page(lena, 0, 100))
    assert GOOD not in events
    assert kept not in events


@pytest.mark.req("ROLE-03", "RBAC-06")
def test_who_makes_users(demo: Workspace) -> None:
    tenant_admin = person(demo, "ruth.keller")
    tenant_id = tenant_admin.tenant_id
    demo.users.create(tenant_admin, "tim", GOOD, Role.TENANT_OPERATOR, tenant_id=tenant_id)
    for role in (Role.ADMIN, Role.AUDITOR):
        with pytest.raises(AccessDeniedError):
            demo.users.create(tenant_admin, "eve", GOOD, role)
    for name in ("ivan.petrov", "paul.jensen", "mia.rossi", "nora.lind"):
        with pytest.raises(AccessDeniedError):
            demo.users.create(
                person(demo, name), "eve", GOOD, Role.TENANT_ADMIN, tenant_id=tenant_id
            )


@pytest.mark.parametrize(
    ("role", "tenant_id", "organization_id"),
    [
        (Role.ADMIN, 1, None),
        (Role.AUDITOR, 1, 1),
        (Role.TENANT_ADMIN, None, None),
        (Role.TENANT_OPERATOR, 1, 1),
        (Role.ORGANIZATION_OPERATOR, 1, None),
        (Role.ORGANIZATION_OPERATOR, None, 1),
    ],
)
def test_role_and_part_must_fit(
    demo: Workspace, admin: Actor, role: Role, tenant_id: int | None, organization_id: int | None
) -> None:
    with pytest.raises(InvalidInputError):
        demo.users.create(
            admin, "eve", GOOD, role, tenant_id=tenant_id, organization_id=organization_id
        )


def test_organization_of_another_tenant_is_refused(demo: Workspace, admin: Actor) -> None:
    other = demo.tenants.create_tenant(admin, "Borealis")
    with pytest.raises(InvalidInputError, match="does not belong"):
        demo.users.create(
            admin,
            "eve",
            GOOD,
            Role.ORGANIZATION_OPERATOR,
            tenant_id=other.id,
            organization_id=1,
        )


@pytest.mark.req("ROLE-08", "ROLE-09")
def test_lists_end_at_the_reach_of_the_role(demo: Workspace) -> None:
    everybody = [user.name for user in demo.users.users(person(demo, "ivan.petrov"))]
    assert everybody == sorted(name for name, _role in DEMO_USERS)
    own = [user.name for user in demo.users.users(person(demo, "paul.jensen"))]
    assert own == ["mia.rossi", "nora.lind", "paul.jensen", "ruth.keller"]
    with pytest.raises(AccessDeniedError):
        demo.users.users(person(demo, "nora.lind"))
