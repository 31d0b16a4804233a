"""The longest time the window's thread is not to be had while devices enrol.

A timer of 10 ms ticks in the window's thread; a busy thread makes it late. The yardstick is the
longest gap between two ticks while nothing happens.
"""

import json
import socket
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from app.config.settings import SettingsFile
from app.models.services.workspace.folder import SETTINGS
from tests.benchmarks.est_load import CLIENTS, put_load
from tests.benchmarks.figures import ROOT, Figure, Sizes
from tests.benchmarks.station import Station, make_station


def measure(sizes: Sizes) -> list[Figure]:
    """The window on its Devices page, its listener under the load of eight client processes."""
    with tempfile.TemporaryDirectory() as folder:
        station = make_station(Path(folder), 4 * CLIENTS)
        port = _let_listener_start(station)
        command = [sys.executable, "-m", "tests.benchmarks.ticking_window", *station.options]
        with subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as window:
            assert window.stdout is not None
            if window.stdout.readline() != "ready\n":
                raise RuntimeError("the window did not start its listener")
            idle_from = time.monotonic()
            time.sleep(sizes.seconds)
            idle_until = time.monotonic()
            first = put_load(port, station.gateways, None, by_certificate=False)
            known = put_load(port, station.gateways, sizes.seconds, by_certificate=False)
            output, _errors = window.communicate("stop\n", timeout=60)
        ticks: list[float] = json.loads(output)
    idle = longest_gap(ticks, idle_from, idle_until)
    return [
        Figure(name, longest_gap(ticks, load.started, load.ended), "ms", "longest gap idle", idle)
        for name, load in (("devices enrol", known), ("devices enrol for the first time", first))
    ]


def longest_gap(ticks: list[float], since: float, until: float) -> float:
    """Milliseconds between two ticks, at most, in this span of monotonic seconds."""
    within = [tick for tick in ticks if since <= tick <= until]
    return max(after - before for before, after in pairwise(within)) * 1000


def _let_listener_start(station: Station) -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    SettingsFile(station.folder / SETTINGS).change(
        listener_starts=True, listener_host="127.0.0.1", listener_port=port
    )
    return port
