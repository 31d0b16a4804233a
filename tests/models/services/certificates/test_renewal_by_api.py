"""Renewing and rekeying as API applications do it: the window, and the one that is replaced."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from app.core.errors import AccessDeniedError, ConflictError
from app.models.domain.access import SYSTEM, Actor, Channel, Role
from app.models.domain.certificates import Certificate, CertificateStatus
from app.models.services.workspace.workspace import Workspace
from app.pki.revocation import RevocationReason
from tests.fakes import FakeClock
from tests.models.services.gateways import (
    device_type,
    factory,
    gateway,
    new_csr,
    operational,
    plant,
)


@pytest.fixture
def line(demo: Workspace) -> Actor:
    """An API application in the North plant."""
    place = plant(demo)
    made = demo.applications.create(SYSTEM, "Line 1", place.tenant_id, place.id).application
    return Actor(
        made.name,
        Channel.API,
        tenant_id=place.tenant_id,
        organization_id=place.id,
        application_id=made.id,
    )


@pytest.fixture
def held(demo: Workspace) -> dict[str, Certificate]:
    """The certificates of a device, for 100 days each; 10 and 20 hours before, they are renewed."""
    hours = replace(device_type(demo), factory_renewal_hours=10, operational_renewal_hours=20)
    demo.device_types.edit(SYSTEM, hours)
    made = gateway(
        demo,
        "GW-1",
        factory=factory(demo, csr=new_csr(), validity_days=100, unlimited=False),
        operational=(operational(demo, csr=new_csr(), validity_days=100),),
    )
    of_device = demo.certificates.of_device(SYSTEM, made.device.id)
    return {one.kind.value: one for one in of_device}


@pytest.mark.req("DTC-17", "DTC-18", "DEC-16")
@pytest.mark.parametrize("window", [("factory", 10), ("operational", 20)], ids=lambda w: w[0])
def test_an_application_waits_for_the_window(
    demo: Workspace,
    line: Actor,
    held: dict[str, Certificate],
    clock: FakeClock,
    window: tuple[str, int],
) -> None:
    kind, hours = window
    old = held[kind]
    opens = old.not_after - timedelta(hours=hours)
    clock.set(opens - timedelta(seconds=1))
    renewal = demo.certificate_renewal
    for early in (
        partial(renewal.renew, line, old.id, revoke_old=True),
        partial(renewal.rekey, line, old.id, new_csr()),
    ):
        with pytest.raises(AccessDeniedError, match="too early") as refused:
            early()
        assert opens.isoformat(timespec="minutes") in refused.value.cause
    assert demo.certificates.get(SYSTEM, old.id).status is CertificateStatus.ISSUED
    clock.set(opens)
    assert renewal.renew(line, old.id).certificate.previous_id == old.id
    assert renewal.rekey(line, old.id, new_csr()).certificate.previous_id == old.id


@pytest.mark.req("DEC-16")
def test_without_hours_any_time_is_right(demo: Workspace, line: Actor) -> None:
    demo.device_types.edit(SYSTEM, replace(device_type(demo), operational_renewal_hours=0))
    made = gateway(demo, "GW-1", operational=(operational(demo, csr=new_csr()),))
    (old,) = demo.certificates.of_device(SYSTEM, made.device.id)
    assert demo.certificate_renewal.renew(line, old.id).certificate.device_id == made.device.id


@pytest.mark.parametrize("channel", [Channel.WINDOW, Channel.CLI])
def test_people_need_not_wait(
    demo: Workspace, held: dict[str, Certificate], channel: Channel
) -> None:
    person = Actor("ada", channel, Role.ADMIN)
    for old in held.values():
        assert demo.certificate_renewal.renew(person, old.id).certificate.previous_id == old.id
        assert demo.certificate_renewal.rekey(person, old.id, new_csr())


def test_the_replaced_one_is_superseded(
    demo: Workspace, line: Actor, held: dict[str, Certificate], clock: FakeClock
) -> None:
    old = held["operational"]
    clock.set(old.not_after - timedelta(hours=1))
    renewed = demo.certificate_renewal.renew(line, old.id, revoke_old=True).certificate
    before = demo.certificates.get(SYSTEM, old.id)
    assert before.revocation_reason is RevocationReason.SUPERSEDED
    assert before.revoked_at == clock.now()
    clock.set(renewed.not_after - timedelta(hours=1))
    rekeyed = demo.certificate_renewal.rekey(line, renewed.id, new_csr(), revoke_old=True)
    assert demo.certificates.get(SYSTEM, renewed.id).status is CertificateStatus.REVOKED
    assert demo.certificates.get(SYSTEM, rekeyed.certificate.id).status is CertificateStatus.ISSUED
    with pytest.raises(ConflictError):
        demo.certificate_renewal.renew(line, old.id, revoke_old=True)


def test_whoever_may_not_revoke_replaces_nothing(
    demo: Workspace, line: Actor, held: dict[str, Certificate]
) -> None:
    device = replace(line, channel=Channel.EST)  # devices may have certificates issued alone
    old = held["operational"]
    for again in (
        partial(demo.certificate_renewal.renew, device, old.id, revoke_old=True),
        partial(demo.certificate_renewal.rekey, device, old.id, new_csr(), revoke_old=True),
    ):
        with pytest.raises(AccessDeniedError, match="may not do this"):
            again()
    assert old.device_id is not None
    assert len(demo.certificates.of_device(SYSTEM, old.device_id)) == len(held)
    assert demo.certificate_renewal.renew(device, old.id).certificate.previous_id == old.id


def test_what_is_said_about_a_revocation_is_in_the_audit_log(
    demo: Workspace, held: dict[str, Certificate]
) -> None:
    old = held["operational"]
    said = "found on a\n\u201cdesk\u201d"
    demo.revocation.revoke(SYSTEM, old.id, RevocationReason.KEY_COMPROMISE, comment=said)
    assert old.device_id is not None
    newest = demo.audit.of_object(SYSTEM, "device", old.device_id, 1)[0]
    assert (newest.after["reason"], newest.after["comment"]) == ("keyCompromise", said)
