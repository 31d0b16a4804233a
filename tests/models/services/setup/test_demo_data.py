from app.models.domain.access import SYSTEM, Actor, Role
from app.models.domain.subjects import FieldRule
from app.models.domain.templates import CertificateKind
from app.models.services.listing import ListQuery
from app.models.services.setup.demo_data import DEMO_USERS, make_demo_external_ca
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import CLIENT_AUTH, NEVER, read_certificate


def test_one_company_with_two_plants(demo: Workspace, admin: Actor) -> None:
    assert [tenant.name for tenant in demo.tenants.tenants(admin)] == ["Acme Controls"]
    plants = [plant.name for plant in demo.tenants.organizations(admin)]
    assert plants == ["North plant", "South plant"]


def test_every_role_has_somebody() -> None:
    assert {role for _name, role in DEMO_USERS} == set(Role)


def test_root_and_factory_authority_never_end(demo: Workspace, admin: Actor) -> None:
    ends = {a.name: read_certificate(a.certificate).not_after for a in demo.authorities.all(admin)}
    assert ends["Acme Controls Root CA"] == ends["Acme Factory CA 1"] == NEVER
    assert ends["Acme Operational CA 1"] < NEVER


def test_factory_certificates_are_idevids(demo: Workspace, admin: Actor) -> None:
    for template in demo.templates.all(admin):
        if template.kind is CertificateKind.FACTORY:
            assert template.validity_days is None
            assert not template.subject_key_identifier
            assert template.extended_key_usage == ()
        else:
            assert template.extended_key_usage == (CLIENT_AUTH,)


def test_types_are_ready_for_the_bench(demo: Workspace, admin: Actor) -> None:
    sensor, gateway = demo.device_types.offered(admin, 1, 1)
    assert (gateway.name, sensor.name) == ("Gateway 200", "Flow sensor")
    assert gateway.password_enabled
    assert sensor.use_mapping
    (server,) = demo.est_servers.all(admin)
    assert server.device_type_id == gateway.id
    with demo.store.database.read() as connection:
        factory_id = sensor.factory_template_id
        assert factory_id is not None
        (module,) = demo.templates.get(connection, factory_id).fields
    assert (module.key, module.rule) == ("san.hardwareModuleName", FieldRule.REQUIRED)


def test_a_manufacturer_is_still_to_be_verified(demo: Workspace) -> None:
    make_demo_external_ca(demo, SYSTEM)
    (row,) = demo.external_cas.page(SYSTEM, ListQuery(), 0, 9)
    assert (row.ca.name, row.ca.verified) == ("Borealis Sensors", False)
    assert demo.external_ca_proof.new_challenge(SYSTEM, row.id).code


def test_demo_is_recorded_like_any_work(demo: Workspace) -> None:
    actions = {event.action for event in demo.audit.page(SYSTEM, 0, 1000)}
    assert {"tenant.create", "user.create", "authority.create", "est-server.create"} <= actions
