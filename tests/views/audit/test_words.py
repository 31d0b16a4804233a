"""The words and values of the Audit log page."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from app.models.domain.access import Actor, Channel, Role
from app.models.domain.audit import AuditEvent
from app.models.services.workspace.workspace import Workspace
from app.views.audit.query import AuditQuery
from app.views.audit.words import (
    action_groups,
    channel_choices,
    kind_text,
    outcome_badge,
    place_text,
    who_text,
)


def event(**values: Any) -> AuditEvent:
    parts: dict[str, Any] = {"outcome": "done", "reason": "", "address": ""} | values
    at = datetime(2026, 3, 2, tzinfo=UTC)
    return AuditEvent(
        number=1,
        at=at,
        actor="mia",
        channel="window",
        action="device.edit",
        object_kind="device",
        object_id=7,
        object_name="GW",
        **parts,
    )


def test_every_kind_and_action_of_the_demo_has_words_and_a_group(
    demo: Workspace, admin: Actor
) -> None:
    events = demo.audit.page(admin, 0, 1000)
    assert {one.object_kind for one in events if kind_text(one.object_kind) == one.object_kind} == (
        set()
    )
    groups = tuple(group for group, _text in action_groups() if group)
    assert [one.action for one in events if not one.action.startswith(groups)] == []


def test_an_unknown_kind_and_outcome_are_told_as_they_are() -> None:
    assert kind_text("robot") == "robot"
    assert outcome_badge(event(outcome="lost")).text == "lost"


def test_every_way_can_be_chosen() -> None:
    choices = dict(channel_choices())
    assert set(choices) == {"", *(channel.value for channel in Channel)}
    assert len(set(choices.values())) == len(choices)


@pytest.mark.parametrize("role", Role)
def test_the_role_is_told_beside_the_name(role: Role) -> None:
    assert who_text(event()) == "mia"
    assert who_text(event(role=role.value)).startswith("mia, ")


def test_the_address_is_told_when_there_is_one() -> None:
    assert place_text(event()) == "Window"
    assert place_text(event(address="10.0.0.9")) == "Window \N{MIDDLE DOT} 10.0.0.9"


def test_days_are_those_of_the_zone_and_both_included() -> None:
    zone = timezone(timedelta(hours=2))
    query = AuditQuery(days=(date(2026, 3, 1), date(2026, 3, 2)), of_object=("device", 7))
    wanted = query.filter(zone)
    assert wanted.since == datetime(2026, 2, 28, 22, tzinfo=UTC)
    assert wanted.until == datetime(2026, 3, 2, 22, tzinfo=UTC)
    assert (wanted.object_kind, wanted.object_id) == ("device", 7)
    assert AuditQuery().filter(zone).since is None
