"""Revocation lists: when a new one is signed, what stands in it, and who gets it."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from app.core.errors import (
    AccessDeniedError,
    ConflictError,
    LockedError,
    NotFoundError,
    UnavailableError,
)
from app.models.domain.access import SYSTEM, Access, Actor, Sharing
from app.models.domain.certificates import Certificate
from app.models.services.audit.log import AuditFilter
from app.models.services.workspace.opening import open_workspace
from app.models.services.workspace.workspace import Workspace
from app.pki.crl import read_crl
from app.pki.revocation import RevocationReason
from tests.fakes import FakeClock
from tests.models.services.people import person
from tests.models.services.published import BASE, Published
from tests.pki.crl_material import crl_to_pem
from tests.workspace_fixtures import NOW, PASSPHRASE

WEEK = timedelta(days=7)


@pytest.fixture
def published(demo: Workspace, tmp_path: Path) -> Published:
    return Published(demo, tmp_path)


def revoke(published: Published, certificate: Certificate) -> None:
    published.workspace.revocation.revoke(SYSTEM, certificate.id, RevocationReason.SUPERSEDED)


def address_of(certificate: Certificate) -> str:
    """Where a certificate says its list is, as another library reads it."""
    read = x509.load_der_x509_certificate(certificate.der)
    points = read.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    (point,) = points
    assert point.full_name is not None
    (found,) = point.full_name
    return str(found.value)


def test_a_list_is_good_for_the_hours_of_its_authority(
    published: Published, clock: FakeClock
) -> None:
    first = published.listed()
    assert (first.number, first.this_update, first.next_update) == (1, NOW, NOW + WEEK)
    assert (first.revoked, first.partition_url) == ((), None)
    clock.advance(days=3.5, seconds=-1)
    assert published.listed() == first
    clock.advance(seconds=1)
    second = published.listed()
    assert (second.number, second.this_update) == (2, clock.now())
    assert second.next_update == clock.now() + WEEK


@pytest.mark.skipif(shutil.which("certtool") is None, reason="needs the certtool program")
def test_gnutls_reads_it(published: Published) -> None:
    certificate = published.issue()
    revoke(published, certificate)
    der = published.workspace.crls.current(published.issuer.id).der
    (published.folder / "list.der").write_bytes(der)
    code, said = published.run("certtool", "--crl-info", "--inder", "--infile", "list.der")
    assert code == 0, said
    assert "CRL Number (not critical): 01" in said
    assert "Revoked certificates (1)" in said
    assert f"Serial Number (hex): {int(certificate.serial, 16):040x}" in said
    issuer = ("--load-ca-certificate", "issuer.pem")
    (published.folder / "list.pem").write_bytes(crl_to_pem(der))
    code, said = published.run("certtool", "--verify-crl", *issuer, "--infile", "list.pem")
    assert "Verified" in said or "verified" in said, said


def test_what_ended_stands_in_one_more_list(published: Published, clock: FakeClock) -> None:
    certificate = published.issue()
    revoke(published, certificate)
    clock.set(certificate.not_after - timedelta(hours=1))
    assert published.serials() == {certificate.serial}
    clock.advance(days=4)
    assert published.serials() == {certificate.serial}
    clock.advance(days=3.5)
    assert published.serials() == set()


def test_the_sweep_renews_what_is_due(published: Published, clock: FakeClock) -> None:
    crls = published.workspace.crls
    assert crls.sweep() == 3  # the root and its two issuing authorities
    assert crls.sweep() == 0
    clock.advance(days=3.5)
    published.workspace.upkeep()
    assert crls.sweep() == 0
    assert published.listed().number == 2
    certificate = published.issue()
    with published.workspace.store.change(SYSTEM) as change:
        published.workspace.revocation.revoke_operational(change, published.device.id)
    assert crls.sweep() == 1
    assert published.serials() == {certificate.serial}


def test_nothing_is_swept_while_nothing_is_published(published: Published) -> None:
    published.workspace.settings.change(publication_url="")
    assert published.workspace.crls.sweep() == 0
    published.workspace.settings.change(publication_url=BASE)
    published.workspace.lock()
    assert published.workspace.crls.sweep() == 0


def test_while_locked_the_old_list_serves_as_long_as_it_is_good(
    published: Published, clock: FakeClock
) -> None:
    crls = published.workspace.crls
    first = crls.current(published.issuer.id)
    published.workspace.lock()
    clock.advance(days=7, seconds=-1)
    assert crls.current(published.issuer.id) == first
    assert not crls.try_renew(published.issuer.id, 0)
    clock.advance(seconds=1)
    with pytest.raises(LockedError):
        crls.current(published.issuer.id)
    published.workspace.unlock(PASSPHRASE)
    assert published.listed().number == 2


def test_a_clock_set_back_signs_nothing(published: Published, clock: FakeClock) -> None:
    clock.advance(hours=-1)
    with pytest.raises(UnavailableError, match="before the newest"):
        published.workspace.crls.current(published.issuer.id)


def test_an_inactive_authority_still_owes_its_list(published: Published, clock: FakeClock) -> None:
    published.workspace.authorities.set_active(SYSTEM, published.issuer.id, active=False)
    clock.advance(days=7)
    assert published.listed().this_update == clock.now()


@pytest.mark.parametrize(("authority", "partition"), [(999, 0), (None, 1), (None, -1)])
def test_lists_nobody_makes(published: Published, authority: int | None, partition: int) -> None:
    with pytest.raises(NotFoundError):
        published.workspace.crls.current(authority or published.issuer.id, partition)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl program")
def test_parts_match_the_addresses_in_certificates(published: Published) -> None:
    whole = f"{BASE}/crl/{published.issuer.id}.crl"
    second = f"{BASE}/crl/{published.issuer.id}-1.crl"
    before = published.issue()
    assert published.listed().partition_url is None
    published.split(100)
    in_first = [published.issue() for _number in range(99)]
    in_second = [published.issue() for _number in range(2)]
    assert {address_of(one) for one in (before, *in_first)} == {whole}
    assert {address_of(one) for one in in_second} == {second}
    revoke(published, before)
    revoke(published, in_second[0])
    assert (published.listed().partition_url, published.serials()) == (whole, {before.serial})
    assert published.listed(1).partition_url == second
    assert published.serials(1) == {in_second[0].serial}
    assert "certificate revoked" in published.verify(before)
    assert published.verify(in_first[0]).endswith("OK\n")
    assert "certificate revoked" in published.verify(in_second[0], 1)
    assert published.verify(in_second[1], 1).endswith("OK\n")
    assert "different CRL scope" in published.verify(in_second[0], 0)
    with pytest.raises(NotFoundError):
        published.workspace.crls.current(published.issuer.id, 2)


def test_a_part_without_an_address_is_not_signed(published: Published, clock: FakeClock) -> None:
    published.split(100)
    published.listed()
    published.workspace.settings.change(publication_url="")
    assert published.issue().crl_partition == 0
    clock.advance(days=7)
    with pytest.raises(ConflictError, match="address"):
        published.workspace.crls.current(published.issuer.id)


def test_who_may_download(published: Published) -> None:
    demo, issuer = published.workspace, published.issuer
    auditor, operator = person(demo, "paul.jensen"), person(demo, "nora.lind")
    assert read_crl(demo.crls.download(auditor, issuer.id)).number == 1
    with pytest.raises(AccessDeniedError):
        demo.crls.download(operator, issuer.id)
    tenant = demo.tenants.create_tenant(SYSTEM, "Elsewhere")
    stranger = Actor("eve", auditor.channel, auditor.role, tenant_id=tenant.id)
    mine = Sharing(Access.TENANT, published.device.tenant_id)
    demo.authorities.edit(
        SYSTEM, issuer.id, name=issuer.name, sharing=mine, crl_hours=168, crl_partition_size=None
    )
    with pytest.raises(NotFoundError) as hidden:
        demo.crls.download(stranger, issuer.id)
    with pytest.raises(NotFoundError) as unknown:
        demo.crls.download(stranger, 999)
    assert hidden.value.text() == unknown.value.text()


def test_signing_is_recorded(published: Published) -> None:
    published.listed()
    (event,) = published.workspace.audit.page(SYSTEM, 0, 10, AuditFilter("crl.sign"))
    assert (event.object_kind, event.object_id) == ("authority", published.issuer.id)
    assert event.after == {"number": 1, "partition": 0}


def test_no_number_is_used_twice(published: Published, clock: FakeClock) -> None:
    """Two workspaces over one database, as two processes have, each asked by two threads."""
    other = open_workspace(published.workspace.folder, clock, PASSPHRASE, exclusive=False)
    issuer = published.issuer.id
    sources = [published.workspace.crls, other.crls] * 2
    seen: dict[int, bytes] = {}
    with ThreadPoolExecutor(len(sources)) as executor:
        for _round in range(20):
            clock.advance(days=3.5)
            for signed in executor.map(lambda crls: crls.current(issuer), sources):
                assert seen.setdefault(signed.number, signed.der) == signed.der
    other.close()
    assert sorted(seen) == list(range(1, 21))
