"""Authorities taken back by the one above: what other programs say, and what goes on here."""

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.core.errors import ConflictError, InvalidInputError
from app.models.domain.access import SYSTEM
from app.models.domain.authorities import Authority
from app.models.domain.certificates import Certificate, CertificateStatus
from app.models.domain.events import EntityChanged
from app.models.services.authorities.imports import Bundle
from app.models.services.authorities.revocation import AUTHORITY_REASONS, Dependants
from app.models.services.workspace.opening import open_workspace
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import (
    CertificateContents,
    KeyUsage,
    build,
    build_root,
    certificate_to_pem,
    new_serial,
    read_certificate,
)
from app.pki.crl import read_crl
from app.pki.keys import PrivateKey, generate, public_key_der
from app.pki.pkcs12 import pack
from app.pki.revocation import RevocationReason
from app.pki.sign import SigningKey, SoftwareKey
from tests.fakes import FakeClock
from tests.models.services.authority_material import (
    IN_TEN_YEARS,
    KEY,
    named,
    new_issuing,
    new_root,
)
from tests.models.services.gateways import gateway, operational
from tests.models.services.people import person
from tests.models.services.published import Published
from tests.pki.crl_material import crl_to_pem
from tests.workspace_fixtures import NOW, PASSPHRASE

openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl program")
COMPROMISE = RevocationReason.CA_COMPROMISE


@pytest.fixture
def published(demo: Workspace, tmp_path: Path) -> Published:
    return Published(demo, tmp_path)


def revoke(workspace: Workspace, authority: Authority) -> None:
    workspace.authority_revocation.revoke(SYSTEM, authority.id, COMPROMISE)


def now_of(workspace: Workspace, authority: Authority) -> Authority:
    return workspace.authorities.get(SYSTEM, authority.id)


def sign_with(workspace: Workspace, authority: Authority) -> SigningKey:
    """The key, for whoever issues."""
    with workspace.store.database.read() as connection:
        return workspace.authorities.issuer(connection, authority.id).key


def list_of(workspace: Workspace, authority: Authority) -> dict[int, RevocationReason]:
    """The serial numbers on the list of an authority, and the reasons."""
    found = read_crl(workspace.crls.current(authority.id).der).revoked
    return {entry.serial: entry.reason for entry in found}


def verify_all(published: Published, leaf: Certificate) -> str:
    """What openssl says with the lists of every level."""
    crls = published.workspace.crls
    lists = [crls.current(one.id).der for one in (published.root, published.issuer)]
    (published.folder / "lists.pem").write_bytes(b"".join(map(crl_to_pem, lists)))
    (published.folder / "leaf.pem").write_bytes(certificate_to_pem(leaf.der))
    at = int(published.workspace.store.clock.now().timestamp())
    trust = ("-CAfile", "root.pem", "-untrusted", "issuer.pem", "-CRLfile", "lists.pem")
    options = ("-x509_strict", "-extended_crl", "-crl_check_all", "-attime", str(at))
    return published.run("openssl", "verify", *options, *trust, "leaf.pem")[1]


@openssl
@pytest.mark.parametrize("reason", AUTHORITY_REASONS)
def test_openssl_refuses_what_it_issued(published: Published, reason: RevocationReason) -> None:
    leaf = published.issue()
    assert verify_all(published, leaf).endswith("leaf.pem: OK\n")
    workspace = published.workspace
    workspace.authority_revocation.revoke(SYSTEM, published.issuer.id, reason, NOW)
    said = verify_all(published, leaf)
    assert "error 23 at 1 depth lookup: certificate revoked" in said
    serial = read_certificate(published.issuer.certificate).serial
    assert list_of(workspace, published.root) == {serial: reason}
    assert list_of(workspace, published.issuer) == {}
    found = now_of(workspace, published.issuer)
    assert (found.revoked_at, found.revocation_reason, found.invalid_since) == (NOW, reason, NOW)
    assert workspace.certificates.get(SYSTEM, leaf.id).status is CertificateStatus.ISSUED


