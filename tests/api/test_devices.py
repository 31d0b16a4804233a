"""Devices that exist, through the REST API: looked at, led through their life, certified again."""

from base64 import b64decode
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.models.domain.access import SYSTEM, Channel
from app.models.domain.certificates import CertificateStatus
from app.models.domain.devices import Device
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import read_certificate
from tests.api.rest_client import RestClient
from tests.fakes import FakeClock
from tests.models.services.gateways import (
    PASSWORD,
    add_operational_template,
    device_type,
    factory,
    gateway,
    new_csr,
    operational,
    plant,
)
from tests.models.wizards.walk import csr, pem

PATH = "/devices"


@pytest.fixture
def device(demo: Workspace) -> Device:
    """A gateway with an operational certificate and a password."""
    return gateway(demo, "GW-1", operational=(operational(demo, csr=new_csr()),)).device


def at(device: Device, act: str = "") -> str:
    return f"{PATH}/{device.id}{act}"


def request() -> str:
    """A certification request (PEM) for a new key."""
    return pem(csr()).decode()


@pytest.mark.req("DEV-80", "DEV-81")
def test_a_device_is_shown(rest: RestClient, device: Device) -> None:
    shown = rest.get(at(device))
    assert shown == {
        "device_id": device.id,
        "organization_id": device.organization_id,
        "device_type_id": device.type_id,
        "name": "GW-1",
        "description": "",
        "mode": "operational",
        "values": {key: value for key, value in device.values.items() if value},
        "created_at": "2026-03-02T08:00:00Z",
        "changed_at": "2026-03-02T08:00:00Z",
        "operational_until": "2028-03-02T08:00:00Z",
    }


@pytest.mark.req("DEV-80", "DEV-81")
def test_devices_are_listed_and_found(demo: Workspace, rest: RestClient, device: Device) -> None:
    gateway(demo, "GW-2")
    gateway(demo, "Pump", values={"serial_number": "gw-77"})
    south = plant(demo, "South plant")
    gateway(demo, "GW-3", organization_id=south.id)

    def names(query: str) -> list[str]:
        answer = rest.get(f"{PATH}{query}")
        assert answer["total"] >= len(answer["devices"])
        return [one["name"] for one in answer["devices"]]

    answer = rest.get(PATH)
    assert list(answer) == ["devices", "pagenum", "pagesize", "total"]
    assert (answer["pagenum"], answer["pagesize"], answer["total"]) == (1, 20, 3)
    assert answer["devices"][0] == {
        "device_id": device.id,
        "name": "GW-1",
        "serial_number": "S-GW-1",
        "device_type": "Gateway 200",
        "mode": "operational",
        "operational_until": "2028-03-02T08:00:00Z",
        "changed_at": "2026-03-02T08:00:00Z",
    }
    assert names("?name=gw-") == ["GW-1", "GW-2", "Pump"]
    assert names("?mode=factory&name=") == ["GW-2", "Pump"]
    assert names("?name=gw-2&mode=factory") == ["GW-2"]
    assert names("?pagesize=2&pagenum=2") == ["Pump"]
    assert names("?pagesize=2&pagenum=0") == names("?pagesize=2&pagenum=1") == ["GW-1", "GW-2"]
    assert names("?name=a%00b") == []
    assert rest.refused(400, "GET", f"{PATH}?mode=broken")["field"] == "mode"
    assert rest.refused(400, "GET", f"{PATH}?nmae=GW")["field"] == "nmae"


@pytest.mark.parametrize(
    ("method", "act"),
    [
        *(("GET", act) for act in ("", "/certificates", "/credential")),
        *(("POST", act) for act in ("/certificates", "/disable", "/enable", "/setfactorymode")),
    ],
)
def test_a_device_of_others_does_not_exist(
    demo: Workspace, rest: RestClient, method: str, act: str
) -> None:
    other = gateway(demo, "GW-3", organization_id=plant(demo, "South plant").id).device
    hidden = rest.refused(404, method, at(other, act))
    assert hidden == rest.refused(404, method, f"{PATH}/{10**17}{act}")
    rest.refused(404, method, f"{PATH}/x{act}")
    assert demo.devices.get(SYSTEM, other.id) == other


@pytest.mark.req("DEV-83", "DEV-84", "DEV-85", "MODE-04", "DEV-02")
def test_through_the_life_of_a_device(demo: Workspace, rest: RestClient, device: Device) -> None:
    assert rest.post(at(device, "/setfactorymode"))["mode"] == "factory"
    rest.refused(409, "POST", at(device, "/setfactorymode"))
    assert rest.post(at(device, "/disable"))["mode"] == "disabled"
    rest.refused(409, "POST", at(device, "/certificates"), {"csr": request()})
    assert rest.post(at(device, "/enable"), {})["mode"] == "factory"
    rest.refused(409, "POST", at(device, "/enable"))
    done = demo.audit.of_object(SYSTEM, "device", device.id, 3)
    assert [(one.action, one.channel, one.actor) for one in done] == [
        (f"device.{act}", Channel.API, "Line 1") for act in ("enable", "disable", "set-as-factory")
    ]
    assert demo.devices.history(SYSTEM, device.id)[-1].actor == "Line 1"


