"""`python -m tests.benchmarks`: measures, prints a table and writes build/bench.json."""

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from tests.benchmarks import (
    cold_start,
    device_list,
    device_window,
    enrolment,
    issuing,
    window_gap,
)
from tests.benchmarks.figures import ROOT, Figure, Sizes, Summary, summaries

BENCHMARKS: Mapping[str, Callable[[Sizes], list[Figure]]] = {
    "enrolment": enrolment.measure,
    "issuing": issuing.measure,
    "cold-start": cold_start.measure,
    "window-gap": window_gap.measure,
    "device-list": device_list.measure,
    "device-window": device_window.measure,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmarks that are asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"which of {', '.join(BENCHMARKS)} (all)")
    parser.add_argument("--runs", type=int, default=3, help="the median of so many counts")
    parser.add_argument("--seconds", type=float, default=Sizes.seconds, help="length of a load")
    parser.add_argument("--devices", type=int, default=Sizes.devices, help="rows of the list")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "bench.json")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - BENCHMARKS.keys():
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    sizes = Sizes(options.seconds, options.devices)
    results: dict[str, list[Summary]] = {}
    for name in options.names or BENCHMARKS:
        results[name] = summaries([BENCHMARKS[name](sizes) for _run in range(options.runs)])
        sys.stdout.write(table(name, results[name]))
        sys.stdout.flush()
    write(options.out, options.runs, sizes, results)


def table(name: str, figures: Sequence[Summary]) -> str:
    """The figures of one benchmark for people, a line each."""
    lines = [f"\n{name}"]
    for figure in figures:
        value = f"{figure.value:10.1f} {figure.unit:<4}"
        ratio = f"{figure.ratio:8.3f} x {figure.yardstick} ({figure.yardstick_value:.1f})"
        spread = f"{figure.least_ratio:.3f} to {figure.most_ratio:.3f}"
        lines.append(f"  {figure.name:<46}{value}{ratio}  [{spread}]")
    return "\n".join(lines) + "\n"


def write(path: Path, runs: int, sizes: Sizes, results: Mapping[str, Sequence[Summary]]) -> None:
    """Keep the figures for machines, with what they depend on."""
    content = {
        "machine": platform.platform(),
        "processors": os.cpu_count(),
        "python": platform.python_version(),
        "runs": runs,
        "sizes": asdict(sizes),
        "results": {name: [asdict(one) for one in found] for name, found in results.items()},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
