"""Certificates that were issued: listed, looked at, taken along."""

import itertools
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509 import load_pem_x509_certificates
from sqlalchemy import update

from app.core.errors import AccessDeniedError, NotFoundError
from app.models.db.tables import certificate as certificate_table
from app.models.domain.access import SYSTEM, Actor, Channel, Role, Scope
from app.models.domain.certificates import Certificate
from app.models.domain.issuing import IssueRequest
from app.models.services.certificates.listed import (
    CertificateQuery,
    CertificateSort,
    CertificateState,
)
from app.models.services.devices.creation import NewDevice
from app.models.services.workspace.workspace import Workspace
from tests.fakes import FakeClock

PASSPHRASE = "opens the pfx"


@pytest.fixture
def issued(demo: Workspace) -> tuple[Certificate, ...]:
    """Three gateways with an operational certificate each, whose keys were made here."""
    kind = next(t for t in demo.device_types.all(SYSTEM) if t.name == "Gateway 200")
    plant = next(o for o in demo.tenants.organizations(SYSTEM) if o.name == "North plant")
    template_id = kind.default_operational_template_id
    assert template_id is not None
    certificates = []
    for number in (1, 2, 3):
        created = demo.device_creation.create(
            SYSTEM,
            NewDevice(
                name=f"GW-{number}",
                tenant_id=plant.tenant_id,
                organization_id=plant.id,
                type_id=kind.id,
                values={"serial_number": str(number)},
                operational=(IssueRequest(template_id, validity_days=10 * number),),
                password="a device password",
                pfx_passphrase=PASSPHRASE,
            ),
        )
        certificates.append(created.operational[0].certificate)
    return tuple(certificates)


def names(workspace: Workspace, query: CertificateQuery, actor: Actor = SYSTEM) -> list[str]:
    rows = workspace.certificate_list.page(actor, query, 0, 100)
    assert workspace.certificate_list.count(actor, query) == len(rows)
    return [row.name for row in rows]


@pytest.mark.parametrize("sort", CertificateSort)
@pytest.mark.parametrize("descending", [False, True])
def test_every_sort_has_all_rows(
    demo: Workspace,
    issued: tuple[Certificate, ...],
    sort: CertificateSort,
    descending: bool,
) -> None:
    found = names(demo, CertificateQuery(sort=sort, descending=descending))
    assert sorted(found) == [row.name for row in issued]
    if sort in (CertificateSort.NAME, CertificateSort.NOT_AFTER):
        assert found == sorted(found, reverse=descending)


def test_text_finds_by_device_subject_serial_and_fingerprint(
    demo: Workspace, issued: tuple[Certificate, ...]
) -> None:
    second = issued[1]
    spaced = ":".join(second.serial[i : i + 2] for i in range(0, 12, 2)).upper()
    for text in ("GW-2", "gw-2", second.subject, second.serial, spaced, f"{second.fingerprint}\n"):
        assert names(demo, CertificateQuery(text=text)) == ["GW-2"], text
    assert names(demo, CertificateQuery(text="no such thing")) == []
    assert names(demo, CertificateQuery(text="%")) == []


def test_states_follow_the_clock_and_revocation(
    demo: Workspace, issued: tuple[Certificate, ...], clock: FakeClock
) -> None:
    def count(state: CertificateState) -> int:
        return demo.certificate_list.count(SYSTEM, CertificateQuery(state=state))

    assert count(CertificateState.VALID) == 3
    clock.advance(days=11)
    with demo.store.database.write() as connection:
        connection.execute(
            update(certificate_table)
            .where(certificate_table.c.id == issued[2].id)
            .values(status="revoked")
        )
    assert names(demo, CertificateQuery(state=CertificateState.EXPIRED)) == ["GW-1"]
    assert names(demo, CertificateQuery(state=CertificateState.VALID)) == ["GW-2"]
    assert names(demo, CertificateQuery(state=CertificateState.EXPIRING)) == ["GW-2"]
    assert names(demo, CertificateQuery(state=CertificateState.REVOKED)) == ["GW-3"]
    with demo.store.database.write() as connection:
        connection.execute(update(certificate_table).values(status="on-hold"))
    assert len(names(demo, CertificateQuery(state=CertificateState.ON_HOLD))) == 3
    assert names(demo, CertificateQuery(state=CertificateState.EXPIRED)) == []


@pytest.mark.parametrize("sort", CertificateSort)
@pytest.mark.parametrize("state", CertificateState)
def test_every_state_is_sorted_in_every_way(
    demo: Workspace, issued: tuple[Certificate, ...], sort: CertificateSort, state: CertificateState
) -> None:
    found = names(demo, CertificateQuery(sort=sort, state=state))
    good = state in (CertificateState.VALID, CertificateState.EXPIRING)
    assert sorted(found) == ([row.name for row in issued] if good else [])


