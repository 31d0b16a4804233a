"""An exported log shows every change to it, and that its end was cut off."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import InvalidInputError
from app.models.domain.audit import GENESIS, AuditEvent, to_line, verify_lines
from app.models.domain.checkpoints import Checkpoint, checkpoint_to_line, to_sign
from app.pki.keys import KeyAlgorithm, generate
from app.pki.sign import SoftwareKey

KEY = SoftwareKey(generate(KeyAlgorithm.ED25519))
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


def signed(number: int, event_hash: str, key: SoftwareKey = KEY) -> str:
    """A checkpoint line."""
    signature = key.sign(to_sign(number, event_hash, START))
    return checkpoint_to_line(Checkpoint(number, event_hash, START, key.public_key, signature))


def log_of(events: list[AuditEvent]) -> list[str]:
    newest = events[-1] if events else None
    end = signed(newest.number, newest.hash) if newest else signed(0, GENESIS)
    return [*map(line_of, events), end]


LOG = log_of(chain(10))


@pytest.mark.parametrize("length", [0, 1, 5])
def test_whole_log_verifies(length: int) -> None:
    log = verify_lines(f"{line}\n" for line in log_of(chain(length)))
    assert log.count == log.checkpoint.number == length
    assert log.checkpoint.public_key == KEY.public_key


@pytest.mark.req("SYS-03")
@given(st.integers(0, 10), st.data())
def test_any_changed_character_is_found(index: int, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(LOG[index]) - 1))
    old = LOG[index][position]
    new = data.draw(
        st.one_of(
            st.characters(exclude_characters=old),
            st.sampled_from([c for c in '0123456789abcdefABCDEF \t{}[]"\\,:.' if c != old]),
            st.just(""),
        )
    )
    lines = list(LOG)
    lines[index] = LOG[index][:position] + new + LOG[index][position + 1 :]
    with pytest.raises(InvalidInputError):
        verify_lines(lines)


@given(st.integers(0, 9), st.data())
def test_any_changed_field_is_found(index: int, data: st.DataObject) -> None:
    event = json.loads(LOG[index])
    key = data.draw(st.sampled_from(sorted(event)))
    value = data.draw(st.one_of(st.none(), st.integers(), st.text(max_size=5)))
    if event[key] == value:
        return
    event[key] = value
    lines = [*LOG[:index], json.dumps(event, sort_keys=True), *LOG[index + 1 :]]
    with pytest.raises(InvalidInputError, match=f"line {index + 1}"):
        verify_lines(lines)


@given(st.integers(0, 10), st.integers(0, 10))
def test_any_moved_line_is_found(source: int, target: int) -> None:
    lines = list(LOG)
    lines.insert(target, lines.pop(source))
    if source == target:
        assert verify_lines(lines).count == 10
    else:
        with pytest.raises(InvalidInputError):
            verify_lines(lines)


@given(st.integers(0, 10), st.integers(0, 11))
def test_any_repeated_line_is_found(source: int, target: int) -> None:
    lines = list(LOG)
    lines.insert(target, lines[source])
    with pytest.raises(InvalidInputError):
        verify_lines(lines)


@pytest.mark.parametrize("index", range(10))
def test_removed_event_is_found(index: int) -> None:
    with pytest.raises(InvalidInputError):
        verify_lines(LOG[:index] + LOG[index + 1 :])


@pytest.mark.req("SYS-03")
@pytest.mark.parametrize("length", range(11))
def test_a_log_cut_off_at_its_end_is_found(length: int) -> None:
    with pytest.raises(InvalidInputError, match="cut off"):
        verify_lines(LOG[:length])
    if length < 10:
        with pytest.raises(InvalidInputError, match="cut off"):
            verify_lines([*LOG[:length], LOG[-1]])


def test_a_log_cut_off_and_signed_by_somebody_else_has_another_key() -> None:
    forger = SoftwareKey(generate(KeyAlgorithm.ED25519))
    events = chain(4)
    lines = [*map(line_of, events), signed(4, events[-1].hash, forger)]
    assert verify_lines(lines).checkpoint.public_key != KEY.public_key
    own_key = json.loads(lines[-1])
    own_key["checkpoint"]["public_key"] = KEY.public_key.hex()
    with pytest.raises(InvalidInputError, match="not genuine"):
        verify_lines([*lines[:-1], json.dumps(own_key, sort_keys=True)])


def test_forged_event_with_its_own_good_hash_breaks_the_link_after_it() -> None:
    events = chain(4)
    events[1] = replace(events[1], actor="somebody else")
    with pytest.raises(InvalidInputError, match="line 3"):
        verify_lines(log_of(events))


def test_an_event_of_a_later_version_may_say_more() -> None:
    event = chain(1)[0].canonical() | {"role": "admin"}
    text = json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    digest = hashlib.sha256(text.encode()).hexdigest()
    line = json.dumps(event | {"hash": digest}, sort_keys=True, ensure_ascii=False)
    assert verify_lines([line, signed(1, digest)]).count == 1


@given(st.text(max_size=200))
def test_any_line_of_text_is_refused_and_not_crashed_on(text: str) -> None:
    with pytest.raises(InvalidInputError):
        verify_lines([text])


HOSTILE = ['{"hash": "\\ud800"}', "[" * 100_000, "1" * 5000, "{}", '{"checkpoint": ' + "[" * 99_999]


@pytest.mark.parametrize("line", HOSTILE)
def test_hostile_lines_are_refused(line: str) -> None:
    with pytest.raises(InvalidInputError):
        verify_lines([line])


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["number", "hash", "at", "public_key", "signature", "x"]), inner
            )
        ),
        max_leaves=9,
    )
)
def test_hostile_checkpoints_are_refused(content: object) -> None:
    with pytest.raises(InvalidInputError):
        verify_lines([json.dumps({"checkpoint": content})])


@given(st.sampled_from(["number", "hash", "at", "public_key", "signature"]), st.data())
def test_a_checkpoint_with_one_bad_part_is_refused(part: str, data: st.DataObject) -> None:
    line = json.loads(LOG[-1])
    values = st.one_of(
        st.none(), st.integers(), st.floats(), st.text(max_size=70), st.binary().map(bytes.hex)
    )
    line["checkpoint"][part] = data.draw(values)
    with pytest.raises(InvalidInputError):
        verify_lines([*LOG[:-1], json.dumps(line, sort_keys=True)])


def test_a_role_is_part_of_an_event_and_older_events_keep_their_hashes() -> None:
    (before,) = chain(1)
    assert "role" not in before.canonical()
    acted_as = replace(before, role="admin")
    assert acted_as.canonical()["role"] == "admin"
    assert len({event.hash for event in (before, acted_as, replace(before, role="auditor"))}) == 3
