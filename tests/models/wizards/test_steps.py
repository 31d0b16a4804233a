"""The wizard, walked without a window: every step and every way through."""

from dataclasses import replace

import pytest
from sqlalchemy import Table, update

from app.core.errors import AccessDeniedError, ConflictError, InvalidInputError, LockedError
from app.models.db import tables
from app.models.domain.access import SYSTEM, Actor
from app.models.domain.devices import DeviceMode
from app.models.domain.templates import CertificateKind
from app.models.services.workspace.workspace import Workspace
from app.models.wizards.device_wizard import DeviceWizard
from app.models.wizards.steps import (
    CERTIFICATE_STEPS,
    CertificateAnswers,
    CredentialsLayout,
    Step,
    StepState,
)
from app.pki.pkcs12 import unpack
from tests.models.services.gateways import device_type, gateway, plant
from tests.models.services.people import person
from tests.models.wizards.walk import (
    PASSWORD,
    add_type,
    begin,
    csr,
    layout,
    pem,
    states,
    to,
)


@pytest.mark.req("DEV-02", "DEV-04", "DEV-05", "OVR-02", "FAC-06", "OPC-03", "CRED-03")
def test_straight_through(demo: Workspace, admin: Actor) -> None:
    flow = begin(demo, admin)
    seen = [flow.current]
    while flow.current is not Step.OVERVIEW:
        to(list(Step)[list(Step).index(flow.current) + 1], flow)
        seen.append(flow.current)
    assert seen == list(Step)
    created = flow.save()
    assert created.device.mode is DeviceMode.OPERATIONAL
    for issued in (created.factory, *created.operational):
        assert issued is not None
        pfx = demo.certificates.download_pfx(admin, issued.certificate.id)
        assert unpack(pfx, PASSWORD).certificate == issued.certificate.der
    content = demo.credentials.download(admin, created.device.id)
    assert content.decode().endswith(f"{PASSWORD}\n")


@pytest.mark.req("DEV-01", "RBAC-02")
@pytest.mark.parametrize("name", ["ivan.petrov", "paul.jensen"])
def test_auditors_create_nothing(demo: Workspace, name: str) -> None:
    with pytest.raises(AccessDeniedError):
        DeviceWizard(person(demo, name), demo)


@pytest.mark.req("DEV-01", "DEV-07", "DEV-08", "ROLE-06", "ROLE-07")
@pytest.mark.parametrize(
    ("name", "asks_tenant", "asks_organization"),
    [
        ("admin", True, True),
        ("ruth.keller", False, True),
        ("mia.rossi", False, True),
        ("nora.lind", False, False),
    ],
)
def test_owners_are_asked_for_by_role(
    demo: Workspace, name: str, asks_tenant: bool, asks_organization: bool
) -> None:
    flow = DeviceWizard(person(demo, name), demo)
    assert (flow.asks_tenant, flow.asks_organization) == (asks_tenant, asks_organization)
    assert ("tenant_id" in flow.problems(Step.INFO)) == asks_tenant
    assert ("organization_id" in flow.problems(Step.INFO)) == asks_organization
    assert "type_id" in flow.problems(Step.INFO)
    if asks_tenant:
        assert flow.organizations() == ()
        flow.answer(Step.INFO, tenant_id=flow.tenants()[0].id)
    if asks_organization:
        assert {o.name for o in flow.organizations()} == {"North plant", "South plant"}
        assert flow.device_types() == ()
        flow.answer(Step.INFO, organization_id=flow.organizations()[0].id)
    flow.answer(Step.INFO, name="GW-1", type_id=device_type(demo).id)
    assert flow.problems(Step.INFO) == {}
    created = to(Step.OVERVIEW, flow).save()
    assert created.device.organization_id == plant(demo).id


