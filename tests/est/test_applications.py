"""API applications at an EST server: they enrol its devices (DEC-05, DEC-21)."""

from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import update

from app.models.db import tables
from app.models.domain.applications import CreatedApplication
from app.models.domain.certificates import Certificate
from app.models.domain.issuing import IssueRequest
from app.models.domain.templates import CertificateKind
from app.pki.revocation import RevocationReason
from tests.plant import (
    ADMIN,
    Plant,
    basic,
    certificates_of,
    csr,
    ec_key,
    rsa_key,
)


@pytest.fixture
def mes(plant: Plant) -> CreatedApplication:
    """An application of the tenant that is linked to the plant's EST server."""
    created = plant.workspace.applications.create(ADMIN, "MES", plant.tenant_id)
    plant.workspace.applications.link(ADMIN, plant.server.id, created.application.id)
    return created


def shows(created: CreatedApplication) -> dict[str, str]:
    return basic(created.application.app_id, created.app_key)


@pytest.mark.req("TC-01", "DEC-05")
def test_an_application_enrols_a_device_by_its_name(plant: Plant, mes: CreatedApplication) -> None:
    device = plant.device("pump").device
    request = csr(rsa_key(), "pump", ["pump.example"])
    response = plant.ask("simpleenroll", request, headers=shows(mes))
    assert response.status == 200, response.body
    issued = certificates_of(response)[0]
    assert issued.public_key() == rsa_key().public_key()
    (record,) = plant.workspace.certificates.of_device(ADMIN, device.id)
    assert (record.name, record.issued_by) == ("pump", "MES")
    line = plant.monitor_line()
    assert (line.showed, line.device) == ("API application", "pump")
    again = plant.ask("simplereenroll", csr(ec_key(), "pump"), headers=shows(mes))
    assert again.status == 403  # its names are not those of the certificate it renews
    names = csr(ec_key(), issued.subject, ["pump.example"])
    assert plant.ask("simplereenroll", names, headers=shows(mes)).status == 200


@pytest.mark.parametrize("name", ["nobody", "", "PUMP"])
def test_the_device_has_to_exist(plant: Plant, mes: CreatedApplication, name: str) -> None:
    plant.device("pump")
    subject: x509.Name | str = name or x509.Name([])
    response = plant.ask("simpleenroll", csr(ec_key(), subject), headers=shows(mes))
    assert response.status == 403
    assert b"no device named" in response.body
    assert plant.count() == 0


def test_the_first_dns_name_will_do(plant: Plant, mes: CreatedApplication) -> None:
    plant.device("pump")
    request = csr(ec_key(), x509.Name([]), ["pump", "other"])
    assert plant.ask("simpleenroll", request, headers=shows(mes)).status == 200


def test_devices_of_another_server_are_out_of_reach(plant: Plant, mes: CreatedApplication) -> None:
    plant.device("south-pump", organization_id=plant.south)
    plant.device("free-pump", type_name="Free")
    for name in ("south-pump", "free-pump"):
        assert plant.ask("simpleenroll", csr(ec_key(), name), headers=shows(mes)).status == 403


def test_a_disabled_device_is_refused(plant: Plant, mes: CreatedApplication) -> None:
    device = plant.device("pump").device
    plant.workspace.devices.disable(ADMIN, device.id)
    assert plant.ask("simpleenroll", csr(ec_key(), "pump"), headers=shows(mes)).status == 403


def test_only_linked_and_active_applications_get_in(plant: Plant, mes: CreatedApplication) -> None:
    plant.device("pump")
    request = csr(ec_key(), "pump")
    wrong = basic(mes.application.app_id, "0" * 32)
    assert plant.ask("simpleenroll", request, headers=wrong).status == 401
    other = plant.workspace.applications.create(ADMIN, "ERP", plant.tenant_id)
    assert plant.ask("simpleenroll", request, headers=shows(other)).status == 401
    plant.workspace.applications.set_active(ADMIN, mes.application.id, active=False)
    assert plant.ask("simpleenroll", request, headers=shows(mes)).status == 401
    plant.workspace.applications.set_active(ADMIN, mes.application.id, active=True)
    plant.workspace.applications.unlink(ADMIN, plant.server.id, mes.application.id)
    assert plant.ask("simpleenroll", request, headers=shows(mes)).status == 401
    assert plant.count() == 0


def test_a_client_is_asked_for_a_key_where_devices_show_none(plant: Plant) -> None:
    server = plant.add_server("keyless", password_authentication=False)
    request, host = csr(ec_key(), "pump"), server.domain
    assert plant.ask("simpleenroll", request, host=host).status == 403
    created = plant.workspace.applications.create(ADMIN, "MES", plant.tenant_id, plant.north)
    plant.workspace.applications.link(ADMIN, server.id, created.application.id)
    response = plant.ask("simpleenroll", request, host=host)
    assert (response.status, dict(response.headers)["WWW-Authenticate"]) == (
        401,
        'Basic realm="EST"',
    )
    plant.device("pump")
    assert plant.ask("simpleenroll", request, host=host, headers=shows(created)).status == 200


def certificate_for(plant: Plant, created: CreatedApplication) -> Certificate:
    """A certificate of the application, from the authority of factory certificates."""
    like = plant.templates["Factory"]
    template = plant.workspace.templates.create(
        ADMIN, replace(like, name="Application", kind=CertificateKind.APPLICATION)
    )
    issued = plant.workspace.certificate_issuing.issue_for_application(
        ADMIN, created.application.id, IssueRequest(template.id)
    )
    return issued.certificate


@pytest.mark.req("TC-13", "DEC-05")
def test_an_application_shows_its_certificate(plant: Plant, mes: CreatedApplication) -> None:
    plant.device("pump")
    certificate = certificate_for(plant, mes)
    request = csr(ec_key(), "pump")
    shown = [certificate.der]
    response = plant.ask("simpleenroll", request, shows=shown)
    assert response.status == 200, response.body
    assert certificates_of(response)[0].public_bytes(Encoding.DER) != certificate.der
    with plant.workspace.store.change(ADMIN) as change:
        change.connection.execute(
            update(tables.certificate)
            .where(tables.certificate.c.id == certificate.id)
            .values(status="on-hold")
        )
    assert plant.ask("simpleenroll", request, shows=shown).status == 401
    plant.workspace.applications.unlink(ADMIN, plant.server.id, mes.application.id)
    assert plant.ask("simpleenroll", request, shows=shown).status in {401, 403}


def test_an_application_whose_authority_was_revoked(plant: Plant, mes: CreatedApplication) -> None:
    plant.device("pump")
    certificate = certificate_for(plant, mes)
    request, shown = csr(ec_key(), "pump"), [certificate.der]
    assert plant.ask("simpleenroll", request, shows=shown).status == 200
    plant.workspace.authority_revocation.revoke(
        ADMIN, certificate.authority_id, RevocationReason.CA_COMPROMISE
    )
    response = plant.ask("simpleenroll", request, shows=shown)
    assert response.status == 403
    assert b"is revoked, or one above it" in response.body
