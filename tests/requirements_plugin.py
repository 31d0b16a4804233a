"""Records which requirements the passing tests show.

A test says so by `@pytest.mark.req("DT-07", ...)`; an id that no checklist in `docs/` knows
fails it. `--requirements-report=FILE` writes the names of the passing tests by id as JSON.
"""

import json
from collections import defaultdict
from pathlib import Path

import pytest

from tools.requirements import known_ids

PROPERTY = "req"
KNOWN = known_ids()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that names the report."""
    parser.addoption(
        "--requirements-report",
        type=Path,
        metavar="FILE",
        help="write the requirements that passing tests show to FILE (JSON)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Collect in the process that sees every report: under xdist the controller."""
    path: Path | None = config.getoption("--requirements-report")
    if path is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(RequirementsReport(config.rootpath / path))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Put the ids of the test into its report, which xdist carries over."""
    ids = [key for mark in item.iter_markers("req") for key in mark.args]
    if unknown := sorted(set(ids) - KNOWN):
        pytest.fail(f"no checklist in docs/ has {', '.join(unknown)}", pytrace=False)
    item.user_properties.extend((PROPERTY, key) for key in ids)


class RequirementsReport:
    """Gathers the outcome of each test and writes the report when the run ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._passed: dict[str, list[str]] = {}
        self._failed: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a passed call, and a failure in any phase."""
        if report.failed:
            self._failed.add(report.nodeid)
        elif report.passed and report.when == "call":
            ids = [str(value) for name, value in report.user_properties if name == PROPERTY]
            self._passed[report.nodeid] = ids

    def pytest_sessionfinish(self) -> None:
        """Write the names of the passing tests by id."""
        tests: defaultdict[str, list[str]] = defaultdict(list)
        for name in sorted(self._passed.keys() - self._failed):
            for key in self._passed[name]:
                tests[key].append(name)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps(tests, indent=1, sort_keys=True) + "\n", "utf-8")
