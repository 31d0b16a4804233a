"""Certificates that are not enrolled by a device: owners, applications, renewed ones."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from app.core.errors import (
    AccessDeniedError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
)
from app.models.db import tables
from app.models.domain.access import SYSTEM, Access, Actor, Channel, Role, Scope, Sharing
from app.models.domain.certificates import Certificate
from app.models.domain.issuing import IssueRequest
from app.models.domain.subjects import FieldRule, NamePart, TemplateField
from app.models.domain.templates import CertificateKind, Template
from app.models.services.workspace import Workspace
from app.pki import keys
from app.pki.certificates import CLIENT_AUTH, read_certificate
from app.pki.csr import CertificationRequest, build_csr, parse_csr
from app.pki.keys import KeyAlgorithm, PrivateKey
from app.pki.names import ATTRIBUTE_TYPES, Attribute, GeneralName, SanKind
from app.pki.pkcs12 import unpack
from app.pki.sign import SoftwareKey
from tests.models.services.gateways import (
    PASSPHRASE,
    device_type,
    factory,
    gateway,
    new_csr,
    operational,
    plant,
)


def server_csr(name: str, key: PrivateKey | None = None) -> CertificationRequest:
    """A request for a server: its name as CN and DNS name."""
    subject = (Attribute(ATTRIBUTE_TYPES["CN"].oid, name),)
    signer = SoftwareKey(key or keys.generate(KeyAlgorithm.EC_P256))
    return parse_csr(build_csr(signer, subject, (GeneralName(SanKind.DNS, name),)))


def template(demo: Workspace, **changes: object) -> Template:
    """A new template for anybody's servers, or what the changes make of it."""
    like = next(t for t in demo.templates.all(SYSTEM) if t.name == "Gateway mTLS client")
    new = Template(
        id=0,
        name="Server",
        kind=CertificateKind.OPERATIONAL,
        authority_id=like.authority_id,
        fields=(
            TemplateField(NamePart.SUBJECT, "CN", FieldRule.REQUIRED),
            TemplateField(NamePart.SUBJECT, "O", FieldRule.FIXED, "Acme Controls"),
            TemplateField(NamePart.SAN, "dns"),
        ),
        key_algorithms=(KeyAlgorithm.EC_P256,),
        extended_key_usage=(CLIENT_AUTH,),
    )
    return demo.templates.create(SYSTEM, replace(new, **changes))  # type: ignore[arg-type]


def north(demo: Workspace) -> Scope:
    return Scope(plant(demo).tenant_id, plant(demo).id)


def operator(scope: Scope) -> Actor:
    """An operator of one organization at the window."""
    role = Role.ORGANIZATION_OPERATOR
    return Actor(
        "nora",
        Channel.WINDOW,
        role,
        tenant_id=scope.tenant_id,
        organization_id=scope.organization_id,
    )


def issue(demo: Workspace, name: str = "mes.example", **changes: object) -> Certificate:
    request = IssueRequest(template(demo, **changes).id, server_csr(name))
    return demo.certificate_issuing.issue(SYSTEM, request, north(demo)).certificate


def test_a_certificate_without_a_device(demo: Workspace) -> None:
    owner = north(demo)
    actor = operator(owner)
    csr = server_csr("mes.example")
    request = IssueRequest(template(demo).id, csr)
    assert demo.certificate_issuing.preview(actor, request, owner).problems == {}
    issued = demo.certificate_issuing.issue(actor, request, owner)
    record, info = issued.certificate, read_certificate(issued.certificate.der)
    assert info.public_key == csr.public_key
    assert record.subject == "O=Acme Controls,CN=mes.example"
    assert (record.name, record.device_id, record.issued_by) == ("mes.example", None, "nora")
    assert (record.tenant_id, record.organization_id) == (owner.tenant_id, owner.organization_id)
    assert demo.certificates.get(actor, record.id) == record
    (event,) = demo.audit.of_object(SYSTEM, "certificate", record.id, 5)
    assert (event.action, event.object_name) == ("certificate.issue", "mes.example")
    assert issued.chain[0] == demo.authorities.get(SYSTEM, record.authority_id).certificate


