"""Certificates issued anew with the same names, for the same key or another, whoever holds them."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from app.core.errors import AccessDeniedError, ConflictError, InvalidInputError, NotFoundError
from app.models.db import tables
from app.models.domain.access import SYSTEM
from app.models.domain.issuing import IssueRequest
from app.models.domain.templates import CertificateKind
from app.models.services.workspace.workspace import Workspace
from app.pki import keys
from app.pki.certificates import read_certificate
from app.pki.keys import KeyAlgorithm
from tests.models.services.gateways import (
    PASSPHRASE,
    device_type,
    factory,
    gateway,
    new_csr,
    operational,
    plant,
)
from tests.models.services.server_certificates import issue, north, operator, server_csr, template


@pytest.mark.req("DEC-18")
def test_renewing_keeps_key_and_names(demo: Workspace) -> None:
    device = gateway(demo, "GW-1", operational=(operational(demo, csr=new_csr()),))
    for old in (issue(demo), device.operational[0].certificate):
        renewed = demo.certificate_renewal.renew(SYSTEM, old.id).certificate
        before, after = read_certificate(old.der), read_certificate(renewed.der)
        assert (after.subject_der, after.san) == (before.subject_der, before.san)
        assert after.public_key == before.public_key
        assert after.serial != before.serial
        assert (renewed.previous_id, renewed.held_by[0]) == (old.id, old.held_by[0])
        assert (renewed.name, renewed.device_id) == (old.name, old.device_id)


def test_rekeying_keeps_names_and_changes_the_key(demo: Workspace) -> None:
    key = keys.generate(KeyAlgorithm.EC_P256)
    template_id = template(demo).id
    request = IssueRequest(template_id, server_csr("mes.example", key))
    old = demo.certificate_issuing.issue(SYSTEM, request, north(demo)).certificate
    with pytest.raises(InvalidInputError) as caught:
        demo.certificate_renewal.rekey(SYSTEM, old.id, server_csr("mes.example", key))
    assert caught.value.field == "csr"
    csr = server_csr("other.example")
    by_csr = demo.certificate_renewal.rekey(SYSTEM, old.id, csr)
    made_here = demo.certificate_renewal.rekey(SYSTEM, old.id, pfx_passphrase=PASSPHRASE)
    before = read_certificate(old.der)
    for issued in (by_csr, made_here):
        after = read_certificate(issued.certificate.der)
        assert (after.subject_der, after.san) == (before.subject_der, before.san)
        assert after.public_key != before.public_key
        assert issued.certificate.previous_id == old.id
    assert read_certificate(by_csr.certificate.der).public_key == csr.public_key
    assert demo.certificates.download_pfx(SYSTEM, made_here.certificate.id)


def test_a_device_gets_another_factory_certificate(demo: Workspace) -> None:
    made = gateway(demo, "GW-1", factory=factory(demo)).factory
    assert made is not None
    rekeyed = demo.certificate_renewal.rekey(SYSTEM, made.certificate.id, pfx_passphrase=PASSPHRASE)
    assert rekeyed.certificate.kind is CertificateKind.FACTORY
    assert rekeyed.certificate.device_id == made.certificate.device_id
    with pytest.raises(NotFoundError):
        demo.certificate_renewal.renew(
            operator(replace(north(demo), organization_id=plant(demo, "South plant").id)),
            made.certificate.id,
        )


@pytest.mark.parametrize("status", ["revoked", "on-hold"])
def test_what_is_no_longer_good_is_not_renewed(demo: Workspace, status: str) -> None:
    old = issue(demo)
    with demo.store.change(SYSTEM) as change:
        change.connection.execute(update(tables.certificate).values(status=status))
    with pytest.raises(ConflictError, match="revoked or on hold"):
        demo.certificate_renewal.renew(SYSTEM, old.id)
    with pytest.raises(ConflictError, match="revoked or on hold"):
        demo.certificate_renewal.rekey(SYSTEM, old.id)


@pytest.mark.parametrize("owner", ["tenant", "organization"])
def test_nothing_is_renewed_for_an_inactive_owner(demo: Workspace, owner: str) -> None:
    (made,) = gateway(demo, "GW-1", operational=(operational(demo, csr=new_csr()),)).operational
    held = (issue(demo), made.certificate)
    if owner == "tenant":
        demo.tenants.set_tenant_active(SYSTEM, plant(demo).tenant_id, active=False)
    else:
        demo.tenants.set_organization_active(SYSTEM, plant(demo).id, active=False)
    for old in held:
        with pytest.raises(ConflictError, match=f"{owner} is not active"):
            demo.certificate_renewal.renew(SYSTEM, old.id)
        with pytest.raises(ConflictError, match=f"{owner} is not active"):
            demo.certificate_renewal.rekey(SYSTEM, old.id)


def test_nothing_is_renewed_for_an_inactive_application(demo: Workspace) -> None:
    tenant_id = plant(demo).tenant_id
    application = demo.applications.create(SYSTEM, "MES", tenant_id).application
    request = IssueRequest(template(demo, kind=CertificateKind.APPLICATION).id)
    issuing, renewal = demo.certificate_issuing, demo.certificate_renewal
    old = issuing.issue_for_application(SYSTEM, application.id, request).certificate
    assert renewal.renew(SYSTEM, old.id).certificate.application_id == application.id
    demo.applications.set_active(SYSTEM, application.id, active=False)
    for again in (renewal.renew, renewal.rekey):
        with pytest.raises(ConflictError, match="MES is not active"):
            again(SYSTEM, old.id)
    demo.applications.set_active(SYSTEM, application.id, active=True)
    demo.tenants.set_tenant_active(SYSTEM, tenant_id, active=False)
    with pytest.raises(ConflictError, match="tenant is not active"):
        issuing.issue_for_application(SYSTEM, application.id, request)


def test_a_template_that_no_longer_takes_the_key_renews_nothing(demo: Workspace) -> None:
    old = issue(demo)
    with demo.store.change(SYSTEM) as change:
        change.connection.execute(update(tables.template).values(key_algorithms=["rsa-2048"]))
    with pytest.raises(InvalidInputError) as caught:
        demo.certificate_renewal.renew(SYSTEM, old.id)
    assert caught.value.field == "csr"


def test_a_device_whose_type_dropped_the_template_gets_no_more(demo: Workspace) -> None:
    (made,) = gateway(demo, "GW-1", operational=(operational(demo, csr=new_csr()),)).operational
    other = device_type(demo, "Flow sensor").operational_template_ids
    with demo.store.change(SYSTEM) as change:
        change.connection.execute(
            update(tables.device_type).values(operational_template_ids=list(other))
        )
    with pytest.raises(AccessDeniedError):
        demo.certificate_renewal.renew(SYSTEM, made.certificate.id)
