import io
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, update

from app.core.errors import AccessDeniedError, InvalidInputError
from app.models.db.tables import audit_event
from app.models.domain.access import SYSTEM, Actor, Channel, Role
from app.models.domain.audit import verify_lines
from app.models.services import listing
from app.models.services.audit.log import AuditFilter
from app.models.services.workspace.workspace import Workspace
from tests.fakes import FakeClock
from tests.models.services.people import person
from tests.workspace_fixtures import NOW


def exported(workspace: Workspace) -> list[str]:
    file = io.StringIO()
    count = workspace.audit.export(SYSTEM, file)
    lines = file.getvalue().splitlines()
    assert len(lines) == count + 1
    return lines


@pytest.mark.req("SYS-03")
def test_exported_log_verifies(demo: Workspace, clock: FakeClock) -> None:
    clock.advance(hours=3, microseconds=7)
    demo.tenants.create_tenant(SYSTEM, "M\u00fcller \U0001f511")
    lines = exported(demo)
    assert verify_lines(lines).count == len(lines) - 1 > 10
    assert json.loads(lines[-2])["at"] == "2026-03-02T11:00:00.000007+00:00"


@pytest.mark.parametrize(
    ("column", "value"),
    [("actor", "mallory"), ("outcome", "refused"), ("reason", "x"), ("before", {"a": 1})],
)
@pytest.mark.parametrize("number", [1, 5, None])
def test_changed_event_shows(
    demo: Workspace, column: str, value: object, number: int | None
) -> None:
    number = number or len(exported(demo)) - 1
    with demo.store.database.write() as connection:
        connection.execute(
            update(audit_event).where(audit_event.c.number == number).values({column: value})
        )
    with pytest.raises(InvalidInputError, match=f"line {number}"):
        verify_lines(exported(demo))


@pytest.mark.parametrize("number", [1, 5])
def test_removed_event_shows(demo: Workspace, number: int) -> None:
    with demo.store.database.write() as connection:
        connection.execute(delete(audit_event).where(audit_event.c.number == number))
    with pytest.raises(InvalidInputError, match=f"line {number}"):
        verify_lines(exported(demo))


def test_moved_and_added_lines_show(demo: Workspace) -> None:
    lines = exported(demo)
    with pytest.raises(InvalidInputError, match="line 3"):
        verify_lines([*lines[:2], lines[3], lines[2], *lines[4:]])
    with pytest.raises(InvalidInputError, match="line 3"):
        verify_lines([*lines[:2], lines[1], *lines[2:]])


@pytest.mark.parametrize("line", ["", "{", "[]", "7", '{"number": 1}', "[" * 100_000])
def test_garbage_is_no_log(line: str) -> None:
    with pytest.raises(InvalidInputError, match="line 1"):
        verify_lines([line])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(name=st.text(max_size=40), reason=st.text(max_size=40))
def test_any_text_can_be_recorded_and_checked(workspace: Workspace, name: str, reason: str) -> None:
    name, reason = (text.encode("utf-8", "replace").decode() for text in (name, reason))
    workspace.audit.record_refusal(SYSTEM, "est.refuse", "est-server", None, name, reason)
    newest = workspace.audit.page(SYSTEM, 0, 1)[0]
    assert (newest.object_name, newest.reason, newest.outcome) == (name, reason, "refused")
    file = io.StringIO()
    count = workspace.audit.export(SYSTEM, file)
    file.seek(0)
    assert verify_lines(file).count == count


def test_pages_are_newest_first(demo: Workspace, admin: Actor) -> None:
    numbers = [event.number for event in demo.audit.page(admin, 0, 1000)]
    assert numbers == list(range(len(numbers), 0, -1))
    assert [event.number for event in demo.audit.page(admin, 2, 3)] == numbers[2:5]
    assert demo.audit.page(admin, len(numbers), 3) == ()


def test_filters(demo: Workspace, admin: Actor) -> None:
    def actions(wanted: AuditFilter) -> set[str]:
        return {event.action for event in demo.audit.page(admin, 0, 1000, wanted)}

    assert actions(AuditFilter(action="authority.")) == {"authority.create"}
    assert actions(AuditFilter(action="authority%")) == set()
    assert actions(AuditFilter(object_kind="user")) == {"user.create"}
    (event,) = demo.audit.of_object(admin, "device-type", 2, 10)
    assert (event.action, event.object_name) == ("device-type.create", "Flow sensor")


@pytest.mark.req("ROLE-08")
def test_only_who_sees_everything_exports(demo: Workspace) -> None:
    demo.audit.export(person(demo, "ivan.petrov"), io.StringIO())
    for name in ("ruth.keller", "paul.jensen", "mia.rossi", "nora.lind"):
        with pytest.raises(AccessDeniedError):
            demo.audit.export(person(demo, name), io.StringIO())
    for name in ("mia.rossi", "nora.lind"):
        with pytest.raises(AccessDeniedError):
            demo.audit.page(person(demo, name), 0, 1)