@openssl
def test_openssl_hears_of_it_from_the_responder(published: Published) -> None:
    (published.folder / "ca.pem").write_bytes(certificate_to_pem(published.issuer.certificate))

    def ask() -> str:
        about = ("-issuer", "root.pem", "-cert", "ca.pem")
        assert published.run("openssl", "ocsp", *about, "-reqout", "request.der")[0] == 0
        request = (published.folder / "request.der").read_bytes()
        answer = published.workspace.ocsp_responder.respond(request)
        (published.folder / "answer.der").write_bytes(answer)
        at = str(int(published.workspace.store.clock.now().timestamp()))
        times = ("-attime", at, "-validity_period", "1000000000")
        files = ("-no_nonce", "-respin", "answer.der", "-CAfile", "root.pem")
        return published.run("openssl", "ocsp", *about, *times, *files)[1]

    assert "ca.pem: good" in ask()
    revoke(published.workspace, published.issuer)
    said = ask()
    assert "Response verify OK" in said
    assert "ca.pem: revoked" in said
    assert "Reason: cACompromise" in said


def test_it_never_issues_again(published: Published) -> None:
    workspace, issuer = published.workspace, published.issuer
    revoke(workspace, issuer)
    with pytest.raises(ConflictError, match="is revoked"):
        published.issue()
    with pytest.raises(ConflictError, match="is revoked"):
        workspace.authorities.set_active(SYSTEM, issuer.id, active=True)
    with pytest.raises(ConflictError, match="is revoked"):
        workspace.authorities.delete(SYSTEM, issuer.id)
    with pytest.raises(ConflictError, match="revoked already"):
        revoke(workspace, issuer)
    workspace.authorities.set_active(SYSTEM, issuer.id, active=False)  # it is so already
    assert not now_of(workspace, issuer).active
    details = workspace.authority_details.of(SYSTEM, issuer.id)
    assert details.broken
    assert published.listed().number == 1  # it still signs what it owes


def test_those_below_go_with_it(workspace: Workspace) -> None:
    root = new_root(workspace, path_length=2)
    policy = new_issuing(workspace, root, "Policy", path_length=1)
    other = new_issuing(workspace, root, "Other", path_length=1)
    issuing = new_issuing(workspace, policy)
    told: list[object] = []
    workspace.store.events.subscribe(EntityChanged, told.append)
    revoke(workspace, policy)
    assert told == [EntityChanged("authority", policy.id), EntityChanged("authority", issuing.id)]
    assert not now_of(workspace, issuing).active
    assert now_of(workspace, issuing).revoked_at is None
    with pytest.raises(ConflictError, match="authority above Issuing is revoked"):
        workspace.authorities.set_active(SYSTEM, issuing.id, active=True)
    with pytest.raises(ConflictError, match="authority above Issuing is revoked"):
        sign_with(workspace, issuing)
    assert list_of(workspace, policy) == {}
    new_issuing(workspace, other, "Another")
    broken = [workspace.authority_details.of(SYSTEM, one.id).broken for one in (root, policy)]
    assert broken == [False, True]
    assert workspace.authority_details.of(SYSTEM, issuing.id).broken
    # the one below can be revoked as well, by the one that is
    revoke(workspace, issuing)
    assert list(list_of(workspace, policy)) == [read_certificate(issuing.certificate).serial]


def test_what_cannot_be_done(workspace: Workspace, clock: FakeClock) -> None:
    root = new_root(workspace)
    issuing = new_issuing(workspace, root)
    with pytest.raises(ConflictError, match="is a root") as refused:
        revoke(workspace, root)
    assert refused.value.remedy
    revocation = workspace.authority_revocation
    for reason in (RevocationReason.CERTIFICATE_HOLD, RevocationReason.KEY_COMPROMISE):
        with pytest.raises(InvalidInputError) as caught:
            revocation.revoke(SYSTEM, issuing.id, reason)
        assert caught.value.field == "reason"
    with pytest.raises(InvalidInputError) as caught:
        revocation.revoke(SYSTEM, issuing.id, COMPROMISE, clock.now() + timedelta(seconds=1))
    assert caught.value.field == "invalid_since"
    assert now_of(workspace, issuing).active


