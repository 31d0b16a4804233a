"""Devices created by hand that come with their maker's factory certificate (DEC-03, FAC-02)."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from app.core.errors import AuthenticationError, ConflictError, InvalidInputError, KnownError
from app.models.domain.access import SYSTEM, Actor
from app.models.domain.devices import DeviceEvent, DeviceMode
from app.models.services.workspace.workspace import Workspace
from app.models.wizards.device_wizard import DeviceWizard
from app.models.wizards.steps import Step, StepState
from app.pki.certificates import read_certificate
from app.pki.formats import certificates_in
from tests.fakes import FakeClock
from tests.models.services.gateways import device_type, new_gateway
from tests.models.wizards.makers import MAKER, external_type, sensor
from tests.models.wizards.walk import begin, csr, to
from tests.pki.material import NOW as MAY
from tests.pki.material import root


@pytest.fixture(autouse=True)
def _in_may(clock: FakeClock) -> None:
    clock.set(MAY)  # when the maker's certificates are good


def fingerprint_of(data: bytes) -> str:
    return read_certificate(certificates_in(data)[0]).fingerprint


def loaded(demo: Workspace, admin: Actor, data: bytes) -> DeviceWizard:
    flow = begin(demo, admin, external_type(demo), name="")
    flow.load_makers_certificate(data, "sensor.pem")
    return flow


@pytest.mark.req("DEC-03", "FAC-02", "DEC-10", "MODE-02", "ECA-01")
def test_the_certificate_names_the_device(demo: Workspace, admin: Actor) -> None:
    data = sensor()
    flow = loaded(demo, admin, data)
    assert flow.info.name == fingerprint_of(data)
    assert not flow.asks_name
    assert flow.state(Step.FACTORY).state is StepState.DOES_NOT_APPLY
    to(Step.OPERATIONAL, flow)
    flow.skip()
    made = to(Step.OVERVIEW, flow).save()
    assert made.factory is None
    assert (made.device.name, made.device.mode) == (fingerprint_of(data), DeviceMode.FACTORY)
    history = demo.devices.history(admin, made.device.id)
    assert history[0].event is DeviceEvent.FACTORY_CERTIFICATE_ACCEPTED
    created = demo.audit.of_object(SYSTEM, "device", made.device.id, 9)[-1]
    assert (created.action, created.after["subject"]) == ("device.create", "CN=sensor 1")


@pytest.mark.req("DEC-03", "DEV-05")
def test_without_it_there_is_no_way_on(demo: Workspace, admin: Actor) -> None:
    flow = begin(demo, admin, external_type(demo), name="typed")
    assert flow.info.name == ""
    assert set(flow.problems(Step.INFO)) == {"makers_certificate"}
    flow.load_makers_certificate(data := sensor())
    assert flow.problems(Step.INFO) == {}
    flow.answer(Step.INFO, name="typed", description="first")
    assert (flow.info.name, flow.info.description) == (fingerprint_of(data), "first")


def stranger() -> bytes:
    return sensor(maker=root("Motor maker", 73))


def same_name() -> bytes:
    return sensor(maker=root("Sensor maker", 74))


def the_ca_itself() -> bytes:
    return MAKER.certificate


def request() -> bytes:
    return csr(CN="sensor 1")


def nothing() -> bytes:
    return b""


@pytest.mark.req("DEC-03", "DEC-07")
@pytest.mark.parametrize("made", [stranger, same_name, the_ca_itself, request, nothing])
def test_what_does_not_lead_to_the_types_ca_is_refused(
    demo: Workspace, admin: Actor, made: Callable[[], bytes]
) -> None:
    flow = loaded(demo, admin, sensor())
    before = flow.makers_certificate, flow.info
    with pytest.raises(KnownError):
        flow.load_makers_certificate(made())
    assert (flow.makers_certificate, flow.info) == before


@pytest.mark.req("DEC-03", "ECA-09")
def test_a_ca_that_is_deactivated_meanwhile_refuses_on_save(demo: Workspace, admin: Actor) -> None:
    flow = to(Step.OVERVIEW, loaded(demo, admin, sensor()))
    assert flow.device_type is not None
    ca_id = flow.device_type.external_ca_id
    assert ca_id is not None
    demo.external_cas.set_active(SYSTEM, ca_id, active=False)
    with pytest.raises(AuthenticationError, match="not active"):
        flow.save()
    demo.external_cas.set_active(SYSTEM, ca_id, active=True)
    assert flow.save().device.name == flow.info.name


@pytest.mark.req("DEV-06", "DEV-13", "DT-21")
def test_one_certificate_makes_one_device(demo: Workspace, admin: Actor) -> None:
    flow = to(Step.OVERVIEW, loaded(demo, admin, data := sensor()))
    flow.save()
    again = flow.another()
    assert (again.info.name, again.makers_certificate) == ("", None)
    again.load_makers_certificate(data)
    assert "exists already" in again.problems(Step.INFO)["name"]


def test_another_type_drops_the_certificate(demo: Workspace, admin: Actor) -> None:
    flow = begin(demo, admin, name="GW-1")
    kind = external_type(demo)
    flow.answer(Step.INFO, type_id=kind.id)
    flow.load_makers_certificate(sensor())
    flow.answer(Step.INFO, type_id=device_type(demo).id)
    assert (flow.makers_certificate, flow.info.name) == (None, "GW-1")
    with pytest.raises(ConflictError):
        flow.load_makers_certificate(sensor())


@pytest.mark.req("DT-25", "FAC-02")
def test_mapping_does_not_count_with_an_external_ca(demo: Workspace, admin: Actor) -> None:
    flow = begin(demo, admin, external_type(demo, use_mapping=True))
    flow.load_makers_certificate(data := sensor())
    assert not flow.name_from_certificate
    assert not flow.mapped_fields
    assert to(Step.OVERVIEW, flow).save().device.name == fingerprint_of(data)


@pytest.mark.req("DEC-03")
def test_no_way_around_the_certificate(demo: Workspace, admin: Actor) -> None:
    """What the wizard asks for, the service asks of everybody."""
    chain = certificates_in(sensor())
    name = read_certificate(chain[0]).fingerprint
    new = replace(new_gateway(demo, name), type_id=external_type(demo).id, factory_chain=chain)
    for wrong, field in (
        (replace(new, factory_chain=()), "factory_certificate"),
        (replace(new, name="S-1"), "name"),
        (replace(new, type_id=device_type(demo).id), "factory_certificate"),
    ):
        with pytest.raises(InvalidInputError) as caught:
            demo.device_creation.create(admin, wrong)
        assert caught.value.field == field
    assert demo.device_creation.create(admin, new).device.name == name
