"""Certificates that somebody brings, checked against the workspace."""

from collections.abc import Callable

import pytest

from app.core.errors import InvalidInputError
from app.models.domain.access import SYSTEM, Actor, Channel, Role
from app.models.domain.certificates import Certificate, CertificateStatus
from app.models.services.certificates.checks import Timeliness
from app.models.services.certificates.listed import CertificateQuery
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import (
    CertificateContents,
    KeyUsage,
    build_root,
    certificate_to_pem,
    read_certificate,
)
from app.pki.keys import KeyAlgorithm, generate
from app.pki.pkcs7 import certs_only
from app.pki.revocation import RevocationReason
from app.pki.sign import SoftwareKey
from tests.fakes import FakeClock
from tests.models.services.company import Company
from tests.models.services.gateways import gateway, operational, plant


@pytest.fixture
def issued(demo: Workspace) -> Certificate:
    """The operational certificate of a gateway."""
    (made,) = gateway(demo, "GW-1", operational=(operational(demo),)).operational
    return demo.certificates.get(SYSTEM, made.certificate.id)


def chain(demo: Workspace, issued: Certificate) -> tuple[bytes, ...]:
    return demo.certificates.details(SYSTEM, issued.id).chain


@pytest.mark.parametrize("form", [bytes, certificate_to_pem, lambda der: certs_only([der])])
def test_one_of_ours_is_known_and_good(
    demo: Workspace, issued: Certificate, form: Callable[[bytes], bytes]
) -> None:
    check = demo.certificate_checks.check(SYSTEM, form(issued.der))
    assert check.known == demo.certificate_list.page(SYSTEM, CertificateQuery(text="GW-1"), 0, 1)[0]
    assert check.certificate == issued.der
    assert check.subject == issued.subject
    assert check.chain == chain(demo, issued)
    assert check.authority == "Acme Operational CA 1"
    assert check.timeliness is check.chain_timeliness is Timeliness.WITHIN
    assert check.trailing == 0
    said = [line.value for section in check.sections for line in section.lines]
    assert "GW-1" in said


def test_one_that_is_revoked_says_so(demo: Workspace, issued: Certificate) -> None:
    demo.revocation.revoke(SYSTEM, issued.id, RevocationReason.KEY_COMPROMISE)
    known = demo.certificate_checks.check(SYSTEM, issued.der).known
    assert known is not None
    assert known.status is CertificateStatus.REVOKED
    assert known.revocation_reason is RevocationReason.KEY_COMPROMISE


def test_time_is_looked_at_for_it_and_for_its_issuers(
    demo: Workspace, clock: FakeClock, issued: Certificate
) -> None:
    clock.advance(seconds=(issued.not_after - clock.now()).total_seconds())
    check = demo.certificate_checks.check(SYSTEM, issued.der)
    assert (check.timeliness, check.chain_timeliness) == (Timeliness.AFTER, Timeliness.WITHIN)
    issuer = read_certificate(check.chain[0])
    clock.advance(seconds=(issuer.not_after - clock.now()).total_seconds())
    assert demo.certificate_checks.check(SYSTEM, issued.der).chain_timeliness is Timeliness.AFTER


def impostor(demo: Workspace) -> bytes:
    """A certificate that names an authority here as its issuer, but is not signed by it."""
    ours = next(a for a in demo.authorities.all(SYSTEM) if a.name == "Acme Operational CA 1")
    key = SoftwareKey(generate(KeyAlgorithm.EC_P256))
    contents = CertificateContents(
        subject=read_certificate(ours.certificate).subject,
        san=(),
        public_key=key.public_key,
        not_before=demo.store.clock.now(),
        not_after=read_certificate(ours.certificate).not_after,
        key_usage=frozenset({KeyUsage.KEY_CERT_SIGN}),
        extended_key_usage=(),
        ca=True,
    )
    return build_root(contents, key)


def test_an_impostor_is_unknown_whatever_comes_with_it(
    demo: Workspace, issued: Certificate
) -> None:
    sent = certificate_to_pem(impostor(demo)) + certificate_to_pem(issued.der)
    check = demo.certificate_checks.check(SYSTEM, sent)
    assert check.known is None
    assert check.chain == ()
    assert check.authority == ""
    assert check.trailing == 1


def test_what_others_have_is_not_known_to_an_operator(demo: Workspace, issued: Certificate) -> None:
    here = plant(demo)
    other = next(one for one in demo.tenants.organizations(SYSTEM) if one.id != here.id)
    role = Role.ORGANIZATION_OPERATOR
    for owner, known in ((here, True), (other, False)):
        actor = Actor(
            "nora", Channel.WINDOW, role, tenant_id=owner.tenant_id, organization_id=owner.id
        )
        check = demo.certificate_checks.check(actor, issued.der)
        assert (check.known is not None) is known


def test_an_authority_out_of_reach_is_not_named(unchanging: Workspace, company: Company) -> None:
    authorities = unchanging.authorities.all(SYSTEM)
    nora = company.actors[Role.ORGANIZATION_OPERATOR]
    for one in authorities:
        named = unchanging.certificate_checks.check(nora, one.certificate).authority
        offered = one.sharing.offered_to(nora.tenant_id, nora.organization_id)
        assert named == (one.name if offered else "")


def test_a_private_key_is_refused(demo: Workspace) -> None:
    with pytest.raises(InvalidInputError, match="private key"):
        demo.certificate_checks.check(SYSTEM, b"-----BEGIN PRIVATE KEY-----\n")
