"""Machine clients: made, let in by AppID and AppKey, linked to EST servers, kept in reach."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import Table, insert, select, update

from app.core.errors import (
    AccessDeniedError,
    AuthenticationError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    ThrottledError,
)
from app.models.db import tables
from app.models.domain.access import SYSTEM, Actor, Channel
from app.models.domain.applications import ApiApplication, CreatedApplication
from app.models.domain.events import EntityChanged
from app.models.services.applications import sign_in as application_sign_in
from app.models.services.listing import ListQuery
from app.models.services.workspace.workspace import Workspace
from tests.fakes import FakeClock
from tests.models.services.people import person

PLACE = "192.0.2.7"


@pytest.fixture
def line(demo: Workspace, admin: Actor) -> CreatedApplication:
    """An application of the first tenant."""
    return demo.applications.create(admin, "Line 4", 1, description="Flashes boards.")


@pytest.fixture
def foreign(demo: Workspace, admin: Actor) -> CreatedApplication:
    """An application of another tenant."""
    tenant = demo.tenants.create_tenant(admin, "Borealis")
    return demo.applications.create(admin, "Line 4", tenant.id)


@pytest.fixture
def slow_checks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Notes each slow hash that is computed."""
    seen: list[str] = []

    def watch(name: str) -> None:
        real: Callable[[str, object], None] = getattr(application_sign_in, name)

        def noted(secret: str, other: object) -> None:
            seen.append(name)
            real(secret, other)

        monkeypatch.setattr(application_sign_in, name, noted)

    watch("verify_password")
    watch("refuse_unknown")
    return seen


def enter(demo: Workspace, app_id: str, app_key: str, place: str = PLACE) -> Actor:
    return demo.applications.authenticate(app_id, app_key, Channel.API, place)


def let_in(demo: Workspace, created: CreatedApplication, key: str | None = None) -> Actor:
    return enter(demo, created.application.app_id, key or created.app_key)


def stored(demo: Workspace, id_: int) -> dict[str, object]:
    table = tables.api_application
    with demo.store.database.read() as connection:
        return connection.execute(select(table).where(table.c.id == id_)).one()._asdict()


def last_used(demo: Workspace, application: ApiApplication) -> object:
    return demo.applications.get(SYSTEM, application.id).last_used_at


@pytest.mark.req("SYS-10", "DEC-23")
def test_the_key_is_told_once_and_kept_as_a_slow_hash(
    demo: Workspace, line: CreatedApplication
) -> None:
    for digits in (line.application.app_id, line.app_key):
        assert re.fullmatch("[0-9a-f]{32}", digits)
    row = stored(demo, line.application.id)
    assert line.app_key not in str(row)
    assert str(row["key_hash"]).startswith("$argon2id$")
    assert line.app_key not in repr(line)
    assert demo.applications.get(SYSTEM, line.application.id) == line.application


@pytest.mark.req("SYS-10")
def test_an_application_is_let_in_as_itself(demo: Workspace, line: CreatedApplication) -> None:
    actor = let_in(demo, line)
    assert actor == Actor(
        "Line 4", Channel.API, tenant_id=1, address=PLACE, application_id=line.application.id
    )


@pytest.mark.req("DEC-23")
def test_a_good_key_is_recognised_from_then_on(
    demo: Workspace, line: CreatedApplication, slow_checks: list[str]
) -> None:
    for _turn in range(4):
        let_in(demo, line)
    assert slow_checks == ["verify_password"]


@pytest.mark.parametrize("key", ["", "0" * 32, "\ud800", "K" * 10_000])
def test_wrong_key_and_unknown_application_are_one_answer(
    demo: Workspace, line: CreatedApplication, slow_checks: list[str], key: str
) -> None:
    answers = []
    for app_id in (line.application.app_id, "0" * 32, "", "\ud800", "GW-1"):
        with pytest.raises(AuthenticationError) as refused:
            enter(demo, app_id, key)
        answers.append(refused.value.text())
    assert len(set(answers)) == 1
    assert slow_checks == ["verify_password"] + ["refuse_unknown"] * 4


