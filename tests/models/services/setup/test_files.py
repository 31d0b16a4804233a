"""A set-up goes from one workspace to another, as far as whoever takes it may."""

import base64
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from sqlalchemy import select

from app.core.errors import AccessDeniedError, ConflictError, LockedError, NotFoundError
from app.models.db.tables import audit_event, secret
from app.models.domain.access import SYSTEM, Actor, Channel, Role
from app.models.domain.audit import verify_lines
from app.models.domain.events import EntityChanged
from app.models.domain.setup_files import KINDS, Outcome, SetupPlan, read_setup
from app.models.domain.setup_schema import schema
from app.models.services.listing import ListQuery
from app.models.services.secrets import Purpose, read_secret
from app.models.services.workspace.opening import create_workspace
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import certificate_to_pem
from app.pki.keys import private_key_to_pem
from app.pki.sign import SoftwareKey
from tests.fakes import FakeClock
from tests.models.services.authority_material import new_issuing, new_root
from tests.models.services.gateways import device_type, gateway
from tests.pki.material import NOW as MAY
from tests.pki.material import root
from tests.workspace_fixtures import CHEAP, PASSPHRASE

COMPANY = "Acme Controls"
EVERY = ListQuery(), 0, 1000
MAKER = root("Sensor maker", 700)
PEM = certificate_to_pem(MAKER.certificate)


@pytest.fixture(autouse=True)
def _in_may(clock: FakeClock) -> None:
    clock.set(MAY)  # when the CAs of the tests of certificates are good


@pytest.fixture
def ready(tmp_path: Path, clock: FakeClock) -> Iterator[Workspace]:
    """Another workspace with the company, and authorities with names of its own."""
    workspace = create_workspace(tmp_path / "another", PASSPHRASE, clock, CHEAP)
    tenant = workspace.tenants.create_tenant(SYSTEM, COMPANY)
    workspace.tenants.create_organization(SYSTEM, tenant.id, "North plant")
    above = new_root(workspace)
    for name in ("Factory", "Operational"):
        new_issuing(workspace, above, name)
    yield workspace
    workspace.close()


OF_COMPANY = {"access": "tenant", "tenant": COMPANY}
TENANT_ADMIN = Actor("theo", Channel.WINDOW, Role.TENANT_ADMIN, tenant_id=1)
TO_OWN = {"Acme Factory CA 1": "Factory", "Acme Operational CA 1": "Operational"}


def outcomes(plan: SetupPlan) -> set[Outcome]:
    return {item.outcome for item in plan.items}


def unsigned(data: bytes) -> Any:
    return json.loads(data) | {"signature": None}


def encoded(file: Any) -> bytes:
    return json.dumps(file).encode()


def file_of(kind: str, *items: dict[str, Any]) -> bytes:
    return encoded({"format": "birthmark-setup", "version": 1, kind: items})


def an_extension(**changes: Any) -> dict[str, Any]:
    return {"name": "Line", "oid": "1.3.6.1.4.1.32473.9", "value": "0500"} | changes


def content(data: bytes) -> dict[str, Any]:
    read = read_setup(data).content
    return {kind: read[kind] for kind in KINDS}


def test_an_export_keeps_to_the_published_schema(demo: Workspace, admin: Actor) -> None:
    file = json.loads(demo.setup_files.export(admin))
    jsonschema.validate(file, schema())
    assert [one["name"] for one in file["device_types"]] == ["Flow sensor", "Gateway 200"]
    assert len(file["templates"]) == 4
    assert len(file["extensions"]) == 2


def test_an_export_changes_nothing_where_it_comes_from(demo: Workspace, admin: Actor) -> None:
    plan = demo.setup_files.plan(admin, demo.setup_files.export(admin))
    assert outcomes(plan) == {Outcome.UNCHANGED}
    assert plan.own
    assert plan.warning == ""


