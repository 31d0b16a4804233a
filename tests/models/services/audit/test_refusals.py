"""Nobody fills the audit log by being refused."""

import pytest

from app.core.errors import AuthenticationError, KnownError, ThrottledError
from app.models.domain.access import SYSTEM, Actor, Channel
from app.models.services.audit.log import AuditFilter
from app.models.services.audit.refusals import MOST, MOST_OF_ONE_ADDRESS, RefusalLimit
from app.models.services.workspace.workspace import Workspace
from tests.fakes import FakeClock


def let_through(limit: RefusalLimit, address: str, times: int) -> int:
    return sum(limit.admit(address) is not None for _turn in range(times))


def test_one_address_keeps_no_other_from_being_recorded(clock: FakeClock) -> None:
    limit = RefusalLimit(clock)
    assert let_through(limit, "192.0.2.1", 1000) == MOST_OF_ONE_ADDRESS
    assert limit.admit("192.0.2.2") == 1000 - MOST_OF_ONE_ADDRESS
    assert limit.admit("192.0.2.2") == 0


def test_many_addresses_are_limited_together(clock: FakeClock) -> None:
    limit = RefusalLimit(clock)
    assert sum(let_through(limit, f"2001:db8::{n:x}", 1) for n in range(1000)) == MOST
    clock.advance(seconds=59)
    assert limit.admit("192.0.2.1") is None
    clock.advance(seconds=1)
    assert limit.admit("192.0.2.1") == 1000 - MOST + 1


def test_a_clock_set_back_silences_nothing(clock: FakeClock) -> None:
    limit = RefusalLimit(clock)
    let_through(limit, "192.0.2.1", 100)
    clock.advance(days=-1)
    assert limit.admit("192.0.2.1") == 100 - MOST_OF_ONE_ADDRESS


def test_the_audit_log_tells_how_many_are_missing(demo: Workspace, clock: FakeClock) -> None:
    stranger = Actor("unknown", Channel.EST, address="192.0.2.1")
    for _turn in range(MOST_OF_ONE_ADDRESS + 5):
        demo.audit.record_refusal(stranger, "est.refuse", "est-server", None, "x", "Why not.")
    clock.advance(minutes=1)
    demo.audit.record_refusal(stranger, "est.refuse", "est-server", None, "x", "Why not.")
    events = demo.audit.page(SYSTEM, 0, 1000, AuditFilter("est.refuse"))
    assert len(events) == MOST_OF_ONE_ADDRESS + 1
    assert [event.after for event in events[:2]] == [{"left_out": 5}, {}]


def test_who_was_let_in_is_always_recorded(demo: Workspace) -> None:
    device = Actor("GW-1", Channel.EST, device_id=1, address="192.0.2.1")
    for _turn in range(MOST_OF_ONE_ADDRESS + 5):
        demo.audit.record_refusal(device, "est.refuse", "est-server", None, "x", "Why not.")
    assert demo.audit.count(SYSTEM, AuditFilter("est.refuse")) == MOST_OF_ONE_ADDRESS + 5


def test_a_long_reason_is_cut(demo: Workspace) -> None:
    device = Actor("GW-1", Channel.EST, device_id=1)
    demo.audit.record_refusal(device, "est.refuse", "est-server", None, "x", "no" * 20_000)
    assert demo.audit.page(SYSTEM, 0, 1)[0].reason == "no" * 500


def test_showing_certificates_of_nobody_is_limited(demo: Workspace) -> None:
    for _turn in range(2 * MOST_OF_ONE_ADDRESS):
        with pytest.raises(AuthenticationError):
            demo.api_tokens.by_certificate((b"no certificate",), "192.0.2.1")
    assert demo.audit.count(SYSTEM, AuditFilter("application.sign-in")) == MOST_OF_ONE_ADDRESS


def test_trying_keys_from_many_addresses_is_limited(demo: Workspace) -> None:
    for turn in range(MOST + 20):
        with pytest.raises(AuthenticationError):
            demo.api_tokens.by_key("0" * 32, "wrong", f"2001:db8::{turn:x}")
    assert demo.audit.count(SYSTEM, AuditFilter("application.sign-in")) == MOST


def test_trying_appids_is_slowed_down_like_trying_keys(demo: Workspace) -> None:
    tried = [_outcome(demo, f"{number:032x}") for number in range(20)]
    assert tried == [AuthenticationError] * 5 + [ThrottledError] * 15
    created = demo.applications.create(SYSTEM, "Line 4", 1)
    app_id, app_key = created.application.app_id, created.app_key
    demo.api_tokens.by_key(app_id, app_key, "192.0.2.1")  # from the same place


def _outcome(demo: Workspace, app_id: str) -> type[KnownError]:
    with pytest.raises(KnownError) as refused:
        demo.api_tokens.by_key(app_id, "wrong", "192.0.2.1")
    return refused.type
