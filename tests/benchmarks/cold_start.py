"""From the start of the process until its window was painted and it has ended.

The yardstick is a process that shows an empty window in the same way.
"""

import tempfile
from pathlib import Path
from statistics import median

from tests.benchmarks.figures import Figure, Sizes, python_milliseconds
from tests.benchmarks.station import make_station

TURNS = 5
_BARE = ("-m", "tests.benchmarks.bare_window")
_PROGRAM = ("-m", "app.main", "--quit-after-start", "--workspace")


def measure(_sizes: Sizes) -> list[Figure]:
    """The program on a workspace. Whether its keys are to be opened makes no difference yet."""
    with tempfile.TemporaryDirectory() as folder:
        station = make_station(Path(folder), 1)
        bare, program = [], []
        for _turn in range(TURNS):  # in turns, so that what else runs disturbs both alike
            bare.append(python_milliseconds(*_BARE))
            program.append(python_milliseconds(*_PROGRAM, str(station.folder)))
    return [Figure("start", median(program), "ms", "empty Qt window", median(bare))]