def test_a_key_made_here_is_kept_under_its_passphrase(demo: Workspace) -> None:
    request = IssueRequest(template(demo).id, typed={"subject.CN": "press"})
    with pytest.raises(InvalidInputError) as caught:
        demo.certificate_issuing.issue(SYSTEM, request, north(demo), pfx_passphrase="x")
    assert caught.value.field == "pfx_passphrase"
    issued = demo.certificate_issuing.issue(
        SYSTEM, request, north(demo), "Press 4", pfx_passphrase=PASSPHRASE
    )
    assert issued.certificate.name == "Press 4"
    bundle = unpack(demo.certificates.download_pfx(SYSTEM, issued.certificate.id), PASSPHRASE)
    assert bundle.certificate == issued.certificate.der
    assert bundle.private_key is not None
    assert keys.private_key_to_der(bundle.private_key) == issued.private_key_der


@pytest.mark.parametrize("name", ["a\nb", "\udc80", "x" * 256])
def test_a_name_that_cannot_be_shown_is_refused(demo: Workspace, name: str) -> None:
    request = IssueRequest(template(demo).id, server_csr("mes.example"))
    with pytest.raises(InvalidInputError) as caught:
        demo.certificate_issuing.issue(SYSTEM, request, north(demo), name)
    assert caught.value.field == "name"


def test_a_group_is_issued_whole_or_not_at_all(demo: Workspace) -> None:
    template_id = template(demo).id
    requests = [IssueRequest(template_id, server_csr(f"s{n}.example")) for n in range(5)]
    issued = demo.certificate_issuing.issue_group(SYSTEM, requests, north(demo))
    assert [one.certificate.name for one in issued] == [f"s{n}.example" for n in range(5)]
    for one, request in zip(issued, requests, strict=True):
        assert demo.certificates.get(SYSTEM, one.certificate.id) == one.certificate
        assert request.csr is not None
        assert read_certificate(one.certificate.der).public_key == request.csr.public_key
    events = demo.audit.page(SYSTEM, 0, 5)
    assert {event.object_id for event in events} == {one.certificate.id for one in issued}
    before = demo.audit.page(SYSTEM, 0, 1)
    broken = [*requests[:2], IssueRequest(template_id, server_csr("s6.example"), validity_days=0)]
    with pytest.raises(InvalidInputError):
        demo.certificate_issuing.issue_group(SYSTEM, broken, north(demo))
    assert demo.audit.page(SYSTEM, 0, 1) == before
    assert demo.certificate_issuing.issue_group(SYSTEM, [], north(demo)) == ()


def test_an_operator_issues_where_they_belong_only(demo: Workspace) -> None:
    south = Scope(plant(demo).tenant_id, plant(demo, "South plant").id)
    request = IssueRequest(template(demo).id, server_csr("mes.example"))
    for owner in (south, Scope(south.tenant_id), Scope()):
        with pytest.raises(AccessDeniedError):
            demo.certificate_issuing.issue(operator(north(demo)), request, owner)
    auditor = Actor("ivan", Channel.WINDOW, Role.AUDITOR)
    for act in (demo.certificate_issuing.issue, demo.certificate_issuing.preview):
        with pytest.raises(AccessDeniedError):
            act(auditor, request, north(demo))
    with pytest.raises(InvalidInputError):
        demo.certificate_issuing.issue(SYSTEM, request, replace(south, tenant_id=None))
    tenants_own = demo.certificate_issuing.issue(SYSTEM, request, Scope(south.tenant_id))
    again = replace(request, csr=server_csr("mes.example"))
    nobodys_own = demo.certificate_issuing.issue(SYSTEM, again, Scope())
    with pytest.raises(NotFoundError):
        demo.certificates.get(operator(south), tenants_own.certificate.id)
    chief = Actor("tara", Channel.WINDOW, Role.TENANT_ADMIN, tenant_id=south.tenant_id)
    assert demo.certificates.get(chief, tenants_own.certificate.id).id
    with pytest.raises(NotFoundError):
        demo.certificates.get(chief, nobodys_own.certificate.id)


