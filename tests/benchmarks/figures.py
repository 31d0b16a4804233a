"""What a benchmark measures, and what becomes of several runs."""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build" / "bench"


@dataclass(frozen=True)
class Sizes:
    """How much is measured: seconds of each load, and rows of the long list."""

    seconds: float = 3.0
    devices: int = 1_000_000


@dataclass(frozen=True)
class Figure:
    """One measured value beside its yardstick, which was measured in the same run."""

    name: str
    value: float
    unit: str
    yardstick: str
    yardstick_value: float

    @property
    def ratio(self) -> float:
        """The value in yardsticks: the speed of the machine cancels out."""
        return self.value / self.yardstick_value


@dataclass(frozen=True)
class Summary:
    """A figure over several runs: medians, and the smallest and largest ratio."""

    name: str
    value: float
    unit: str
    yardstick: str
    yardstick_value: float
    ratio: float
    least_ratio: float
    most_ratio: float


def summaries(runs: Sequence[Sequence[Figure]]) -> list[Summary]:
    """The medians of runs that measured the same figures in the same order."""
    return [_summary(figures) for figures in zip(*runs, strict=True)]


def _summary(figures: Sequence[Figure]) -> Summary:
    first, ratios = figures[0], [figure.ratio for figure in figures]
    return Summary(
        first.name,
        median(figure.value for figure in figures),
        first.unit,
        first.yardstick,
        median(figure.yardstick_value for figure in figures),
        median(ratios),
        min(ratios),
        max(ratios),
    )


def milliseconds(work: Callable[[], object]) -> float:
    """How long `work` takes, once."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def usual_milliseconds(work: Callable[[], object]) -> float:
    """How long `work` takes when it is repeated: what is cached is in the cache."""
    return median(milliseconds(work) for _turn in range(5))


def python_milliseconds(*arguments: str) -> float:
    """How long a new Python process takes from its start to its good end."""
    command = [sys.executable, *arguments]
    return milliseconds(lambda: subprocess.run(command, cwd=ROOT, check=True, timeout=120))
