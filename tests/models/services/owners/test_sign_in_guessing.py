"""Guessing passwords and names: it is slow, hurts nobody else, and tells nothing."""

import time

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from app.core.errors import AuthenticationError, KnownError, ThrottledError
from app.models.db import tables
from app.models.domain.access import SYSTEM, Channel
from app.models.services.owners.users import Users
from app.models.services.setup.demo_data import DEMO_PASSWORD
from app.models.services.workspace.workspace import Workspace
from app.pki.passwords import hash_password
from app.pki.sealing import KdfCost
from tests.fakes import FakeClock

WRONG = "not the password"
# Large enough that hashing outweighs everything else that a sign-in does.
COST = KdfCost(memory=16 * 1024, passes=1, lanes=1)


def guess(workspace: Workspace, name: str, address: str, password: str = WRONG) -> int:
    """One try; returns how many seconds the place has to wait, 0 when it was answered."""
    try:
        workspace.users.sign_in(name, password, Channel.WINDOW, address)
    except ThrottledError as error:
        return error.retry_after
    except AuthenticationError:
        pass
    return 0


@pytest.mark.req("ROLE-01")
def test_a_thousand_wrong_passwords_slow_one_place_down_and_nobody_else(
    demo: Workspace, clock: FakeClock
) -> None:
    start, answered, longest = clock.now(), 0, 0
    while answered < 1000:
        wait = guess(demo, "mia.rossi", "10.0.0.66")
        answered += wait == 0
        longest = max(longest, wait)
        clock.advance(seconds=wait)
    assert (clock.now() - start).total_seconds() > 900 * 60
    assert longest == 60
    assert demo.users.sign_in("mia.rossi", DEMO_PASSWORD, Channel.WINDOW, "10.0.0.7")
    with pytest.raises(ThrottledError):
        demo.users.sign_in("mia.rossi", DEMO_PASSWORD, Channel.WINDOW, "10.0.0.66")
    assert guess(demo, "somebody.else", "10.0.0.66") > 0
    clock.advance(seconds=60)
    assert demo.users.sign_in("mia.rossi", DEMO_PASSWORD, Channel.WINDOW, "10.0.0.66")


def test_getting_in_oneself_does_not_clear_the_guesses_at_others(demo: Workspace) -> None:
    for name in ("admin", "ruth.keller", "admin", "ruth.keller"):
        assert guess(demo, name, "10.0.0.66") == 0
    demo.users.sign_in("mia.rossi", DEMO_PASSWORD, Channel.WINDOW, "10.0.0.66")
    assert guess(demo, "admin", "10.0.0.66") == 0
    assert guess(demo, "admin", "10.0.0.66") == 1


def test_own_typing_errors_are_forgiven(demo: Workspace) -> None:
    for _time in range(3):
        for _attempt in range(4):
            assert guess(demo, "mia.rossi", "10.0.0.7") == 0
        demo.users.sign_in("mia.rossi", DEMO_PASSWORD, Channel.WINDOW, "10.0.0.7")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(codec=None)), st.text(st.characters(codec=None), max_size=200))
@example("\ud800", "\ud800")
@example("mia.rossi\x00", "\x00")
@example("' OR 1=1 --", "' OR 1=1 --")
def test_whatever_is_typed_is_refused(demo: Workspace, name: str, password: str) -> None:
    with pytest.raises(KnownError):
        demo.users.sign_in(name, password, Channel.WINDOW, f"10.2.0.{len(name)}.{hash(name)}")


def _seconds(workspace: Workspace, name: str, number: int) -> float:
    began = time.perf_counter()
    guess(workspace, name, f"10.1.{number // 250}.{number % 250}")
    return time.perf_counter() - began


@pytest.mark.req("SYS-01")
def test_time_does_not_tell_whether_a_name_exists(demo: Workspace) -> None:
    demo.users = Users(demo.store, COST)
    with demo.store.change(SYSTEM) as change:
        change.connection.execute(
            update(tables.user).values(password_hash=hash_password(DEMO_PASSWORD, COST))
        )
    for number in range(4):  # the first of everything is slower
        _seconds(demo, "mia.rossi" if number % 2 else "nobody.here", 300 + number)
    known: list[float] = []
    unknown: list[float] = []
    for number in range(0, 120, 2):  # by turns, whatever else the computer is doing
        turns = [("mia.rossi", known), ("nobody.here", unknown)]
        for place, (name, times) in enumerate(turns if number % 4 else reversed(turns)):
            times.append(_seconds(demo, name, number + place))
    # The share of pairs of which the known name took longer (Mann-Whitney's U over n squared):
    # one half when nothing differs; its standard deviation is 0.053 for sixty of each.
    wins = sum(one > other for one in known for other in unknown)
    assert 0.2 < wins / (len(known) * len(unknown)) < 0.8