def test_guessing_slows_down_one_place_only(demo: Workspace, line: CreatedApplication) -> None:
    for _turn in range(5):
        with pytest.raises(AuthenticationError):
            let_in(demo, line, "0" * 32)
    with pytest.raises(ThrottledError):
        let_in(demo, line)
    assert enter(demo, line.application.app_id, line.app_key, "192.0.2.8").name == "Line 4"


def test_refusals_and_the_first_use_are_recorded(
    demo: Workspace, line: CreatedApplication, admin: Actor
) -> None:
    with pytest.raises(AuthenticationError):
        let_in(demo, line, "0" * 32)
    with pytest.raises(AuthenticationError):
        enter(demo, line.app_key, line.application.app_id)
    for _turn in range(3):
        let_in(demo, line)
    events = [e for e in demo.audit.page(admin, 0, 9) if e.action == "application.sign-in"]
    assert [(e.outcome, e.actor, e.channel, e.address) for e in events] == [
        ("done", "Line 4", "api", PLACE),
        ("refused", "unknown", "api", PLACE),
        ("refused", "Line 4", "api", PLACE),
    ]
    assert not any(line.app_key in str(event) for event in events)


def test_last_use_is_written_once_a_minute(
    demo: Workspace, line: CreatedApplication, clock: FakeClock
) -> None:
    assert last_used(demo, line.application) is None
    let_in(demo, line)
    first = clock.now()
    assert last_used(demo, line.application) == first
    clock.advance(seconds=59)
    let_in(demo, line)
    assert last_used(demo, line.application) == first
    clock.advance(seconds=1)
    let_in(demo, line)
    assert last_used(demo, line.application) == clock.now()


def test_inactive_is_not_let_in(demo: Workspace, line: CreatedApplication, admin: Actor) -> None:
    let_in(demo, line)
    demo.applications.set_active(admin, line.application.id, active=False)
    with pytest.raises(AuthenticationError, match="not active"):
        let_in(demo, line)
    with pytest.raises(AuthenticationError, match="wrong"):
        let_in(demo, line, "0" * 32)
    demo.applications.set_active(admin, line.application.id, active=True)
    let_in(demo, line)


@pytest.mark.parametrize("table", [tables.tenant, tables.organization])
def test_owners_that_are_inactive_shut_the_door(
    demo: Workspace, admin: Actor, table: Table
) -> None:
    created = demo.applications.create(admin, "Line 5", 1, 1)
    let_in(demo, created)
    with demo.store.database.write() as connection:
        connection.execute(update(table).where(table.c.id == 1).values(active=False))
    with pytest.raises(AuthenticationError, match="not active"):
        let_in(demo, created)


@pytest.mark.req("DEC-23")
def test_old_and_new_key_overlap(
    demo: Workspace,
    line: CreatedApplication,
    admin: Actor,
    clock: FakeClock,
    slow_checks: list[str],
) -> None:
    let_in(demo, line)
    new = demo.applications.rotate_key(admin, line.application.id, overlap_hours=2)
    until = demo.applications.get(admin, line.application.id).previous_key_until
    let_in(demo, line)
    let_in(demo, line, new)
    let_in(demo, line)
    assert len(slow_checks) == 2
    clock.advance(hours=2)
    assert until == clock.now()
    with pytest.raises(AuthenticationError):
        let_in(demo, line)
    let_in(demo, line, new)


def test_rotating_again_drops_the_oldest_key(
    demo: Workspace, line: CreatedApplication, admin: Actor
) -> None:
    let_in(demo, line)
    second = demo.applications.rotate_key(admin, line.application.id)
    third = demo.applications.rotate_key(admin, line.application.id)
    with pytest.raises(AuthenticationError):
        let_in(demo, line)
    let_in(demo, line, second)
    let_in(demo, line, third)
    last = demo.applications.rotate_key(admin, line.application.id, overlap_hours=0)
    with pytest.raises(AuthenticationError):
        let_in(demo, line, third)
    let_in(demo, line, last)


