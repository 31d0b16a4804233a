"""`birthmark external-ca`."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.models.domain.access import SYSTEM
from app.models.domain.external_cas import Challenge
from app.models.services.listing import ListQuery
from app.models.services.workspace.workspace import Workspace
from tests.cli.conftest import CommandLine
from tests.fakes import FakeClock
from tests.manufacturer import Manufacturer

OWNER = ("--tenant", "Acme Controls")


@pytest.fixture
def maker(tmp_path: Path, clock: FakeClock) -> Manufacturer:
    clock.set(datetime.now(UTC))  # that of the openssl command
    return Manufacturer(tmp_path / "maker")


@pytest.mark.req("ECA-17", "POP-01")
def test_a_ca_is_verified_by_what_its_key_signed(
    command: CommandLine, maker: Manufacturer, tmp_path: Path
) -> None:
    made = command.json("external-ca", "register", "Maker", maker.folder / "ca.pem", *OWNER)
    assert (made["verified"], made["tenant"]) == (False, "Acme Controls")
    request = tmp_path / "proof.csr"
    asked = command.json("external-ca", "challenge", "Maker", "--out", request)
    until = datetime.fromisoformat(asked["until"])
    proof = tmp_path / "answer.pem"
    proof.write_bytes(maker.certify("-subj", "/CN=somebody else"))
    said = command.refused("external-ca", "verify", "Maker", "--proof", proof)
    assert asked["code"] not in said

    proof.write_bytes(maker.answer(Challenge(asked["code"], until, request.read_bytes())))
    command.run("external-ca", "verify", "Maker", "--proof", proof)
    shown = command.json("external-ca", "show", "Maker")
    assert (shown["verified"], shown["verified_by"]) == (True, "possession")
    assert "verified already" in command.refused("external-ca", "challenge", "Maker")


def test_a_ca_is_vouched_for(command: CommandLine, maker: Manufacturer, demo: Workspace) -> None:
    file = maker.folder / "ca.pem"
    command.run("external-ca", "register", "Maker", file, *OWNER, "--organization", "North plant")
    command.run("external-ca", "verify", "Maker", "--override")
    assert command.json("external-ca", "show", "Maker")["verified_by"] == "override"
    (row,) = demo.external_cas.page(SYSTEM, ListQuery("Maker"), 0, 9)
    (listed,) = command.json("external-ca", "list", "--search", "Maker")
    assert (listed["id"], listed["organization"]) == (row.id, "North plant")


def test_a_ca_is_switched_and_deleted(command: CommandLine, maker: Manufacturer) -> None:
    file = maker.folder / "ca.pem"
    assert "belongs to a tenant" in command.refused("external-ca", "register", "Maker", file)
    command.run("external-ca", "register", "Maker", file, *OWNER, "--verified")
    assert "is active" in command.refused("external-ca", "delete", "Maker")
    command.run("external-ca", "deactivate", "Maker")
    command.run("external-ca", "delete", "Maker")
    assert command.json("external-ca", "list", "--search", "Maker") == []
    key = maker.folder / "ca.key"
    assert "private key" in command.refused("external-ca", "register", "Maker", key, *OWNER)