@pytest.mark.req("DEV-07", "DEV-08", "DEV-09")
@pytest.mark.parametrize("table", [tables.tenant, tables.organization, tables.device_type])
def test_only_what_is_active_can_be_chosen(demo: Workspace, admin: Actor, table: Table) -> None:
    flow = begin(demo, admin)
    offers = {
        tables.tenant: flow.tenants,
        tables.organization: flow.organizations,
        tables.device_type: flow.device_types,
    }
    assert offers[table]()
    with demo.store.change(SYSTEM) as change:
        change.connection.execute(update(table).values(active=False))
    assert offers[table]() == ()


@pytest.mark.req("DEV-03", "DEV-09")
def test_another_owner_is_offered_other_types(demo: Workspace, admin: Actor) -> None:
    flow = begin(demo, admin)
    borealis = demo.tenants.create_tenant(SYSTEM, "Borealis")
    harbour = demo.tenants.create_organization(SYSTEM, borealis.id, "Harbour")
    flow.answer(Step.INFO, tenant_id=borealis.id)
    assert (flow.info.organization_id, flow.info.type_id) == (None, None)
    assert flow.device_type is None
    flow.answer(Step.INFO, organization_id=harbour.id)
    assert flow.device_types() == ()
    flow.answer(Step.INFO, type_id=device_type(demo).id)  # not offered to Borealis
    assert flow.info.type_id is None


@pytest.mark.req("DEV-05", "DEV-06")
@pytest.mark.parametrize("name", ["", " ", "x" * 65, "a:b", "tab\t", " edge"])
def test_names_that_cannot_be(demo: Workspace, admin: Actor, name: str) -> None:
    flow = begin(demo, admin, name=name)
    assert set(flow.problems(Step.INFO)) == {"name"}
    with pytest.raises(InvalidInputError) as caught:
        flow.next()
    assert caught.value.field == "name"
    assert flow.current is Step.INFO


@pytest.mark.req("DEV-06", "DEV-13", "DEC-14")
def test_a_name_is_checked_in_info_in_attributes_and_on_save(demo: Workspace, admin: Actor) -> None:
    gateway(demo, "GW-0")
    assert "exists" in begin(demo, admin, name="gw-0").problems(Step.INFO)["name"]
    flow = to(Step.ATTRIBUTES, begin(demo, admin))
    late = to(Step.OVERVIEW, begin(demo, admin))
    gateway(demo, "GW-1")  # somebody else was faster
    assert "exists" in flow.problems(Step.ATTRIBUTES)["name"]
    with pytest.raises(ConflictError) as caught:
        late.save()
    assert caught.value.field == "name"
    assert (late.current, late.password, late.values["serial_number"]) == (
        Step.OVERVIEW, PASSWORD, "S-1",
    )  # fmt: skip
    for _step in range(5):
        late.back()
    late.answer(Step.INFO, name="GW-2", description="second try")
    created = to(Step.OVERVIEW, late).save()
    assert (created.device.name, created.device.description) == ("GW-2", "second try")


@pytest.mark.req("DEC-14")
def test_after_a_failed_save_everything_is_still_there(demo: Workspace, admin: Actor) -> None:
    flow = to(Step.OVERVIEW, begin(demo, admin))
    demo.lock()
    with pytest.raises(LockedError):
        flow.save()
    demo.unlock("correct horse")
    assert flow.save().device.name == "GW-1"


def test_nothing_is_saved_before_the_end(demo: Workspace, admin: Actor) -> None:
    with pytest.raises(ConflictError):
        to(Step.CREDENTIALS, begin(demo, admin)).save()


@pytest.mark.req("DEV-11", "DEV-12", "DTP-12", "DTP-13", "DTP-14", "DTP-15")
def test_attributes(demo: Workspace, admin: Actor) -> None:
    flow = to(Step.ATTRIBUTES, begin(demo, admin))
    assert flow.values == {
        "serial_number": "",
        "model": "Gateway 200",
        "hardware_version": "C2",
        "manufacturer": "Acme Controls",
        "mac": "",
    }
    assert set(flow.problems(Step.ATTRIBUTES)) == {"serial_number"}
    flow.answer(Step.ATTRIBUTES, values={"serial_number": "S-1", "model": "forged"})
    flow.answer(Step.ATTRIBUTES, values={"hardware_version": "", "mac": "x" * 256})
    assert (flow.values["model"], flow.values["hardware_version"]) == ("Gateway 200", "")
    assert set(flow.problems(Step.ATTRIBUTES)) == {"mac"}


