"""The list of devices against one filtered and sorted by hand."""

import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import AccessDeniedError
from app.models.db import tables
from app.models.domain.access import SYSTEM, Actor, Channel, Role
from app.models.domain.devices import DeviceMode
from app.models.services import listing
from app.models.services.devices import listed as device_list
from app.models.services.devices.listed import DeviceQuery, DeviceRow, DeviceSort
from app.models.services.workspace.workspace import Workspace
from tests.models.services.gateways import device_type, gateway, plant
from tests.models.services.people import person
from tests.workspace_fixtures import NOW

# Signs that mean something to LIKE, to a trigram search or to SQL, and letter case.
NAMES = ("gw-01", "GW-02", "pump_1", "pump%1", 'quo"te', "a", "gw_01", "it's", "back\\/", "pumpX1")
EMPTY = ("description", "model", "hardware_version", "manufacturer", "device_class", "firmware")
MODES = tuple(DeviceMode)


def fill(workspace: Workspace) -> list[DeviceRow]:
    """Add forty devices of two plants and two types, and return how they should be listed."""
    owners = [plant(workspace), plant(workspace, "South plant")]
    types = [device_type(workspace), device_type(workspace, "Flow sensor")]
    listed = []
    with workspace.store.change(SYSTEM) as change:
        for number in range(40):
            owner, kind, mode = owners[number % 2], types[number // 3 % 2], MODES[number // 2 % 4]
            shown: dict[str, Any] = {
                "name": dict(enumerate(NAMES)).get(number, f"unit-{number * 7 % 40:03d}"),
                "serial_number": f"SN-{number * 13 % 40:04d}",
                "mode": mode,
                "operational_until": None,
                "changed_at": NOW - timedelta(minutes=number * 17 % 40),
            }
            if mode is DeviceMode.OPERATIONAL:
                shown["operational_until"] = NOW + timedelta(days=number * 11 % 50 - 5)
            hidden = dict.fromkeys((*EMPTY, "location"), "") | {
                "tenant_id": owner.tenant_id,
                "organization_id": owner.id,
                "type_id": kind.id,
                "attributes": {},
                "created_at": NOW,
            }
            row_id = change.insert(tables.device, shown | hidden)
            listed.append(
                DeviceRow(id=row_id, type_name=kind.name, organization_name=owner.name, **shown)
            )
    return listed


def folded(text: str) -> str:
    """The key by which names are sorted: ASCII letters without case."""
    return text.lower()


def order_of(sort: DeviceSort) -> Callable[[DeviceRow], tuple[Any, ...]]:
    never = datetime.min.replace(tzinfo=NOW.tzinfo)
    return {
        DeviceSort.NAME: lambda row: (folded(row.name), row.id),
        DeviceSort.SERIAL_NUMBER: lambda row: (folded(row.serial_number), row.id),
        DeviceSort.TYPE: lambda row: (row.type_name, row.mode, row.id),
        DeviceSort.ORGANIZATION: lambda row: (row.organization_name, row.mode, row.id),
        DeviceSort.MODE: lambda row: (row.mode, row.changed_at, row.id),
        DeviceSort.OPERATIONAL_UNTIL: lambda row: (row.operational_until or never, row.id),
        DeviceSort.CHANGED_AT: lambda row: (row.changed_at, row.id),
    }[sort]


def matches(row: DeviceRow, query: DeviceQuery) -> bool:
    text = folded(query.text.strip())
    for value in (folded(row.name), folded(row.serial_number)):
        if value.startswith(text) or (len(text) >= 3 and text in value):
            break
    else:
        return False
    if query.expiring_days is not None:
        end = NOW + timedelta(days=query.expiring_days)
        if row.operational_until is None or not NOW < row.operational_until <= end:
            return False
    return query.mode in (None, row.mode)


def read(workspace: Workspace, actor: Actor, query: DeviceQuery) -> list[DeviceRow]:
    """Everything that matches, page by page."""
    pages = [workspace.device_list.page(actor, query, start, 7) for start in range(0, 49, 7)]
    return list(itertools.chain(*pages))


@pytest.fixture(params=["few", "many"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways of answering: by the index that finds, or along the one that sorts."""
    if request.param == "many":
        monkeypatch.setattr(device_list, "is_few", lambda _connection, _ids: False)
    return str(request.param)


@pytest.mark.req("DEV-80")
@pytest.mark.parametrize("actor", ["admin", "ruth.keller", "nora.lind"])
def test_filters_and_sorts(demo: Workspace, way: str, actor: str) -> None:
    listed = fill(demo)
    asks = person(demo, actor)
    if actor == "nora.lind":
        listed = [row for row in listed if row.organization_name == "North plant"]
    for sort, descending, mode, days in itertools.product(
        DeviceSort, (False, True), (None, DeviceMode.OPERATIONAL, DeviceMode.NEW), (None, 20)
    ):
        query = DeviceQuery("", mode, days, sort, descending)
        wanted = sorted((r for r in listed if matches(r, query)), key=order_of(sort))
        wanted = wanted[::-1] if descending else wanted
        assert read(demo, asks, query) == wanted, (way, query)
        assert demo.device_list.count(asks, query) == len(wanted)


@pytest.mark.req("DEV-80")
@pytest.mark.parametrize("mode", [None, DeviceMode.FACTORY])
@pytest.mark.parametrize(
    "text",
    ["g", "GW", "gw-", "W-0", "unit", "IT-0", "SN-00", "00", "sn", "zzz", "_", "%", "%%%", "p_1",
     "mp_", "mp%1", 'o"t', '"', '"""', "'", "t's", "back\\/", "\\", " a ", "AND", "name:gw",
     "a" * 300, "\u212a"],
)  # fmt: skip
def test_text_is_looked_for(
    demo: Workspace, admin: Actor, way: str, text: str, mode: DeviceMode | None
) -> None:
    query = DeviceQuery(text, mode)
    wanted = [row for row in fill(demo) if matches(row, query)]
    assert read(demo, admin, query) == sorted(wanted, key=order_of(DeviceSort.NAME)), way
    assert demo.device_list.count(admin, query) == len(wanted)


def test_any_text_can_be_typed(demo: Workspace, admin: Actor) -> None:
    listed = fill(demo)

    @given(st.text(max_size=6) | st.text("\"'%_*\\\0\ud800 -0gwunit", max_size=6))
    def search(text: str) -> None:
        query = DeviceQuery(text)
        found = {row.name for row in demo.device_list.page(admin, query, 0, 50)}
        if text.isascii() and text.isprintable():
            assert found == {row.name for row in listed if matches(row, query)}

    search()


def test_a_text_that_finds_too_much_is_cut(
    demo: Workspace, admin: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(demo)
    for module in (listing, device_list):
        monkeypatch.setattr(module, "FEW", 5)
    for text in ("unit", "u"):
        query = DeviceQuery(text)
        assert demo.device_list.count(admin, query) == 6
        assert {row.name[:5] for row in read(demo, admin, query)} == {"unit-"}
    assert demo.device_list.count(admin, DeviceQuery()) == 40


@pytest.mark.req("RBAC-02", "DEV-80")
def test_modes_are_counted_within_reach(demo: Workspace, admin: Actor) -> None:
    assert demo.device_list.mode_counts(admin) == dict.fromkeys(DeviceMode, 0)
    listed = fill(demo)
    for name in ("admin", "mia.rossi", "nora.lind"):
        seen = [
            row for row in listed if name != "nora.lind" or row.organization_name == "North plant"
        ]
        assert demo.device_list.mode_counts(person(demo, name)) == {
            mode: sum(row.mode is mode for row in seen) for mode in DeviceMode
        }


def test_a_new_and_a_changed_device_is_found(demo: Workspace, admin: Actor) -> None:
    device = gateway(demo, "press-brake").device
    for text in ("ess-br", "S-PRESS"):
        (row,) = demo.device_list.page(admin, DeviceQuery(text), 0, 10)
        assert (row.id, row.mode) == (device.id, DeviceMode.FACTORY)
    demo.devices.disable(admin, device.id)
    (row,) = demo.device_list.page(admin, DeviceQuery("press", DeviceMode.DISABLED), 0, 10)
    assert row.id == device.id


def test_strangers_see_nothing(demo: Workspace) -> None:
    fill(demo)
    stranger = Actor("eve", Channel.WINDOW, Role.TENANT_ADMIN, tenant_id=99)
    assert read(demo, stranger, DeviceQuery()) == []
    assert demo.device_list.count(stranger, DeviceQuery("unit")) == 0
    device = Actor("gw", Channel.EST, tenant_id=1, organization_id=1)
    for ask in (
        lambda: demo.device_list.page(device, DeviceQuery(), 0, 1),
        lambda: demo.device_list.count(device, DeviceQuery()),
        lambda: demo.device_list.mode_counts(device),
    ):
        with pytest.raises(AccessDeniedError):
            ask()