def test_a_template_out_of_sight_does_not_exist(demo: Workspace) -> None:
    south = plant(demo, "South plant")
    hidden = template(
        demo,
        name="South only",
        sharing=Sharing(Access.ORGANIZATION, south.tenant_id, south.id),
    )
    csr = server_csr("mes.example")
    texts = set()
    for template_id in (hidden.id, 999_999):
        with pytest.raises(NotFoundError) as caught:
            demo.certificate_issuing.issue(
                operator(north(demo)), IssueRequest(template_id, csr), north(demo)
            )
        texts.add(caught.value.text())
    assert len(texts) == 1
    with pytest.raises(AccessDeniedError, match="not offered"):
        demo.certificate_issuing.preview(SYSTEM, IssueRequest(hidden.id, csr), north(demo))
    with demo.store.change(SYSTEM) as change:
        change.connection.execute(update(tables.template).values(active=False))
    owner = Scope(south.tenant_id, south.id)
    with pytest.raises(ConflictError, match="inactive"):
        demo.certificate_issuing.issue(SYSTEM, IssueRequest(hidden.id, csr), owner)


def test_the_key_of_a_device_is_refused(demo: Workspace) -> None:
    key = keys.generate(KeyAlgorithm.EC_P256)
    gateway(demo, "GW-1", operational=(operational(demo, csr=new_csr(key)),))
    request = IssueRequest(template(demo).id, server_csr("mes.example", key))
    with pytest.raises(AccessDeniedError, match="somebody else"):
        demo.certificate_issuing.issue(SYSTEM, request, north(demo))
    own = keys.generate(KeyAlgorithm.EC_P256)
    for name in ("mes.example", "scada.example"):
        request = replace(request, csr=server_csr(name, own))
        assert demo.certificate_issuing.issue(SYSTEM, request, north(demo)).certificate.name == name
    with pytest.raises(AccessDeniedError, match="somebody else"):
        gateway(demo, "GW-2", operational=(operational(demo, csr=new_csr(own)),))


def test_an_application_gets_a_certificate_of_its_name(demo: Workspace) -> None:
    created = demo.applications.create(SYSTEM, "MES", plant(demo).tenant_id, plant(demo).id)
    application = created.application
    wrong = IssueRequest(template(demo).id)
    with pytest.raises(InvalidInputError) as caught:
        demo.certificate_issuing.issue_for_application(SYSTEM, application.id, wrong)
    assert caught.value.field == "template_id"
    right = template(demo, name="Application", kind=CertificateKind.APPLICATION)
    issued = demo.certificate_issuing.issue_for_application(
        operator(north(demo)), application.id, IssueRequest(right.id), pfx_passphrase=PASSPHRASE
    )
    record = issued.certificate
    assert (record.name, record.application_id) == ("MES", application.id)
    assert record.subject == "O=Acme Controls,CN=MES"
    assert unpack(demo.certificates.download_pfx(SYSTEM, record.id), PASSPHRASE).private_key
    (found,) = demo.certificates.of_application(SYSTEM, application.id)
    assert found.id == record.id
    with pytest.raises(NotFoundError):
        demo.certificate_issuing.issue_for_application(
            operator(replace(north(demo), organization_id=plant(demo, "South plant").id)),
            application.id,
            IssueRequest(right.id),
        )
    demo.applications.set_active(SYSTEM, application.id, active=False)
    with pytest.raises(ConflictError):
        demo.certificate_issuing.issue_for_application(
            SYSTEM, application.id, IssueRequest(right.id)
        )


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


def test_a_key_that_pkcs12_cannot_hold_is_refused_before_it_is_made(
    demo: Workspace, admin: Actor
) -> None:
    made = template(demo, key_algorithms=(KeyAlgorithm.ML_DSA_65,))
    request = IssueRequest(made.id, typed={"subject.CN": "server"})
    with pytest.raises(InvalidInputError, match="ML-DSA-65") as caught:
        demo.certificate_issuing.issue(admin, request, north(demo), pfx_passphrase=PASSPHRASE)
    assert caught.value.field == "csr"
    issued = demo.certificate_issuing.issue(admin, request, north(demo))
    assert issued.private_key_der is not None
    with pytest.raises(InvalidInputError, match="ML-DSA-65"):
        demo.certificate_renewal.rekey(admin, issued.certificate.id, pfx_passphrase=PASSPHRASE)