@pytest.mark.req("ROLE-09")
def test_tenant_auditor_sees_the_tenant_only(demo: Workspace, admin: Actor) -> None:
    other = demo.tenants.create_tenant(admin, "Borealis")
    demo.tenants.create_organization(admin, other.id, "Fjord")
    plant = demo.tenants.create_organization(person(demo, "ruth.keller"), 1, "West plant")
    # A device of another tenant that is called like a person of this one.
    device = Actor("ruth.keller", Channel.EST, address="192.0.2.1")
    demo.audit.record_refusal(device, "est.refuse", "device", 99, "ruth.keller", "expired")
    auditor = person(demo, "paul.jensen")
    seen = demo.audit.page(auditor, 0, 1000)
    assert seen[0].object_id == plant.id
    kinds = {event.object_kind for event in seen}
    assert kinds == {
        "organization",
        "user",
        "template",
        "extension",
        "device-type",
        "est-server",
    }
    names = {event.object_name for event in seen}
    assert {"North plant", "nora.lind", "Gateway 200", "North plant bench"} <= names
    assert not names & {"Fjord", "Borealis", "admin", "ivan.petrov"}
    stranger = replace(auditor, tenant_id=other.id)
    assert [event.object_name for event in demo.audit.page(stranger, 0, 1000)] == ["Fjord"]


@pytest.mark.req("ROLE-09")
def test_what_a_person_did_elsewhere_before_stays_there(demo: Workspace, admin: Actor) -> None:
    other = demo.tenants.create_tenant(admin, "Borealis")
    mia = person(demo, "mia.rossi")
    assert mia.user_id is not None
    demo.audit.record_denial(mia, AccessDeniedError("No."), "at Acme")
    moved = {"role": Role.TENANT_ADMIN, "tenant_id": other.id}
    demo.users.edit(admin, mia.user_id, **moved)  # type: ignore[arg-type]  # by name
    demo.audit.record_denial(mia, AccessDeniedError("No."), "at Borealis")
    demo.users.edit(admin, mia.user_id, **moved | {"role": Role.TENANT_AUDITOR})  # type: ignore[arg-type]  # by name
    theirs = replace(person(demo, "paul.jensen"), tenant_id=other.id)
    seen = demo.audit.page(theirs, 0, 1000, AuditFilter(object_kind="access"))
    assert [event.object_name for event in seen] == ["at Borealis"]


@pytest.fixture
def busy(demo: Workspace, clock: FakeClock) -> Workspace:
    """A log with events of four hours, of several people and outcomes."""
    for hour in range(4):
        clock.advance(hours=1)
        for name in ("mia.rossi", "ruth.keller"):
            demo.audit.record_refusal(
                replace(person(demo, name), address=f"192.0.2.{hour}"),
                "device.edit",
                "device",
                hour,
                f"GW-{hour} M\u00fcller",
                "disabled" if hour % 2 else "not new",
            )
    return demo


@pytest.mark.req("SYS-03")
@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (AuditFilter(actor="mia.rossi"), 4),
        (AuditFilter(actor="mia"), 0),
        (AuditFilter(actor="\ud800"), 0),
        (AuditFilter(outcome="refused"), 8),
        (AuditFilter(outcome="refused", channel="window"), 8),
        (AuditFilter(outcome="refused", channel="cli"), 0),
        (AuditFilter(text="m\u00dcLLER"), 8),
        (AuditFilter(text="192.0.2.3"), 2),
        (AuditFilter(text="disabled", actor="mia.rossi"), 2),
        (AuditFilter(text="%"), 0),
        (AuditFilter(text="\ud800"), 0),
        (AuditFilter(since=NOW + timedelta(hours=2)), 6),
        (AuditFilter(since=NOW + timedelta(hours=2), until=NOW + timedelta(hours=4)), 4),
        (AuditFilter(since=NOW + timedelta(hours=2), object_kind="device", object_id=2), 2),
        (AuditFilter(since=NOW + timedelta(hours=5)), 0),
        (AuditFilter("device.", "device", 3, "disabled", "mia.rossi", "window", "refused"), 1),
    ],
)
def test_filters_by_anything(busy: Workspace, wanted: AuditFilter, expected: int) -> None:
    page = busy.audit.page(SYSTEM, 0, 1000, wanted)
    assert len(page) == busy.audit.count(SYSTEM, wanted) == expected
    assert [event.number for event in page] == sorted((e.number for e in page), reverse=True)
    assert busy.audit.page(SYSTEM, 1, 2, wanted) == page[1:3]


def test_count_is_of_what_is_in_reach(busy: Workspace) -> None:
    for name in ("admin", "ivan.petrov", "paul.jensen"):
        someone = person(busy, name)
        assert busy.audit.count(someone) == len(busy.audit.page(someone, 0, 1000))
    everything = busy.audit.count(SYSTEM)
    assert 8 < busy.audit.count(person(busy, "paul.jensen")) < everything
    with pytest.raises(AccessDeniedError):
        busy.audit.count(person(busy, "nora.lind"))