@pytest.mark.req("FAC-01", "FAC-25", "OPC-01", "OPC-08", "CRED-03")
def test_certificates_can_be_skipped_and_asked_for_after_all(demo: Workspace, admin: Actor) -> None:
    flow = to(Step.FACTORY, begin(demo, admin))
    assert flow.can_skip
    flow.skip()
    flow.skip()
    assert flow.current is Step.CREDENTIALS
    assert layout(flow) is CredentialsLayout.PASSWORD
    assert states(flow) == ["done", "done", "skipped", "skipped", "current", "to-do"]
    with pytest.raises(ConflictError):
        flow.skip()
    flow.back()
    flow.next()
    assert flow.state(Step.OPERATIONAL).state is StepState.DONE
    assert layout(flow) is CredentialsLayout.BOTH
    created = to(Step.OVERVIEW, flow).save()
    assert created.factory is None
    assert len(created.operational) == 1


@pytest.mark.req("FAC-03", "OPC-01", "DEV-04")
def test_steps_without_a_template_are_left_out(demo: Workspace, admin: Actor) -> None:
    kind = add_type(
        demo,
        factory_template_id=None,
        factory_mapping={},
        operational_template_ids=(),
        operational_mapping={},
    )
    flow = to(Step.ATTRIBUTES, begin(demo, admin, kind))
    for step in CERTIFICATE_STEPS:
        assert flow.state(step).state is StepState.DOES_NOT_APPLY
        assert flow.state(step).reason
        assert flow.plan(step) is None
        with pytest.raises(ConflictError):
            flow.load_csr(step, csr())
    flow.answer(Step.ATTRIBUTES, values={"serial_number": "1"})
    flow.next()
    assert states(flow)[4:] == ["current", "to-do"]
    flow.back()
    assert states(flow)[1] == "current"
    assert to(Step.OVERVIEW, flow).save().device.mode is DeviceMode.FACTORY


@pytest.mark.req("CRED-01", "CRED-03", "DTP-01", "DTP-06")
@pytest.mark.parametrize("password", [True, False])
@pytest.mark.parametrize("factory", ["here", "csr", "skip"])
@pytest.mark.parametrize("operational", ["here", "csr", "skip"])
def test_credentials_layouts(
    demo: Workspace, admin: Actor, password: bool, factory: str, operational: str
) -> None:
    kind = device_type(demo) if password else add_type(demo, password_enabled=False)
    flow = to(Step.FACTORY, begin(demo, admin, kind))
    for step, choice in zip(CERTIFICATE_STEPS, (factory, operational), strict=True):
        if choice == "csr":
            flow.load_csr(step, csr())
        (flow.skip if choice == "skip" else flow.next)()
    made_here = "here" in (factory, operational)
    expected = {
        (True, True): CredentialsLayout.BOTH,
        (True, False): CredentialsLayout.PASSWORD,
        (False, True): CredentialsLayout.PASSPHRASE,
        (False, False): None,
    }[password, made_here]
    assert layout(flow) is expected
    if expected is None:
        assert flow.current is Step.OVERVIEW
        assert flow.state(Step.CREDENTIALS).state is StepState.DOES_NOT_APPLY
    else:
        assert set(flow.problems(Step.CREDENTIALS)) == {"password"}
    created = to(Step.OVERVIEW, flow).save()
    wanted = (factory != "skip", operational != "skip")
    assert (created.factory is not None, bool(created.operational)) == wanted
    with demo.store.database.read() as connection:
        kept = demo.credentials.available(connection, created.device.id)
    assert (kept is not None) == password
    issued = [one.certificate for one in (created.factory, *created.operational) if one]
    choices = {CertificateKind.FACTORY: factory, CertificateKind.OPERATIONAL: operational}
    assert {one.kind for one in issued if one.key_until is not None} == {
        kind for kind, choice in choices.items() if choice == "here"
    }


