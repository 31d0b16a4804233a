"""Authorities made here: with room below them, taking over from each other, deleted again."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate
from cryptography.x509.ocsp import OCSPRequestBuilder
from sqlalchemy import select

from app.core.errors import AccessDeniedError, ConflictError, InvalidInputError, NotFoundError
from app.models.db import tables
from app.models.domain.access import EVERYWHERE, SYSTEM, Access, Sharing
from app.models.domain.authorities import Authority
from app.models.domain.authority_presets import (
    authority_subject,
    end_after,
    issuing_presets,
    root_presets,
)
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import NEVER, read_certificate
from app.pki.crl import read_crl
from app.pki.subjects import ATTRIBUTE_TYPES, Attribute, subject_text
from tests.fakes import FakeClock
from tests.models.services.authority_material import (
    IN_TEN_YEARS,
    KEY,
    named,
    new_issuing,
    new_root,
    openssl_verify,
)
from tests.models.services.people import person
from tests.workspace_fixtures import NOW


def cross_certificates(workspace: Workspace) -> dict[int, bytes]:
    """By the authority whose key they certify."""
    table = tables.cross_certificate
    with workspace.store.database.read() as connection:
        rows = connection.execute(select(table.c.authority_id, table.c.certificate))
        return {row.authority_id: row.certificate for row in rows}


def ca_certificates(workspace: Workspace, authority_id: int) -> tuple[bytes, ...]:
    with workspace.store.database.read() as connection:
        return workspace.authorities.ca_certificates(connection, authority_id)


def test_three_levels_as_the_root_has_room_for(workspace: Workspace, tmp_path: Path) -> None:
    root = new_root(workspace, path_length=2)
    policy = new_issuing(workspace, root, "Policy", path_length=1)
    issuing = new_issuing(workspace, policy)
    with pytest.raises(InvalidInputError, match="at most 1 others") as refused:
        new_issuing(workspace, root, "Deep", path_length=2)
    assert refused.value.field == "path_length"
    with pytest.raises(InvalidInputError, match="at most 1"):
        new_issuing(workspace, root, "Endless", path_length=None)
    openssl_verify(tmp_path, issuing.certificate, [root.certificate], [policy.certificate])
    assert ca_certificates(workspace, issuing.id) == (
        issuing.certificate,
        policy.certificate,
        root.certificate,
    )


def test_a_path_length_has_bounds(workspace: Workspace) -> None:
    for wrong in (-1, 6):
        with pytest.raises(InvalidInputError, match="0 to 5"):
            new_root(workspace, path_length=wrong)
    assert read_certificate(new_root(workspace, path_length=None).certificate).path_length is None


def test_nothing_is_offered_more_widely_than_the_one_above(demo: Workspace) -> None:
    ruth = person(demo, "ruth.keller")
    own = Sharing(Access.TENANT, ruth.tenant_id)
    root = demo.authority_making.create_root(ruth, "Mine", named("Mine"), KEY, sharing=own)
    with pytest.raises(InvalidInputError, match="more widely") as refused:
        demo.authority_making.create_issuing(
            SYSTEM, root.id, "For all", named("For all"), KEY, not_after=IN_TEN_YEARS
        )
    assert refused.value.field == "access"


@pytest.mark.req("DEC-01")
def test_a_change_of_access_fits_what_is_above_and_below(demo: Workspace) -> None:
    acme = Sharing(Access.TENANT, person(demo, "ruth.keller").tenant_id)
    root = new_root(demo)
    issuing = new_issuing(demo, root)
    change_access(demo, issuing, acme)
    change_access(demo, root, acme)
    with pytest.raises(InvalidInputError, match="one above it") as wider:
        change_access(demo, issuing, EVERYWHERE)
    assert wider.value.field == "access"
    change_access(demo, root, EVERYWHERE)
    change_access(demo, issuing, EVERYWHERE)
    with pytest.raises(ConflictError, match="Authorities below it") as narrower:
        change_access(demo, root, acme)
    assert narrower.value.field == "access"
    template = replace(demo.templates.all(SYSTEM)[0], id=0, name="Wide", authority_id=issuing.id)
    demo.templates.create(SYSTEM, replace(template, sharing=EVERYWHERE))
    with pytest.raises(ConflictError, match="Templates that use it"):
        change_access(demo, issuing, acme)
    assert {one.sharing for one in demo.authorities.all(SYSTEM)} == {EVERYWHERE}


def change_access(workspace: Workspace, authority: Authority, sharing: Sharing) -> None:
    workspace.authorities.edit(
        SYSTEM,
        authority.id,
        name=authority.name,
        sharing=sharing,
        crl_hours=authority.crl_hours,
        crl_partition_size=None,
    )


@pytest.mark.req("ROLE-05", "DEC-01")
def test_a_tenant_admin_keeps_to_the_own_tenant(demo: Workspace) -> None:
    ruth = person(demo, "ruth.keller")
    own = Sharing(Access.TENANT, ruth.tenant_id)
    root = demo.authority_making.create_root(ruth, "Mine", named("Mine"), KEY, sharing=own)
    everybodys = demo.authorities.all(ruth)[0]
    assert everybodys.sharing.access is Access.GLOBAL
    for act in (
        lambda: demo.authority_making.roll_over(
            ruth, everybodys.id, "New", KEY, not_after=IN_TEN_YEARS
        ),
        lambda: demo.authorities.set_active(ruth, everybodys.id, active=False),
        lambda: demo.authorities.test_sign(ruth, everybodys.id),
        lambda: demo.authority_making.create_issuing(
            ruth, everybodys.id, "Below", named("B"), KEY, not_after=IN_TEN_YEARS, sharing=own
        ),
    ):
        with pytest.raises(AccessDeniedError):
            act()
    assert demo.authorities.test_sign(ruth, root.id) > 0
    other = demo.tenants.create_tenant(SYSTEM, "Borealis")
    foreign = demo.authority_making.create_root(
        SYSTEM, "Theirs", named("Theirs"), KEY, sharing=Sharing(Access.TENANT, other.id)
    )
    with pytest.raises(NotFoundError, match="does not exist"):
        demo.authority_details.of(ruth, foreign.id)


def test_roots_that_follow_each_other_are_believed_by_the_friends_of_either(
    workspace: Workspace, tmp_path: Path
) -> None:
    old = new_root(workspace)
    below_old = new_issuing(workspace, old, "Below old")
    new = workspace.authority_making.roll_over(
        SYSTEM, old.id, "Root 2", KEY, not_after=IN_TEN_YEARS
    )
    below_new = new_issuing(workspace, new, "Below new")
    assert (new.predecessor_id, new.issuer_id) == (old.id, None)
    before, after = read_certificate(old.certificate), read_certificate(new.certificate)
    assert before.subject == after.subject
    assert before.public_key != after.public_key
    crossed = cross_certificates(workspace)
    # Who trusts the old root only, and who trusts the new one only.
    openssl_verify(tmp_path, below_new.certificate, [old.certificate], [crossed[new.id]])
    openssl_verify(tmp_path, below_old.certificate, [new.certificate], [crossed[old.id]])
    openssl_verify(tmp_path, new.certificate, [new.certificate])
    both = {old.certificate, new.certificate, *crossed.values()}
    assert set(ca_certificates(workspace, new.id)) == both
    told = ca_certificates(workspace, below_new.id)
    assert told[0] == below_new.certificate
    openssl_verify(tmp_path, below_new.certificate, [old.certificate], told)


def test_what_is_past_is_not_handed_out(workspace: Workspace, clock: FakeClock) -> None:
    old = new_root(workspace, not_after=NOW + timedelta(days=60))
    new = workspace.authority_making.roll_over(SYSTEM, old.id, "Root 2", KEY, not_after=NEVER)
    assert len(ca_certificates(workspace, new.id)) == 4
    clock.advance(days=61)
    assert ca_certificates(workspace, new.id) == (new.certificate,)


def test_a_root_that_has_ended_is_followed_all_the_same(
    workspace: Workspace, clock: FakeClock
) -> None:
    old = new_root(workspace, not_after=NOW + timedelta(days=60))
    below = new_issuing(workspace, old)
    clock.advance(days=61)
    with pytest.raises(ConflictError, match="above has ended"):
        new_issuing(workspace, old, "Late")
    making = workspace.authority_making
    with pytest.raises(ConflictError, match="above has ended"):
        making.roll_over(SYSTEM, below.id, "Issuing 2", KEY, not_after=IN_TEN_YEARS)
    new = making.roll_over(SYSTEM, old.id, "Root 2", KEY, not_after=IN_TEN_YEARS)
    assert cross_certificates(workspace) == {}
    followed = making.roll_over(SYSTEM, below.id, "Issuing 2", KEY, not_after=IN_TEN_YEARS)
    assert followed.issuer_id == new.id


def test_templates_use_the_successor_and_old_certificates_stay_revocable(demo: Workspace) -> None:
    old = next(one for one in demo.authorities.all(SYSTEM) if one.name == "Acme Operational CA 1")
    used = [one for one in demo.templates.all(SYSTEM) if one.authority_id == old.id]
    assert used
    root_id = old.issuer_id
    new = demo.authority_making.roll_over(
        SYSTEM, old.id, "Acme Operational CA 2", KEY, not_after=IN_TEN_YEARS
    )
    assert new.issuer_id == root_id
    assert cross_certificates(demo) == {}  # the root above certifies both
    after = {one.id: one.authority_id for one in demo.templates.all(SYSTEM)}
    assert {after[one.id] for one in used} == {new.id}
    (event, *_rest) = demo.audit.of_object(SYSTEM, "authority", old.id, 10)
    assert event.action == "authority.roll-over"
    assert event.after["successor"] == "Acme Operational CA 2"
    demo.authorities.set_active(SYSTEM, old.id, active=False)
    assert read_crl(demo.crls.current(old.id).der).revoked == ()


def test_only_what_nothing_needs_is_deleted(workspace: Workspace) -> None:
    root = new_root(workspace)
    issuing = new_issuing(workspace, root)
    successor = workspace.authority_making.roll_over(
        SYSTEM, issuing.id, "Issuing 2", KEY, not_after=IN_TEN_YEARS
    )
    with pytest.raises(ConflictError, match="is active"):
        workspace.authorities.delete(SYSTEM, root.id)
    for one in (root, issuing, successor):
        workspace.authorities.set_active(SYSTEM, one.id, active=False)
    with pytest.raises(ConflictError) as refused:
        workspace.authorities.delete(SYSTEM, root.id)
    assert "2 authorities" in refused.value.cause
    with pytest.raises(ConflictError) as refused:
        workspace.authorities.delete(SYSTEM, issuing.id)
    assert "1 successor." in refused.value.cause
    workspace.crls.current(successor.id)
    for one in (successor, issuing, root):
        workspace.authorities.delete(SYSTEM, one.id)
    assert workspace.authorities.all(SYSTEM) == ()
    with workspace.store.database.read() as connection:
        kept = connection.execute(
            select(tables.secret).where(tables.secret.c.purpose == "authority-key")
        ).all()
    assert len(kept) == 3
    assert all(row.wrapped_key is None for row in kept)


def test_a_root_that_took_over_is_deleted_with_what_the_two_certified(workspace: Workspace) -> None:
    old = new_root(workspace)
    new = workspace.authority_making.roll_over(SYSTEM, old.id, "Root 2", KEY, not_after=NEVER)
    workspace.authorities.set_active(SYSTEM, new.id, active=False)
    workspace.authorities.delete(SYSTEM, new.id)
    assert cross_certificates(workspace) == {}
    assert workspace.authorities.all(SYSTEM) == (old,)


def test_the_key_that_answered_for_a_deleted_authority_is_destroyed(
    workspace: Workspace,
) -> None:
    root = new_root(workspace)
    request = OCSPRequestBuilder().add_certificate(
        load_der_x509_certificate(root.certificate),
        load_der_x509_certificate(root.certificate),
        SHA256(),
    )
    workspace.ocsp_responder.respond(request.build().public_bytes(Encoding.DER))
    table = tables.secret
    answering = select(table.c.wrapped_key).where(table.c.purpose == "ocsp-key")
    with workspace.store.database.read() as connection:
        assert connection.execute(answering).scalar_one() is not None
    workspace.authorities.set_active(SYSTEM, root.id, active=False)
    workspace.authorities.delete(SYSTEM, root.id)
    with workspace.store.database.read() as connection:
        assert connection.execute(answering).scalar_one() is None


def test_a_template_keeps_its_authority(demo: Workspace) -> None:
    used = demo.templates.all(SYSTEM)[0].authority_id
    demo.authorities.set_active(SYSTEM, used, active=False)
    with pytest.raises(ConflictError) as refused:
        demo.authorities.delete(SYSTEM, used)
    assert "certificate templates" in refused.value.cause


def test_details_tell_the_chain_and_the_last_list(demo: Workspace) -> None:
    issuing = next(one for one in demo.authorities.all(SYSTEM) if one.name == "Acme Factory CA 1")
    details = demo.authority_details.of(SYSTEM, issuing.id)
    assert details.chain_subjects == (
        "CN=Acme Factory CA 1,O=Acme Controls",
        "CN=Acme Controls Root CA,O=Acme Controls",
    )
    assert details.templates == sum(
        one.authority_id == issuing.id for one in demo.templates.all(SYSTEM)
    )
    assert (details.crl_number, details.crl_at) == (None, None)
    assert details.chain_pem.count(b"BEGIN CERTIFICATE") == 2
    assert details.chain_pem.startswith(details.certificate_pem)
    demo.crls.current(issuing.id)
    details = demo.authority_details.of(SYSTEM, issuing.id)
    assert (details.crl_number, details.crl_at) == (1, NOW)


def test_those_that_end_soon_are_told_the_first_one_first(
    workspace: Workspace, clock: FakeClock
) -> None:
    new_root(workspace, "Late", not_after=NOW + timedelta(days=80))
    early = new_root(workspace, "Early", not_after=NOW + timedelta(days=20))
    new_root(workspace, "Far", not_after=NOW + timedelta(days=91))
    assert [row.name for row in workspace.authorities.expiring(SYSTEM)] == ["Early", "Late"]
    workspace.authorities.set_active(SYSTEM, early.id, active=False)
    clock.advance(days=2)
    assert [row.name for row in workspace.authorities.expiring(SYSTEM)] == ["Late", "Far"]


def test_presets_are_as_their_profiles_want_them(workspace: Workspace, tmp_path: Path) -> None:
    pai = next(one for one in issuing_presets() if one.vendor_id)
    root = new_root(workspace)
    subject = authority_subject({"CN": "Acme PAI", "VID": "FFF1", "PID": "", "O": ""})
    made = workspace.authority_making.create_issuing(
        SYSTEM,
        root.id,
        "PAI",
        subject,
        KEY,
        not_after=end_after(NOW, pai.years),
        path_length=pai.path_length,
    )
    info = read_certificate(made.certificate)
    assert info.subject == (
        Attribute("2.5.4.3", "Acme PAI"),
        Attribute("1.3.6.1.4.1.37244.2.1", "FFF1"),
    )
    assert (info.path_length, info.algorithm) == (0, pai.algorithm)
    openssl_verify(tmp_path, made.certificate, [root.certificate])
    wisun = next(one for one in root_presets() if one.key == "wisun-root")
    assert (wisun.path_length, end_after(NOW, wisun.years)) == (2, NEVER)


def test_a_subject_is_checked_before_a_key_is_made(workspace: Workspace) -> None:
    with pytest.raises(InvalidInputError) as refused:
        workspace.authority_making.create_root(
            SYSTEM, "Root", (Attribute(ATTRIBUTE_TYPES["VID"].oid, "xyz"),), KEY
        )
    assert refused.value.field == "VID"


def test_years_end_on_the_same_day() -> None:
    assert end_after(NOW, 10) == NOW.replace(year=2036)
    leap = NOW.replace(year=2028, month=2, day=29)
    assert end_after(leap, 1) == leap.replace(year=2029, day=28)


def test_subject_is_in_the_order_of_certificates() -> None:
    given = {"CN": "a", "C": "DE", "O": "b", "OU": "", "PID": "8000", "VID": "FFF1"}
    assert subject_text(authority_subject(given)) == "PID=8000,VID=FFF1,CN=a,O=b,C=DE"
