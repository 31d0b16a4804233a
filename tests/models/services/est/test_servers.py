import re
import socket
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update

from app.core.errors import AccessDeniedError, ConflictError, InvalidInputError
from app.models.db import tables
from app.models.domain.access import SYSTEM, Actor
from app.models.domain.device_types import DeviceType
from app.models.domain.est_servers import Base64Form, EstServer
from app.models.services.workspace.workspace import Workspace
from tests.models.services.people import person

NORTH = EstServer(0, "Line 4", "", tenant_id=1, organization_id=1, device_type_id=1)


@pytest.mark.req("EST-06", "EST-07", "EST-09", "EST-11")
def test_what_is_stored_comes_back(demo: Workspace, admin: Actor) -> None:
    wanted = replace(
        NORTH,
        domain="line4.est.local",
        password_authentication=False,
        require_pop=True,
        enrol_others=True,
        base64_form=Base64Form.WRAPPED,
        active=False,
    )
    created = demo.est_servers.create(admin, wanted)
    assert created == replace(wanted, id=created.id)
    assert created in demo.est_servers.all(admin)


@pytest.mark.req("EST-08", "DEC-12")
def test_domain_is_made_below_the_base_domain(demo: Workspace, admin: Actor) -> None:
    demo.settings.change(est_base_domain="bench.example")
    domains = {
        demo.est_servers.create(admin, replace(NORTH, name=name)).domain for name in ("A", "B")
    }
    assert len(domains) == 2
    assert all(re.fullmatch(r"est-[0-9a-f]{8}\.bench\.example", domain) for domain in domains)


@pytest.mark.req("EST-08")
@pytest.mark.parametrize(
    "domain", ["est.local", "line.other.local", "nest.local", "*.est.local", "a b.est.local"]
)
def test_domain_elsewhere_is_refused(demo: Workspace, admin: Actor, domain: str) -> None:
    with pytest.raises(InvalidInputError):
        demo.est_servers.create(admin, replace(NORTH, domain=domain))


@pytest.mark.req("EST-02", "EST-15", "EST-16")
def test_domain_may_be_shared_inside_the_tenant_only(demo: Workspace, admin: Actor) -> None:
    other = demo.tenants.create_tenant(admin, "Borealis")
    fjord = demo.tenants.create_organization(admin, other.id, "Fjord")
    everywhere = demo.device_types.create(admin, DeviceType(id=0, name="Everywhere"))
    first = demo.est_servers.create(admin, replace(NORTH, domain="bench.est.local"))
    second = replace(first, name="South", organization_id=2)
    second = demo.est_servers.create(admin, second)
    with demo.store.database.read() as connection:
        assert demo.est_endpoints.active_for(connection, "Bench.est.local.") == (first, second)
    foreign = replace(
        NORTH,
        name="Fjord",
        domain="BENCH.est.local",
        tenant_id=other.id,
        organization_id=fjord.id,
        device_type_id=everywhere.id,
        certificate_authentication=False,
    )
    with pytest.raises(ConflictError, match="another tenant") as caught:
        demo.est_servers.create(admin, foreign)
    assert caught.value.field == "domain"


@pytest.mark.req("EST-05", "EST-09", "EST-11")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"organization_id": 99}, "organization_id"),
        (
            {"password_authentication": False, "certificate_authentication": False},
            "password_authentication",
        ),
        ({"device_type_id": 3}, "certificate_authentication"),
        ({"device_type_id": 4}, "device_type_id"),
    ],
)
def test_what_cannot_work_is_refused(
    demo: Workspace, admin: Actor, changes: dict[str, Any], field: str
) -> None:
    demo.device_types.create(admin, DeviceType(id=0, name="Without templates"))
    demo.device_types.create(admin, DeviceType(id=0, name="Retired", active=False))
    with pytest.raises(InvalidInputError) as caught:
        demo.est_servers.create(admin, replace(NORTH, **changes))
    assert caught.value.field == field


@pytest.mark.req("EST-05")
def test_type_without_template_takes_passwords(demo: Workspace, admin: Actor) -> None:
    bare = demo.device_types.create(admin, DeviceType(id=0, name="Without templates"))
    demo.est_servers.create(
        admin, replace(NORTH, device_type_id=bare.id, certificate_authentication=False)
    )


def test_name_is_unique(demo: Workspace, admin: Actor) -> None:
    with pytest.raises(ConflictError, match="taken"):
        demo.est_servers.create(admin, replace(NORTH, name="North plant bench"))


@pytest.mark.req("EST-01", "RBAC-03", "ROLE-09")
def test_who_configures_and_who_looks(demo: Workspace, admin: Actor) -> None:
    demo.est_servers.create(person(demo, "ruth.keller"), NORTH)
    for name in ("ivan.petrov", "paul.jensen"):
        servers = demo.est_servers.all(person(demo, name))
        assert [server.name for server in servers] == ["Line 4", "North plant bench"]
    for name in ("ivan.petrov", "paul.jensen", "mia.rossi", "nora.lind"):
        with pytest.raises(AccessDeniedError):
            demo.est_servers.create(person(demo, name), replace(NORTH, name="Mine"))
    for name in ("mia.rossi", "nora.lind"):
        with pytest.raises(AccessDeniedError):
            demo.est_servers.all(person(demo, name))
    other = demo.tenants.create_tenant(admin, "Borealis")
    foreign = replace(person(demo, "ruth.keller"), tenant_id=other.id)
    assert demo.est_servers.all(foreign) == ()


@pytest.mark.req("DEC-12")
def test_own_names_mean_the_only_active_server(
    demo: Workspace, admin: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "Bench-7.factory.example")
    (only,) = demo.est_servers.all(admin)
    own = ["localhost", "127.0.0.1", "::1", "[::1]", "192.0.2.77", "bench-7", "BENCH-7.local", None]
    own += ["", "bench-7.factory.example", only.domain, only.domain.upper() + "."]
    with demo.store.database.read() as connection:
        assert {
            host: demo.est_endpoints.active_for(connection, host) for host in own
        } == dict.fromkeys(own, (only,))
        for host in ("elsewhere.example", "est-00000000.est.local", "factory.example", "7"):
            assert demo.est_endpoints.active_for(connection, host) == ()
    second = demo.est_servers.create(admin, NORTH)
    with demo.store.database.read() as connection:
        assert demo.est_endpoints.active_for(connection, "localhost") == ()
        assert demo.est_endpoints.active_for(connection, second.domain) == (second,)


def test_inactive_server_answers_to_nothing(demo: Workspace, admin: Actor) -> None:
    (only,) = demo.est_servers.all(admin)
    second = demo.est_servers.create(admin, NORTH)
    with demo.store.change(SYSTEM) as change:
        table = tables.est_server
        change.connection.execute(update(table).where(table.c.id == only.id).values(active=False))
    with demo.store.database.read() as connection:
        assert demo.est_endpoints.active_for(connection, only.domain) == ()
        assert demo.est_endpoints.active_for(connection, "localhost") == (second,)