def test_ids_narrow_the_list(demo: Workspace, issued: tuple[Certificate, ...]) -> None:
    second = issued[1]
    everybody = [row.name for row in issued]
    for query, found in (
        (CertificateQuery(template_id=second.template_id), everybody),
        (CertificateQuery(template_id=second.template_id + 1), []),
        (CertificateQuery(authority_id=second.authority_id), everybody),
        (CertificateQuery(authority_id=second.authority_id - 1), []),
        (CertificateQuery(device_id=second.device_id), ["GW-2"]),
        (CertificateQuery(device_id=second.device_id, text="GW-1"), []),
        (CertificateQuery(application_id=1), []),
    ):
        assert sorted(names(demo, query)) == found


@pytest.mark.parametrize("text", ["\udc80", "GW\ud800", "a\x00b", "a\nb"])
def test_a_text_no_certificate_can_have_finds_nothing(
    demo: Workspace, issued: tuple[Certificate, ...], text: str
) -> None:
    assert issued
    assert names(demo, CertificateQuery(text=text)) == []


def test_what_no_organization_has_is_its_tenants(demo: Workspace) -> None:
    plant = next(o for o in demo.tenants.organizations(SYSTEM) if o.name == "North plant")
    template = next(t for t in demo.templates.all(SYSTEM) if t.name == "Gateway mTLS client")
    for owner in (Scope(plant.tenant_id), Scope(plant.tenant_id, plant.id)):
        request = IssueRequest(template.id, typed={"subject.CN": f"of {owner.organization_id}"})
        demo.certificate_issuing.issue(SYSTEM, request, owner)
    organizations = f"of {plant.id}"
    for role, seen in (
        (Role.ORGANIZATION_OPERATOR, [organizations]),
        (Role.TENANT_OPERATOR, [organizations, "of None"]),
        (Role.ADMIN, [organizations, "of None"]),
    ):
        tenant_id = None if role is Role.ADMIN else plant.tenant_id
        organization_id = plant.id if role is Role.ORGANIZATION_OPERATOR else None
        actor = Actor(
            "nora",
            Channel.WINDOW,
            role,
            tenant_id=tenant_id,
            organization_id=organization_id,
        )
        assert sorted(names(demo, CertificateQuery(), actor)) == seen
        assert sorted(names(demo, CertificateQuery(text="of "), actor)) == seen
    stranger = Actor("eve", Channel.WINDOW, Role.TENANT_OPERATOR, tenant_id=4711)
    assert names(demo, CertificateQuery(), stranger) == []


def test_others_neither_see_nor_fetch_them(
    demo: Workspace, issued: tuple[Certificate, ...]
) -> None:
    stranger = Actor("eve", Channel.WINDOW, Role.TENANT_ADMIN, 99, tenant_id=4711)
    assert names(demo, CertificateQuery(), stranger) == []
    assert issued[0].device_id is not None
    assert demo.certificates.of_device(stranger, issued[0].device_id) == ()
    with pytest.raises(NotFoundError):
        demo.certificates.get(stranger, issued[0].id)
    with pytest.raises(NotFoundError):
        demo.certificates.download_pfx(stranger, issued[0].id)
    auditor = Actor("ivan", Channel.WINDOW, Role.AUDITOR, 98)
    assert len(names(demo, CertificateQuery(), auditor)) == 3
    with pytest.raises(AccessDeniedError):
        demo.certificates.download_pfx(auditor, issued[0].id)


def test_pem_comes_alone_or_with_its_chain(
    demo: Workspace, issued: tuple[Certificate, ...]
) -> None:
    alone = load_pem_x509_certificates(demo.certificates.pem(SYSTEM, issued[0].id, chain=False))
    assert len(alone) == 1
    chain = load_pem_x509_certificates(demo.certificates.pem(SYSTEM, issued[0].id, chain=True))
    assert chain[0] == alone[0]
    for below, above in itertools.pairwise(chain):
        below.verify_directly_issued_by(above)
    chain[-1].verify_directly_issued_by(chain[-1])


@pytest.mark.req("DEV-87", "FAC-08")
def test_pfx_opens_with_its_passphrase_until_retention_ends(
    demo: Workspace, issued: tuple[Certificate, ...], clock: FakeClock
) -> None:
    certificate = issued[0]
    content = demo.certificates.download_pfx(SYSTEM, certificate.id)
    key, leaf, chain = pkcs12.load_key_and_certificates(content, PASSPHRASE.encode())
    assert key is not None
    assert leaf is not None
    assert key.public_key() == leaf.public_key()
    assert len(chain) == 2
    newest = demo.audit.of_object(SYSTEM, *certificate.held_by, 1)[0]
    assert (newest.action, newest.after["kind"]) == ("secret.download", "pfx")

    assert certificate.key_until is not None
    clock.set(certificate.key_until + timedelta(seconds=1))
    assert demo.certificates.get(SYSTEM, certificate.id).key_until is None
    with pytest.raises(NotFoundError):
        demo.certificates.download_pfx(SYSTEM, certificate.id)