def test_a_set_up_goes_to_another_workspace(
    demo: Workspace, ready: Workspace, admin: Actor
) -> None:
    data = demo.setup_files.export(admin)
    plan = ready.setup_files.plan(admin, data, TO_OWN)
    assert outcomes(plan) == {Outcome.NEW}
    assert not plan.own
    assert plan.file.key_fingerprint in plan.warning
    assert ready.device_types.all(SYSTEM) == ()  # a plan is only one

    ready.setup_files.apply(admin, plan)
    there, back = content(data), content(ready.setup_files.export(admin))
    for one in there["templates"]:
        one["authority"] = TO_OWN[one["authority"]]
    assert back == there
    again = ready.setup_files.plan(admin, data, TO_OWN)
    assert outcomes(again) == {Outcome.UNCHANGED}


def test_device_types_are_exported_with_what_they_need(demo: Workspace, admin: Actor) -> None:
    one = device_type(demo)
    demo.templates.set_active(SYSTEM, one.operational_template_ids[0], active=False)
    file = content(demo.setup_files.export(admin, [one.id]))
    assert [kind["name"] for kind in file["device_types"]] == ["Gateway 200"]
    assert [kind["name"] for kind in file["templates"]] == ["Gateway IDevID", "Gateway mTLS client"]
    assert len(content(demo.setup_files.export(admin))["templates"]) == 4  # it is needed
    with pytest.raises(NotFoundError):
        demo.setup_files.export(admin, [one.id + 100])


def test_no_key_and_no_secret_is_ever_exported(demo: Workspace, admin: Actor) -> None:
    gateway(demo, "GW-1")
    data = demo.setup_files.export(admin)
    vault = demo.store.vault
    with demo.store.database.read() as connection:
        rows = connection.execute(select(secret)).all()
        secrets = [read_secret(connection, vault, row.id) for row in rows if row.ciphertext]
        purposes = {row.purpose for row in rows}
    assert {Purpose.AUTHORITY_KEY, Purpose.AUDIT_KEY} <= purposes
    assert b"PRIVATE" not in data
    for one in secrets:
        forms = one, one.hex().encode(), base64.b64encode(one), base64.b64encode(one[3:])
        assert not any(form[:40] in data for form in forms)


def test_a_plan_shows_each_difference(demo: Workspace, admin: Actor) -> None:
    file = unsigned(demo.setup_files.export(admin))
    (template,) = (one for one in file["templates"] if one["name"] == "Gateway mTLS client")
    template["fields"][2]["default"] = "Fleet"
    template["validity_days"] = 30
    plan = demo.setup_files.plan(admin, encoded(file))
    (changed,) = (item for item in plan.items if item.outcome is Outcome.CHANGED)
    assert (changed.kind, changed.name) == ("templates", "Gateway mTLS client")
    shown = {one.member: (one.before, one.after) for one in changed.differences}
    assert shown == {
        "fields[2].default": ("Gateways", "Fleet"),
        "validity_days": ("731", "30"),
    }
    assert "not signed" in plan.warning
    demo.setup_files.apply(admin, plan)
    (kept,) = (one for one in demo.templates.all(admin) if one.name == "Gateway mTLS client")
    assert kept.validity_days == 30
    assert kept.fields[2].default == "Fleet"


def test_an_import_is_recorded_and_told(demo: Workspace, admin: Actor) -> None:
    told: list[EntityChanged] = []
    demo.store.events.subscribe(EntityChanged, told.append)
    plan = demo.setup_files.plan(admin, file_of("extensions", an_extension()))
    assert told == []
    demo.setup_files.apply(admin, plan)
    assert [event.kind for event in told] == ["extension"]
    with demo.store.database.read() as connection:
        query = select(audit_event).order_by(audit_event.c.number.desc()).limit(2)
        imported, created = connection.execute(query).all()
    assert (created.action, created.actor) == ("extension.create", admin.name)
    assert imported.action == "setup.import"
    assert imported.after["new"] == 1
    assert imported.after["signed_by"] == ""
    lines = io.StringIO()
    demo.audit.export(SYSTEM, lines)
    assert verify_lines(lines.getvalue().splitlines()).count == imported.number


