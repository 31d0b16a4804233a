"""Who acts at the command line: signing in, signing out, what is refused, and no secrets."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.main import main
from app.models.domain.access import SYSTEM, Channel
from app.models.services.setup.demo_data import DEMO_PASSWORD
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import certificate_to_pem
from app.pki.keys import KeyAlgorithm, generate
from app.pki.pkcs12 import pack
from tests.cli.conftest import SECRETS, CommandLine
from tests.models.services.owners.test_second_factor import own_certificate, signing
from tests.workspace_fixtures import PASSPHRASE

ROOT = Path(__file__).parents[2]
CARD_PASSPHRASE = "card passphrase"


@pytest.mark.req("ROLE-01")
def test_a_wrong_password_opens_nothing(
    command: CommandLine, secret_file: Callable[[str], Path]
) -> None:
    wrong = secret_file("not the password")
    assert "password" in command.refused("tenant", "list", "--password-file", wrong)


def test_the_session_ends_with_the_command(command: CommandLine, demo: Workspace) -> None:
    command.run("tenant", "list")
    admin = demo.users.sign_in("admin", DEMO_PASSWORD, Channel.WINDOW)
    (only,) = demo.sessions.of_user(admin, admin.user_id or 0)
    assert only.id == admin.session_id
    done = [(event.action, event.channel) for event in demo.audit.page(SYSTEM, 1, 2)]
    assert done == [("user.sign-out", "cli"), ("user.sign-in", "cli")]


@pytest.mark.req("ROLE-02")
def test_a_certificate_is_asked_for_beside_the_password(
    command: CommandLine, demo: Workspace, tmp_path: Path, secret_file: Callable[[str], Path]
) -> None:
    key = generate(KeyAlgorithm.EC_P256)
    certificate = own_certificate(key)
    admin = demo.users.sign_in("admin", DEMO_PASSWORD, Channel.WINDOW)
    demo.users.set_certificate(admin, DEMO_PASSWORD, certificate, signing(key))
    assert "certificate" in command.refused("tenant", "list")
    card = tmp_path / "card.p12"
    card.write_bytes(pack(key, certificate, (), CARD_PASSPHRASE, "admin"))
    given = ("--certificate-file", card, "--certificate-passphrase-file")
    assert command.run("tenant", "list", *given, secret_file(CARD_PASSPHRASE))
    assert command.refused("tenant", "list", *given, secret_file("another"))


@pytest.mark.req("ROLE-02")
def test_an_administrator_lets_somebody_in_without_the_certificate(
    command: CommandLine, demo: Workspace
) -> None:
    mia = demo.users.sign_in("mia.rossi", DEMO_PASSWORD, Channel.WINDOW)
    key = generate(KeyAlgorithm.EC_P256)
    demo.users.set_certificate(mia, DEMO_PASSWORD, own_certificate(key), signing(key))
    assert command.json("user", "show", "mia.rossi")["second_factor"] is True
    command.run("user", "remove-certificate", "mia.rossi")
    assert command.json("user", "show", "mia.rossi")["second_factor"] is False
    assert command.acting_as("mia.rossi").run("template", "list")


@pytest.mark.req("ROLE-02")
def test_one_sets_ones_own_certificate_with_its_key(
    command: CommandLine, demo: Workspace, tmp_path: Path, secret_file: Callable[[str], Path]
) -> None:
    key = generate(KeyAlgorithm.EC_P256)
    certificate = tmp_path / "mia.pem"
    certificate.write_bytes(certificate_to_pem(own_certificate(key)))
    card, other = tmp_path / "card.p12", tmp_path / "other.p12"
    for file, its_key in ((card, key), (other, generate(KeyAlgorithm.EC_P256))):
        file.write_bytes(pack(its_key, own_certificate(its_key), (), CARD_PASSPHRASE, "mia"))
    mia, passphrase = command.acting_as("mia.rossi"), secret_file(CARD_PASSPHRASE)
    setting = ("user", "set-certificate", certificate, "--key-passphrase-file", passphrase)
    assert "does not belong" in mia.refused(*setting, "--key-file", other)
    assert mia.run("template", "list")
    mia.run(*setting, "--key-file", card)
    assert "certificate" in mia.refused("template", "list")
    given = ("--certificate-file", card, "--certificate-passphrase-file", passphrase)
    assert mia.run("template", "list", *given)
    person = demo.users.sign_in("admin", DEMO_PASSWORD, Channel.WINDOW)
    (user,) = (one for one in demo.users.users(SYSTEM) if one.name == "mia.rossi")
    assert demo.sessions.of_user(person, user.id) == ()


# role -> what that person may and may not do here
ROLES = {
    "admin": (("tenant", "list"), ("user", "list"), ("ca", "list"), ("audit", "list")),
    "ivan.petrov": (("tenant", "list"), ("user", "list"), ("ca", "list"), ("report", "issued")),
    "ruth.keller": (("tenant", "list"), ("user", "list"), ("ca", "list"), ("audit", "list")),
    "paul.jensen": (("tenant", "list"), ("user", "list"), ("ca", "list"), ("report", "refusals")),
    "mia.rossi": (("template", "list"), ("certificate", "list")),
    "nora.lind": (("template", "list"), ("certificate", "list")),
}
REFUSED = {
    "ivan.petrov": ("tenant", "create", "Borealis"),
    "ruth.keller": ("tenant", "create", "Borealis"),
    "paul.jensen": ("org", "create", "Lab", "--tenant", "Acme Controls"),
    "mia.rossi": ("user", "list"),
    "nora.lind": ("ca", "list"),
}


@pytest.mark.req("ROLE-04", "ROLE-05", "ROLE-06", "ROLE-07", "ROLE-08", "ROLE-09")
@pytest.mark.parametrize("user", ROLES)
def test_each_role_may_do_what_is_its_own(command: CommandLine, user: str) -> None:
    person = command.acting_as(user)
    for arguments in ROLES[user]:
        assert person.run(*arguments)


@pytest.mark.req("SYS-02", "ROLE-05", "ROLE-06", "ROLE-07", "ROLE-08", "ROLE-09")
@pytest.mark.parametrize("user", REFUSED)
def test_what_a_role_does_not_include_is_refused_and_recorded(
    command: CommandLine, demo: Workspace, user: str
) -> None:
    arguments = REFUSED[user]
    assert "may not do this" in command.acting_as(user).refused(*arguments)
    refused = next(e for e in demo.audit.page(SYSTEM, 0, 5) if e.action == "access.refuse")
    assert (refused.actor, refused.channel) == (user, "cli")
    assert refused.object_name == f"{arguments[0]}.{arguments[1]}"


def test_a_tenant_administrator_sees_only_the_own_tenant(
    command: CommandLine, demo: Workspace
) -> None:
    other = demo.tenants.create_tenant(SYSTEM, "Borealis")
    ruth = command.acting_as("ruth.keller")
    assert [row["name"] for row in ruth.json("tenant", "list")] == ["Acme Controls"]
    assert "out of reach" in ruth.refused("tenant", "show", other.id)
    made = ruth.json("extension", "create", "Site", "--oid", "1.3.6.1.4.1.32473.9", "--value", "x")
    assert (made["access"], made["tenant"]) == ("tenant", "Acme Controls")


@pytest.mark.parametrize(
    "arguments",
    [
        ("tenant", "list"),
        ("tenant", "frobnicate", "--user", "admin"),
        ("user", "create", "x", "--role", "king", "--user", "admin"),
        ("audit", "list", "--since", "yesterday", "--user", "admin"),
        ("audit", "list", "--until", "9999-12-31T23:59:59-01:00", "--user", "admin"),
        ("audit", "list", "--id", "99999999999999999999", "--user", "admin"),
        ("audit", "list", "--limit", "-1", "--user", "admin"),
        ("report", "expiring", "--days", "36501", "--user", "admin"),
        ("tenant", "list", "--user", "admin", "--password", "a secret"),
        ("user", "create", "x", "--role", "admin", "--user", "admin", "--new-password", "secret"),
        ("ca", "create-root", "x", "--subject", "CN=x", "--user", "admin", "--pin", "1234"),
    ],
)
def test_bad_usage_ends_with_two(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "usage: birthmark" in printed.err


def test_without_a_terminal_the_missing_secret_is_named(
    command: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    monkeypatch.delenv("BIRTHMARK_PASSWORD")
    assert "BIRTHMARK_PASSWORD" in command.refused("tenant", "list")
    monkeypatch.delenv("BIRTHMARK_PASSPHRASE")
    assert "BIRTHMARK_PASSPHRASE" in command.refused("ca", "crl", "1")


@pytest.mark.parametrize(("ended", "code"), [(EOFError, 1), (KeyboardInterrupt, 130)])
def test_whoever_gives_up_at_the_prompt_sees_no_traceback(
    command: CommandLine, monkeypatch: pytest.MonkeyPatch, ended: type[BaseException], code: int
) -> None:
    def give_up(_question: str) -> str:
        raise ended

    monkeypatch.delenv("BIRTHMARK_PASSWORD")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", give_up)
    if code == 1:
        assert "Nothing was typed" in command.refused("tenant", "list")
        return
    with pytest.raises(SystemExit) as exited:
        command.run("tenant", "list")
    assert exited.value.code == code


def test_a_new_password_is_typed_twice(
    command: CommandLine, demo: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = ["seven wet umbrellas", "seven wet umbrella", *["seven wet umbrellas"] * 2]
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda _question: typed.pop(0))
    lena = ("user", "create", "lena", "--role", "auditor")
    assert "not the same" in command.refused(*lena)
    assert command.json(*lena)["name"] == "lena"
    assert typed == []
    assert any(user.name == "lena" for user in demo.users.users(SYSTEM))


def test_no_secret_is_printed_or_logged(
    command: CommandLine, demo: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BIRTHMARK_NEW_PASSWORD", "seven wet umbrellas")
    made = command.json("user", "create", "lena", "--role", "auditor")
    assert not {"password", "password_hash", "certificate"} & made.keys()
    monkeypatch.setenv("BIRTHMARK_PFX_PASSPHRASE", "a pfx of my own")
    command.run(
        *("certificate", "issue", "--template", "Gateway mTLS client", "--out", tmp_path / "x.p12"),
        *("--tenant", "Acme Controls", "--set", "subject.CN=gw-1", "san.dns=gw-1.example.com"),
    )
    written = b"".join(
        file.read_bytes()
        for file in demo.folder.rglob("*")
        if file.is_file() and file.stat().st_size
    )
    for secret in ("seven wet umbrellas", "a pfx of my own", DEMO_PASSWORD, PASSPHRASE):
        assert secret.encode() not in written


@pytest.mark.parametrize("text", ["two\nlines", "\x1b[2J", "\udcff"])
def test_what_cannot_be_printed_is_refused(command: CommandLine, text: str) -> None:
    said = command.refused("tenant", "create", text)
    assert "cannot be printed" in said
    assert text not in said


@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell")
def test_a_reader_that_has_enough_ends_nothing(demo: Workspace) -> None:
    command = f"{sys.executable} -m app.main audit list --user admin --workspace {demo.folder}"
    done = subprocess.run(
        f"({command}; echo $? >&2) | true",
        shell=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stderr == "0\n"


def test_the_program_itself_lists_tenants(demo: Workspace) -> None:
    assert set(SECRETS) & os.environ.keys() == {"BIRTHMARK_PASSPHRASE", "BIRTHMARK_PASSWORD"}
    command = ["tenant", "list", "--user", "admin", "--workspace", str(demo.folder)]
    done = subprocess.run(
        [sys.executable, "-m", "app.main", *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stderr == ""
    assert "Acme Controls" in done.stdout