@pytest.mark.req("ROLE-09")
def test_what_befell_an_application_is_its_tenants(demo: Workspace, admin: Actor) -> None:
    other = demo.tenants.create_tenant(admin, "Borealis")
    for tenant_id in (1, other.id):
        demo.applications.create(admin, "Line 4", tenant_id)
    (event,) = demo.audit.page(
        person(demo, "paul.jensen"), 0, 9, AuditFilter(object_kind="application")
    )
    assert event.object_id == 1


def test_a_denial_is_recorded(demo: Workspace) -> None:
    nora = person(demo, "nora.lind")
    with pytest.raises(AccessDeniedError) as denied:
        demo.users.create(nora, "eve", "correct horse battery", Role.ADMIN)
    demo.audit.record_denial(nora, denied.value, "users.create")
    (newest,) = demo.audit.page(person(demo, "paul.jensen"), 0, 1)
    assert (newest.actor, newest.action, newest.object_name) == (
        "nora.lind", "access.refuse", "users.create"
    )  # fmt: skip
    assert (newest.outcome, newest.reason) == ("refused", denied.value.problem)


def plans(demo: Workspace, actor: Actor, wanted: AuditFilter, few: int) -> str:
    """How SQLite answers for the newest page, with `few` as what counts as few events."""
    statements: list[tuple[str, Any]] = []

    def noted(_c: object, _k: object, sql: str, values: Any, *_rest: object) -> None:
        statements.append((sql, values))

    event.listen(demo.store.database.engine, "before_cursor_execute", noted)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(listing, "FEW", few)
        demo.audit.page(actor, 0, 100, wanted)
    event.remove(demo.store.database.engine, "before_cursor_execute", noted)
    sql, values = statements[-1]
    with demo.store.database.read() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)
        return "\n".join(row[3] for row in rows)


SORT = "USE TEMP B-TREE FOR ORDER BY"
PERIOD = AuditFilter(since=NOW, until=NOW + timedelta(hours=1))


@pytest.mark.parametrize(
    "wanted", [AuditFilter(), PERIOD, AuditFilter(object_kind="device"), AuditFilter(text="x")]
)
def test_many_events_are_walked_from_the_newest(demo: Workspace, wanted: AuditFilter) -> None:
    plan = plans(demo, SYSTEM, wanted, few=-1)
    assert plan == "SCAN audit_event"


@pytest.mark.parametrize(
    ("wanted", "index", "sorted_"),
    [
        (PERIOD, "ix_audit_event_at", True),
        (AuditFilter(object_kind="tenant"), "ix_audit_event_object_kind", True),
        (AuditFilter("", "device", 7), "ix_audit_event_object_kind", False),
    ],
)
def test_few_events_are_found_by_an_index(
    demo: Workspace, wanted: AuditFilter, index: str, sorted_: bool
) -> None:
    for actor in (SYSTEM, person(demo, "paul.jensen")):
        plan = plans(demo, actor, wanted, few=10_000)
        assert f"SEARCH audit_event USING INDEX {index}" in plan
        assert (SORT in plan) == sorted_
        assert "MULTI-INDEX OR" not in plan


def test_whose_an_object_is_is_looked_up_by_its_key(demo: Workspace) -> None:
    plan = plans(demo, person(demo, "paul.jensen"), AuditFilter(), few=-1)
    assert SORT not in plan
    assert plan.count("USING INTEGER PRIMARY KEY (rowid=?)") >= 10
    assert "SCAN device" not in plan


@pytest.mark.req("SYS-03")
def test_that_the_log_was_exported_is_recorded_for_the_next_export(
    demo: Workspace, admin: Actor
) -> None:
    demo.audit.export(admin, io.StringIO())
    lines = exported(demo)
    told = json.loads(lines[-2])
    assert (told["action"], told["actor"]) == ("audit.export", "admin")
    assert told["after"] == {"number": len(lines) - 2}
    assert verify_lines(lines).count == len(lines) - 1


def test_an_export_that_could_not_be_written_is_not_recorded(demo: Workspace) -> None:
    file = io.StringIO()
    file.close()
    with pytest.raises(ValueError, match="closed file"):
        demo.audit.export(SYSTEM, file)
    newest, *_older = demo.audit.page(SYSTEM, 0, 1)
    assert newest.action != "audit.export"


def test_a_lock_is_recorded_even_after_the_session_has_ended(demo: Workspace) -> None:
    mia = person(demo, "mia.rossi")
    demo.audit.record_lock(replace(mia, session_id=1))
    newest, *_older = demo.audit.page(SYSTEM, 0, 1)
    assert (newest.action, newest.actor, newest.outcome) == ("workspace.lock", mia.name, "done")
