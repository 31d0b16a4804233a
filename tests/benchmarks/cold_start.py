"""From the start of the process until its window was painted and it has ended.

The yardstick is a process that shows an empty window in the same way.
"""

import tempfile
from pathlib import Path
from statistics import median

from tests.benchmarks.figures import Figure, Sizes, python_milliseconds
from tests.benchmarks.station import make_station

TURNS = 5
_LOCKED = ("-m", "app.main", "--quit-after-start", "--workspace")


def measure(_sizes: Sizes) -> list[Figure]:
    """The program on a workspace, unlocked by a passphrase and locked."""
    with tempfile.TemporaryDirectory() as folder:
        station = make_station(Path(folder), 1)
        commands = {
            "bare": ("-m", "tests.benchmarks.bare_window"),
            "unlocking": ("-m", "app.main", *station.options, "--quit-after-start"),
            "locked": (*_LOCKED, str(station.folder)),
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _turn in range(TURNS):  # in turns, so that what else runs disturbs all alike
            for name, command in commands.items():
                times[name].append(python_milliseconds(*command))
    usual = {name: median(values) for name, values in times.items()}
    return [
        Figure(f"start, {name}", usual[name], "ms", "empty Qt window", usual["bare"])
        for name in ("unlocking", "locked")
    ]
