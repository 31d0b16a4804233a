import shutil
import subprocess
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Row, select, update

from app.core.errors import (
    AccessDeniedError,
    ConflictError,
    InvalidInputError,
    LockedError,
    NotFoundError,
    UnavailableError,
)
from app.models.db import tables
from app.models.domain.access import SYSTEM, Actor
from app.models.domain.authorities import Authority, KeyChoice
from app.models.services.authorities import open_issuers
from app.models.services.authorities.keys import open_key
from app.models.services.vault import Vault
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import NEVER, KeyUsage, certificate_to_pem, read_certificate
from app.pki.keys import KeyAlgorithm
from app.pki.names import ATTRIBUTE_TYPES, Attribute, Subject
from app.pki.sign import SigningKey
from tests.fakes import FakeClock
from tests.models.services.people import person
from tests.workspace_fixtures import NOW, PASSPHRASE

# OpenSSL 3.0 cannot read ML-DSA; 4096-bit keys take long to make.
_KNOWN_TO_OPENSSL = [
    algorithm
    for algorithm in KeyAlgorithm
    if algorithm is not KeyAlgorithm.RSA_4096 and not algorithm.startswith("ml-dsa")
]
IN_TEN_YEARS = NOW + timedelta(days=3653)


def subject(name: str) -> Subject:
    return (Attribute(ATTRIBUTE_TYPES["CN"].oid, name),)


def make_root(
    workspace: Workspace,
    name: str = "Root",
    algorithm: KeyAlgorithm = KeyAlgorithm.EC_P256,
    not_after: datetime = NEVER,
) -> Authority:
    return workspace.authority_making.create_root(
        SYSTEM, name, subject(name), KeyChoice(algorithm), not_after=not_after
    )


def make_issuing(
    workspace: Workspace, root: Authority, name: str = "Issuing", not_after: datetime = IN_TEN_YEARS
) -> Authority:
    return workspace.authority_making.create_issuing(
        SYSTEM, root.id, name, subject(name), KeyChoice(KeyAlgorithm.EC_P256), not_after=not_after
    )


def test_extensions_of_a_root(workspace: Workspace) -> None:
    info = read_certificate(make_root(workspace).certificate)
    assert info.subject == info.issuer == subject("Root")
    assert (info.is_ca, info.path_length) == (True, 1)
    assert info.key_usage == frozenset({KeyUsage.KEY_CERT_SIGN, KeyUsage.CRL_SIGN})
    assert (info.not_before, info.not_after) == (NOW - timedelta(days=1), NEVER)
    assert info.subject_key_id


def test_extensions_of_an_issuing_authority(workspace: Workspace) -> None:
    root = make_root(workspace)
    info = read_certificate(make_issuing(workspace, root).certificate)
    assert (info.subject, info.issuer) == (subject("Issuing"), subject("Root"))
    assert (info.is_ca, info.path_length) == (True, 0)
    assert info.not_after == IN_TEN_YEARS
    assert info.authority_key_id == read_certificate(root.certificate).subject_key_id


