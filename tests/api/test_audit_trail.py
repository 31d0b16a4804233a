"""Whatever an application changes or takes away stands in the audit log under its name."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from app.api.all_routes import ROUTES
from app.api.own_device import OwnRoute
from app.models.domain.access import SYSTEM
from app.models.services.workspace.workspace import Workspace
from tests.api.certificate_requests import add_template, bare, new_csr, order
from tests.api.rest_client import ADDRESS, RestClient
from tests.models.services.gateways import device_type, gateway, operational
from tests.plant import ADMIN

CHANGES_NOTHING = {"sign_in", "validate_certificate", "certificate_status"}
TAKES_AWAY = {"download_pkcs12", "download_credential"}
Making = Callable[[Workspace], object]


def _nothing(_workspace: Workspace) -> object:
    return {}


def _csr(_workspace: Workspace) -> object:
    return {"csr": bare(new_csr())}


def _order(workspace: Workspace) -> object:
    return order(add_template(workspace), new_csr())


def _device(workspace: Workspace) -> object:
    kind = device_type(workspace)
    return {"device_type_id": kind.id, "name": "GW-2", "values": {"serial_number": "S-2"}}


# What each route is asked with, and what the audit log calls it.
ACTS: dict[str, tuple[Making, set[str]]] = {
    "issue_certificate": (_order, {"certificate.issue"}),
    "renew_certificate": (_nothing, {"certificate.issue"}),
    "rekey_certificate": (_csr, {"certificate.issue"}),
    "revoke_certificate": (_nothing, {"certificate.revoke"}),
    "create_device": (_device, {"device.create", "credential.set"}),
    "issue_device_certificate": (_csr, {"certificate.issue"}),
    "disable_device": (_nothing, {"device.disable"}),
    "enable_device": (_nothing, {"device.enable"}),
    "set_factory_mode": (_nothing, {"device.set-as-factory"}),
    "download_pkcs12": (_nothing, {"secret.download"}),
    "download_credential": (_nothing, {"secret.download"}),
}


def test_every_route_that_changes_something_is_tried() -> None:
    changing = {
        route.run.__name__
        for route in ROUTES
        if route.method != "GET" and not isinstance(route, OwnRoute)
    }
    assert set(ACTS) == (changing - CHANGES_NOTHING) | TAKES_AWAY


@pytest.mark.parametrize("act", ACTS)
def test_an_application_leaves_its_name(demo: Workspace, rest: RestClient, act: str) -> None:
    kind = replace(device_type(demo), operational_renewal_hours=0)
    demo.device_types.edit(SYSTEM, kind)
    made = gateway(demo, "GW-1", operational=(operational(demo),))
    if act == "enable_device":
        demo.devices.disable(ADMIN, made.device.id)
    places: dict[str, Any] = {
        "organization_id": rest.organization_id,
        "device_id": made.device.id,
        "certificate_id": made.operational[0].certificate.id,
    }
    route = next(one for one in ROUTES if one.run.__name__ == act)
    body = ACTS[act][0](demo)
    header = {"authorization": f"Bearer {rest.sign_in()}"}
    before = demo.audit.count(SYSTEM)
    response = rest.ask(route.method, route.path.format(**places), body, header)
    assert response.status == 200, response.body
    events = demo.audit.page(SYSTEM, 0, demo.audit.count(SYSTEM) - before)
    mine = {one.action for one in events if (one.actor, one.channel) == ("Line 1", "api")}
    assert mine == ACTS[act][1]
    assert {one.address for one in events if one.actor == "Line 1"} == {ADDRESS}
    assert {one.actor for one in events} <= {"Line 1", "birthmark"}  # which signs lists
