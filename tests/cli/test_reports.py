"""`birthmark report`, and `birthmark audit list`."""

import csv
from pathlib import Path

import pytest

from app.models.domain.access import SYSTEM
from app.models.services.workspace.workspace import Workspace
from tests.cli.conftest import CommandLine


@pytest.mark.req("SYS-03")
@pytest.mark.parametrize(
    "arguments",
    [
        ("issued", "--by", "operator", "--since", "2026-01-01", "--until", "2027-01-01"),
        ("expiring", "--days", "900"),
        ("refusals", "--since", "2026-01-01T00:00:00+01:00", "--until", "2027-01-01"),
    ],
)
def test_a_report_is_the_same_as_table_json_and_csv(
    command: CommandLine, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    command.acting_as("mia.rossi").refused("user", "list")
    report = command.json("report", *arguments)
    printed = command.run("report", *arguments).splitlines()
    file = tmp_path / "report.csv"
    assert command.run("report", *arguments, "--csv", file) == ""
    with file.open(encoding="utf-8", newline="") as opened:
        heading, *rows, totals = csv.reader(opened)
    assert heading == report["columns"]
    assert rows == [[str(cell) for cell in row] for row in report["rows"]]
    assert totals[0] == "Total"
    assert len(printed) == len(rows) + 2
    assert "is there already" in command.refused("report", *arguments, "--csv", file)


def test_what_was_refused_is_counted(command: CommandLine) -> None:
    command.acting_as("mia.rossi").refused("user", "list")
    report = command.json("report", "refusals", "--until", "2026-03-03")
    assert ["mia.rossi may not do this.", "access.refuse", 1] in report["rows"]


@pytest.mark.req("SYS-03")
def test_events_are_narrowed_down(command: CommandLine, demo: Workspace) -> None:
    made = demo.tenants.create_tenant(SYSTEM, "Borealis")
    command.run("tenant", "deactivate", "Borealis")
    wanted = ("--kind", "tenant", "--id", made.id)
    events = command.json("audit", "list", *wanted)
    assert [event["action"] for event in events] == ["tenant.deactivate", "tenant.create"]
    assert [event["role"] for event in events] == ["admin", None]
    assert command.json("audit", "list", *wanted, "--limit", 1) == events[:1]
    assert command.json("audit", "list", *wanted, "--actor", "admin") == events[:1]
    assert command.json("audit", "list", *wanted, "--channel", "system") == events[1:]
    assert command.json("audit", "list", *wanted, "--action-begins", "tenant.c") == events[1:]
    assert command.json("audit", "list", *wanted, "--since", "2026-03-03") == []
    assert command.json("audit", "list", *wanted, "--outcome", "refused") == []
    assert "Borealis" in command.run("audit", "list", "--search", "Boreal")