@pytest.mark.req("DEC-08")
@pytest.mark.parametrize("revoke", [False, True])
def test_operational_certificates_are_revoked_with_factory_mode_when_asked(
    demo: Workspace, rest: RestClient, device: Device, revoke: bool
) -> None:
    rest.post(at(device, "/setfactorymode"), {"revoke_operational_certificates": revoke})
    (held,) = demo.certificates.of_device(SYSTEM, device.id)
    assert (held.status is CertificateStatus.REVOKED) is revoke
    (shown,) = rest.get(at(device, "/certificates"))["certificates"]
    assert shown["status"] == ("Revoked" if revoke else "Good")


@pytest.mark.req("DTC-05", "DTC-06")
def test_further_operational_certificates(
    demo: Workspace, rest: RestClient, device: Device
) -> None:
    second = add_operational_template(demo)
    first = device_type(demo).default_operational_template_id
    for wanted, template_id in (({}, first), ({"template_id": first}, first)):
        made = rest.post(at(device, "/certificates"), {"csr": request(), **wanted})
        assert (made["template_id"], made["kind"]) == (template_id, "operational")
        info = read_certificate(b64decode(made["certificate"], validate=True))
        assert (made["common_name"], made["serial_number"]) == ("GW-1", info.serial_hex)
        assert made["key_until"] is None
    # the device goes by its type as it was before the second template
    rest.refused(
        403, "POST", at(device, "/certificates"), {"csr": request(), "template_id": second}
    )
    held = rest.get(at(device, "/certificates"))
    assert (held["total"], held["certificates"][0]["certificate_id"]) == (3, made["certificate_id"])
    assert {one["certificate"] for one in held["certificates"]} == {None}


@pytest.mark.req("DTC-06", "DEV-87")
def test_a_key_is_made_for_a_further_certificate(rest: RestClient, device: Device) -> None:
    path = at(device, "/certificates")
    for passphrase in ({}, {"pfx_passphrase": ""}, {"pfx_passphrase": "short"}):
        assert rest.refused(400, "POST", path, passphrase)["field"] == "pfx_passphrase"
    made = rest.post(path, {"pfx_passphrase": "opens the pfx", "fields": {"subject.OU": "2"}})
    assert made["key_until"] is not None
    assert rest.get(f"/certificates/{made['certificate_id']}/pfx")["certificate_pkcs12"]


def test_a_factory_certificate_later(demo: Workspace, rest: RestClient) -> None:
    bare = gateway(demo, "GW-9").device
    template_id = factory(demo).template_id
    made = rest.post(at(bare, "/certificates"), {"csr": request(), "template_id": template_id})
    assert (made["kind"], rest.get(at(bare))["mode"]) == ("factory", "factory")
    rest.refused(
        409, "POST", at(bare, "/certificates"), {"csr": request(), "template_id": template_id}
    )


@pytest.mark.req("DT-11", "DT-12", "DT-13")
@pytest.mark.parametrize("enforced", [True, False])
def test_factory_mode_is_enforced(demo: Workspace, rest: RestClient, enforced: bool) -> None:
    kind = replace(device_type(demo), enforce_factory_mode=enforced)
    demo.device_types.edit(SYSTEM, kind)
    device = gateway(demo, "GW-1").device
    path = at(device, "/certificates")
    rest.post(path, {"csr": request()})
    again = rest.call("POST", path, {"csr": request()})
    assert again.status == (403 if enforced else 200)
    assert (b"is not in factory mode" in again.body) is enforced
    denied = {e.action for e in demo.audit.of_object(SYSTEM, "device", device.id, 9)}
    assert "certificate.issue" in denied
    rest.post(at(device, "/setfactorymode"))
    rest.post(path, {"csr": request()})


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"csr": "nonsense"}, "csr"),
        ({"csr": 1}, "csr"),
        ({"template_id": 0}, "template_id"),
        ({"fields": {"subject.X": "1"}}, "subject.X"),
        ({"fields": []}, "fields"),
        ({"validity_days": "1"}, "validity_days"),
        ({"valid_from": "2026-02-30"}, "valid_from"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_wrong_is_named(
    demo: Workspace, rest: RestClient, device: Device, sent: dict[str, Any], field: str
) -> None:
    assert rest.refused(400, "POST", at(device, "/certificates"), sent)["field"] == field
    assert len(demo.certificates.of_device(SYSTEM, device.id)) == 1


@pytest.mark.req("DTP-07", "DTP-09", "DEV-86")
def test_the_credential_is_there_once_and_for_a_while(
    demo: Workspace, rest: RestClient, device: Device, clock: FakeClock
) -> None:
    assert rest.get(at(device, "/credential")) == {
        "device_id": device.id,
        "name": "GW-1",
        "password": PASSWORD,
    }
    rest.refused(404, "GET", at(device, "/credential"))
    late = gateway(demo, "GW-2").device
    clock.advance(hours=8)
    rest.token = ""  # for a new one
    rest.refused(404, "GET", at(late, "/credential"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.sampled_from(["/certificates", "/setfactorymode"]),
    st.dictionaries(
        st.sampled_from(["csr", "fields", "template_id", "revoke_operational_certificates"]),
        st.none()
        | st.integers()
        | st.text()
        | st.lists(st.text())
        | st.dictionaries(st.text(), st.text()),
    )
    | st.lists(st.integers())
    | st.text(),
)
def test_no_body_makes_it_stumble(rest: RestClient, device: Device, act: str, sent: object) -> None:
    assert rest.call("POST", at(device, act), sent).status in (200, 400, 403, 404, 409)
