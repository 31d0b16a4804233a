"""`birthmark est-server`, on the demo workspace."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.cli.serving import Listeners
from app.models.domain.access import SYSTEM, Access, Sharing
from app.models.domain.device_types import DeviceType
from app.models.services.workspace.workspace import Workspace
from tests.cli.conftest import CommandLine
from tests.fakes import FakeClock

LOCAL = "127.0.0.1"
BENCH = "North plant bench"
NORTH = ("--organization", "North plant")
GATEWAY = ("--device-type", "Gateway 200")


def make_bare(workspace: Workspace, name: str, organization_id: int | None = None) -> DeviceType:
    """A device type without templates, for everybody or an organization of Acme."""
    sharing = Sharing()
    if organization_id is not None:
        sharing = Sharing(Access.ORGANIZATION, 1, organization_id)
    return workspace.device_types.create(SYSTEM, DeviceType(id=0, name=name, sharing=sharing))


@pytest.mark.req("EST-07", "EST-08", "EST-09", "EST-10", "EST-11", "EST-14", "DEC-17", "DEC-21")
def test_one_is_made_with_every_option(command: CommandLine) -> None:
    made = command.json(
        *("est-server", "create", "Line 4", *NORTH, *GATEWAY, "--domain", "line4.est.local"),
        *("--no-password", "--certificate", "--require-pop", "--enrol-others", "--server-keys"),
        *("--allow", "10.0.0.0/24", "--allow", " 10.0.1.5-10.0.1.9", "--base64", "wrapped"),
    )
    assert made == {
        "id": 2,
        "name": "Line 4",
        "domain": "line4.est.local",
        "tenant": "Acme Controls",
        "organization": "North plant",
        "device_type": "Gateway 200",
        "password_authentication": False,
        "certificate_authentication": True,
        "require_pop": True,
        "enrol_others": True,
        "server_key_generation": True,
        "allowed_addresses": ["10.0.0.0/24", "10.0.1.5-10.0.1.9"],
        "base64_form": "wrapped",
        "active": True,
        "labels": {},
    }
    assert command.json("est-server", "show", "Line 4") == made | {"applications": []}
    (listed,) = command.json("est-server", "list", "--search", "LINE4")
    assert (listed["id"], listed["device_type"], listed["labels"]) == (2, "Gateway 200", 0)
    assert "Gateway 200" in command.run("est-server", "list")


@pytest.mark.req("EST-08", "EST-09", "EST-11", "EST-14")
def test_what_cannot_be_is_refused(command: CommandLine) -> None:
    create = ("est-server", "create", "Line 4", *GATEWAY)
    assert "belongs to an organization" in command.refused(*create, "--tenant", "Acme Controls")
    assert "authenticate" in command.refused(*create, *NORTH, "--no-password", "--no-certificate")
    assert "“10.0.0.9/24”" in command.refused(*create, *NORTH, "--allow", "10.0.0.9/24")
    assert "cannot be an accepted" in command.refused(*create, *NORTH, "--allow", "")
    assert ".est.local" in command.refused(*create, *NORTH, "--domain", "line4.example")
    made = command.json(*create, *NORTH)
    assert re.fullmatch(r"est-[0-9a-f]{8}\.est\.local", made["domain"])


@pytest.mark.req("EST-19", "EST-12", "EST-13")
def test_only_what_is_named_is_changed(command: CommandLine, demo: Workspace) -> None:
    (before,) = demo.est_servers.all(SYSTEM)
    edit = ("est-server", "edit", BENCH)
    command.run(*edit, "--no-certificate", "--allow", "10.0.0.1", "--base64", "single-line")
    command.run(*edit, "--name", "Bench", "--certificate", "--organization", "South plant")
    (after,) = demo.est_servers.all(SYSTEM)
    assert after.allowed_addresses == ("10.0.0.1",)
    assert after.base64_form == "single-line"
    unchanged = replace(after, allowed_addresses=(), base64_form=before.base64_form)
    assert unchanged == replace(before, name="Bench", organization_id=2)
    command.run("est-server", "edit", "Bench", "--allow-all", "--device-type", "1")
    assert demo.est_servers.get(SYSTEM, before.id).allowed_addresses == ()


@pytest.mark.req("EST-16", "EST-17", "EST-15")
def test_a_clone_keeps_what_fits(command: CommandLine, demo: Workspace) -> None:
    (bench,) = demo.est_servers.all(SYSTEM)
    demo.est_servers.edit(
        SYSTEM, replace(bench, certificate_authentication=False, allowed_addresses=("10.0.0.1",))
    )
    norths, everybodys = make_bare(demo, "Pump", 1), make_bare(demo, "Fan")
    demo.est_servers.add_label(SYSTEM, bench.id, "pumps", norths.id)
    demo.est_servers.add_label(SYSTEM, bench.id, "fans", everybodys.id)
    clone = command.json("est-server", "clone", BENCH, "South bench", "--organization", "2")
    assert (clone["organization"], clone["domain"]) == ("South plant", bench.domain)
    assert (clone["labels"], clone["labels_left_out"]) == ({"fans": "Fan"}, ["pumps"])
    assert clone["allowed_addresses"] == ["10.0.0.1"]
    second = command.json("est-server", "clone", BENCH, "Second bench")
    assert second["domain"] != bench.domain  # nothing would tell the two apart
    assert (second["labels"], second["labels_left_out"]) == ({"fans": "Fan", "pumps": "Pump"}, [])
    named = command.json("est-server", "clone", BENCH, "Third", "--domain", "third.est.local")
    assert named["domain"] == "third.est.local"


@pytest.mark.req("EST-20", "EST-18")
def test_one_is_switched_off_and_deleted(command: CommandLine) -> None:
    assert "is active" in command.refused("est-server", "delete", BENCH)
    command.run("est-server", "deactivate", BENCH)
    command.run("est-server", "activate", BENCH)
    command.run("est-server", "deactivate", BENCH)
    command.run("est-server", "delete", BENCH)
    assert command.json("est-server", "list") == []


@pytest.mark.req("LBL-01", "LBL-02", "LBL-03", "LBL-04")
def test_labels(command: CommandLine) -> None:
    add = ("est-server", "add-label", BENCH)
    assert "3 to 24" in command.refused(*add, "Line-4", *GATEWAY)
    assert "reserved" in command.refused(*add, "cacerts", *GATEWAY)
    command.run(*add, "line4", *GATEWAY)
    assert command.json("est-server", "show", BENCH)["labels"] == {"line4": "Gateway 200"}
    assert "line4=Gateway 200" in command.run("est-server", "show", BENCH)
    assert "already" in command.refused(*add, "line4", *GATEWAY)
    command.run("est-server", "remove-label", BENCH, "line4")
    assert "line4" in command.refused("est-server", "remove-label", BENCH, "line4")


@pytest.mark.req("DEC-05")
def test_applications_are_let_in(command: CommandLine, demo: Workspace) -> None:
    demo.applications.create(SYSTEM, "MES", 1)
    command.run("est-server", "link", BENCH, "MES")
    assert command.json("est-server", "show", BENCH)["applications"] == ["MES"]
    command.run("est-server", "unlink", BENCH, "MES")
    assert command.json("est-server", "show", BENCH)["applications"] == []


@pytest.mark.req("EST-01", "RBAC-03")
def test_who_may(command: CommandLine) -> None:
    command.acting_as("ruth.keller").run("est-server", "deactivate", BENCH)
    auditor = command.acting_as("ivan.petrov")
    assert not auditor.json("est-server", "show", BENCH)["active"]
    assert "may not" in auditor.refused("est-server", "delete", BENCH)
    assert "may not" in command.acting_as("mia.rossi").refused("est-server", "list")


@pytest.fixture
def listeners(demo: Workspace, clock: FakeClock) -> Iterator[Listeners]:
    """Those of the demo workspace, at the computer's time, by which TLS clients judge."""
    clock.set(datetime.now(UTC))
    made = Listeners(demo, clock)
    made.est.start(LOCAL, 0)
    yield made
    made.stop()


@pytest.mark.req("EST-18")
def test_its_connection_is_tested(
    command: CommandLine, demo: Workspace, listeners: Listeners
) -> None:
    address = listeners.est.address
    report = command.json("est-server", "test", BENCH, "--address", address)
    assert report.keys() == {
        *("tls", "certificates", "milliseconds", "server_subject", "not_after")
    }
    assert (report["tls"], report["certificates"]) == ("TLS 1.3", 2)
    assert datetime.fromisoformat(report["not_after"]) > datetime.now(UTC)
    unknown = ("--address", address, "--label", "nothere")
    assert "404" in command.refused("est-server", "test", BENCH, *unknown)

    demo.settings.change(listener_host="0.0.0.0", listener_port=listeners.est.port)
    assert "TLS 1.3" in command.run("est-server", "test", BENCH)
    listeners.stop()
    assert "Nobody answers" in command.refused("est-server", "test", BENCH)
