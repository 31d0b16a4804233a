"""The certificate steps: where the key is from, what is in, who names whom."""

from datetime import UTC, date, datetime

import pytest

from app.core.errors import ConflictError, InvalidInputError
from app.models.domain.access import Actor
from app.models.domain.device_types import DeviceField
from app.models.domain.subjects import Provenance
from app.models.services.workspace.workspace import Workspace
from app.models.wizards.steps import CERTIFICATE_STEPS, Step
from app.pki.certificates import read_certificate
from app.pki.keys import KeyAlgorithm, generate, private_key_to_pem
from app.pki.names import subject_text
from tests.models.services.gateways import device_type, gateway
from tests.models.wizards.walk import (
    SENSOR_NAME,
    add_type,
    begin,
    csr,
    to,
)


@pytest.mark.req("FAC-08", "FAC-09", "OPC-03")
def test_the_note_says_when_the_key_is_gone(demo: Workspace, admin: Actor) -> None:
    flow = to(Step.FACTORY, begin(demo, admin))
    plan = flow.plan(Step.FACTORY)
    assert plan is not None
    assert plan.key_until == date(2026, 3, 9)
    flow.answer(Step.FACTORY, from_device=True)
    plan = flow.plan(Step.FACTORY)
    assert plan is not None
    assert plan.key_until is None


@pytest.mark.req("FAC-05", "FAC-06", "FAC-07", "FAC-15", "FAC-16", "FAC-17", "FAC-18", "FAC-19")
def test_a_csr_of_the_device(demo: Workspace, admin: Actor) -> None:
    flow = to(Step.OPERATIONAL, begin(demo, admin))
    flow.answer(Step.OPERATIONAL, from_device=True)
    assert set(flow.problems(Step.OPERATIONAL)) == {"csr"}
    request = csr(KeyAlgorithm.EC_P384, CN="other", O="Evil", OU="Lab", L="Bern")
    flow.load_csr(Step.OPERATIONAL, request, "gw.csr")
    assert flow.certificate(Step.OPERATIONAL).csr_name == "gw.csr"
    assert flow.problems(Step.OPERATIONAL) == {}
    plan = flow.plan(Step.OPERATIONAL)
    assert plan is not None
    assert plan.algorithm is KeyAlgorithm.EC_P384
    assert [(f.value, f.provenance) for f in plan.fields] == [
        ("GW-1", Provenance.DEVICE),
        ("Acme Controls", Provenance.TEMPLATE),
        ("Lab", Provenance.CSR),
        ("", Provenance.EMPTY),
    ]
    flow.answer(Step.OPERATIONAL, typed={"subject.OU": ""})
    created = to(Step.OVERVIEW, flow).save()
    info = read_certificate(created.operational[0].certificate.der)
    assert [a.value for a in info.subject] == ["GW-1", "Acme Controls"]


@pytest.mark.req("FAC-07")
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a request",
        private_key_to_pem(generate(KeyAlgorithm.EC_P256), None),
        csr(KeyAlgorithm.ED25519, CN="x"),
        csr(CN="x")[:-1],
    ],
    ids=["empty", "text", "key", "algorithm", "cut"],
)
def test_what_is_no_csr_changes_nothing(demo: Workspace, admin: Actor, data: bytes) -> None:
    flow = to(Step.FACTORY, begin(demo, admin))
    flow.load_csr(Step.FACTORY, csr(CN="good"))
    before = flow.certificate(Step.FACTORY)
    with pytest.raises(InvalidInputError) as caught:
        flow.load_csr(Step.FACTORY, data, "bad.csr")
    assert b"PRIVATE" not in caught.value.text().encode()
    assert flow.certificate(Step.FACTORY) == before
    assert before.csr_name == "CN=good"


@pytest.mark.req("FAC-10", "FAC-11", "FAC-12", "FAC-14", "OPC-02", "OPC-04", "OPC-06", "DTC-05")
def test_fields_of_a_key_made_here(demo: Workspace, admin: Actor) -> None:
    flow = to(Step.OPERATIONAL, begin(demo, admin))
    flow.answer(
        Step.OPERATIONAL,
        typed={"subject.O": "Evil", "subject.OU": "Floor 2", "san.dns": "not a name!"},
    )
    assert set(flow.problems(Step.OPERATIONAL)) == {"san.dns"}
    flow.answer(Step.OPERATIONAL, typed={"subject.OU": "Floor 2", "san.dns": "gw-1.example"})
    assert flow.problems(Step.OPERATIONAL) == {}
    created = to(Step.OVERVIEW, flow).save()
    info = read_certificate(created.operational[0].certificate.der)
    assert subject_text(info.subject) == created.operational[0].certificate.subject
    assert [a.value for a in info.subject] == ["GW-1", "Acme Controls", "Floor 2"]
    assert [n.value for n in info.san] == ["gw-1.example"]


