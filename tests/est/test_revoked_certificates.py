"""A certificate that was taken back lets nobody in from the next request on."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from app.models.services.certificate_list import CertificateQuery
from app.pki.certificates import read_certificate
from app.pki.revocation import RevocationReason
from tests.est.test_service import assert_refused
from tests.plant import ADMIN, Plant, basic, certificates_of, csr, ec_key

HOLD = RevocationReason.CERTIFICATE_HOLD


def id_of(plant: Plant, der: bytes) -> int:
    serial = read_certificate(der).serial_hex
    (row,) = plant.workspace.certificate_list.page(ADMIN, CertificateQuery(text=serial), 0, 2)
    return row.id


def renewal(der: bytes) -> bytes:
    """A request for a new key with the names of a certificate."""
    return csr(ec_key(), x509.load_der_x509_certificate(der).subject)


@pytest.mark.req("EST-AUT-11", "ATK-F03")
@pytest.mark.parametrize("reason", [HOLD, RevocationReason.KEY_COMPROMISE])
def test_a_factory_certificate(plant: Plant, reason: RevocationReason) -> None:
    factory, _key = plant.with_factory_certificate("pump-1")
    assert plant.ask("simpleenroll", csr(ec_key(), "pump-1"), shows=[factory]).status == 200
    plant.workspace.revocation.revoke(ADMIN, id_of(plant, factory), reason)
    answer = plant.ask("simpleenroll", csr(ec_key(), "pump-1"), shows=[factory])
    assert "revoked or on hold" in assert_refused(plant, answer, 401)


@pytest.mark.req("EST-REN-15")
def test_what_is_on_hold_is_good_again_once_released(plant: Plant) -> None:
    plant.device("pump-1")
    der = plant.enrol("pump-1")
    plant.clock.advance(days=80)
    plant.workspace.revocation.revoke(ADMIN, id_of(plant, der), HOLD)
    answer = plant.ask("simplereenroll", renewal(der), shows=[der])
    assert "revoked or on hold" in assert_refused(plant, answer, 401)
    plant.workspace.revocation.release(ADMIN, id_of(plant, der))
    assert plant.ask("simplereenroll", renewal(der), shows=[der]).status == 200


def test_what_is_revoked_is_not_renewed_by_password_either(plant: Plant) -> None:
    """The device gets a certificate of its own names, as one that never had any."""
    plant.device("pump-1")
    der = plant.enrol("pump-1")
    plant.workspace.revocation.revoke(ADMIN, id_of(plant, der), RevocationReason.SUPERSEDED)
    answer = plant.ask("simplereenroll", csr(ec_key(), "pump-1"), headers=basic("pump-1"))
    assert answer.status == 200
    (issued,) = certificates_of(answer)
    found = plant.workspace.certificates.get(ADMIN, id_of(plant, issued.public_bytes(Encoding.DER)))
    assert found.previous_id is None
