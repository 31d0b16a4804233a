"""`birthmark tenant`, `org`, `user` and `app`."""

import stat
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.core.errors import AuthenticationError
from app.models.domain.access import SYSTEM, Channel
from app.models.services.setup.demo_data import DEMO_PASSWORD
from app.models.services.workspace.workspace import Workspace
from app.pki.pkcs12 import unpack
from tests.cli.conftest import CommandLine
from tests.workspace_fixtures import NOW

NEW_PASSWORD = "seven wet umbrellas"


@pytest.mark.req("SYS-03", "ROLE-04")
def test_a_tenant_is_made_renamed_ended_and_deleted(command: CommandLine) -> None:
    made = command.json("tenant", "create", "Borealis")
    assert made == {"id": made["id"], "name": "Borealis", "active": True}
    command.run("tenant", "edit", made["id"], "--name", "Boreas")
    command.run("tenant", "deactivate", "Boreas")
    assert command.json("tenant", "show", "Boreas")["active"] is False
    command.run("tenant", "activate", "Boreas")
    assert "is active" in command.refused("tenant", "delete", "Boreas")
    command.run("tenant", "deactivate", "Boreas")
    command.run("tenant", "delete", "Boreas")
    assert [row["name"] for row in command.json("tenant", "list")] == ["Acme Controls"]


@pytest.mark.req("SYS-03")
def test_an_organization_is_made_renamed_ended_and_deleted(command: CommandLine) -> None:
    made = command.json("org", "create", "West plant", "--tenant", "Acme Controls")
    assert made["tenant"] == "Acme Controls"
    command.run("org", "edit", "West plant", "--name", "Far west plant")
    command.run("org", "deactivate", made["id"])
    assert command.json("org", "show", "Far west plant")["active"] is False
    command.run("org", "delete", made["id"])
    names = [row["name"] for row in command.json("org", "list", "--search", "plant")]
    assert names == ["North plant", "South plant"]


def test_several_of_one_name_are_told_apart_by_their_ids(command: CommandLine) -> None:
    command.run("tenant", "create", "Borealis")
    first = command.json("org", "create", "Lab", "--tenant", "Borealis")["id"]
    second = command.json("org", "create", "Lab", "--tenant", "Acme Controls")["id"]
    said = command.refused("org", "show", "Lab")
    assert f"{first}, {second}" in said
    assert command.json("org", "show", second)["tenant"] == "Acme Controls"


@pytest.mark.req("SYS-03", "ROLE-03")
def test_a_user_is_made_and_chooses_a_password_of_their_own(
    command: CommandLine, monkeypatch: pytest.MonkeyPatch, secret_file: Callable[[str], Path]
) -> None:
    given = secret_file("four green bottles")
    made = command.json(
        *("user", "create", "lena.berg", "--role", "organization-operator"),
        *("--organization", "South plant", "--new-password-file", given),
    )
    assert made["tenant"] == "Acme Controls"
    assert made["organization"] == "South plant"
    assert made["must_change_password"] is True
    lena = command.acting_as("lena.berg")
    assert "Choose a password" in lena.refused("template", "list", "--password-file", given)
    monkeypatch.setenv("BIRTHMARK_NEW_PASSWORD", NEW_PASSWORD)
    lena.run("user", "change-password", "--password-file", given)
    own = secret_file(NEW_PASSWORD)
    assert lena.run("template", "list", "--password-file", own)
    monkeypatch.setenv("BIRTHMARK_NEW_PASSWORD", "nine dry umbrellas")
    lena.run("user", "change-password", "--password-file", own)
    assert "password" in lena.refused("template", "list", "--password-file", own)


@pytest.mark.req("SYS-03")
def test_a_user_is_changed_ended_and_deleted(
    command: CommandLine, demo: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    mia = demo.users.sign_in("mia.rossi", DEMO_PASSWORD, Channel.WINDOW)
    command.run("user", "sign-out", "mia.rossi")
    with pytest.raises(AuthenticationError):
        demo.users.me(mia)
    tenant = ("--tenant", "Acme Controls")
    command.run("user", "edit", "mia.rossi", "--role", "tenant-auditor", *tenant)
    assert command.json("user", "show", "mia.rossi")["role"] == "tenant-auditor"
    monkeypatch.setenv("BIRTHMARK_NEW_PASSWORD", NEW_PASSWORD)
    command.run("user", "reset-password", "mia.rossi")
    assert command.json("user", "show", "mia.rossi")["must_change_password"] is True
    command.run("user", "deactivate", "mia.rossi")
    command.run("user", "delete", "mia.rossi")
    assert "mia.rossi" not in command.run("user", "list")


@pytest.mark.req("SYS-10")
def test_an_application_gets_its_key_once_and_another_one(
    command: CommandLine, demo: Workspace, tmp_path: Path
) -> None:
    made = command.json("app", "create", "line-7", "--tenant", "Acme Controls")
    sign_in = demo.applications.authenticate
    assert sign_in(made["app_id"], made["app_key"], Channel.API, "").application_id == made["id"]
    assert "app_key" not in command.json("app", "show", "line-7")

    file = tmp_path / "key"
    assert (
        command.run("app", "rotate-key", "line-7", "--overlap-hours", 0, "--key-file", file) == ""
    )
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    key = file.read_text("utf-8").strip()
    assert sign_in(made["app_id"], key, Channel.API, "").application_id == made["id"]
    with pytest.raises(AuthenticationError):
        sign_in(made["app_id"], made["app_key"], Channel.API, "")
    assert "is there already" in command.refused("app", "rotate-key", "line-7", "--key-file", file)
    assert sign_in(made["app_id"], key, Channel.API, "")

    printed = command.run("app", "rotate-key", "line-7").strip()
    assert sign_in(made["app_id"], printed, Channel.API, "")
    command.run("app", "edit", "line-7", "--description", "the press")
    assert command.json("app", "show", "line-7")["description"] == "the press"
    assert command.json("app", "list")[0]["name"] == "line-7"
    command.run("app", "deactivate", "line-7")
    command.run("app", "delete", "line-7")
    assert command.json("app", "list") == []


@pytest.mark.req("SYS-10")
def test_an_application_gets_its_certificate_as_pfx(
    command: CommandLine, tmp_path: Path, secret_file: Callable[[str], Path]
) -> None:
    command.run(
        "app", "create", "line-7", "--tenant", "Acme Controls", "--key-file", tmp_path / "k"
    )
    command.run(
        *("template", "create", "--preset", "api-application", "--name", "Applications"),
        *("--authority", "Acme Operational CA 1", "--tenant", "Acme Controls"),
    )
    pfx = tmp_path / "line-7.p12"
    (issued,) = command.json(
        *("app", "certificate", "line-7", "--template", "Applications", "--out", pfx),
        *("--pfx-passphrase-file", secret_file("a pfx of my own")),
    )
    assert issued["name"] == "line-7"
    opened = unpack(pfx.read_bytes(), "a pfx of my own")
    assert opened.private_key is not None
    assert len(opened.chain) == 2


def test_times_are_iso_8601_in_utc(command: CommandLine) -> None:
    row = command.json("user", "show", "admin")
    assert row["last_sign_in_at"] == "2026-03-02T08:00:00Z"
    assert abs(datetime.fromisoformat(row["last_sign_in_at"]) - NOW) < timedelta(seconds=1)


def test_an_id_and_a_name_that_looks_like_one_are_not_mixed_up(
    command: CommandLine, demo: Workspace
) -> None:
    demo.tenants.create_tenant(SYSTEM, "1")
    assert "Several are called 1" in command.refused("tenant", "show", "1")
