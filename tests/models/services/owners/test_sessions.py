"""Being signed in: for how long, and who ends it."""

import pytest

from app.core.errors import AccessDeniedError, NotFoundError, SessionEndedError
from app.models.domain.access import SYSTEM, Actor, Channel
from app.models.services.owners.sessions import SESSION_LENGTH
from app.models.services.setup.demo_data import DEMO_PASSWORD
from app.models.services.workspace.workspace import Workspace
from tests.fakes import FakeClock
from tests.models.services.people import person


def sign_in(workspace: Workspace, name: str, address: str = "") -> Actor:
    return workspace.users.sign_in(name, DEMO_PASSWORD, Channel.WINDOW, address)


def is_in(workspace: Workspace, actor: Actor) -> bool:
    """Whether the actor may still read and write."""
    try:
        workspace.users.me(actor)
    except SessionEndedError:
        with pytest.raises(SessionEndedError):
            workspace.users.set_language(actor, "")
        return False
    workspace.users.set_language(actor, "")
    return True


def test_a_session_lasts_half_a_day(demo: Workspace, clock: FakeClock) -> None:
    mia = sign_in(demo, "mia.rossi")
    clock.advance(seconds=SESSION_LENGTH.total_seconds() - 1)
    assert is_in(demo, mia)
    clock.advance(seconds=1)
    assert not is_in(demo, mia)
    assert demo.sessions.of_user(SYSTEM, mia.user_id or 0) == ()


def test_signing_out_ends_this_session_only(demo: Workspace) -> None:
    here, there = sign_in(demo, "mia.rossi", "10.0.0.1"), sign_in(demo, "mia.rossi", "10.0.0.2")
    demo.sessions.end(here)
    assert not is_in(demo, here)
    assert is_in(demo, there)
    events = demo.audit.of_object(SYSTEM, "user", here.user_id or 0, 9)
    assert "user.sign-out" in [event.action for event in events]


def test_signing_out_everywhere(demo: Workspace) -> None:
    both = [sign_in(demo, "mia.rossi"), sign_in(demo, "mia.rossi")]
    other = sign_in(demo, "nora.lind")
    demo.sessions.end_all(both[0], both[0].user_id or 0)
    assert [is_in(demo, actor) for actor in both] == [False, False]
    assert is_in(demo, other)


def test_signing_out_elsewhere_spares_this_session(demo: Workspace) -> None:
    here, there = sign_in(demo, "mia.rossi"), sign_in(demo, "mia.rossi")
    other = sign_in(demo, "nora.lind")
    demo.sessions.end_others(here)
    assert [is_in(demo, actor) for actor in (here, there, other)] == [True, False, True]


def test_who_comes_back_goes_on_in_the_session_left_open(demo: Workspace, clock: FakeClock) -> None:
    former = sign_in(demo, "mia.rossi")
    clock.advance(hours=11)
    fresh = sign_in(demo, "mia.rossi")
    assert demo.sessions.resume(fresh, former) == former
    assert not is_in(demo, fresh)
    clock.advance(hours=11)
    assert is_in(demo, former)
    clock.advance(hours=1)
    assert not is_in(demo, former)


def test_who_comes_back_goes_on_though_the_session_expired(
    demo: Workspace, clock: FakeClock
) -> None:
    former = sign_in(demo, "mia.rossi")
    clock.advance(hours=13)
    assert not is_in(demo, former)
    fresh = sign_in(demo, "mia.rossi")
    assert demo.sessions.resume(fresh, former) == former
    assert [is_in(demo, actor) for actor in (former, fresh)] == [True, False]


def test_a_session_that_was_ended_or_of_another_or_long_over_is_not_gone_on_in(
    demo: Workspace, clock: FakeClock
) -> None:
    ended, expired, other = (sign_in(demo, n) for n in ("mia.rossi", "mia.rossi", "nora.lind"))
    demo.sessions.end(ended)
    fresh = sign_in(demo, "mia.rossi")
    assert demo.sessions.resume(fresh, ended) == fresh
    assert demo.sessions.resume(fresh, other) == fresh
    clock.advance(days=1)
    later = sign_in(demo, "mia.rossi")
    assert demo.sessions.resume(later, expired) == later
    assert [is_in(demo, actor) for actor in (later, ended, expired)] == [True, False, False]


def test_a_new_password_ends_the_other_sessions(demo: Workspace) -> None:
    here, there = sign_in(demo, "mia.rossi"), sign_in(demo, "mia.rossi")
    demo.users.change_password(here, DEMO_PASSWORD, "four purple pears")
    assert is_in(demo, here)
    assert not is_in(demo, there)


def test_who_sees_and_ends_sessions(demo: Workspace) -> None:
    mia, nora = sign_in(demo, "mia.rossi", "10.0.0.1"), sign_in(demo, "nora.lind")
    mia_id = mia.user_id or 0
    (session,) = demo.sessions.of_user(mia, mia_id)
    assert (session.id, session.address) == (mia.session_id, "10.0.0.1")
    assert demo.sessions.of_user(person(demo, "paul.jensen"), mia_id) == (session,)
    for call in (demo.sessions.of_user, demo.sessions.end_all):
        with pytest.raises(AccessDeniedError):
            call(nora, mia_id)
        with pytest.raises(NotFoundError):
            call(person(demo, "ruth.keller"), person(demo, "admin").user_id or 0)
    with pytest.raises(AccessDeniedError):
        demo.sessions.end_all(person(demo, "paul.jensen"), mia_id)
    demo.sessions.end_all(person(demo, "ruth.keller"), mia_id)
    assert not is_in(demo, mia)


def test_sessions_that_are_over_are_swept_and_their_numbers_not_counted_on(
    demo: Workspace, clock: FakeClock
) -> None:
    old = {sign_in(demo, "mia.rossi").session_id for _time in range(20)}
    assert len(old) == 20
    clock.advance(days=1)
    new = sign_in(demo, "mia.rossi")
    assert new.session_id not in old
    assert len(demo.sessions.of_user(new, new.user_id or 0)) == 1
