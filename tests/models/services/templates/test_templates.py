from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from app.core.errors import AccessDeniedError, ConflictError, InvalidInputError, NotFoundError
from app.models.db import tables
from app.models.domain.access import SYSTEM, Access, Actor, Scope, Sharing
from app.models.domain.issuing import IssueRequest
from app.models.domain.subjects import FieldRule, NamePart, TemplateField
from app.models.domain.templates import CertificateKind, Template
from app.models.services.certificates.listed import CertificateQuery
from app.models.services.listing import ListQuery
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import (
    CLIENT_AUTH,
    SERVER_AUTH,
    CustomExtension,
    KeyUsage,
    read_certificate,
)
from app.pki.keys import KeyAlgorithm
from app.pki.names import GeneralName, SanKind
from app.pki.sign import SIGNATURE_NAMES
from app.pki.tbs import read_fields
from tests.models.services.people import person

PASSPHRASE = "three green apples"
UPN = "1.3.6.1.4.1.311.20.2.3"
ACME = Sharing(Access.TENANT, 1)
COMMON_NAME = TemplateField(NamePart.SUBJECT, "CN", FieldRule.REQUIRED, max_length=32)


def template(name: str = "Meter", sharing: Sharing = ACME) -> Template:
    return Template(
        id=0,
        name=name,
        kind=CertificateKind.OPERATIONAL,
        authority_id=3,
        fields=(
            COMMON_NAME,
            TemplateField(NamePart.SUBJECT, "O", FieldRule.FIXED, "Acme Controls"),
            TemplateField(NamePart.SAN, "dns"),
            TemplateField(NamePart.SAN, "dns", index=2),
        ),
        key_algorithms=(KeyAlgorithm.ED25519, KeyAlgorithm.EC_P256),
        key_usage=frozenset({KeyUsage.DIGITAL_SIGNATURE, KeyUsage.NON_REPUDIATION}),
        extended_key_usage=(SERVER_AUTH, CLIENT_AUTH),
        validity_days=None,
        extensions=(CustomExtension("1.3.6.1.5.5.7.1.32", False, b"\x16\x01a"),),  # noqa: FBT003
        sharing=sharing,
    )


def test_what_is_stored_comes_back(demo: Workspace, admin: Actor) -> None:
    created = demo.templates.create(admin, template())
    assert created == replace(template(), id=created.id)
    with demo.store.database.read() as connection:
        assert demo.templates.get(connection, created.id) == created
    assert created in demo.templates.all(admin)
    (event,) = demo.audit.of_object(SYSTEM, "template", created.id, 5)
    assert event.after["key_usage"] == ["digitalSignature", "nonRepudiation"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    data=st.data(),
    algorithms=st.lists(st.sampled_from(KeyAlgorithm), min_size=1, unique=True),
    usage=st.frozensets(st.sampled_from([KeyUsage.DIGITAL_SIGNATURE, KeyUsage.NON_REPUDIATION])),
    days=st.none() | st.integers(1, 36_500),
    skid=st.booleans(),
)
def test_any_template_comes_back(
    demo: Workspace,
    data: st.DataObject,
    algorithms: list[KeyAlgorithm],
    usage: frozenset[KeyUsage],
    days: int | None,
    *,
    skid: bool,
) -> None:
    rule = data.draw(st.sampled_from([FieldRule.REQUIRED, FieldRule.OPTIONAL]))
    wanted = replace(
        template(f"T{len(demo.templates.all(SYSTEM))}"),
        fields=(replace(COMMON_NAME, rule=rule, default=data.draw(st.sampled_from(["", "x"]))),),
        key_algorithms=tuple(algorithms),
        key_usage=usage,
        validity_days=days,
        subject_key_identifier=skid,
    )
    created = demo.templates.create(SYSTEM, wanted)
    with demo.store.database.read() as connection:
        assert demo.templates.get(connection, created.id) == replace(wanted, id=created.id)


def test_name_is_unique(demo: Workspace, admin: Actor) -> None:
    with pytest.raises(ConflictError, match="taken"):
        demo.templates.create(admin, template("Gateway IDevID"))


def test_missing_template(demo: Workspace) -> None:
    with demo.store.database.read() as connection, pytest.raises(NotFoundError):
        demo.templates.get(connection, 99)


def test_rules_are_checked(demo: Workspace, admin: Actor) -> None:
    before = demo.templates.all(admin)
    with pytest.raises(InvalidInputError, match="at least one key"):
        demo.templates.create(admin, replace(template(), key_algorithms=()))
    with pytest.raises(InvalidInputError, match="authority cannot be used"):
        demo.templates.create(admin, replace(template(), authority_id=99))
    with demo.store.change(SYSTEM) as change:
        change.connection.execute(update(tables.authority).values(active=False))
    with pytest.raises(InvalidInputError, match="authority cannot be used"):
        demo.templates.create(admin, template())
    assert demo.templates.all(admin) == before