def ca_contents(name: str) -> CertificateContents:
    """What a CA certificate says; its key is still to be given."""
    return CertificateContents(
        subject=named(name),
        san=(),
        public_key=b"",
        not_before=NOW - timedelta(days=1),
        not_after=IN_TEN_YEARS,
        key_usage=frozenset({KeyUsage.KEY_CERT_SIGN, KeyUsage.CRL_SIGN}),
        extended_key_usage=(),
        ca=True,
    )


def brought_along(issuer: bytes, signing: SigningKey, name: str, key: PrivateKey) -> Bundle:
    """An authority with its key, certified by an issuer (DER) that signs with `signing`."""
    contents = replace(ca_contents(name), public_key=public_key_der(key.public_key()))
    certificate = build(contents, issuer, signing, new_serial())
    return Bundle(pack(key, certificate, (issuer,), "open the bundle", name), "open the bundle")


def test_what_somebody_else_certified_is_revoked_there(workspace: Workspace) -> None:
    signing = SoftwareKey(generate(KEY.algorithm))
    other = build_root(replace(ca_contents("Other"), public_key=signing.public_key), signing)
    bundle = brought_along(other, signing, "Guest", generate(KEY.algorithm))
    guest = workspace.authority_imports.import_bundle(SYSTEM, "Guest", bundle)
    with pytest.raises(ConflictError, match="is not made here"):
        revoke(workspace, guest)
    assert now_of(workspace, guest).active


def test_a_predecessor_is_revoked_and_the_successor_is_not(published: Published) -> None:
    workspace, old = published.workspace, published.issuer
    leaf = published.issue()
    making = workspace.authority_making
    new = making.roll_over(SYSTEM, old.id, "Successor", KEY, not_after=IN_TEN_YEARS)
    revoke(workspace, old)
    assert now_of(workspace, new).active
    assert published.issue().authority_id == new.id
    assert workspace.certificate_checks.check(SYSTEM, leaf.der).chain_revoked
    with workspace.store.database.read() as connection:
        told = workspace.authorities.ca_certificates(connection, new.id)
    assert new.certificate in told
    assert old.certificate not in told


def test_a_revoked_one_is_rolled_over(published: Published) -> None:
    workspace, old = published.workspace, published.issuer
    revoke(workspace, old)
    making = workspace.authority_making
    new = making.roll_over(SYSTEM, old.id, "Successor", KEY, not_after=IN_TEN_YEARS)
    issued = published.issue()
    assert issued.authority_id == new.id
    assert not workspace.certificate_checks.check(SYSTEM, issued.der).chain_revoked


@openssl
def test_the_part_that_its_certificate_names(demo: Workspace, tmp_path: Path) -> None:
    """A list in parts is only believed for certificates that name the same address."""
    published = Published(demo, tmp_path)
    root = published.root
    demo.authorities.edit(
        SYSTEM,
        root.id,
        name=root.name,
        sharing=root.sharing,
        crl_hours=168,
        crl_partition_size=100,
    )
    issuing = new_issuing(demo, root, "Parted")

    def verify() -> str:
        (tmp_path / "list.pem").write_bytes(crl_to_pem(demo.crls.current(root.id).der))
        (tmp_path / "ca.pem").write_bytes(certificate_to_pem(issuing.certificate))
        at = str(int(demo.store.clock.now().timestamp()))
        options = ("-x509_strict", "-extended_crl", "-crl_check", "-attime", at)
        trust = ("-CAfile", "root.pem", "-CRLfile", "list.pem")
        return published.run("openssl", "verify", *options, *trust, "ca.pem")[1]

    assert verify().endswith("ca.pem: OK\n")
    revoke(demo, issuing)
    assert "certificate revoked" in verify()


def test_another_certificate_for_the_same_key(workspace: Workspace) -> None:
    """Each is revoked by itself, and no more are taken once the key is compromised."""
    root, key, imports = new_root(workspace), generate(KEY.algorithm), workspace.authority_imports
    signing = sign_with(workspace, root)
    first, second, third = (
        brought_along(root.certificate, signing, "Guest", key) for _turn in range(3)
    )
    old = imports.import_bundle(SYSTEM, "Old", first)
    workspace.authority_revocation.revoke(SYSTEM, old.id, RevocationReason.SUPERSEDED)
    new = imports.import_bundle(SYSTEM, "New", second)
    assert workspace.authorities.test_sign(SYSTEM, new.id) > 0
    revoke(workspace, new)
    serials = {read_certificate(one.certificate).serial for one in (old, new)}
    assert list_of(workspace, root).keys() == serials
    with pytest.raises(ConflictError, match="must not be used any more"):
        imports.import_bundle(SYSTEM, "Third", third)


