import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.__main__ import BENCHMARKS
from tests.benchmarks.figures import ROOT, Figure, summaries
from tests.benchmarks.window_gap import longest_gap


def test_runs_become_medians() -> None:
    runs = [[Figure("a", value, "ms", "b", 2.0)] for value in (4.0, 2.0, 10.0)]
    (summary,) = summaries(runs)
    assert (summary.value, summary.ratio) == (4.0, 2.0)
    assert (summary.least_ratio, summary.most_ratio) == (1.0, 5.0)


def test_runs_of_different_figures_are_not_mixed() -> None:
    with pytest.raises(ValueError, match="shorter"):
        summaries([[Figure("a", 1.0, "ms", "b", 1.0)], []])


def test_the_longest_gap_is_found_within_its_span_only() -> None:
    assert longest_gap([0.0, 5.0, 5.01, 5.03, 9.0], 5.0, 6.0) == pytest.approx(20)


@pytest.mark.slow
def test_every_benchmark_measures_something(tmp_path: Path) -> None:
    small = ["--runs", "1", "--seconds", "0.5", "--devices", "3000"]
    command = [sys.executable, "-m", "tests.benchmarks", *small, "--out", str(tmp_path / "out")]
    table = subprocess.run(
        command, cwd=ROOT, check=True, timeout=300, stdout=subprocess.PIPE, text=True
    ).stdout
    results = json.loads((tmp_path / "out").read_text("utf-8"))["results"]
    assert list(results) == list(BENCHMARKS)
    for figures in results.values():
        assert figures
        assert all(figure["value"] > 0 and figure["yardstick_value"] > 0 for figure in figures)
        assert all(figure["name"] in table for figure in figures)
