import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import ThrottledError
from app.models.services import throttle
from app.models.services.throttle import Throttle
from tests.fakes import FakeClock
from tests.workspace_fixtures import NOW


def wait(guard: Throttle, name: str) -> int:
    """How long the name has to wait, in seconds."""
    try:
        guard.check(name)
    except ThrottledError as error:
        return error.retry_after
    return 0


def test_waits_double_up_to_a_minute(clock: FakeClock) -> None:
    guard = Throttle(clock)
    waits = []
    for _attempt in range(13):
        guard.failed("ruth")
        waits.append(wait(guard, "ruth"))
    assert waits == [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert wait(guard, "nora") == 0


def test_waiting_helps_and_success_clears(clock: FakeClock) -> None:
    guard = Throttle(clock)
    for _attempt in range(8):
        guard.failed("ruth")
    assert wait(guard, "RUTH") == 8
    clock.advance(seconds=7.5)
    assert wait(guard, "ruth") == 1
    clock.advance(seconds=0.5)
    guard.check("ruth")
    guard.succeeded("Ruth")
    guard.failed("ruth")
    guard.check("ruth")


@given(st.integers(min_value=1, max_value=10_000))
def test_nobody_is_ever_locked_out(failures: int) -> None:
    clock = FakeClock(NOW)
    guard = Throttle(clock)
    guard._failures["ruth"] = throttle._Failures(failures - 1, NOW, NOW, "")
    guard.failed("ruth")
    assert wait(guard, "ruth") <= 60
    clock.advance(seconds=60)
    guard.check("ruth")


def test_long_places_count_too_and_fill_no_memory(clock: FakeClock) -> None:
    guard = Throttle(clock)
    for number in range(8):
        guard.failed("192.0.2.1 " + "x" * 10_000 + str(number))
    assert wait(guard, "192.0.2.1 " + "x" * 10_000) == 8
    assert sum(map(len, guard._failures)) < 1000


def test_clock_set_back_does_not_lengthen_the_wait(clock: FakeClock) -> None:
    guard = Throttle(clock)
    for _attempt in range(12):
        guard.failed("ruth")
    clock.advance(days=-1)
    assert wait(guard, "ruth") == 60


def test_memory_is_bounded(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "REMEMBERED_PLACES", 3)
    guard = Throttle(clock)
    for name in "abcd":
        guard.failed(name)
    assert list(guard._failures) == ["b", "c", "d"]