@pytest.mark.req("FAC-22", "FAC-23", "FAC-24", "OPC-07")
def test_validity(demo: Workspace, admin: Actor) -> None:
    flow = to(Step.FACTORY, begin(demo, admin))
    plan = flow.plan(Step.FACTORY)
    assert plan is not None
    assert (plan.not_after.year, flow.today) == (9999, date(2026, 3, 2))
    flow.answer(Step.FACTORY, unlimited=False)
    assert set(flow.problems(Step.FACTORY)) == {"validity_days"}
    flow.answer(Step.FACTORY, validity_days=10, valid_from=date(2026, 5, 1))
    created = to(Step.OVERVIEW, flow).save()
    assert created.factory is not None
    info = read_certificate(created.factory.certificate.der)
    assert info.not_before == datetime(2026, 5, 1, tzinfo=UTC)
    assert info.not_after == datetime(2026, 5, 11, tzinfo=UTC)


@pytest.mark.req("OVR-01")
def test_the_overview_shows_what_is_issued(demo: Workspace, admin: Actor) -> None:
    flow = to(Step.OVERVIEW, begin(demo, admin))
    plans = [flow.plan(step) for step in CERTIFICATE_STEPS]
    created = flow.save()
    for plan, issued in zip(plans, (created.factory, *created.operational), strict=True):
        assert plan is not None
        assert issued is not None
        info = read_certificate(issued.certificate.der)
        assert [f.value for f in plan.fields if f.value] == [a.value for a in info.subject]
        assert (plan.not_before, plan.not_after) == (info.not_before, info.not_after)
        assert plan.algorithm is info.algorithm


@pytest.mark.req("DEC-04", "FAC-04", "DEV-13")
def test_the_factory_certificate_names_the_device(demo: Workspace, admin: Actor) -> None:
    gateway(demo, "FS-0")
    flow = begin(demo, admin, device_type(demo, "Flow sensor"), name="typed before")
    assert flow.name_from_certificate
    assert flow.info.name == ""
    flow.answer(Step.INFO, name="typed after")
    assert flow.info.name == ""
    to(Step.FACTORY, flow)
    assert not flow.can_skip
    with pytest.raises(ConflictError):
        flow.skip()
    assert set(flow.problems(Step.FACTORY)) == {SENSOR_NAME}
    flow.answer(Step.FACTORY, typed={SENSOR_NAME: "fs-0"})
    assert "exists" in flow.problems(Step.FACTORY)[SENSOR_NAME]
    flow.answer(Step.FACTORY, typed={SENSOR_NAME: "FS-1"})
    assert flow.problems(Step.FACTORY) == {}
    flow.next()
    assert flow.info.name == "FS-1"
    flow.back()
    plan = flow.plan(Step.FACTORY)
    assert plan is not None
    assert plan.fields[0].editable
    flow.answer(Step.FACTORY, typed={SENSOR_NAME: "FS-2"})
    created = to(Step.OVERVIEW, flow).save()
    assert created.device.name == "FS-2"
    assert created.factory is not None
    (name,) = read_certificate(created.factory.certificate.der).san
    assert name.value.endswith(":FS-2")
    assert "FS-2" in created.operational[0].certificate.subject


@pytest.mark.req("DEC-04", "FAC-04")
def test_the_csr_names_the_device_and_fills_its_properties(demo: Workspace, admin: Actor) -> None:
    kind = add_type(demo, use_mapping=True)
    flow = to(Step.ATTRIBUTES, begin(demo, admin, kind))
    assert flow.mapped_fields == {"serial_number"}
    assert flow.problems(Step.ATTRIBUTES) == {}  # required, but not asked for here
    flow.next()
    assert set(flow.problems(Step.FACTORY)) == {"subject.CN", "subject.serialNumber"}
    flow.load_csr(Step.FACTORY, csr(CN="GW-7", serialNumber="S-7"))
    assert flow.problems(Step.FACTORY) == {}
    flow.next()
    assert (flow.info.name, flow.values["serial_number"]) == ("GW-7", "S-7")
    created = to(Step.OVERVIEW, flow).save()
    assert (created.device.name, created.device.values["serial_number"]) == ("GW-7", "S-7")


@pytest.mark.req("DEC-04")
def test_a_name_no_device_can_have_is_refused_where_it_comes_from(
    demo: Workspace, admin: Actor
) -> None:
    flow = to(Step.FACTORY, begin(demo, admin, device_type(demo, "Flow sensor")))
    flow.answer(Step.FACTORY, typed={SENSOR_NAME: "a:b"})
    assert "colon" in flow.problems(Step.FACTORY)[SENSOR_NAME]


def test_a_fixed_field_is_not_filled(demo: Workspace, admin: Actor) -> None:
    fixed = DeviceField("serial_number", "Serial number", fixed=True, default="S-0")
    kind = add_type(demo, use_mapping=True, fields=(fixed,))
    flow = to(Step.FACTORY, begin(demo, admin, kind))
    assert flow.mapped_fields == frozenset()
    flow.load_csr(Step.FACTORY, csr(CN="GW-7", serialNumber="S-7"))
    created = to(Step.OVERVIEW, flow).save()
    assert created.factory is not None
    assert created.device.values["serial_number"] == "S-0"
    assert "S-0" in created.factory.certificate.subject
