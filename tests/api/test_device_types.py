"""Device types through the REST API."""

from dataclasses import replace

import pytest

from app.models.domain.access import SYSTEM, Access, Sharing
from app.models.domain.device_types import DeviceType
from app.models.services.workspace.workspace import Workspace
from tests.api.rest_client import RestClient
from tests.models.services.gateways import add_operational_template, device_type

PATH = "/devicetypes"


def names(rest: RestClient, query: str = "") -> list[str]:
    return [one["name"] for one in rest.get(f"{PATH}{query}")["device_types"]]


@pytest.mark.req("DEV-02", "DEV-03", "DEV-09")
def test_active_types_that_are_offered_are_listed(demo: Workspace, rest: RestClient) -> None:
    answer = rest.get(PATH)
    assert list(answer) == ["device_types", "pagenum", "pagesize", "total"]
    tenant_id = demo.est_servers.all(SYSTEM)[0].tenant_id
    offered = demo.device_types.offered(SYSTEM, tenant_id, rest.organization_id)
    assert [one["device_type_id"] for one in answer["device_types"]] == [o.id for o in offered]
    assert answer["total"] == len(offered)
    demo.device_types.set_active(SYSTEM, device_type(demo).id, active=False)
    assert "Gateway 200" not in names(rest)


def test_types_of_others_do_not_exist(demo: Workspace, rest: RestClient) -> None:
    other = demo.tenants.create_tenant(SYSTEM, "Globex")
    hidden = demo.device_types.create(
        SYSTEM, DeviceType(0, "Globex meter", sharing=Sharing(Access.TENANT, other.id))
    )
    assert hidden.name not in names(rest)
    rest.refused(404, "GET", f"{PATH}/{hidden.id}")
    rest.refused(404, "GET", f"{PATH}/{10**17}")


def test_pages(demo: Workspace, rest: RestClient) -> None:
    for number in range(30):
        demo.device_types.create(SYSTEM, DeviceType(0, f"Meter {number:02}"))
    every = [*names(rest, "?pagesize=25"), *names(rest, "?pagesize=25&pagenum=2")]
    assert len(every) == rest.get(PATH)["total"]
    assert every == sorted(every)
    assert names(rest, "?pagesize=5&pagenum=3") == every[10:15]
    assert names(rest, "?pagenum=1000000000") == []


@pytest.mark.req("DTC-04", "DTC-05", "DEV-11", "FAC-07")
def test_a_type_says_what_it_asks_of_a_device(demo: Workspace, rest: RestClient) -> None:
    second = add_operational_template(demo)
    kind = device_type(demo)
    answer = rest.get(f"{PATH}/{kind.id}")
    fields = {field["key"]: field for field in answer["fields"]}
    assert list(fields) == ["serial_number", "model", "hardware_version", "manufacturer", "mac"]
    assert fields["serial_number"] == {
        "key": "serial_number",
        "title": "Serial number",
        "kind": "text",
        "required": True,
        "fixed": False,
        "default": "",
        "choices": [],
        "pattern": "",
        "max_length": 255,
    }
    assert (fields["model"]["fixed"], fields["model"]["default"]) == (True, "Gateway 200")
    assert fields["mac"]["kind"] == "mac"
    factory = answer["factory_template"]
    assert (factory["template_id"], factory["default"]) == (kind.factory_template_id, True)
    assert factory["key_algorithms"][0] == "EC P-256"
    assert factory["fields"] == ["subject.serialNumber", "subject.CN", "subject.O"]
    assert [(one["template_id"], one["default"]) for one in answer["operational_templates"]] == [
        (kind.default_operational_template_id, True),
        (second, False),
    ]
    assert (answer["password_enabled"], answer["operational_renewal_hours"]) == (True, 2160)
    assert (answer["status"], answer["external_ca"]) == ("active", False)


@pytest.mark.parametrize(("mapped", "said"), [(True, True), (False, False)])
def test_a_type_says_what_names_its_devices(
    demo: Workspace, rest: RestClient, mapped: bool, said: bool
) -> None:
    kind = replace(device_type(demo), use_mapping=mapped)
    demo.device_types.edit(SYSTEM, kind)
    assert rest.get(f"{PATH}/{kind.id}")["named_by_certificate"] is said


@pytest.mark.parametrize("query", ["pagenum=-1", "pagesize=0", "pagesize=x", "pagenum=1e3"])
def test_a_page_is_a_number(rest: RestClient, query: str) -> None:
    said = rest.refused(400, "GET", f"{PATH}?{query}")
    assert said["field"] == query.partition("=")[0]