@pytest.mark.req("CRED-02", "DTP-02")
def test_a_password_is_typed_or_made(demo: Workspace, admin: Actor) -> None:
    flow = to(Step.CREDENTIALS, begin(demo, admin))
    flow.answer(Step.CREDENTIALS, password="short")
    assert set(flow.problems(Step.CREDENTIALS)) == {"password"}
    made = flow.generate_password()
    assert flow.password == made
    assert flow.problems(Step.CREDENTIALS) == {}
    assert flow.generate_password() != made


@pytest.mark.req("DEV-05")
def test_another_type_resets_and_says_so_before(demo: Workspace, admin: Actor) -> None:
    flow = begin(demo, admin)
    sensor = device_type(demo, "Flow sensor").id
    assert flow.would_reset(Step.INFO, type_id=sensor) == ()
    to(Step.OPERATIONAL, flow)
    flow.answer(Step.OPERATIONAL, validity_days=5)
    flow.answer(Step.CREDENTIALS, password=PASSWORD)
    lost = (Step.ATTRIBUTES, Step.FACTORY, Step.OPERATIONAL)
    assert flow.would_reset(Step.INFO, type_id=sensor) == lost
    assert flow.would_reset(Step.INFO, name="other") == ()
    assert flow.would_reset(Step.ATTRIBUTES, values={}) == ()
    assert flow.answer(Step.INFO, name="GW-9") == ()
    assert flow.values["serial_number"] == "S-1"
    assert flow.answer(Step.INFO, type_id=sensor) == lost
    assert "serial_number" not in flow.values
    assert flow.certificate(Step.OPERATIONAL) == CertificateAnswers()
    assert flow.password == PASSWORD
    assert flow.answer(Step.INFO, type_id=device_type(demo).id) == ()
    assert (flow.info.name, flow.values["serial_number"]) == ("GW-9", "")


@pytest.mark.req("DEV-05")
def test_back_keeps_every_answer(demo: Workspace, admin: Actor) -> None:
    flow = to(Step.OVERVIEW, begin(demo, admin))
    assert states(flow) == ["done"] * 5 + ["current"]
    while flow.can_go_back:
        flow.back()
    assert flow.current is Step.INFO
    flow.back()
    assert flow.current is Step.INFO
    assert states(flow) == ["current", *["done"] * 4, "to-do"]
    assert (flow.info.name, flow.values["serial_number"]) == ("GW-1", "S-1")


def test_another_device_keeps_what_both_have_in_common(demo: Workspace, admin: Actor) -> None:
    first = to(Step.FACTORY, begin(demo, admin))
    first.answer(Step.ATTRIBUTES, values={"hardware_version": "C3"})
    first.load_csr(Step.FACTORY, csr(), "first.csr")
    first.answer(Step.OPERATIONAL, typed={"subject.OU": "Floor 2"}, validity_days=9)
    to(Step.OVERVIEW, first).save()
    flow = first.another()
    assert flow.current is Step.INFO
    assert states(flow) == ["current", *["to-do"] * 5]
    assert flow.info == replace(first.info, name="")
    assert (flow.values["serial_number"], flow.values["hardware_version"]) == ("", "C3")
    assert flow.certificate(Step.FACTORY) == CertificateAnswers(from_device=True)
    assert flow.certificate(Step.OPERATIONAL) == first.certificate(Step.OPERATIONAL)
    assert flow.password == ""
    flow.answer(Step.INFO, name="GW-2")
    to(Step.FACTORY, flow).load_csr(Step.FACTORY, pem(csr()))
    assert to(Step.OVERVIEW, flow).save().device.name == "GW-2"