def test_authority_must_be_offered_as_widely(demo: Workspace, admin: Actor) -> None:
    with demo.store.change(SYSTEM) as change:
        change.connection.execute(
            update(tables.authority).values(access=Access.TENANT.value, tenant_id=1)
        )
    demo.templates.create(admin, template())
    with pytest.raises(InvalidInputError, match="authority cannot be used"):
        demo.templates.create(admin, template("Everywhere", Sharing()))


@pytest.mark.parametrize(
    "sharing",
    [
        Sharing(Access.GLOBAL, 1),
        Sharing(Access.TENANT),
        Sharing(Access.TENANT, 1, 1),
        Sharing(Access.ORGANIZATION, 1),
        Sharing(Access.ORGANIZATION, None, 1),
        Sharing(Access.ORGANIZATION, 1, 99),
    ],
)
@pytest.mark.req("DEC-02")
def test_access_names_what_it_needs(demo: Workspace, admin: Actor, sharing: Sharing) -> None:
    with pytest.raises(InvalidInputError):
        demo.templates.create(admin, template(sharing=sharing))


@pytest.mark.req("DEC-01", "ROLE-04", "ROLE-05")
def test_only_admin_makes_global_ones(demo: Workspace, admin: Actor) -> None:
    tenant_admin = person(demo, "ruth.keller")
    demo.templates.create(admin, template("Global", Sharing()))
    demo.templates.create(tenant_admin, template("Tenant"))
    demo.templates.create(tenant_admin, template("North", Sharing(Access.ORGANIZATION, 1, 1)))
    with pytest.raises(AccessDeniedError):
        demo.templates.create(tenant_admin, template("Everywhere", Sharing()))
    for name in ("ivan.petrov", "paul.jensen", "mia.rossi", "nora.lind"):
        with pytest.raises(AccessDeniedError):
            demo.templates.create(person(demo, name), template("Mine"))


@pytest.mark.req("DEC-01", "ROLE-05", "ROLE-07", "ROLE-09")
def test_lists_end_at_the_reach_of_the_role(demo: Workspace, admin: Actor) -> None:
    other = demo.tenants.create_tenant(admin, "Borealis")
    for name, sharing in (
        ("Global", Sharing()),
        ("North", Sharing(Access.ORGANIZATION, 1, 1)),
        ("South", Sharing(Access.ORGANIZATION, 1, 2)),
        ("Borealis", Sharing(Access.TENANT, other.id)),
    ):
        demo.templates.create(admin, template(name, sharing))
    own = {"Global", "North", "South", "Gateway IDevID", "Gateway mTLS client"}
    own |= {"Sensor IDevID", "Sensor mTLS client"}
    for name, expected in (
        ("ivan.petrov", own | {"Borealis"}),
        ("mia.rossi", own),
        ("nora.lind", own - {"South"}),
    ):
        assert {t.name for t in demo.templates.all(person(demo, name))} == expected


def test_editing_changes_all_but_id_and_state(demo: Workspace, admin: Actor) -> None:
    made = demo.templates.create(admin, template())
    demo.templates.set_active(admin, made.id, active=False)
    wanted = replace(
        made,
        name="Meter 2",
        description="For meters.",
        fields=(COMMON_NAME,),
        hash="sha384",
        revocation_urls=True,
        validity_days=30,
        sharing=Sharing(),
    )
    assert demo.templates.edit(admin, wanted) == replace(wanted, active=False)
    assert demo.templates.read(admin, made.id) == replace(wanted, active=False)
    event = demo.audit.of_object(SYSTEM, "template", made.id, 5)[0]
    assert (event.action, event.before["name"], event.after["hash"]) == (
        "template.edit",
        "Meter",
        "sha384",
    )
    assert "key_algorithms" not in event.after
    demo.templates.edit(admin, wanted)
    assert len(demo.audit.of_object(SYSTEM, "template", made.id, 9)) == 3
    with pytest.raises(ConflictError, match="taken"):
        demo.templates.edit(admin, replace(wanted, name="Gateway IDevID"))
    with pytest.raises(InvalidInputError):
        demo.templates.edit(admin, replace(wanted, key_algorithms=()))
    with pytest.raises(NotFoundError):
        demo.templates.edit(admin, replace(wanted, id=99))


def test_an_inactive_template_issues_nothing(demo: Workspace, admin: Actor) -> None:
    made = demo.templates.create(admin, template())
    demo.templates.set_active(admin, made.id, active=False)
    request = IssueRequest(made.id, typed={"subject.CN": "M-1"})
    with pytest.raises(ConflictError):
        demo.certificate_issuing.issue(admin, request, Scope(1), pfx_passphrase=PASSPHRASE)
    demo.templates.set_active(admin, made.id, active=True)
    demo.certificate_issuing.issue(admin, request, Scope(1), pfx_passphrase=PASSPHRASE)
    actions = [one.action for one in demo.audit.of_object(SYSTEM, "template", made.id, 9)]
    assert actions == ["template.activate", "template.deactivate", "template.create"]