@pytest.mark.parametrize("algorithm", _KNOWN_TO_OPENSSL)
@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl program")
def test_openssl_accepts_the_chain(
    workspace: Workspace, tmp_path: Path, algorithm: KeyAlgorithm
) -> None:
    root = make_root(workspace, algorithm=algorithm)
    issuing = make_issuing(workspace, root)
    (tmp_path / "root.pem").write_bytes(certificate_to_pem(root.certificate))
    (tmp_path / "issuing.pem").write_bytes(certificate_to_pem(issuing.certificate))
    result = subprocess.run(
        [
            "openssl",
            "verify",
            "-x509_strict",
            "-attime",
            str(int(NOW.timestamp()) + 1),
            "-CAfile",
            "root.pem",
            "issuing.pem",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_issuing_authority_ends_with_its_root(workspace: Workspace) -> None:
    root = make_root(workspace, not_after=IN_TEN_YEARS)
    issuing = make_issuing(workspace, root, not_after=NEVER)
    assert read_certificate(issuing.certificate).not_after == IN_TEN_YEARS


def test_chain_ends_with_the_root(workspace: Workspace) -> None:
    root = make_root(workspace)
    issuing = make_issuing(workspace, root)
    for _time in range(2):
        with workspace.store.database.read() as connection:
            chain = workspace.authorities.chain(connection, issuing.id)
        assert chain == (issuing.certificate, root.certificate)


def test_only_roots_certify_authorities(workspace: Workspace) -> None:
    issuing = make_issuing(workspace, make_root(workspace))
    with pytest.raises(ConflictError, match="devices only"):
        make_issuing(workspace, issuing, "Below")


def test_what_cannot_be_made(workspace: Workspace) -> None:
    root = make_root(workspace)
    with pytest.raises(ConflictError, match="taken"):
        make_root(workspace)
    with pytest.raises(InvalidInputError, match="before it begins"):
        make_issuing(workspace, root, not_after=NOW)
    with pytest.raises(InvalidInputError, match="needs a subject"):
        workspace.authority_making.create_root(SYSTEM, "Empty", (), KeyChoice(KeyAlgorithm.EC_P256))
    with pytest.raises(NotFoundError):
        workspace.authority_making.create_issuing(
            SYSTEM, 99, "Lost", subject("Lost"), KeyChoice(KeyAlgorithm.EC_P256), not_after=NEVER
        )
    assert workspace.authorities.all(SYSTEM) == (root,)


def test_clock_before_the_log_makes_no_authority(workspace: Workspace, clock: FakeClock) -> None:
    make_root(workspace)
    clock.advance(days=-1)
    with pytest.raises(UnavailableError, match="clock"):
        make_root(workspace, "Other")


def test_signing_key_belongs_to_the_certificate(workspace: Workspace) -> None:
    root = make_root(workspace)
    with workspace.store.database.read() as connection:
        issuer = workspace.authorities.issuer(connection, root.id)
        assert workspace.authorities.issuer(connection, root.id) is issuer
    assert issuer.authority_id == root.id
    assert issuer.info.der == root.certificate
    assert issuer.key.public_key == issuer.info.public_key


def test_swapped_key_is_noticed(workspace: Workspace) -> None:
    root, other = make_root(workspace), make_root(workspace, "Other")
    table = tables.authority
    with workspace.store.change(SYSTEM) as change:
        key = select(table.c.key_secret_id).where(table.c.id == other.id).scalar_subquery()
        change.connection.execute(
            update(table).where(table.c.id == root.id).values(key_secret_id=key)
        )
    with (
        workspace.store.database.read() as connection,
        pytest.raises(ConflictError, match="does not belong"),
    ):
        workspace.authorities.issuer(connection, root.id)


def test_locking_drops_the_keys(workspace: Workspace) -> None:
    root = make_root(workspace)
    authorities = workspace.authorities
    with workspace.store.database.read() as connection:
        authorities.issuer(connection, root.id)
        workspace.lock()
        with pytest.raises(LockedError):
            authorities.issuer(connection, root.id)
        assert authorities.certificate_info(connection, root.id).der == root.certificate
        assert authorities.chain(connection, root.id) == (root.certificate,)
        with pytest.raises(LockedError):
            make_issuing(workspace, root)
        workspace.unlock(PASSPHRASE)
        assert authorities.issuer(connection, root.id).authority_id == root.id


def test_key_is_not_kept_when_locked_meanwhile(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_root(workspace)
    opened: list[SigningKey] = []

    def lock_after_opening(connection: Connection, vault: Vault, row: Row[Any]) -> SigningKey:
        opened.append(open_key(connection, vault, row))
        if len(opened) == 1:
            locker = threading.Thread(target=workspace.lock)
            locker.start()
            locker.join()
        return opened[-1]

    monkeypatch.setattr(open_issuers, "open_key", lock_after_opening)
    with workspace.store.database.read() as connection:
        with pytest.raises(LockedError):
            workspace.authorities.issuer(connection, root.id)
        workspace.unlock(PASSPHRASE)
        assert workspace.authorities.issuer(connection, root.id).key is opened[1]


def test_inactive_authority_does_not_sign(workspace: Workspace) -> None:
    root = make_root(workspace)
    with workspace.store.database.read() as connection:
        workspace.authorities.issuer(connection, root.id)
    with workspace.store.change(SYSTEM) as change:
        change.connection.execute(update(tables.authority).values(active=False))
    with (
        workspace.store.database.read() as connection,
        pytest.raises(ConflictError, match="not active"),
    ):
        workspace.authorities.issuer(connection, root.id)


def test_key_never_shows(workspace: Workspace) -> None:
    root = make_root(workspace)
    with workspace.store.database.read() as connection:
        issuer = workspace.authorities.issuer(connection, root.id)
    assert "private_key" not in repr(issuer)
    (event,) = workspace.audit.of_object(SYSTEM, "authority", root.id, 10)
    assert event.action == "authority.create"
    assert event.after["fingerprint"] == read_certificate(root.certificate).fingerprint


@pytest.mark.req("ROLE-04", "ROLE-08")
def test_who_sees_and_who_makes(demo: Workspace, admin: Actor) -> None:
    names = [authority.name for authority in demo.authorities.all(person(demo, "paul.jensen"))]
    assert names == ["Acme Controls Root CA", "Acme Factory CA 1", "Acme Operational CA 1"]
    root = demo.authorities.all(admin)[0]
    assert demo.authorities.get(person(demo, "ivan.petrov"), root.id) == root
    with pytest.raises(NotFoundError):
        demo.authorities.get(admin, 99)
    with pytest.raises(AccessDeniedError):
        demo.authorities.all(person(demo, "nora.lind"))
    for name in ("ruth.keller", "ivan.petrov"):
        with pytest.raises(AccessDeniedError):
            demo.authority_making.create_root(
                person(demo, name), "Mine", subject("Mine"), KeyChoice(KeyAlgorithm.EC_P256)
            )