def test_all_or_nothing(ready: Workspace, demo: Workspace, admin: Actor) -> None:
    data = demo.setup_files.export(admin)
    half = {"Acme Factory CA 1": "Factory"}
    plan = ready.setup_files.plan(admin, data, half)
    assert plan.authorities == {"Acme Factory CA 1": "Factory", "Acme Operational CA 1": ""}
    impossible = {item.name for item in plan.items if item.problem}
    assert impossible == {"Gateway mTLS client", "Sensor mTLS client", "Gateway 200", "Flow sensor"}
    with pytest.raises(ConflictError, match="Not everything"):
        ready.setup_files.apply(admin, plan)
    assert ready.templates.all(SYSTEM) == ()

    ready.setup_files.apply(admin, plan, leave_out=True)
    assert [one.name for one in ready.templates.all(SYSTEM)] == ["Gateway IDevID", "Sensor IDevID"]
    assert ready.device_types.all(SYSTEM) == ()


def test_a_plan_holds_only_while_nothing_changes(demo: Workspace, admin: Actor) -> None:
    data = file_of("extensions", an_extension(), an_extension(name="Other"))
    plan = demo.setup_files.plan(admin, data)
    demo.setup_files.apply(admin, demo.setup_files.plan(admin, data))
    before = demo.extensions.page(SYSTEM, *EVERY)
    with pytest.raises(ConflictError, match="changed since"):
        demo.setup_files.apply(admin, plan)
    assert demo.extensions.page(SYSTEM, *EVERY) == before


@pytest.mark.req("ROLE-05", "DEC-01")
def test_tenant_admins_import_into_their_tenant_only(demo: Workspace) -> None:
    demo.tenants.create_tenant(SYSTEM, "Borealis")
    own, other, everybody = (
        an_extension(name=name, sharing=sharing)
        for name, sharing in (
            ("Own", OF_COMPANY),
            ("Foreign", {"access": "tenant", "tenant": "Borealis"}),
            ("Global", {"access": "global"}),
        )
    )
    plan = demo.setup_files.plan(TENANT_ADMIN, file_of("extensions", own, other, everybody))
    assert [item.outcome for item in plan.items] == [
        Outcome.NEW,
        Outcome.IMPOSSIBLE,
        Outcome.IMPOSSIBLE,
    ]
    nowhere = an_extension(sharing={"access": "tenant", "tenant": "Nowhere"})
    (item,) = demo.setup_files.plan(TENANT_ADMIN, file_of("extensions", nowhere)).items
    assert item.problem == plan.items[1].problem.replace("Borealis", "Nowhere")


def test_operators_export_and_import_nothing(demo: Workspace) -> None:
    operator = Actor("olga", Channel.WINDOW, Role.TENANT_OPERATOR, tenant_id=1)
    with pytest.raises(AccessDeniedError):
        demo.setup_files.export(operator)
    with pytest.raises(AccessDeniedError):
        demo.setup_files.plan(operator, file_of("extensions"))


def test_auditors_export_and_import_nothing_new(demo: Workspace, admin: Actor) -> None:
    auditor = Actor("ada", Channel.WINDOW, Role.AUDITOR)
    data = demo.setup_files.export(auditor)
    plan = demo.setup_files.plan(admin, data)
    with pytest.raises(AccessDeniedError):
        demo.setup_files.plan(auditor, data)
    with pytest.raises(AccessDeniedError):
        demo.setup_files.apply(auditor, plan)


def test_an_export_needs_the_keys_to_be_signed(demo: Workspace, admin: Actor) -> None:
    demo.lock()
    with pytest.raises(LockedError):
        demo.setup_files.export(admin)


