"""`birthmark setup` and `birthmark device-type`."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.config.paths import resources_folder
from app.models.domain.access import SYSTEM
from app.models.services.workspace.workspace import Workspace
from tests.cli.conftest import CommandLine

GATEWAY = resources_folder() / "setups" / "gateway.json"
TO_OWN = (
    *("--authority", "Factory CA=Acme Factory CA 1"),
    *("--authority", "Operational CA=Acme Operational CA 1"),
)


@pytest.fixture
def tenant_wide(tmp_path: Path) -> Path:
    """The gateway example for the tenant of the demo: its authorities are that tenant's."""
    file = json.loads(GATEWAY.read_text("utf-8"))
    for one in (*file["extensions"], *file["templates"], *file["device_types"]):
        one["sharing"] = {"access": "tenant", "tenant": "Acme Controls"}
    path = tmp_path / "gateway.json"
    path.write_text(json.dumps(file), "utf-8")
    return path


def outcomes(printed: Any) -> list[str]:
    return [item["outcome"] for item in printed["items"]]


def test_a_file_is_checked_then_imported(
    command: CommandLine, demo: Workspace, tenant_wide: Path
) -> None:
    shown = command.run("setup", "check", tenant_wide)
    assert "not signed" in shown
    assert "There is no authority with the name Factory CA." in shown
    assert shown.endswith("1 new, 0 changed, 0 unchanged, 3 impossible\n")
    checked = command.json("setup", "check", tenant_wide, *TO_OWN)
    assert outcomes(checked) == ["new"] * 4
    assert checked["signed_by"] is None
    assert checked["authorities"]["Factory CA"] == "Acme Factory CA 1"
    before = demo.device_types.all(SYSTEM)

    assert "Not everything" in command.refused("setup", "import", tenant_wide)
    assert demo.device_types.all(SYSTEM) == before
    imported = command.json("setup", "import", tenant_wide, *TO_OWN)
    assert imported == checked
    again = command.json("setup", "check", tenant_wide, *TO_OWN)
    assert outcomes(again) == ["unchanged"] * 4


def test_what_is_impossible_can_be_left_out(command: CommandLine, tenant_wide: Path) -> None:
    imported = command.json("setup", "import", tenant_wide, "--leave-out")
    assert outcomes(imported) == ["new"] + ["impossible"] * 3
    names = [row["name"] for row in command.json("extension", "list")]
    assert "MASA URL of gateways" in names


def test_an_export_is_signed_and_overwrites_nothing(command: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "setup.json"
    assert command.run("setup", "export", file) == ""
    checked = command.json("setup", "check", file)
    assert checked["own"]
    assert set(outcomes(checked)) == {"unchanged"}
    assert "is there already" in command.refused("setup", "export", file)

    one = tmp_path / "one.json"
    command.run("setup", "export", one, "--device-type", "Gateway 200")
    assert [made["name"] for made in json.loads(one.read_text())["templates"]] == [
        "Gateway IDevID",
        "Gateway mTLS client",
    ]
    one.write_text(one.read_text().replace('"use_mapping": false', '"use_mapping": true'))
    assert "not genuine" in command.refused("setup", "check", one)


def test_a_difference_is_a_line(command: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "setup.json"
    command.run("setup", "export", file)
    content = json.loads(file.read_text()) | {"signature": None}
    content["templates"][0]["validity_days"] = 99
    file.write_text(json.dumps(content))
    (line,) = (row for row in command.run("setup", "check", file).splitlines() if "99" in row)
    assert line.split() == ["validity_days", "->", "99"]


def test_a_device_type_goes_through_a_file(command: CommandLine, tmp_path: Path) -> None:
    shown = command.json("device-type", "show", "Gateway 200")
    assert shown["operational_templates"] == ["Gateway mTLS client"]
    file = tmp_path / "type.json"
    file.write_text(json.dumps(shown | {"name": "Copy"}), "utf-8")
    assert command.json("device-type", "create", "--file", file) == shown | {"name": "Copy"}

    file.write_text(json.dumps(shown | {"name": "Renamed", "password_enabled": False}), "utf-8")
    command.run("device-type", "edit", "Copy", "--file", file)
    assert not command.json("device-type", "show", "Renamed")["password_enabled"]
    assert "serial_number" in command.run("device-type", "show", "Renamed")

    file.write_text(json.dumps(shown | {"factory_template": "Nowhere"}), "utf-8")
    assert "Nowhere" in command.refused("device-type", "edit", "Renamed", "--file", file)
    file.write_text('{"name": 7}', "utf-8")
    assert "name: A text is expected" in command.refused("device-type", "create", "--file", file)


def test_a_device_type_is_listed_switched_and_deleted(command: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "type.json"
    file.write_text('{"name": "Bare"}', "utf-8")
    command.run("device-type", "create", "--file", file)
    (row,) = command.json("device-type", "list", "--search", "Bare")
    assert (row["active"], row["access"], row["devices"]) == (True, "global", 0)
    assert "is active" in command.refused("device-type", "delete", "Bare")
    command.run("device-type", "deactivate", "Bare")
    command.run("device-type", "activate", row["id"])
    command.run("device-type", "deactivate", "Bare")
    command.run("device-type", "delete", "Bare")
    assert command.json("device-type", "list", "--search", "Bare") == []
