"""The words for what the audit log records."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.models.domain.access import Actor
from app.models.domain.audit import AuditEvent
from app.models.services.workspace.workspace import Workspace
from app.views.audit_words import action_text, change_texts, outcome_text


def event(before: dict[str, Any], after: dict[str, Any], **values: str) -> AuditEvent:
    parts: dict[str, Any] = {"outcome": "done", "reason": ""} | values
    at = datetime(2026, 3, 2, tzinfo=UTC)
    head = (1, at, "a", "window", "", "device.edit", "device", 7, "GW")
    return AuditEvent(*head, **parts, before=before, after=after)


def test_every_recorded_action_of_the_demo_has_words(demo: Workspace, admin: Actor) -> None:
    actions = {one.action for one in demo.audit.page(admin, 0, 1000)}
    assert "device-type.create" in actions
    assert [action for action in actions if action_text(action) == action] == []


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("tenant.create", "Created"),
        ("device.set-as-factory", "Set as factory mode"),
        ("device.vanish", "device.vanish"),
        ("audit.export", "Audit log exported"),
        ("workspace.create", "Workspace made"),
        ("workspace.change-passphrase", "Passphrase changed"),
        ("odd", "odd"),
        ("", ""),
    ],
)
def test_actions_are_told_by_their_words_or_as_they_are(action: str, words: str) -> None:
    assert action_text(action) == words


def test_only_what_changed_is_told() -> None:
    before = {"name": "GW", "mode": "factory", "note": "old", "single_use": True, "tags": ["a"]}
    after = {"name": "GW", "mode": "disabled", "note": "", "single_use": False, "tags": ["a", "é"]}
    assert change_texts(event(before, after)) == (
        "mode: Factory → Disabled",
        "note: old → \N{EN DASH}",
        "single use: yes → no",
        "tags: a → a, é",
    )


def test_a_beginning_is_told_without_what_is_empty() -> None:
    after = {"name": "GW", "note": "", "hours": 0, "fields": [], "active": False, "owner": None}
    assert change_texts(event({}, after)) == ("name: GW", "hours: 0", "active: no")


def test_a_long_value_is_cut() -> None:
    (text,) = change_texts(event({}, {"name": "x" * 500}))
    assert len(text) < 100
    assert text.endswith("…")


def test_what_was_not_done_says_why() -> None:
    assert outcome_text(event({}, {})) == ""
    refused = event({}, {}, outcome="refused", reason="The name is taken.")
    assert outcome_text(refused) == "Refused: The name is taken."
