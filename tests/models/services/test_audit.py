import io
import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from app.core.errors import AccessDeniedError, InvalidInputError
from app.models.db.tables import audit_event
from app.models.domain.access import SYSTEM, Actor, Channel
from app.models.domain.audit import verify_lines
from app.models.services.audit import AuditFilter
from app.models.services.workspace import Workspace
from tests.fakes import FakeClock
from tests.models.services.people import person


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
    assert kinds == {"organization", "user", "template", "device-type", "est-server"}
    names = {event.object_name for event in seen}
    assert {"North plant", "nora.lind", "Gateway 200", "North plant bench"} <= names
    assert not names & {"Fjord", "Borealis", "admin", "ivan.petrov"}
    stranger = replace(auditor, tenant_id=other.id)
    assert [event.object_name for event in demo.audit.page(stranger, 0, 1000)] == ["Fjord"]
