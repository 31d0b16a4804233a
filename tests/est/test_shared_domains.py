"""Several EST servers on one domain: told apart by label, else by who asks (DEC-09, EST-15)."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from app.models.domain.access import Access, Sharing
from app.models.domain.applications import CreatedApplication
from app.models.domain.est_servers import EstServer
from app.models.domain.issuing import IssueRequest
from app.models.domain.templates import CertificateKind
from tests.est.maker import Maker
from tests.est.refusals import assert_refused
from tests.plant import ADMIN, DOMAIN, Plant, basic, certificates_of, csr, ec_key

NOBODY = x509.Name([])


@dataclass
class Shared:
    """A plant whose first EST server, Bench, shares its domain with South."""

    plant: Plant
    south: EstServer

    def add(self, name: str, **changes: Any) -> EstServer:
        return self.plant.add_server(name, domain=DOMAIN, **changes)

    def application(self, *servers: EstServer) -> CreatedApplication:
        applications = self.plant.workspace.applications
        created = applications.create(ADMIN, "MES", self.plant.tenant_id)
        for server in servers:
            applications.link(ADMIN, server.id, created.application.id)
        return created


@pytest.fixture
def shared(plant: Plant) -> Shared:
    south = plant.add_server("South", domain=DOMAIN, organization_id=plant.south)
    return Shared(plant, south)


@pytest.mark.req("DEC-09", "EST-15", "EST-16")
def test_a_password_leads_to_the_server_of_the_organization(shared: Shared) -> None:
    plant = shared.plant
    plant.device("north")
    plant.device("south", organization_id=plant.south)
    for name in ("north", "south"):
        request = csr(ec_key(), name)
        assert plant.ask("simpleenroll", request, headers=basic(name)).status == 200
    assert_refused(plant, plant.ask("simpleenroll", request, headers=basic("south", "no")), 401)


def test_no_device_takes_the_place_of_an_application(shared: Shared) -> None:
    plant = shared.plant
    plant.device("pump-1")
    bench = next(one for one in plant.workspace.est_servers.all(ADMIN) if one != shared.south)
    created = shared.application(bench)
    app_id = created.application.app_id
    plant.device(app_id, organization_id=plant.south)
    headers = basic(app_id, created.app_key)
    assert plant.ask("simpleenroll", csr(ec_key(), "pump-1"), headers=headers).status == 200


@pytest.mark.req("DEC-09")
def test_certificates_lead_there_too(shared: Shared) -> None:
    plant = shared.plant
    for name, organization_id in (("north", plant.north), ("south", plant.south)):
        shown, _key = plant.with_factory_certificate(name, organization_id=organization_id)
        response = plant.ask("simpleenroll", csr(ec_key(), name), shows=[shown])
        (issued,) = certificates_of(response)
        renewal = csr(ec_key(), issued.subject)
        operational = [issued.public_bytes(Encoding.DER)]
        assert plant.ask("simplereenroll", renewal, shows=operational).status == 200


@pytest.mark.req("DEC-09")
def test_the_type_tells_servers_of_one_organization_apart(shared: Shared) -> None:
    plant = shared.plant
    shared.add("Free", device_type_id=plant.types["Free"].id)
    plant.device("free", type_name="Free")
    plant.device("gateway")
    for name in ("free", "gateway"):
        response = plant.ask("simpleenroll", csr(ec_key(), name), headers=basic(name))
        assert response.status == 200, response.body


@pytest.mark.req("DEC-09")
def test_what_cannot_be_told_apart_is_refused_by_naming_the_candidates(shared: Shared) -> None:
    plant = shared.plant
    shared.add("Twin")
    plant.device("pump-1")
    request = csr(ec_key(), "pump-1")
    response = plant.ask("simpleenroll", request, headers=basic("pump-1"))
    text = assert_refused(plant, response, 403)
    assert "Bench, Twin" in text
    assert "Bench, Twin" in plant.refusals()[0]
    # but nobody learns of them who is not let in
    guessed = plant.ask("simpleenroll", request, headers=basic("pump-1", "wrong"))
    assert_refused(plant, guessed, 401)
    assert plant.count() == 0


@pytest.mark.req("DEC-09", "EST-AUT-01", "EST-AUT-08")
@pytest.mark.parametrize("headers", [{}, basic("nobody"), {"authorization": "Basic !"}])
def test_nobody_is_challenged(shared: Shared, headers: dict[str, str]) -> None:
    request = csr(ec_key(), "pump-1")
    assert_refused(shared.plant, shared.plant.ask("simpleenroll", request, headers=headers), 401)


@pytest.mark.req("EST-AUT-01")
def test_one_server_that_takes_passwords_is_enough_for_a_challenge(plant: Plant) -> None:
    keyless = {"domain": "two.est.local", "password_authentication": False}
    plant.add_server("first", **keyless)
    request = csr(ec_key(), "pump-1")
    plant.add_server("second", **keyless, organization_id=plant.south)
    assert_refused(plant, plant.ask("simpleenroll", request, host="two.est.local"), 403)
    plant.add_server("third", domain="two.est.local", device_type_id=plant.types["Free"].id)
    assert_refused(plant, plant.ask("simpleenroll", request, host="two.est.local"), 401)


@pytest.mark.req("ATK-E02")
def test_guessing_a_name_nobody_has_counts_once(shared: Shared) -> None:
    plant, request = shared.plant, csr(ec_key(), "pump-1")
    for number in range(4):
        shared.add(f"More {number}", device_type_id=plant.types["Free"].id)
    statuses = [
        plant.ask("simpleenroll", request, headers=basic("nobody")).status for _time in range(5)
    ]
    assert statuses == [401] * 5
    assert plant.ask("simpleenroll", request, headers=basic("nobody")).status == 429


@pytest.mark.req("DEC-05", "DEC-09", "DEC-21")
def test_an_application_is_led_by_the_device_it_names(shared: Shared) -> None:
    plant = shared.plant
    shared.add("Free", device_type_id=plant.types["Free"].id)
    created = shared.application(plant.server, shared.south)
    headers = basic(created.application.app_id, created.app_key)
    plant.device("north")
    plant.device("free", type_name="Free")
    south = plant.device("south", organization_id=plant.south).device
    for name, status in (("north", 200), ("south", 200), ("free", 403), ("nobody", 403)):
        response = plant.ask("simpleenroll", csr(ec_key(), name), headers=headers)
        assert response.status == status, response.body
    (record,) = plant.workspace.certificates.of_device(ADMIN, south.id)
    assert (record.issued_by, record.organization_id) == ("MES", plant.south)
    wrong = basic(created.application.app_id, "0" * 32)
    assert plant.ask("simpleenroll", csr(ec_key(), "north"), headers=wrong).status == 401


@pytest.mark.req("DEC-05", "DEC-09")
def test_the_certificate_of_an_application_leads_like_its_key(shared: Shared) -> None:
    plant = shared.plant
    created = shared.application(shared.south)
    like = plant.templates["Factory"]
    template = plant.workspace.templates.create(
        ADMIN, replace(like, name="Application", kind=CertificateKind.APPLICATION)
    )
    issued = plant.workspace.certificate_issuing.issue_for_application(
        ADMIN, created.application.id, IssueRequest(template.id)
    )
    shown = [issued.certificate.der]
    plant.device("north")
    plant.device("south", organization_id=plant.south)
    for name, status in (("south", 200), ("north", 403)):
        assert plant.ask("simpleenroll", csr(ec_key(), name), shows=shown).status == status


@pytest.mark.req("DEC-09", "DT-14")
def test_a_newcomer_goes_where_its_maker_is_trusted(shared: Shared) -> None:
    plant = shared.plant
    maker = Maker(plant)
    sensor = plant.add_type(
        "Sensor",
        factory_template_id=None,
        factory_mapping={},
        external_ca_id=maker.ca.id,
        auto_registration=True,
        sharing=Sharing(Access.TENANT, plant.tenant_id),
    )
    shared.add("Sensors", device_type_id=sensor.id)
    shown = maker.certify("sensor-1")
    for _time in range(2):  # known the second time
        response = plant.ask("simpleenroll", csr(ec_key(), NOBODY), shows=[shown])
        assert response.status == 200, response.body
    shared.add("Southern sensors", device_type_id=sensor.id, organization_id=plant.south)
    assert plant.ask("simpleenroll", csr(ec_key(), NOBODY), shows=[shown]).status == 200
    another = plant.ask("simpleenroll", csr(ec_key(), NOBODY), shows=[maker.certify("sensor-2")])
    assert "Sensors, Southern sensors" in assert_refused(plant, another, 403)


@pytest.mark.req("EST-ERR-03")
def test_a_certificate_of_nobody_is_refused_in_the_best_words(shared: Shared) -> None:
    plant = shared.plant
    maker = Maker(plant, "Stranger")
    response = plant.ask("simpleenroll", csr(ec_key(), "x"), shows=[maker.certify("x")])
    assert response.status == 403
    assert plant.count() == 0


@pytest.mark.req("DEC-09")
def test_what_all_answer_alike_needs_no_telling_apart(shared: Shared) -> None:
    plant = shared.plant
    for operation in ("cacerts", "csrattrs"):
        assert plant.ask(operation).status == 200
    shared.add("Twin", device_type_id=plant.undemanding_type().id)
    assert plant.ask("cacerts").status == 200  # it has the same authority
    text = assert_refused(plant, plant.ask("csrattrs"), 403)
    assert "Bench, South, Twin" in text
    plant.workspace.est_servers.add_label(
        ADMIN, shared.south.id, "south", plant.types["Gateway"].id
    )
    assert plant.ask("south/csrattrs").status == 200


@pytest.mark.req("DEC-09")
def test_a_label_of_two_servers_is_told_apart_like_the_base(shared: Shared) -> None:
    plant = shared.plant
    plant.add_label("free", plant.types["Free"])
    plant.workspace.est_servers.add_label(ADMIN, shared.south.id, "free", plant.types["Free"].id)
    plant.device("south", type_name="Free", organization_id=plant.south)
    request = csr(ec_key(), "south")
    assert plant.ask("free/simpleenroll", request, headers=basic("south")).status == 200
    assert_refused(plant, plant.ask("simpleenroll", request, headers=basic("south")), 401)
