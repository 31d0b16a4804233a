"""Device passwords: handed over once, kept for a while, recognised quickly, changed at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from app.core.errors import (
    AccessDeniedError,
    AuthenticationError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
)
from app.models.db import tables
from app.models.domain.access import SYSTEM, Actor
from app.models.domain.devices import Device, DeviceMode, name_problem, password_problem
from app.models.services.devices import credentials
from app.models.services.workspace.workspace import Workspace
from tests.fakes import FakeClock
from tests.models.services.gateways import PASSWORD, gateway
from tests.models.services.people import person


@pytest.fixture
def device(demo: Workspace) -> Device:
    """A gateway with a password."""
    return gateway(demo, "GW-1").device


@pytest.fixture
def slow_checks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Notes each slow hash that is computed."""
    seen: list[str] = []

    def watch(name: str) -> None:
        real: Callable[[str, object], None] = getattr(credentials, name)

        def noted(password: str, other: object) -> None:
            seen.append(name)
            real(password, other)

        monkeypatch.setattr(credentials, name, noted)

    watch("verify_password")
    watch("refuse_unknown")
    return seen


def check(demo: Workspace, device: Device | None, password: str) -> None:
    with demo.store.database.read() as connection:
        demo.credentials.verify(connection, device, password)


def until(demo: Workspace, device: Device) -> object:
    with demo.store.database.read() as connection:
        return demo.credentials.available(connection, device.id)


@pytest.mark.req("DTP-02", "DTP-03", "DTP-04", "DTP-09", "DEV-82", "DEV-86")
def test_the_file_is_handed_over_once(demo: Workspace, device: Device, admin: Actor) -> None:
    content = demo.credentials.download(admin, device.id)
    assert content.decode() == f"Device ID: GW-1\nPassword: {PASSWORD}\n"
    with pytest.raises(NotFoundError):
        demo.credentials.download(admin, device.id)
    assert until(demo, device) is None
    (event,) = demo.audit.of_object(admin, "device", device.id, 1)
    assert (event.action, event.after) == ("secret.download", {"kind": "credential"})
    check(demo, device, PASSWORD)


@pytest.mark.req("DTP-09", "DEC-13")
def test_what_was_handed_over_is_destroyed(demo: Workspace, device: Device, admin: Actor) -> None:
    demo.credentials.download(admin, device.id)
    with demo.store.database.read() as connection:
        row = connection.execute(
            select(tables.secret).order_by(tables.secret.c.id.desc()).limit(1)
        ).one()
    assert row.purpose == "device-credential"
    assert (row.wrapped_key, row.ciphertext) == (None, None)
    assert row.destroyed_at == demo.store.clock.now()


def test_two_at_once_get_one_file(demo: Workspace, device: Device, admin: Actor) -> None:
    def download(_turn: int) -> int:
        try:
            return len(demo.credentials.download(admin, device.id))
        except NotFoundError:
            return 0

    with ThreadPoolExecutor(4) as pool:
        sizes = sorted(pool.map(download, range(4)))
    assert sizes[:3] == [0, 0, 0]
    assert sizes[3] > 0


@pytest.mark.req("DTP-07", "DTP-08", "DEV-86", "DEC-13")
@pytest.mark.parametrize("hours", [1, 8])
def test_the_file_is_gone_after_its_time(
    demo: Workspace, admin: Actor, clock: FakeClock, hours: int
) -> None:
    with demo.store.change(SYSTEM) as change:
        change.connection.execute(update(tables.device_type).values(password_retention_hours=hours))
    device = gateway(demo, "GW-1").device
    end = clock.now() + timedelta(hours=hours)
    assert until(demo, device) == end
    clock.set(end - timedelta(seconds=1))
    assert until(demo, device) == end
    clock.set(end)
    assert until(demo, device) is None
    with pytest.raises(NotFoundError):
        demo.credentials.download(admin, device.id)
    check(demo, device, PASSWORD)


@pytest.mark.req("DTP-05", "DEC-23")
def test_a_good_password_is_recognised_the_second_time(
    demo: Workspace, device: Device, slow_checks: list[str]
) -> None:
    for _turn in range(3):
        check(demo, device, PASSWORD)
    assert slow_checks == ["verify_password"]
    for wrong in ("", PASSWORD + " ", PASSWORD.upper(), "\ud800"):
        with pytest.raises(AuthenticationError):
            check(demo, device, wrong)
    assert slow_checks == ["verify_password"] * 5


