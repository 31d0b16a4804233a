"""External CAs: registered, offered, switched off and deleted, and who may do that."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from app.core.errors import AccessDeniedError, ConflictError, InvalidInputError, NotFoundError
from app.models.db.tables import audit_event, device_type, external_ca
from app.models.domain.access import EVERYWHERE, SYSTEM, Access, Actor, Sharing
from app.models.domain.events import EntityChanged
from app.models.domain.external_cas import VerifiedBy
from app.models.services.external_cas.trust import check_device_certificate, check_usable
from app.models.services.listing import ListQuery
from app.models.services.workspace.workspace import Workspace
from app.pki import pkcs7
from app.pki.certificates import certificate_to_pem, read_certificate
from app.pki.chains import ChainFault, ClientCertificateError
from app.pki.formats import certificates_in
from app.pki.keys import private_key_to_der, private_key_to_pem
from app.pki.sign import SoftwareKey
from tests.fakes import FakeClock
from tests.manufacturer import P256, RSA, Manufacturer
from tests.models.services.people import person
from tests.pki.material import NOW as MAY
from tests.pki.material import Authority, common_name, root

ACME, NORTH, SOUTH = 1, 1, 2
CA = root("Sensor maker", 70)
PEM = certificate_to_pem(CA.certificate)


@pytest.fixture(autouse=True)
def _in_may(clock: FakeClock) -> None:
    clock.set(MAY)  # when the CAs of the tests of certificates are good


def names(workspace: Workspace, query: ListQuery) -> list[str]:
    return [row.ca.name for row in workspace.external_cas.page(SYSTEM, query, 0, 99)]


def device(ca: Authority, name: str = "sensor 1") -> bytes:
    return ca.issue(subject=common_name(name))


def accept(workspace: Workspace, ca_id: int, leaf: bytes, *others: bytes) -> tuple[bytes, ...]:
    """What a device with this factory certificate meets."""
    now = workspace.store.clock.now()
    with workspace.store.database.read() as connection:
        return check_device_certificate(connection, ca_id, leaf, others, now)


def refused(workspace: Workspace, ca_id: int, leaf: bytes) -> ChainFault:
    with pytest.raises(ClientCertificateError) as error:
        accept(workspace, ca_id, leaf)
    return error.value.fault


@pytest.mark.req("ECA-03", "ECA-06", "ECA-07", "DEC-10")
def test_what_is_registered_comes_back_and_is_audited(demo: Workspace, admin: Actor) -> None:
    told: list[object] = []
    demo.store.events.subscribe(EntityChanged, told.append)
    made = demo.external_cas.register(admin, "Sensor maker", PEM, ACME)
    assert demo.external_cas.get(admin, made.id) == made
    assert (made.certificate, made.active, made.verified) == (CA.certificate, True, False)
    assert made.fingerprint == read_certificate(CA.certificate).fingerprint
    (event,) = demo.audit.of_object(SYSTEM, "external-ca", made.id, 5)
    assert event.action == "external-ca.register"
    assert event.after == {"subject": "CN=Sensor maker", "fingerprint": made.fingerprint}
    assert EntityChanged("external-ca", made.id) in told


@pytest.mark.req("ECA-07", "DEC-07")
def test_one_can_be_vouched_for_at_once(demo: Workspace, admin: Actor) -> None:
    made = demo.external_cas.register(admin, "Sensor maker", PEM, ACME, verified=True)
    assert (made.verified_by, made.verified_at) == (VerifiedBy.OVERRIDE, MAY)
    (event,) = demo.audit.of_object(SYSTEM, "external-ca", made.id, 5)
    assert event.after["verified_by"] == "override"


@pytest.mark.req("ECA-03")
def test_names_and_certificates_are_there_once_in_a_tenant(demo: Workspace, admin: Actor) -> None:
    other = demo.tenants.create_tenant(SYSTEM, "Borealis")
    register = demo.external_cas.register
    register(admin, "Sensor maker", PEM, ACME)
    with pytest.raises(ConflictError) as taken:
        register(admin, "Sensor maker", certificate_to_pem(root().certificate), ACME)
    assert taken.value.field == "name"
    with pytest.raises(ConflictError, match="already as Sensor maker") as again:
        register(admin, "Another", PEM, ACME)
    assert again.value.field == "certificate"
    assert register(admin, "Sensor maker", PEM, other.id).tenant_id == other.id


@pytest.mark.req("ECA-04", "ECA-05", "RBAC-04")
def test_whose_it_is(demo: Workspace, admin: Actor) -> None:
    tenant_admin = person(demo, "ruth.keller")
    other = demo.tenants.create_tenant(SYSTEM, "Borealis")
    register = demo.external_cas.register
    with pytest.raises(InvalidInputError) as whole:
        register(tenant_admin, "Mine", PEM, ACME)
    assert whole.value.field == "organization_id"
    assert register(tenant_admin, "Mine", PEM, ACME, NORTH).organization_id == NORTH
    with pytest.raises(AccessDeniedError):
        register(tenant_admin, "Theirs", PEM, other.id)
    with pytest.raises(NotFoundError):
        register(admin, "Nobody's", PEM, 77)
    with pytest.raises(InvalidInputError) as mixed:
        register(admin, "Mixed", PEM, other.id, NORTH)
    assert mixed.value.field == "organization_id"


@pytest.mark.req("POP-11", "ECA-06")
def test_content_decides_and_the_first_counts(demo: Workspace, admin: Actor) -> None:
    second = root("Second", 71).certificate
    forms = {
        "DER": CA.certificate,
        "bundle": PEM + certificate_to_pem(second),
        "PKCS#7": pkcs7.certs_only([CA.certificate, second]),
        "base64": b"".join(PEM.splitlines()[1:-1]),
        "with text": b"Our CA, as of May:\n\n" + PEM,
    }
    for name, data in forms.items():
        made = demo.external_cas.register(admin, name, data, ACME)
        assert made.certificate == CA.certificate
        demo.external_cas.set_active(admin, made.id, active=False)
        demo.external_cas.delete(admin, made.id)


@pytest.mark.req("POP-11")
def test_a_private_key_is_refused_and_nowhere_kept(
    demo: Workspace, admin: Actor, caplog: pytest.LogCaptureFixture
) -> None:
    assert isinstance(CA.key, SoftwareKey)
    private = CA.key.private_key
    octets = private_key_to_der(private)
    for data in (
        PEM + private_key_to_pem(private, None),
        private_key_to_pem(private, "a passphrase"),
        octets,
    ):
        with pytest.raises(InvalidInputError, match="private key") as error:
            demo.external_cas.register(admin, "Careless", data, ACME)
        assert error.value.field == "certificate"
        assert octets.hex() not in error.value.text()
    with demo.store.database.read() as connection:
        assert connection.execute(select(external_ca)).first() is None
        assert "Careless" not in connection.scalars(select(audit_event.c.object_name)).all()
    secret = octets[36:68]
    assert all(secret not in file.read_bytes() for file in demo.folder.rglob("*.db*"))
    assert caplog.text == ""


@pytest.mark.req("ECA-06")
def test_what_is_no_good_ca_is_refused(demo: Workspace, admin: Actor, clock: FakeClock) -> None:
    for data in (certificate_to_pem(device(CA)), b"junk", b"", b"\x30\x80"):
        with pytest.raises(InvalidInputError) as error:
            demo.external_cas.register(admin, "Bad", data, ACME)
        assert error.value.field == "certificate"
    clock.set(datetime(2999, 1, 1, tzinfo=UTC))
    short = root().sub("Short", 72, not_after=MAY + timedelta(days=9)).certificate
    with pytest.raises(InvalidInputError, match="expired"):
        demo.external_cas.register(admin, "Late", short, ACME)


@pytest.mark.req("ECA-10")
def test_the_list_can_be_searched_and_sorted(demo: Workspace, admin: Actor) -> None:
    register = demo.external_cas.register
    first = register(admin, "Sensor maker", PEM, ACME, NORTH, verified=True)
    register(admin, "Motor maker", root("M", 73).certificate, ACME)
    assert names(demo, ListQuery()) == ["Motor maker", "Sensor maker"]
    assert names(demo, ListQuery(sort="verified", descending=True))[0] == "Sensor maker"
    assert names(demo, ListQuery(text=first.fingerprint[:20])) == ["Sensor maker"]
    assert names(demo, ListQuery(text="north")) == ["Sensor maker"]
    demo.external_cas.set_active(admin, first.id, active=False)
    assert names(demo, ListQuery(active=True)) == ["Motor maker"]
    assert demo.external_cas.count(SYSTEM, ListQuery(active=False)) == 1
    (row,) = demo.external_cas.page(SYSTEM, ListQuery(active=False), 0, 9)
    assert (row.tenant_name, row.organization_name) == ("Acme Controls", "North plant")
    assert (row.subject, row.not_after.year) == ("CN=Sensor maker", 9999)


@pytest.mark.req("ECA-03")
def test_another_name(demo: Workspace, admin: Actor) -> None:
    made = demo.external_cas.register(admin, "Sensor maker", PEM, ACME)
    demo.external_cas.register(admin, "Motor maker", root("M", 73).certificate, ACME)
    demo.external_cas.rename(admin, made.id, "Sensors")
    assert demo.external_cas.get(admin, made.id) == replace(made, name="Sensors")
    assert demo.audit.of_object(SYSTEM, "external-ca", made.id, 1)[0].before == {
        "name": "Sensor maker"
    }
    with pytest.raises(ConflictError):
        demo.external_cas.rename(admin, made.id, "Motor maker")


@pytest.mark.req("ECA-09", "DTC-08")
def test_only_verified_and_active_ones_are_offered(demo: Workspace, admin: Actor) -> None:
    whole = demo.external_cas.register(admin, "Whole", PEM, ACME)
    north = demo.external_cas.register(
        admin, "North", root("N", 74).certificate, ACME, NORTH, verified=True
    )

    def offered(organization_id: int | None, tenant_id: int | None = ACME) -> list[str]:
        found = demo.external_cas.offered(admin, tenant_id, organization_id)
        return [one.name for one in found]

    assert (offered(NORTH), offered(SOUTH), offered(None)) == (["North"], [], [])
    demo.external_ca_proof.verify_by_override(admin, whole.id)
    assert (offered(NORTH), offered(SOUTH)) == (["North", "Whole"], ["Whole"])
    assert (offered(None), offered(None, None), offered(None, 2)) == (["Whole"], [], [])
    demo.external_cas.set_active(admin, north.id, active=False)
    assert offered(NORTH) == ["Whole"]
    demo.tenants.set_tenant_active(SYSTEM, ACME, active=False)
    assert offered(NORTH) == []


@pytest.mark.req("ECA-01", "ECA-09", "DTC-08")
def test_what_a_device_type_can_use(demo: Workspace, admin: Actor) -> None:
    ca = demo.external_cas.register(admin, "North", PEM, ACME, NORTH)
    of_north = Sharing(Access.ORGANIZATION, ACME, NORTH)
    with demo.store.database.read() as connection:
        with pytest.raises(ConflictError, match="North is not verified") as error:
            check_usable(connection, ca.id, of_north)
        assert error.value.field == "external_ca_id"
    demo.external_ca_proof.verify_by_override(admin, ca.id)
    with demo.store.database.read() as connection:
        assert check_usable(connection, ca.id, of_north) == demo.external_cas.get(admin, ca.id)
        wider = Sharing(Access.TENANT, ACME), EVERYWHERE, Sharing(Access.ORGANIZATION, ACME, SOUTH)
        for sharing in wider:
            with pytest.raises(NotFoundError):
                check_usable(connection, ca.id, sharing)
        with pytest.raises(NotFoundError):
            check_usable(connection, 77, of_north)


@pytest.mark.req("ECA-14", "ECA-16", "ECA-15")
def test_only_the_inactive_and_unused_is_deleted(demo: Workspace, admin: Actor) -> None:
    made = demo.external_cas.register(admin, "Sensor maker", PEM, ACME)
    with pytest.raises(ConflictError, match="is active"):
        demo.external_cas.delete(admin, made.id)
    demo.external_cas.set_active(admin, made.id, active=False)
    _use(demo, made.id)
    assert demo.external_cas.device_types(admin, made.id) == ("Gateway 200",)
    with pytest.raises(ConflictError, match="still in use") as error:
        demo.external_cas.delete(admin, made.id)
    assert "1 device type" in error.value.cause
    _use(demo, None)
    demo.external_cas.delete(admin, made.id)
    with pytest.raises(NotFoundError):
        demo.external_cas.get(admin, made.id)
    assert demo.audit.of_object(SYSTEM, "external-ca", made.id, 1)[0].action == "external-ca.delete"


def _use(workspace: Workspace, ca_id: int | None) -> None:
    named = device_type.c.name == "Gateway 200"
    with workspace.store.change(SYSTEM) as change:
        change.connection.execute(update(device_type).where(named).values(external_ca_id=ca_id))


@pytest.mark.req("POP-07", "POP-10", "ECA-09")
def test_devices_are_accepted_while_their_ca_is_trusted(demo: Workspace, admin: Actor) -> None:
    ca = demo.external_cas.register(admin, "Sensor maker", PEM, ACME)
    assert refused(demo, ca.id, device(CA)) is ChainFault.UNKNOWN_ISSUER
    demo.external_ca_proof.verify_by_override(admin, ca.id)
    line = CA.sub("Line", 75)
    assert accept(demo, ca.id, device(CA))[1:] == (CA.certificate,)
    assert accept(demo, ca.id, device(line), line.certificate)[2:] == (CA.certificate,)
    assert refused(demo, ca.id, device(root())) is ChainFault.UNKNOWN_ISSUER
    switches: tuple[Callable[[bool], None], ...] = (
        lambda on: demo.external_cas.set_active(admin, ca.id, active=on),
        lambda on: demo.tenants.set_tenant_active(admin, ACME, active=on),
    )
    for switch in switches:
        for active in (False, True):
            switch(active)
            if active:
                assert accept(demo, ca.id, device(CA))
            else:
                assert refused(demo, ca.id, device(CA)) is ChainFault.UNKNOWN_ISSUER
    demo.external_cas.set_active(admin, ca.id, active=False)
    demo.external_cas.delete(admin, ca.id)
    assert refused(demo, ca.id, device(CA)) is ChainFault.UNKNOWN_ISSUER


@pytest.mark.req("POP-09")
def test_a_renewed_ca_is_another_one(
    demo: Workspace, admin: Actor, clock: FakeClock, tmp_path: Path
) -> None:
    clock.set(datetime.now(UTC))
    old = Manufacturer(tmp_path / "old", kind=RSA)
    new = Manufacturer(tmp_path / "new", kind=P256)
    register = demo.external_cas.register
    first = register(admin, "Sensor maker", old.certificate, ACME, verified=True)
    second = register(admin, "Sensor maker, new key", new.certificate, ACME)
    assert not second.verified
    (leaf,) = certificates_in(new.certify("-subj", "/CN=sensor"))
    assert refused(demo, first.id, leaf) is ChainFault.BAD_SIGNATURE
    assert refused(demo, second.id, leaf) is ChainFault.UNKNOWN_ISSUER
