import shutil
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from app.core.errors import ConflictError, LockedError, NotFoundError
from app.models.db import tables
from app.models.domain.access import SYSTEM, Actor
from app.models.domain.est_servers import EstServer
from app.models.services.est.tls_identity import TlsIdentity
from app.models.services.secrets import read_secret
from app.models.services.workspace import station
from app.models.services.workspace.opening import open_workspace
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import (
    SERVER_AUTH,
    CertificateInfo,
    KeyUsage,
    certificate_to_pem,
    read_certificate,
)
from app.pki.keys import KeyAlgorithm, private_key_from_der, public_key_der
from app.pki.names import GeneralName, SanKind
from tests.fakes import FakeClock
from tests.workspace_fixtures import CHEAP, NOW, PASSPHRASE


@pytest.fixture(autouse=True)
def network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A computer with one name and one address."""
    monkeypatch.setattr(station, "host_names", lambda: ("localhost", "bench-7"))
    monkeypatch.setattr(station, "addresses", lambda: ("127.0.0.1", "::1", "192.0.2.77"))


def leaf(identity: TlsIdentity) -> CertificateInfo:
    return read_certificate(identity.chain[0])


def test_certificate_of_the_listener(demo: Workspace, admin: Actor) -> None:
    identity = demo.est_endpoints.tls_identity()
    info = leaf(identity)
    (server,) = demo.est_servers.all(admin)
    assert set(info.san) == {
        *(GeneralName(SanKind.DNS, name) for name in (server.domain, "localhost", "bench-7")),
        *(GeneralName(SanKind.IP, ip) for ip in ("127.0.0.1", "::1", "192.0.2.77")),
    }
    assert info.algorithm is KeyAlgorithm.EC_P256
    assert info.extended_key_usage == (SERVER_AUTH,)
    assert info.key_usage == frozenset({KeyUsage.DIGITAL_SIGNATURE})
    assert (info.not_before, info.not_after) == (NOW, NOW + timedelta(days=398))
    key = private_key_from_der(identity.private_key_der)
    assert public_key_der(key.public_key()) == info.public_key
    assert "private" not in repr(identity)


def test_chain_leads_to_what_clients_trust(demo: Workspace, admin: Actor) -> None:
    identity = demo.est_endpoints.tls_identity()
    root, _factory, operational = demo.authorities.all(admin)
    assert identity.chain[1:] == (operational.certificate,)
    assert demo.est_endpoints.trust_anchors() == certificate_to_pem(root.certificate)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl program")
def test_openssl_accepts_the_chain(demo: Workspace, tmp_path: Path) -> None:
    identity = demo.est_endpoints.tls_identity()
    (tmp_path / "root.pem").write_bytes(demo.est_endpoints.trust_anchors())
    for name, certificate in zip(("leaf.pem", "issuing.pem"), identity.chain, strict=True):
        (tmp_path / name).write_bytes(certificate_to_pem(certificate))
    command = "openssl verify -x509_strict -purpose sslserver -verify_ip 192.0.2.77 -attime"
    result = subprocess.run(
        [
            *command.split(),
            str(int(NOW.timestamp()) + 1),
            *["-CAfile", "root.pem", "-untrusted", "issuing.pem", "leaf.pem"],
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_it_stays_until_four_fifths_of_its_life(demo: Workspace, clock: FakeClock) -> None:
    first = demo.est_endpoints.tls_identity()
    clock.advance(days=318)
    assert demo.est_endpoints.tls_identity() == first
    clock.advance(days=1)
    second = demo.est_endpoints.tls_identity()
    assert leaf(second).not_before == clock.now()
    assert leaf(second).public_key != leaf(first).public_key


def test_old_key_is_destroyed(demo: Workspace, clock: FakeClock) -> None:
    demo.est_endpoints.tls_identity()
    table = tables.tls_identity
    with demo.store.database.read() as connection:
        old = connection.execute(select(table.c.key_secret_id)).scalar_one()
    clock.advance(days=350)
    demo.est_endpoints.tls_identity()
    with demo.store.database.read() as connection:
        new = connection.execute(select(table.c.key_secret_id)).scalar_one()
        assert new != old
        with pytest.raises(NotFoundError):
            read_secret(connection, demo.store.vault, old)


def test_new_name_makes_a_new_certificate(
    demo: Workspace, admin: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = demo.est_endpoints.tls_identity()
    (server,) = demo.est_servers.all(admin)
    added = demo.est_servers.create(admin, replace(server, name="Line 4", domain=""))
    second = demo.est_endpoints.tls_identity()
    assert second != first
    assert GeneralName(SanKind.DNS, added.domain) in leaf(second).san
    monkeypatch.setattr(station, "addresses", lambda: ("127.0.0.1", "::1", "192.0.2.78"))
    third = demo.est_endpoints.tls_identity()
    assert GeneralName(SanKind.IP, "192.0.2.78") in leaf(third).san


def test_lost_network_makes_no_new_certificate(
    demo: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = demo.est_endpoints.tls_identity()
    monkeypatch.setattr(station, "addresses", lambda: ("127.0.0.1", "::1"))
    assert demo.est_endpoints.tls_identity() == first


def test_other_issuer_makes_a_new_certificate(demo: Workspace, admin: Actor) -> None:
    first = demo.est_endpoints.tls_identity()
    _root, factory, _operational = demo.authorities.all(admin)
    with demo.store.change(SYSTEM) as change:
        change.connection.execute(
            update(tables.template)
            .where(tables.template.c.name == "Gateway mTLS client")
            .values(authority_id=factory.id)
        )
    second = demo.est_endpoints.tls_identity()
    assert second.chain[1] == factory.certificate != first.chain[1]


def test_processes_share_one(demo: Workspace, clock: FakeClock) -> None:
    worker = open_workspace(demo.folder, clock, PASSPHRASE, exclusive=False, cost=CHEAP)
    assert worker.est_endpoints.tls_identity() == demo.est_endpoints.tls_identity()
    worker.close()


def test_another_process_may_have_been_faster(
    demo: Workspace, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = open_workspace(demo.folder, clock, PASSPHRASE, exclusive=False, cost=CHEAP)
    made: list[TlsIdentity] = []
    real = demo.store.database.write

    def write_after_the_other() -> object:
        made.append(worker.est_endpoints.tls_identity())
        return real()

    monkeypatch.setattr(demo.store.database, "write", write_after_the_other)
    assert [demo.est_endpoints.tls_identity()] == made
    worker.close()


def test_locked_workspace_gives_no_key(demo: Workspace) -> None:
    demo.lock()
    with pytest.raises(LockedError):
        demo.est_endpoints.tls_identity()
    demo.unlock(PASSPHRASE)
    demo.est_endpoints.tls_identity()
    demo.lock()
    with pytest.raises(LockedError):
        demo.est_endpoints.tls_identity()


def test_nothing_to_serve(workspace: Workspace) -> None:
    for ask in (workspace.est_endpoints.tls_identity, workspace.est_endpoints.trust_anchors):
        with pytest.raises(ConflictError, match="No EST server"):
            ask()


def test_server_without_template_does_not_stand_in_the_way(demo: Workspace, admin: Actor) -> None:
    gateway = demo.device_types.all(admin)[1]
    bare = demo.device_types.create(
        admin,
        replace(gateway, name="Bare", operational_template_ids=(), operational_mapping={}),
    )
    with demo.store.change(SYSTEM) as change:
        change.connection.execute(update(tables.est_server).values(active=False))
    server = EstServer(0, "Bare", "bare.est.local", 1, 1, bare.id, certificate_authentication=False)
    demo.est_servers.create(admin, server)
    demo.est_servers.create(admin, replace(server, name="Gateways", device_type_id=gateway.id))
    assert GeneralName(SanKind.DNS, "bare.est.local") in leaf(demo.est_endpoints.tls_identity()).san