@pytest.mark.parametrize("hours", [-1, 721])
def test_overlap_has_bounds(
    demo: Workspace, line: CreatedApplication, admin: Actor, hours: int
) -> None:
    with pytest.raises(InvalidInputError):
        demo.applications.rotate_key(admin, line.application.id, hours)
    let_in(demo, line)


def test_edit_is_recorded_and_told(demo: Workspace, line: CreatedApplication, admin: Actor) -> None:
    told: list[EntityChanged] = []
    demo.store.events.subscribe(EntityChanged, told.append)
    id_ = line.application.id
    demo.applications.edit(admin, id_, name="Line 7", description="")
    demo.applications.edit(admin, id_, name="Line 7", description="")
    changed = demo.applications.get(admin, id_)
    assert (changed.name, changed.description) == ("Line 7", "")
    (event, _made) = demo.audit.of_object(admin, "application", id_, 9)
    assert event.before == {"name": "Line 4", "description": "Flashes boards."}
    assert told == [EntityChanged("application", id_)]


def test_names_are_unique_in_a_tenant(
    demo: Workspace, line: CreatedApplication, foreign: CreatedApplication, admin: Actor
) -> None:
    assert foreign.application.name == line.application.name
    other = demo.applications.create(admin, "Line 5", 1).application
    with pytest.raises(ConflictError):
        demo.applications.create(admin, "Line 4", 1)
    with pytest.raises(ConflictError):
        demo.applications.edit(admin, other.id, name="Line 4", description="")


def test_owners_must_exist_and_fit(demo: Workspace, foreign: CreatedApplication) -> None:
    with pytest.raises(NotFoundError):
        demo.applications.create(SYSTEM, "Line 5", 999)
    with pytest.raises(InvalidInputError):
        demo.applications.create(SYSTEM, "Line 5", foreign.application.tenant_id, 1)
    demo.tenants.set_tenant_active(SYSTEM, 1, active=False)
    for organization_id in (None, 1):
        with pytest.raises(ConflictError, match="tenant is not active"):
            demo.applications.create(SYSTEM, "Line 5", 1, organization_id)


def test_deleted_only_when_inactive_and_unused(
    demo: Workspace, line: CreatedApplication, admin: Actor
) -> None:
    id_ = line.application.id
    demo.applications.link(admin, 1, id_)
    with pytest.raises(ConflictError, match="active"):
        demo.applications.delete(admin, id_)
    demo.applications.set_active(admin, id_, active=False)
    certify(demo, id_)
    with pytest.raises(ConflictError, match="in use") as refused:
        demo.applications.delete(admin, id_)
    assert "1 certificate" in refused.value.cause
    assert demo.applications.linked(admin, 1) != ()
    with demo.store.database.write() as connection:
        connection.execute(update(tables.certificate).values(application_id=None))
    demo.applications.delete(admin, id_)
    assert demo.applications.linked(admin, 1) == ()
    with pytest.raises(NotFoundError):
        demo.applications.get(admin, id_)


def certify(demo: Workspace, application_id: int) -> None:
    """A certificate of the application, as far as the database knows."""
    now = demo.store.clock.now()
    row = {
        "kind": "application", "template_id": 1, "authority_id": 1, "serial": "01",
        "fingerprint": "f", "public_key_fingerprint": "p", "subject": "CN=x", "der": b"",
        "not_before": now, "not_after": now, "status": "active", "issued_at": now,
        "issued_through": "window", "application_id": application_id,
    }  # fmt: skip
    with demo.store.database.write() as connection:
        connection.execute(insert(tables.certificate).values(row))