def test_a_template_in_use_is_not_deleted(demo: Workspace, admin: Actor) -> None:
    made = demo.templates.create(admin, template())
    with pytest.raises(ConflictError, match="is active"):
        demo.templates.delete(admin, made.id)
    request = IssueRequest(made.id, typed={"subject.CN": "M-1"})
    demo.certificate_issuing.issue(admin, request, Scope(1), pfx_passphrase=PASSPHRASE)
    unused = demo.templates.create(admin, template("Unused"))
    used = next(one for one in demo.templates.all(admin) if one.name == "Gateway IDevID")
    for one, cause in ((made, "1 certificates"), (used, "1 device types")):
        demo.templates.set_active(admin, one.id, active=False)
        with pytest.raises(ConflictError, match="still in use") as caught:
            demo.templates.delete(admin, one.id)
        assert cause in caught.value.cause
    demo.templates.set_active(admin, unused.id, active=False)
    demo.templates.delete(admin, unused.id)
    with pytest.raises(NotFoundError):
        demo.templates.read(admin, unused.id)


@pytest.mark.req("DEC-01", "ROLE-05")
def test_what_is_shared_by_all_is_changed_by_administrators_only(
    demo: Workspace, admin: Actor
) -> None:
    tenant_admin = person(demo, "ruth.keller")
    shared = demo.templates.create(admin, template("Global", Sharing()))
    assert demo.templates.read(tenant_admin, shared.id) == shared
    with pytest.raises(AccessDeniedError):
        demo.templates.edit(tenant_admin, replace(shared, sharing=ACME))
    with pytest.raises(AccessDeniedError):
        demo.templates.set_active(tenant_admin, shared.id, active=False)
    with pytest.raises(AccessDeniedError):
        demo.templates.delete(tenant_admin, shared.id)
    other = demo.tenants.create_tenant(admin, "Borealis")
    theirs = demo.templates.create(admin, template("Theirs", Sharing(Access.TENANT, other.id)))
    with pytest.raises(NotFoundError):
        demo.templates.read(tenant_admin, theirs.id)
    with pytest.raises(NotFoundError):
        demo.templates.edit(tenant_admin, replace(theirs, sharing=ACME))


def test_the_list_is_sorted_searched_and_counted(demo: Workspace, admin: Actor) -> None:
    names = [row.name for row in demo.templates.page(admin, ListQuery(), 0, 9)]
    assert names == sorted(names)
    assert demo.templates.count(admin, ListQuery()) == len(names)
    factory = demo.templates.page(admin, ListQuery("Factory CA"), 0, 9)
    assert {row.name for row in factory} == {"Gateway IDevID", "Sensor IDevID"}
    assert {row.kind for row in factory} == {CertificateKind.FACTORY}
    assert factory[0].key_algorithms[0] is KeyAlgorithm.EC_P256
    for sort in ("kind", "authority", "validity", "access", "active"):
        assert len(demo.templates.page(admin, ListQuery(sort=sort), 0, 9)) == len(names)


def test_a_template_with_a_hash_has_certificates_signed_with_it(
    demo: Workspace, admin: Actor
) -> None:
    made = demo.templates.create(admin, replace(template(), hash="sha512", fields=(COMMON_NAME,)))
    request = IssueRequest(made.id, typed={"subject.CN": "M-1"})
    issued = demo.certificate_issuing.issue(admin, request, Scope(1), pfx_passphrase=PASSPHRASE)
    oid = read_fields(issued.certificate.der).signature_oid
    assert SIGNATURE_NAMES[oid] == "ecdsa-with-SHA512"
    sample = demo.template_samples.sample(admin, made)
    assert read_fields(sample.certificate).signature_oid == oid


def test_a_sample_needs_no_stored_template_and_leaves_nothing(
    demo: Workspace, admin: Actor
) -> None:
    before = demo.certificate_list.count(admin, CertificateQuery())
    wanted = replace(template(), fields=(COMMON_NAME, TemplateField(NamePart.SAN, UPN)))
    sample = demo.template_samples.sample(admin, wanted)
    info = read_certificate(sample.certificate)
    assert info.san == (GeneralName(SanKind.OTHER, f"{UPN};example"),)
    assert demo.certificate_list.count(admin, CertificateQuery()) == before
    with pytest.raises(InvalidInputError) as caught:
        demo.template_samples.sample(admin, replace(wanted, key_algorithms=()))
    assert caught.value.field == "key_algorithms"
    with pytest.raises(NotFoundError):
        demo.template_samples.sample(admin, replace(wanted, authority_id=99))
