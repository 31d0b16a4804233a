"""The hash chain shows every change to an exported log."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import InvalidInputError
from app.models.domain.audit import GENESIS, AuditEvent, to_line, verify_lines

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def chain(length: int) -> list[AuditEvent]:
    events: list[AuditEvent] = []
    for number in range(1, length + 1):
        previous = events[-1].hash if events else GENESIS
        events.append(
            AuditEvent(
                number, START + timedelta(seconds=number), "mia", "window", "", "device.create",
                "device", number, f"GW-{number} ü", "done", "", {}, {"mode": "new"}, previous,
            )
        )  # fmt: skip
    return events


def line_of(event: AuditEvent) -> str:
    return to_line(event, event.hash)


def test_whole_chain_verifies() -> None:
    assert verify_lines(map(line_of, chain(5))) == 5
    assert verify_lines([]) == 0


@given(st.integers(0, 9), st.data())
def test_any_changed_field_is_found(index: int, data: st.DataObject) -> None:
    lines = [line_of(event) for event in chain(10)]
    event = json.loads(lines[index])
    key = data.draw(st.sampled_from(sorted(event)))
    value = data.draw(st.one_of(st.none(), st.integers(), st.text(max_size=5)))
    if event[key] == value:
        return
    event[key] = value
    lines[index] = json.dumps(event)
    with pytest.raises(InvalidInputError, match=f"line {index + 1}"):
        verify_lines(lines)


@given(st.integers(0, 9), st.integers(0, 9))
def test_any_moved_event_is_found(source: int, target: int) -> None:
    lines = [line_of(event) for event in chain(10)]
    lines.insert(target, lines.pop(source))
    if source == target:
        assert verify_lines(lines) == 10
    else:
        with pytest.raises(InvalidInputError):
            verify_lines(lines)


def test_removed_event_is_found() -> None:
    lines = [line_of(event) for event in chain(4)]
    with pytest.raises(InvalidInputError, match="line 2"):
        verify_lines(lines[:1] + lines[2:])


def test_forged_event_with_its_own_good_hash_breaks_the_link_after_it() -> None:
    events = chain(4)
    events[1] = replace(events[1], actor="somebody else")
    with pytest.raises(InvalidInputError, match="line 3"):
        verify_lines(map(line_of, events))


@given(st.text(max_size=200))
def test_any_line_of_text_is_refused_and_not_crashed_on(text: str) -> None:
    with pytest.raises(InvalidInputError):
        verify_lines([text])


@pytest.mark.parametrize("line", ['{"hash": "\\ud800"}', "[" * 100_000, "1" * 5000, "{}"])
def test_hostile_lines_are_refused(line: str) -> None:
    with pytest.raises(InvalidInputError):
        verify_lines([line])