def test_nothing_is_brought_along_below_a_revoked_one(workspace: Workspace) -> None:
    root = new_root(workspace, path_length=2)
    policy = new_issuing(workspace, root, "Policy", path_length=1)
    signing = sign_with(workspace, policy)
    bundle = brought_along(policy.certificate, signing, "Guest", generate(KEY.algorithm))
    revoke(workspace, policy)
    with pytest.raises(ConflictError, match="Policy is revoked"):
        workspace.authority_imports.import_bundle(SYSTEM, "Guest", bundle)
    with pytest.raises(ConflictError, match="Policy is revoked"):
        new_issuing(workspace, policy)


def test_what_relies_on_it_is_told_before(published: Published) -> None:
    workspace = published.workspace
    dependants = workspace.authority_revocation.dependants
    assert dependants(SYSTEM, published.issuer.id) == Dependants((), 0)
    first, _second = published.issue(), published.issue()  # of one device
    assert dependants(SYSTEM, published.issuer.id) == Dependants((), 1)
    below = ("Acme Factory CA 1", "Acme Operational CA 1")
    assert dependants(SYSTEM, published.root.id) == Dependants(below, 1)
    gateway(workspace, "GW-2", operational=(operational(workspace),))
    assert dependants(SYSTEM, published.issuer.id).devices == 2
    workspace.revocation.revoke(SYSTEM, first.id, RevocationReason.SUPERSEDED)
    assert dependants(SYSTEM, published.issuer.id).devices == 2


def test_it_is_on_record(published: Published) -> None:
    workspace, issuer = published.workspace, published.issuer
    admin = person(workspace, "admin")
    workspace.authority_revocation.revoke(admin, issuer.id, COMPROMISE)
    signed, event = workspace.audit.page(SYSTEM, 0, 2)
    assert (event.action, event.object_name) == ("authority.revoke", issuer.name)
    assert event.actor == "admin"
    assert event.after["reason"] == "cACompromise"
    assert event.after["serial"] == read_certificate(issuer.certificate).serial_hex
    assert (signed.action, signed.object_name) == ("crl.sign", published.root.name)


def test_while_locked_the_list_follows_later(published: Published) -> None:
    workspace = published.workspace
    before = list_of(workspace, published.root)
    workspace.lock()
    revoke(workspace, published.issuer)
    assert list_of(workspace, published.root) == before == {}
    workspace.unlock(PASSPHRASE)
    assert list(list_of(workspace, published.root).values()) == [COMPROMISE]


def test_what_ended_stands_in_one_more_list(published: Published, clock: FakeClock) -> None:
    workspace, root = published.workspace, published.root
    making = workspace.authority_making
    short = making.create_issuing(
        SYSTEM, root.id, "Short", named("Short"), KEY, not_after=NOW + timedelta(days=10)
    )
    revoke(workspace, short)
    assert len(list_of(workspace, root)) == 1
    clock.advance(days=9)
    assert len(list_of(workspace, root)) == 1
    clock.advance(days=4)
    assert len(list_of(workspace, root)) == 1
    clock.advance(days=4)
    assert list_of(workspace, root) == {}


def test_other_processes_know_at_once(published: Published) -> None:
    workspace, leaf = published.workspace, published.issue()
    other = open_workspace(workspace.folder, workspace.store.clock, PASSPHRASE, exclusive=False)
    try:
        assert not other.certificate_checks.check(SYSTEM, leaf.der).chain_revoked
        sign_with(other, published.issuer)
        revoke(workspace, published.issuer)
        assert other.certificate_checks.check(SYSTEM, leaf.der).chain_revoked
        with pytest.raises(ConflictError, match="is revoked"):
            sign_with(other, published.issuer)
    finally:
        other.close()