@pytest.mark.parametrize(
    "sharing",
    [
        {"access": "tenant"},
        {"access": "global", "tenant": COMPANY},
        {"access": "organization", "tenant": COMPANY},
        {"access": "organization", "organization": "North plant"},
        {"access": "organization", "tenant": COMPANY, "organization": "Nowhere"},
    ],
)
def test_whom_it_is_offered_to_has_to_make_sense(
    demo: Workspace, admin: Actor, sharing: dict[str, str]
) -> None:
    data = file_of("extensions", an_extension(sharing=sharing))
    (item,) = demo.setup_files.plan(admin, data).items
    assert item.outcome is Outcome.IMPOSSIBLE
    assert item.problem


def an_external_ca(**changes: Any) -> dict[str, Any]:
    return {"name": "Sensor maker", "tenant": COMPANY, "certificate": PEM.decode()} | changes


@pytest.mark.req("ECA-09", "DTC-08")
def test_an_external_ca_comes_along_but_its_trust_does_not(demo: Workspace, admin: Actor) -> None:
    one = {"name": "Sensor 3", "external_ca": "Sensor maker", "sharing": OF_COMPANY}
    file = {"external_cas": [an_external_ca()], "device_types": [one]}
    data = encoded({"format": "birthmark-setup", "version": 1} | file)
    plan = demo.setup_files.plan(admin, data)
    assert [item.outcome for item in plan.items] == [Outcome.NEW, Outcome.IMPOSSIBLE]
    assert "not verified" in plan.items[1].problem
    demo.setup_files.apply(admin, plan, leave_out=True)
    (row,) = demo.external_cas.page(SYSTEM, ListQuery("Sensor maker"), 0, 9)
    assert not row.ca.verified

    demo.external_ca_proof.verify_by_override(admin, row.id)
    plan = demo.setup_files.plan(admin, data)
    assert [item.outcome for item in plan.items] == [Outcome.UNCHANGED, Outcome.NEW]
    demo.setup_files.apply(admin, plan)
    made = device_type(demo, "Sensor 3")
    assert made.external_ca_id == row.id
    exported = content(demo.setup_files.export(admin, [made.id]))
    assert [ca["certificate"] for ca in exported["external_cas"]] == [PEM.decode()]


def test_an_external_ca_is_never_replaced(demo: Workspace, admin: Actor) -> None:
    demo.external_cas.register(SYSTEM, "Sensor maker", PEM, 1)
    other = certificate_to_pem(root("Another maker", 701).certificate).decode()
    data = file_of("external_cas", an_external_ca(certificate=other))
    (item,) = demo.setup_files.plan(admin, data).items
    assert item.outcome is Outcome.IMPOSSIBLE
    data = file_of("external_cas", an_external_ca(organization="North plant"))
    (item,) = demo.setup_files.plan(admin, data).items
    assert item.outcome is Outcome.IMPOSSIBLE


def test_the_key_of_an_external_ca_is_refused(demo: Workspace, admin: Actor) -> None:
    assert isinstance(MAKER.key, SoftwareKey)
    key = private_key_to_pem(MAKER.key.private_key, None).decode()
    data = file_of("external_cas", an_external_ca(certificate=PEM.decode() + key))
    (item,) = demo.setup_files.plan(admin, data).items
    assert item.outcome is Outcome.IMPOSSIBLE
    assert "PRIVATE" not in item.problem


def test_a_device_type_is_told_of_and_read_as_in_a_file(demo: Workspace, admin: Actor) -> None:
    one = device_type(demo)
    told = demo.setup_files.device_type_content(admin, one.id)
    assert told in content(demo.setup_files.export(admin))["device_types"]
    read = demo.setup_files.device_type(admin, encoded(told))
    assert read == replace(one, id=0, version=1)
    with pytest.raises(NotFoundError):
        demo.setup_files.device_type(admin, encoded({**told, "factory_template": "Nowhere"}))
