"""The device list at a million rows: what the services take, and what the window shows when.

The yardstick of each figure is the same question in a workspace of a thousand devices.
"""

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from app.core.clock import SystemClock
from app.models.db.migrations.versions import r0001_initial
from app.models.domain.access import Actor, Channel, Role
from app.models.domain.devices import DeviceMode
from app.models.services.devices.listed import DeviceQuery, DeviceSort
from app.models.services.workspace.folder import DATABASE
from app.models.services.workspace.opening import create_workspace, open_workspace
from app.models.services.workspace.workspace import Workspace
from app.pki.sealing import KdfCost
from tests.benchmarks import many_devices
from tests.benchmarks.figures import BUILD, Figure, Sizes, usual_milliseconds
from tests.benchmarks.many_devices import make_database
from tests.benchmarks.station import PASSPHRASE

FEW_DEVICES = 1000
PAGE = 200
CHEAP = KdfCost(memory=8, passes=1, lanes=1)
ADMIN = Actor("admin", Channel.WINDOW, Role.ADMIN)
QUERIES: Mapping[str, DeviceQuery] = {
    "newest first": DeviceQuery(sort=DeviceSort.CHANGED_AT, descending=True),
    **{f"by {sort.value}": DeviceQuery(sort=sort) for sort in DeviceSort},
    "name begins with ac": DeviceQuery(text="ac"),
    "contains 00042": DeviceQuery(text="00042"),
    "contains acme": DeviceQuery(text="acme"),
    "contains what is nowhere": DeviceQuery(text="zzz"),
    "factory mode by name": DeviceQuery(mode=DeviceMode.FACTORY),
    "disabled by last change": DeviceQuery(mode=DeviceMode.DISABLED, sort=DeviceSort.CHANGED_AT),
    "expiring in 30 days": DeviceQuery(expiring_days=30),
}


def open_devices(count: int) -> Workspace:
    """A workspace with so many devices, made at first and kept for the next time."""
    sources = (many_devices.__file__, r0001_initial.__file__)
    version = hashlib.sha256(b"".join(Path(source).read_bytes() for source in sources))
    folder = BUILD / f"devices-{count}-{version.hexdigest()[:8]}"
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        create_workspace(folder, PASSPHRASE, SystemClock(), CHEAP).close()
        (folder / DATABASE).unlink()
        make_database(folder / DATABASE, count)
        (folder / "complete").touch()
    return open_workspace(folder, _Moment(), PASSPHRASE, cost=CHEAP)


class _Moment:
    """The time at which the devices were made up."""

    def now(self) -> datetime:
        """Always the same."""
        return many_devices.NOW


def measure(sizes: Sizes) -> list[Figure]:
    """The first page, the count and the last page, asked of the services more than once."""
    many, few = (_times(count) for count in (sizes.devices, FEW_DEVICES))
    return [
        Figure(name, value, "ms", f"{FEW_DEVICES:,} devices", few[name])
        for name, value in many.items()
    ]


def _times(count: int) -> dict[str, float]:
    workspace = open_devices(count)
    devices = workspace.device_list
    times: dict[str, float] = {}
    try:
        for name, query in QUERIES.items():
            page = partial(devices.page, ADMIN, query, 0, PAGE)
            times[f"first rows, {name}"] = usual_milliseconds(page)
            if replace(query, sort=DeviceSort.NAME, descending=False) != DeviceQuery():
                times[f"count, {name}"] = usual_milliseconds(partial(devices.count, ADMIN, query))
        last = partial(devices.page, ADMIN, DeviceQuery(), count - PAGE, PAGE)
        times["last rows, by name"] = usual_milliseconds(last)
        times["count, all"] = usual_milliseconds(partial(devices.count, ADMIN, DeviceQuery()))
    finally:
        workspace.close()
    return times
