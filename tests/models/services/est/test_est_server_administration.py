"""EST servers after they were made: changed, switched, deleted, listed and labelled."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from app.core.errors import AccessDeniedError, ConflictError, InvalidInputError, NotFoundError
from app.models.db.tables import est_label, est_server_application
from app.models.domain.access import SYSTEM, Access, Actor, Sharing
from app.models.domain.device_types import DeviceType
from app.models.domain.est_servers import Base64Form, EstLabel, EstServer
from app.models.domain.events import EntityChanged
from app.models.services.listing import ListQuery
from app.models.services.workspace.workspace import Workspace
from tests.models.services.gateways import device_type
from tests.models.services.people import person

ACME, NORTH, SOUTH = 1, 1, 2
LINE = EstServer(0, "Line 4", "line4.est.local", ACME, NORTH, device_type_id=1)


@pytest.fixture
def line(demo: Workspace, admin: Actor) -> EstServer:
    return demo.est_servers.create(admin, LINE)


def bare_type(workspace: Workspace, name: str = "Bare", **changes: Any) -> DeviceType:
    """A device type without templates."""
    return workspace.device_types.create(SYSTEM, DeviceType(id=0, name=name, **changes))


def other_tenant(workspace: Workspace) -> tuple[int, int]:
    """A tenant and its organization."""
    tenant = workspace.tenants.create_tenant(SYSTEM, "Borealis")
    return tenant.id, workspace.tenants.create_organization(SYSTEM, tenant.id, "Fjord").id


def actions(workspace: Workspace, server: EstServer) -> list[str]:
    """What the audit log says was done to it, newest first."""
    return [one.action for one in workspace.audit.of_object(SYSTEM, "est-server", server.id, 9)]


def refused_field(kind: type[Exception], call: Callable[..., object], *arguments: Any) -> Any:
    with pytest.raises(kind) as refused:
        call(*arguments)
    return refused.value.field  # type: ignore[attr-defined]  # every kind here has one


@pytest.mark.req("EST-19", "EST-10", "EST-12", "EST-13", "EST-14")
def test_everything_but_id_and_state_is_changed(
    demo: Workspace, admin: Actor, line: EstServer
) -> None:
    everywhere = bare_type(demo)
    told: list[object] = []
    demo.store.events.subscribe(EntityChanged, told.append)
    wanted = EstServer(
        id=line.id,
        name="Line 5",
        domain="Line5.EST.local ",
        tenant_id=ACME,
        organization_id=SOUTH,
        device_type_id=everywhere.id,
        certificate_authentication=False,
        require_pop=True,
        enrol_others=True,
        base64_form=Base64Form.SINGLE_LINE,
        active=False,
        server_key_generation=True,
        allowed_addresses=("10.0.0.7", "::ffff:10.0.0.7", "10.1.0.0/16"),
        label="line4",
    )
    demo.est_servers.edit(admin, wanted)
    stored = replace(
        wanted,
        domain="line5.est.local",
        active=True,
        allowed_addresses=("10.0.0.7", "10.1.0.0/16"),
        label="",
    )
    assert demo.est_servers.get(admin, line.id) == stored
    assert told == [EntityChanged("est-server", line.id)]
    (event, _created) = demo.audit.of_object(SYSTEM, "est-server", line.id, 9)
    assert (event.action, event.object_name) == ("est-server.edit", "Line 5")
    assert event.before["allowed_addresses"] == []
    assert event.after["allowed_addresses"] == ["10.0.0.7", "10.1.0.0/16"]
    assert "tenant_id" not in event.after


def test_nothing_changed_is_nothing_done(demo: Workspace, admin: Actor, line: EstServer) -> None:
    demo.est_servers.edit(admin, line)
    assert actions(demo, line) == ["est-server.create"]


@pytest.mark.req("EST-05", "EST-08", "EST-11", "EST-15", "EST-19")
@pytest.mark.parametrize(
    ("changes", "kind", "field"),
    [
        ({"name": "North plant bench"}, ConflictError, "name"),
        ({"domain": "line.elsewhere.example"}, InvalidInputError, "domain"),
        ({"domain": "a b.est.local"}, InvalidInputError, "domain"),
        ({"organization_id": 99}, InvalidInputError, "organization_id"),
        ({"allowed_addresses": ("10.0.0.300",)}, InvalidInputError, "allowed_addresses"),
        (
            {"password_authentication": False, "certificate_authentication": False},
            InvalidInputError,
            "password_authentication",
        ),
    ],
)
def test_an_edit_is_checked_as_a_new_one(  # noqa: PLR0917  fixtures and parameters
    demo: Workspace,
    admin: Actor,
    line: EstServer,
    changes: dict[str, Any],
    kind: type[Exception],
    field: str,
) -> None:
    assert refused_field(kind, demo.est_servers.edit, admin, replace(line, **changes)) == field
    assert demo.est_servers.get(admin, line.id) == line


@pytest.mark.req("EST-05", "EST-06", "EST-09")
def test_a_type_that_cannot_be_used_is_refused(
    demo: Workspace, admin: Actor, line: EstServer
) -> None:
    edit, types = demo.est_servers.edit, demo.device_types
    bare, retired = bare_type(demo), bare_type(demo, "Retired", active=False)
    south = bare_type(demo, "South's", sharing=Sharing(Access.ORGANIZATION, ACME, SOUTH))
    by_password = replace(line, certificate_authentication=False)
    wrong = [replace(by_password, device_type_id=one.id) for one in (retired, south)]
    assert [refused_field(InvalidInputError, edit, admin, one) for one in wrong] == [
        "device_type_id",
        "device_type_id",
    ]
    without = replace(line, device_type_id=bare.id)
    assert refused_field(InvalidInputError, edit, admin, without) == "certificate_authentication"
    types.set_active(admin, line.device_type_id, active=False)
    edit(admin, replace(line, allowed_addresses=("10.0.0.1",)))  # what is unchanged may stay


@pytest.mark.req("EST-15")
def test_a_domain_of_another_tenant_is_refused(
    demo: Workspace, admin: Actor, line: EstServer
) -> None:
    tenant_id, organization_id = other_tenant(demo)
    foreign = replace(
        LINE,
        name="Fjord",
        domain="",
        tenant_id=tenant_id,
        organization_id=organization_id,
        device_type_id=bare_type(demo).id,
        certificate_authentication=False,
    )
    foreign = demo.est_servers.create(admin, foreign)
    edit = demo.est_servers.edit
    with_theirs = replace(foreign, domain=line.domain)
    assert refused_field(ConflictError, edit, admin, with_theirs) == "domain"
    demo.est_servers.create(admin, replace(LINE, name="South", organization_id=SOUTH))
    with_others = replace(foreign, id=line.id, name="Line 4", domain=line.domain)
    assert refused_field(ConflictError, edit, admin, with_others) == "domain"
    edit(admin, replace(with_others, domain=""))
    assert demo.est_servers.get(admin, line.id).tenant_id == tenant_id


@pytest.mark.req("EST-08", "EST-19")
def test_a_domain_below_an_older_base_may_stay(
    demo: Workspace, admin: Actor, line: EstServer
) -> None:
    demo.settings.change(est_base_domain="Bench.example")
    demo.est_servers.edit(admin, replace(line, name="Line 5"))
    assert demo.est_servers.new_domain().endswith(".bench.example")
    demo.est_servers.edit(admin, replace(line, name="Line 5", domain=""))
    assert demo.est_servers.get(admin, line.id).domain.endswith(".bench.example")


@pytest.mark.req("EST-01", "RBAC-03")
def test_nobody_edits_it_into_or_out_of_another_tenant(
    demo: Workspace, admin: Actor, line: EstServer
) -> None:
    tenant_id, organization_id = other_tenant(demo)
    theirs = replace(line, tenant_id=tenant_id, organization_id=organization_id)
    with pytest.raises(AccessDeniedError):
        demo.est_servers.edit(person(demo, "ruth.keller"), theirs)
    foreign = replace(person(demo, "ruth.keller"), tenant_id=tenant_id)
    for taken in (line, theirs):
        with pytest.raises(NotFoundError):
            demo.est_servers.edit(foreign, taken)
    assert demo.est_servers.get(admin, line.id) == line


@pytest.mark.req("EST-19", "DEC-05")
def test_applications_hold_it_with_their_owner(
    demo: Workspace, admin: Actor, line: EstServer
) -> None:
    made = demo.applications.create(admin, "Line", ACME, NORTH).application
    demo.applications.link(admin, line.id, made.id)
    moved = replace(line, organization_id=SOUTH)
    assert refused_field(ConflictError, demo.est_servers.edit, admin, moved) == "organization_id"
    demo.applications.unlink(admin, line.id, made.id)
    demo.est_servers.edit(admin, moved)


@pytest.mark.req("EST-06", "EST-18")
def test_it_is_switched_off_and_on(demo: Workspace, admin: Actor, line: EstServer) -> None:
    switch = demo.est_servers.set_active
    switch(admin, line.id, active=False)
    switch(admin, line.id, active=False)
    assert not demo.est_servers.get(admin, line.id).active
    demo.device_types.set_active(admin, line.device_type_id, active=False)
    with pytest.raises(InvalidInputError) as refused:
        switch(admin, line.id, active=True)
    assert refused.value.field == "device_type_id"
    demo.device_types.set_active(admin, line.device_type_id, active=True)
    demo.tenants.set_organization_active(admin, NORTH, active=False)
    with pytest.raises(ConflictError, match="organization is not active"):
        switch(admin, line.id, active=True)
    demo.tenants.set_organization_active(admin, NORTH, active=True)
    switch(admin, line.id, active=True)
    assert demo.est_servers.get(admin, line.id) == line
    assert actions(demo, line)[:2] == ["est-server.activate", "est-server.deactivate"]


@pytest.mark.req("EST-20")
def test_only_an_inactive_one_is_deleted_with_what_it_has(
    demo: Workspace, admin: Actor, line: EstServer
) -> None:
    made = demo.applications.create(admin, "MES", ACME).application
    demo.applications.link(admin, line.id, made.id)
    demo.est_servers.add_label(admin, line.id, "pumps", device_type(demo).id)
    with pytest.raises(ConflictError, match="is active"):
        demo.est_servers.delete(admin, line.id)
    assert len(demo.est_servers.labels(admin, line.id)) == 1
    demo.est_servers.set_active(admin, line.id, active=False)
    demo.est_servers.delete(admin, line.id)
    with pytest.raises(NotFoundError):
        demo.est_servers.get(admin, line.id)
    with demo.store.database.read() as connection:
        for table in (est_label, est_server_application):
            left = select(func.count()).where(table.c.est_server_id == line.id)
            assert connection.execute(left).scalar_one() == 0
    event = demo.audit.of_object(SYSTEM, "est-server", line.id, 9)[0]
    assert event.action == "est-server.delete"
    assert event.before == {"labels": ["pumps"], "applications": ["MES"]}
    assert demo.est_servers.create(admin, LINE).id != line.id  # the log knows it by its number


@pytest.mark.req("EST-17")
def test_the_list_is_sorted_searched_and_paged(
    demo: Workspace, admin: Actor, line: EstServer
) -> None:
    south = demo.est_servers.create(
        admin, replace(line, name="Annex", organization_id=SOUTH, active=False)
    )
    demo.est_servers.add_label(admin, south.id, "pumps", device_type(demo).id)
    page, count = demo.est_servers.page, demo.est_servers.count

    def found(query: ListQuery) -> list[str]:
        rows = page(admin, query, 0, 99)
        assert count(admin, query) == len(rows)
        return [row.server.name for row in rows]

    (row,) = page(admin, ListQuery("annex"), 0, 9)
    assert (row.server, row.id, row.labels) == (south, south.id, 1)
    assert (row.tenant_name, row.organization_name) == ("Acme Controls", "South plant")
    assert row.device_type_name == "Gateway 200"
    assert found(ListQuery(descending=True)) == ["North plant bench", "Line 4", "Annex"]
    assert found(ListQuery("line4.est")) == ["Annex", "Line 4"]
    assert found(ListQuery("SOUTH")) == ["Annex"]
    assert len(found(ListQuery("gateway"))) == 3
    assert found(ListQuery(active=False)) == ["Annex"]
    assert found(ListQuery(sort="organization"))[-1] == "Annex"
    for key in ("domain", "tenant", "device_type", "active"):
        assert len(found(ListQuery(sort=key))) == 3
    assert [row.server.name for row in page(admin, ListQuery(), 1, 1)] == ["Line 4"]


@pytest.mark.req("LBL-01", "LBL-04")
def test_labels_are_added_and_removed(demo: Workspace, admin: Actor, line: EstServer) -> None:
    told: list[object] = []
    demo.store.events.subscribe(EntityChanged, told.append)
    gateway = device_type(demo)
    pumps = demo.est_servers.add_label(admin, line.id, "pumps", gateway.id)
    fans = demo.est_servers.add_label(admin, line.id, "fans2", gateway.id)
    rows = demo.est_servers.labels(admin, line.id)
    assert [(row.label, row.device_type_name) for row in rows] == [
        (fans, "Gateway 200"),
        (pumps, "Gateway 200"),
    ]
    demo.est_servers.remove_label(admin, line.id, pumps.id)
    assert [row.id for row in demo.est_servers.labels(admin, line.id)] == [fans.id]
    with pytest.raises(NotFoundError):
        demo.est_servers.remove_label(admin, line.id, pumps.id)
    assert actions(demo, line)[:2] == ["est-server.remove-label", "est-server.add-label"]
    event = demo.audit.of_object(SYSTEM, "est-server", line.id, 1)[0]
    assert event.before == {"label": "pumps", "device_type_id": gateway.id}
    assert told == [EntityChanged("est-server", line.id)] * 3


@pytest.mark.req("LBL-01")
def test_a_label_of_another_server_stays(demo: Workspace, admin: Actor, line: EstServer) -> None:
    second = demo.est_servers.create(admin, replace(LINE, name="Line 5"))
    gateway = device_type(demo)
    label = demo.est_servers.add_label(admin, line.id, "pumps", gateway.id)
    demo.est_servers.add_label(admin, second.id, "pumps", gateway.id)  # once on each
    with pytest.raises(ConflictError) as taken:
        demo.est_servers.add_label(admin, line.id, "pumps", gateway.id)
    assert taken.value.field == "name"
    with pytest.raises(NotFoundError):
        demo.est_servers.remove_label(admin, second.id, label.id)


@pytest.mark.req("LBL-01", "LBL-03", "LBL-04", "EST-05", "EST-URI-03")
def test_a_label_that_cannot_work_is_refused(
    demo: Workspace, admin: Actor, line: EstServer
) -> None:
    add = demo.est_servers.add_label
    gateway, bare = device_type(demo), bare_type(demo)
    retired = bare_type(demo, "Retired", active=False)
    south = bare_type(demo, "South's", sharing=Sharing(Access.ORGANIZATION, ACME, SOUTH))
    for name in ("cacerts", "Pumps"):
        assert refused_field(InvalidInputError, add, admin, line.id, name, gateway.id) == "name"
    for one in (bare, retired, south):
        field = refused_field(InvalidInputError, add, admin, line.id, "pumps", one.id)
        assert field == "device_type_id"
    with pytest.raises(NotFoundError):
        add(admin, line.id, "pumps", 99)
    demo.est_servers.edit(admin, replace(line, certificate_authentication=False))
    assert add(admin, line.id, "pumps", bare.id).device_type_id == bare.id
    assert add(admin, line.id, "gateways", line.device_type_id)  # that of the server itself, too


@pytest.mark.req("EST-05", "EST-19", "LBL-01")
def test_labels_hold_what_they_need(demo: Workspace, admin: Actor, line: EstServer) -> None:
    edit = demo.est_servers.edit
    by_password = replace(line, certificate_authentication=False)
    edit(admin, by_password)
    norths = bare_type(demo, sharing=Sharing(Access.ORGANIZATION, ACME, NORTH))
    demo.est_servers.add_label(admin, line.id, "pumps", norths.id)
    assert refused_field(InvalidInputError, edit, admin, line) == "certificate_authentication"
    moved = replace(by_password, organization_id=SOUTH)
    with pytest.raises(InvalidInputError, match="pumps cannot come along") as refused:
        edit(admin, moved)
    assert refused.value.field == "organization_id"


@pytest.mark.req("EST-16", "EST-17")
def test_a_clone_may_have_labels(demo: Workspace, admin: Actor, line: EstServer) -> None:
    labels = [EstLabel(7, "pumps", line.device_type_id), EstLabel(7, "fans", line.device_type_id)]
    clone = replace(line, name="Clone", organization_id=SOUTH)
    made = demo.est_servers.create(admin, clone, labels)
    found = [row.label for row in demo.est_servers.labels(admin, made.id)]
    assert [(one.name, one.device_type_id) for one in found] == [("fans", 1), ("pumps", 1)]
    assert len({one.id for one in found}) == 2
    event = demo.audit.of_object(SYSTEM, "est-server", made.id, 1)[0]
    assert event.after["labels"] == {"pumps": 1, "fans": 1}
    twice = replace(clone, name="Twice")
    assert (
        refused_field(ConflictError, demo.est_servers.create, admin, twice, [labels[0], labels[0]])
        == "name"
    )
    assert "Twice" not in {one.name for one in demo.est_servers.all(admin)}


@pytest.mark.req("DTL-06", "LBL-01")
def test_a_type_behind_a_label_is_not_deleted(
    demo: Workspace, admin: Actor, line: EstServer
) -> None:
    bare = bare_type(demo)
    demo.est_servers.edit(admin, replace(line, certificate_authentication=False))
    label = demo.est_servers.add_label(admin, line.id, "pumps", bare.id)
    demo.device_types.set_active(admin, bare.id, active=False)
    with pytest.raises(ConflictError) as refused:
        demo.device_types.delete(admin, bare.id)
    assert "1 label." in refused.value.cause
    demo.est_servers.remove_label(admin, line.id, label.id)
    demo.device_types.delete(admin, bare.id)
