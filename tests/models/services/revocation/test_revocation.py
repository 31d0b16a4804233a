"""Revoking, holding and releasing: who may, when it counts, and what other programs say."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.errors import (
    AccessDeniedError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
)
from app.models.domain.access import SYSTEM
from app.models.domain.certificates import Certificate, CertificateStatus
from app.models.domain.events import CertificateRevoked, DeviceChanged
from app.models.services.revocation.revocation import REASONS
from app.models.services.workspace.workspace import Workspace
from app.pki.revocation import RevocationReason
from tests.fakes import FakeClock
from tests.models.services.gateways import factory, gateway, new_csr, plant
from tests.models.services.people import person
from tests.models.services.published import Published
from tests.workspace_fixtures import NOW, PASSPHRASE

openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl program")
HOLD = RevocationReason.CERTIFICATE_HOLD


@pytest.fixture
def published(demo: Workspace, tmp_path: Path) -> Published:
    return Published(demo, tmp_path)


def now_of(published: Published, certificate: Certificate) -> Certificate:
    return published.workspace.certificates.get(SYSTEM, certificate.id)


@openssl
@pytest.mark.parametrize("reason", [reason for reason in REASONS if reason is not HOLD])
def test_openssl_finds_it_revoked(published: Published, reason: RevocationReason) -> None:
    revoked, other = published.issue(), published.issue()
    assert published.verify(revoked).endswith("leaf.pem: OK\n")
    published.workspace.revocation.revoke(SYSTEM, revoked.id, reason)
    assert "certificate revoked" in published.verify(revoked)
    assert published.verify(other).endswith("leaf.pem: OK\n")
    found = now_of(published, revoked)
    assert (found.status, found.revocation_reason) == (CertificateStatus.REVOKED, reason)
    assert found.revoked_at == NOW


@openssl
def test_hold_and_release(published: Published) -> None:
    held = published.issue()
    revocation = published.workspace.revocation
    revocation.revoke(SYSTEM, held.id, HOLD)
    assert "certificate revoked" in published.verify(held)
    assert [entry.reason for entry in published.listed().revoked] == [HOLD]
    assert now_of(published, held).status is CertificateStatus.ON_HOLD
    revocation.release(SYSTEM, held.id)
    assert published.verify(held).endswith("leaf.pem: OK\n")
    assert published.listed().revoked == ()
    found = now_of(published, held)
    assert (found.status, found.revoked_at) == (CertificateStatus.ISSUED, None)
    assert found.revocation_reason is None


def test_what_is_on_hold_can_be_revoked_for_good(published: Published, clock: FakeClock) -> None:
    held = published.issue()
    revocation = published.workspace.revocation
    revocation.revoke(SYSTEM, held.id, HOLD)
    clock.advance(days=1)
    revocation.revoke(SYSTEM, held.id, RevocationReason.KEY_COMPROMISE, NOW)
    (entry,) = published.listed().revoked
    assert entry.reason is RevocationReason.KEY_COMPROMISE
    assert (entry.revoked_at, entry.invalid_since) == (clock.now(), NOW)
    with pytest.raises(ConflictError, match="not on hold"):
        revocation.release(SYSTEM, held.id)


def test_what_cannot_be_done(published: Published) -> None:
    revocation = published.workspace.revocation
    good, held, gone = published.issue(), published.issue(), published.issue()
    revocation.revoke(SYSTEM, held.id, HOLD)
    revocation.revoke(SYSTEM, gone.id, RevocationReason.SUPERSEDED)
    before = published.listed()
    with pytest.raises(ConflictError, match="revoked already"):
        revocation.revoke(SYSTEM, held.id, HOLD)
    for reason in (HOLD, RevocationReason.SUPERSEDED):
        with pytest.raises(ConflictError, match="revoked already"):
            revocation.revoke(SYSTEM, gone.id, reason)
    for certificate in (good, gone):
        with pytest.raises(ConflictError, match="not on hold"):
            revocation.release(SYSTEM, certificate.id)
    with pytest.raises(InvalidInputError) as caught:
        revocation.revoke(SYSTEM, good.id, RevocationReason.CA_COMPROMISE)
    assert caught.value.field == "reason"
    with pytest.raises(InvalidInputError) as caught:
        revocation.revoke(
            SYSTEM, good.id, RevocationReason.KEY_COMPROMISE, NOW + timedelta(seconds=1)
        )
    assert caught.value.field == "invalid_since"
    assert published.listed() == before


def test_who_may(published: Published) -> None:
    demo = published.workspace
    mine = published.issue()
    request = factory(demo, csr=new_csr())
    south = plant(demo, "South plant").id
    created = gateway(demo, "GW-2", organization_id=south, factory=request)
    assert created.factory is not None
    theirs = created.factory.certificate
    operator, auditor = person(demo, "nora.lind"), person(demo, "ivan.petrov")
    assert operator.organization_id == plant(demo).id
    with pytest.raises(NotFoundError) as out_of_reach:
        demo.revocation.revoke(operator, theirs.id, HOLD)
    with pytest.raises(NotFoundError) as unknown:
        demo.revocation.revoke(operator, 10_000, HOLD)
    assert out_of_reach.value.text() == unknown.value.text()
    with pytest.raises(AccessDeniedError):
        demo.revocation.revoke(auditor, mine.id, HOLD)
    demo.revocation.revoke(operator, mine.id, HOLD)
    with pytest.raises(AccessDeniedError):
        demo.revocation.release(auditor, mine.id)
    demo.revocation.release(operator, mine.id)
    assert now_of(published, theirs).status is CertificateStatus.ISSUED


def test_it_is_told_and_recorded(published: Published, clock: FakeClock) -> None:
    demo = published.workspace
    certificate = published.issue()
    told: list[object] = []
    demo.store.events.subscribe(CertificateRevoked, told.append)
    demo.store.events.subscribe(DeviceChanged, told.append)
    operator = person(demo, "nora.lind")
    clock.advance(minutes=1)
    demo.revocation.revoke(operator, certificate.id, HOLD)
    demo.revocation.release(operator, certificate.id)
    demo.revocation.revoke(operator, certificate.id, RevocationReason.KEY_COMPROMISE)
    expected = [CertificateRevoked(certificate.id), DeviceChanged(published.device.id)]
    assert told == expected * 3
    newest = demo.audit.page(SYSTEM, 0, 6)
    assert [(event.action, event.actor) for event in reversed(newest)] == [
        ("certificate.hold", "nora.lind"),
        ("crl.sign", "birthmark"),
        ("certificate.release", "nora.lind"),
        ("crl.sign", "birthmark"),
        ("certificate.revoke", "nora.lind"),
        ("crl.sign", "birthmark"),
    ]
    assert newest[1].after["reason"] == "keyCompromise"
    assert newest[1].after["serial"] == certificate.serial
    assert (newest[1].object_kind, newest[1].object_id) == ("device", published.device.id)


def test_locked_keys_delay_the_list_only(published: Published) -> None:
    certificate = published.issue()
    before = published.listed()
    published.workspace.lock()
    published.workspace.revocation.revoke(SYSTEM, certificate.id, HOLD)
    assert now_of(published, certificate).status is CertificateStatus.ON_HOLD
    assert published.listed() == before
    published.workspace.unlock(PASSPHRASE)
    assert published.serials() == {certificate.serial}
    assert published.listed().number == before.number + 1


def test_all_operational_ones_of_a_device(published: Published, clock: FakeClock) -> None:
    demo = published.workspace
    ended = published.issue()
    clock.set(ended.not_after + timedelta(seconds=1))
    good, held, gone = published.issue(), published.issue(), published.issue()
    demo.revocation.revoke(SYSTEM, held.id, HOLD)
    demo.revocation.revoke(SYSTEM, gone.id, RevocationReason.SUPERSEDED)
    other = gateway(demo, "GW-2", factory=factory(demo, csr=new_csr())).factory
    assert other is not None
    with demo.store.change(SYSTEM) as change:
        assert demo.revocation.revoke_operational(change, published.device.id) == 2
    reasons = {entry.serial: entry.reason for entry in published.listed().revoked}
    cessation = RevocationReason.CESSATION_OF_OPERATION
    assert reasons == {
        int(good.serial, 16): cessation,
        int(held.serial, 16): cessation,
        int(gone.serial, 16): RevocationReason.SUPERSEDED,
    }
    assert now_of(published, ended).status is CertificateStatus.ISSUED
    assert now_of(published, other.certificate).status is CertificateStatus.ISSUED


@pytest.fixture
def several(published: Published) -> tuple[Published, set[str]]:
    """The bench, and the serial numbers that earlier examples left in the list."""
    return published, set()


_DEEDS = st.lists(
    st.tuples(st.sampled_from(["hold", "revoke", "release"]), st.integers(0, 2)), max_size=12
)


@given(deeds=_DEEDS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_of_deeds(
    several: tuple[Published, set[str]], deeds: list[tuple[str, int]]
) -> None:
    """The list holds what a simple model of the three deeds says, and numbers only grow."""
    published, earlier = several
    revocation = published.workspace.revocation
    fresh = [published.issue() for _number in range(3)]
    states = ["issued"] * 3
    number = published.listed().number
    for deed, which in deeds:
        refused = (
            states[which]
            not in {
                "hold": ("issued",),
                "revoke": ("issued", "hold"),
                "release": ("hold",),
            }[deed]
        )
        reason = HOLD if deed == "hold" else RevocationReason.SUPERSEDED
        try:
            if deed == "release":
                revocation.release(SYSTEM, fresh[which].id)
            else:
                revocation.revoke(SYSTEM, fresh[which].id, reason)
        except ConflictError:
            assert refused
        else:
            assert not refused
            states[which] = {"release": "issued"}.get(deed, deed)
            assert published.listed().number == number + 1
            number += 1
    earlier |= {
        found.serial for found, state in zip(fresh, states, strict=True) if state != "issued"
    }
    assert published.serials() == earlier
