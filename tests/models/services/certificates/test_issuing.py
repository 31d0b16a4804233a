"""Certificates that no device holds: for owners, and for applications."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from app.core.errors import AccessDeniedError, ConflictError, InvalidInputError, NotFoundError
from app.models.db import tables
from app.models.domain.access import SYSTEM, Access, Actor, Channel, Role, Scope, Sharing
from app.models.domain.issuing import IssueRequest
from app.models.domain.templates import CertificateKind
from app.models.services.workspace.workspace import Workspace
from app.pki import keys
from app.pki.certificates import read_certificate
from app.pki.keys import KeyAlgorithm
from app.pki.pkcs12 import unpack
from tests.models.services.gateways import PASSPHRASE, gateway, new_csr, operational, plant
from tests.models.services.server_certificates import north, operator, server_csr, template


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
