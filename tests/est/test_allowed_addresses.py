"""The addresses an EST server takes requests from (EST-14, DEC-11)."""

import pytest

from tests.est.refusals import assert_refused
from tests.plant import ADMIN, DOMAIN, Plant, basic, csr, ec_key

HOST = "fenced.est.local"


@pytest.fixture
def fenced(plant: Plant) -> Plant:
    """A plant with an EST server at `HOST` for the addresses of one network."""
    plant.add_server("fenced", allowed_addresses=("10.0.0.0/24",))
    return plant


@pytest.mark.req("EST-14", "DEC-11", "DEC-20")
@pytest.mark.parametrize("operation", ["cacerts", "csrattrs", "simpleenroll", "simplereenroll"])
def test_others_get_nothing_and_no_credential_is_looked_at(fenced: Plant, operation: str) -> None:
    fenced.device("pump-1")
    request = csr(ec_key(), "pump-1")
    answers = {
        fenced.ask(operation, request, headers=headers, host=HOST, address="10.0.1.1")
        for headers in ({}, basic("pump-1"), basic("pump-1", "wrong"))
    }
    (answer,) = answers
    text = assert_refused(fenced, answer, 403)
    assert "10.0.1.1" in text
    assert fenced.monitor_line().showed == ""
    assert fenced.count() == 0
    inside = fenced.ask(operation, request, headers=basic("pump-1"), host=HOST, address="10.0.0.9")
    assert inside.status == 200, inside.body


@pytest.mark.req("EST-14")
def test_the_refusal_names_the_server(fenced: Plant) -> None:
    fenced.ask("cacerts", host=HOST, address="192.0.2.1")
    events = fenced.workspace.audit.page(ADMIN, 0, 5)
    refused = next(event for event in events if event.action == "est.refuse")
    assert (refused.object_name, refused.address) == ("fenced", "192.0.2.1")


@pytest.mark.req("EST-14")
def test_labels_are_behind_the_same_fence(plant: Plant) -> None:
    server = plant.add_server("fenced", allowed_addresses=("10.0.0.1",))
    add = plant.workspace.est_servers.add_label
    add(ADMIN, server.id, "free", plant.types["Free"].id)
    assert plant.ask("free/cacerts", host=HOST, address="10.0.0.1").status == 200
    assert_refused(plant, plant.ask("free/cacerts", host=HOST, address="10.0.0.2"), 403)
    assert_refused(plant, plant.ask("nope/cacerts", host=HOST, address="10.0.0.2"), 404)


@pytest.mark.req("EST-14", "DEC-09")
def test_an_address_can_tell_servers_of_one_domain_apart(plant: Plant) -> None:
    changes = {"domain": DOMAIN, "device_type_id": plant.undemanding_type().id}
    plant.add_server("fenced", allowed_addresses=("10.0.0.1",), **changes)
    assert plant.ask("csrattrs", address="10.0.0.2").status == 200
    assert_refused(plant, plant.ask("csrattrs", address="10.0.0.1"), 403)
