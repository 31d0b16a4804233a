"""From the start of the process until its window was painted and it has ended.

The yardstick is a process that shows an empty window in the same way.
"""

import tempfile
from pathlib import Path

from tests.benchmarks.figures import Figure, Sizes, python_milliseconds
from tests.benchmarks.station import make_station


def measure(_sizes: Sizes) -> list[Figure]:
    """The program on a workspace, unlocked by a passphrase and locked."""
    with tempfile.TemporaryDirectory() as folder:
        station = make_station(Path(folder), 1)
        program = ("-m", "app.main", *station.options, "--quit-after-start")
        locked = ("-m", "app.main", "--workspace", str(station.folder), "--quit-after-start")
        python_milliseconds(*program)  # files are in the page cache from now on
        bare = python_milliseconds("-m", "tests.benchmarks.bare_window")
        return [
            Figure(name, python_milliseconds(*command), "ms", "empty Qt window", bare)
            for name, command in (("start, unlocking", program), ("start, locked", locked))
        ]