@pytest.mark.req("DEC-23")
def test_what_is_recognised_belongs_to_one_device(
    demo: Workspace, device: Device, slow_checks: list[str]
) -> None:
    other = gateway(demo, "GW-2", password="another password").device
    check(demo, device, PASSWORD)
    with pytest.raises(AuthenticationError):
        check(demo, other, PASSWORD)
    assert slow_checks == ["verify_password"] * 2


@pytest.mark.req("DEC-23")
def test_nobody_costs_as_much_as_somebody(
    demo: Workspace, device: Device, slow_checks: list[str]
) -> None:
    with pytest.raises(AuthenticationError) as unknown:
        check(demo, None, "a wrong password")
    with pytest.raises(AuthenticationError) as known:
        check(demo, device, "a wrong password")
    assert unknown.value.text() == known.value.text()
    assert slow_checks == ["refuse_unknown", "verify_password"]


@pytest.mark.req("DEC-23", "DEC-13", "CRED-02")
def test_a_changed_password_counts_at_once(demo: Workspace, device: Device, admin: Actor) -> None:
    check(demo, device, PASSWORD)
    new = demo.credentials.reset_password(admin, device.id, None)
    assert new != PASSWORD
    with pytest.raises(AuthenticationError):
        check(demo, device, PASSWORD)
    check(demo, device, new)
    assert demo.credentials.download(admin, device.id).decode().endswith(f"Password: {new}\n")
    assert demo.credentials.reset_password(admin, device.id, PASSWORD) == PASSWORD
    check(demo, device, PASSWORD)


@pytest.mark.req("DEC-13")
def test_a_reset_destroys_the_file_before(demo: Workspace, device: Device, admin: Actor) -> None:
    demo.credentials.reset_password(admin, device.id, "something else")
    with demo.store.database.read() as connection:
        kept = connection.execute(
            select(tables.secret.c.wrapped_key).where(
                tables.secret.c.purpose == "device-credential"
            )
        ).scalars()
        assert [key is None for key in kept] == [True, False]


def test_who_may_reset_and_download(demo: Workspace, device: Device) -> None:
    auditor = person(demo, "ivan.petrov")
    with pytest.raises(AccessDeniedError):
        demo.credentials.reset_password(auditor, device.id, None)
    with pytest.raises(AccessDeniedError):
        demo.credentials.download(auditor, device.id)
    demo.credentials.reset_password(person(demo, "nora.lind"), device.id, None)


@pytest.mark.parametrize("password", ["short", "x" * 129, "caf\u00e9 au lait", "tab\there!"])
def test_a_bad_password_changes_nothing(
    demo: Workspace, device: Device, admin: Actor, password: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        demo.credentials.reset_password(admin, device.id, password)
    assert caught.value.field == "password"
    check(demo, device, PASSWORD)


@pytest.mark.req("DTP-01", "DTP-06")
def test_a_type_without_passwords(demo: Workspace, device: Device, admin: Actor) -> None:
    with demo.store.change(SYSTEM) as change:
        change.connection.execute(update(tables.device_type).values(password_enabled=False))
    with pytest.raises(ConflictError):
        demo.credentials.reset_password(admin, device.id, None)


@pytest.mark.req("MODE-02", "MODE-04", "DEV-84")
def test_modes(demo: Workspace, device: Device, admin: Actor) -> None:
    assert device.mode is DeviceMode.FACTORY
    demo.devices.disable(admin, device.id)
    with pytest.raises(ConflictError):
        demo.credentials.reset_password(admin, device.id, None)
    check(demo, device, PASSWORD)  # whether a disabled device may enrol is not asked here


def test_passwords_are_in_no_text(demo: Workspace, admin: Actor) -> None:
    gateway(demo, "GW-1")
    assert PASSWORD not in repr(demo.credentials.hash(PASSWORD))
    for event in demo.audit.page(admin, 0, 100):
        assert PASSWORD not in repr(event)


@given(
    st.text(min_size=1, max_size=64).filter(lambda name: not name_problem(name)),
    st.text(st.characters(max_codepoint=126), min_size=8, max_size=40).filter(
        lambda password: not password_problem(password)
    ),
)
def test_a_credential_file_can_be_read_again(name: str, password: str) -> None:
    credential = credentials.DeviceCredential(name, password)
    assert credentials.DeviceCredential.read(credential.file()) == credential