@pytest.mark.req("DEC-05")
def test_applications_are_linked_to_est_servers(
    demo: Workspace, line: CreatedApplication, admin: Actor
) -> None:
    for _turn in range(2):
        demo.applications.link(admin, 1, line.application.id)
        assert demo.applications.linked(admin, 1) == (line.application,)
    for _turn in range(2):
        demo.applications.unlink(admin, 1, line.application.id)
        assert demo.applications.linked(admin, 1) == ()
    actions = [event.action for event in demo.audit.of_object(admin, "est-server", 1, 9)]
    assert actions == [
        "est-server.unlink-application",
        "est-server.link-application",
        "est-server.create",
    ]


def test_only_what_fits_is_linked(
    demo: Workspace, foreign: CreatedApplication, admin: Actor
) -> None:
    with pytest.raises(InvalidInputError):
        demo.applications.link(admin, 1, foreign.application.id)
    plant = demo.tenants.create_organization(admin, 1, "West plant")
    elsewhere = demo.applications.create(admin, "West", 1, plant.id).application
    with pytest.raises(InvalidInputError):
        demo.applications.link(admin, 1, elsewhere.id)
    here = demo.applications.create(admin, "North", 1, 1).application
    demo.applications.link(admin, 1, here.id)
    with pytest.raises(NotFoundError):
        demo.applications.link(admin, 999, here.id)


@pytest.mark.req("ROLE-05", "ROLE-08", "ROLE-09")
def test_only_admins_manage_and_supervisors_view(demo: Workspace, line: CreatedApplication) -> None:
    id_ = line.application.id
    for name in ("admin", "ruth.keller"):
        demo.applications.rotate_key(person(demo, name), id_)
    for name in ("ivan.petrov", "paul.jensen", "mia.rossi", "nora.lind"):
        with pytest.raises(AccessDeniedError):
            demo.applications.rotate_key(person(demo, name), id_)
    for name in ("ivan.petrov", "paul.jensen"):
        assert demo.applications.get(person(demo, name), id_).app_id == line.application.app_id
    for name in ("mia.rossi", "nora.lind"):
        with pytest.raises(AccessDeniedError):
            demo.applications.count(person(demo, name), ListQuery())


@pytest.mark.req("RBAC-06")
def test_another_tenants_application_does_not_exist(
    demo: Workspace, line: CreatedApplication, foreign: CreatedApplication
) -> None:
    ruth = person(demo, "ruth.keller")
    stranger = replace(ruth, tenant_id=foreign.application.tenant_id)
    service, id_ = demo.applications, foreign.application.id
    calls: list[Callable[[int], object]] = [
        lambda id_: service.get(ruth, id_),
        lambda id_: service.edit(ruth, id_, name="Mine", description=""),
        lambda id_: service.set_active(ruth, id_, active=False),
        lambda id_: service.delete(ruth, id_),
        lambda id_: service.rotate_key(ruth, id_),
        lambda id_: service.link(ruth, 1, id_),
        lambda id_: service.unlink(ruth, 1, id_),
        lambda id_: service.linked(stranger, 1 if id_ == foreign.application.id else 999),
    ]
    for call in calls:
        answers = []
        for asked in (id_, 999_999):
            with pytest.raises(NotFoundError) as refused:
                call(asked)
            answers.append(refused.value.text())
        assert answers[0] == answers[1]
    query = ListQuery()
    assert [row.application for row in service.page(ruth, query, 0, 9)] == [line.application]
    assert service.count(ruth, query) == 1
    assert service.count(SYSTEM, query) == 2


def test_list_names_the_owners(demo: Workspace, line: CreatedApplication, admin: Actor) -> None:
    demo.applications.create(admin, "Bench", 1, 1)
    rows = demo.applications.page(admin, ListQuery(sort="name"), 0, 9)
    assert [row.application.name for row in rows] == ["Bench", "Line 4"]
    assert rows[0].tenant_name == rows[1].tenant_name != ""
    assert rows[0].organization_name != rows[1].organization_name == ""
    found = ListQuery(text=line.application.app_id[:9])
    assert [row.application for row in demo.applications.page(admin, found, 0, 9)] == [
        line.application
    ]
    assert demo.applications.count(admin, ListQuery(active=False)) == 0
