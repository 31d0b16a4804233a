"""A certificate that was taken back lets nobody in from the next request on."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from app.models.domain.authorities import KeyChoice
from app.models.services.certificates.listed import CertificateQuery
from app.pki.certificates import NEVER, read_certificate
from app.pki.keys import KeyAlgorithm
from app.pki.revocation import RevocationReason
from tests.est.refusals import assert_refused
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


def issuer_of(plant: Plant, der: bytes) -> int:
    return plant.workspace.certificates.get(ADMIN, id_of(plant, der)).authority_id


@pytest.mark.req("EST-AUT-11")
def test_nobody_comes_in_whose_authority_was_revoked(plant: Plant) -> None:
    """Not by a factory certificate nor by an operational one, and nothing is issued by it."""
    factory, _key = plant.with_factory_certificate("pump-1")
    plant.device("pump-2")
    operational = plant.enrol("pump-2")
    compromise = RevocationReason.CA_COMPROMISE
    revocation = plant.workspace.authority_revocation
    revocation.revoke(ADMIN, issuer_of(plant, factory), compromise)
    answer = plant.ask("simpleenroll", csr(ec_key(), "pump-1"), shows=[factory])
    assert "is revoked, or one above it" in assert_refused(plant, answer, 403)
    plant.clock.advance(days=80)
    assert plant.ask("simplereenroll", renewal(operational), shows=[operational]).status == 200
    revocation.revoke(ADMIN, issuer_of(plant, operational), compromise)
    answer = plant.ask("simplereenroll", renewal(operational), shows=[operational])
    assert "is revoked, or one above it" in assert_refused(plant, answer, 403)
    plant.device("pump-3")
    answer = plant.ask("simpleenroll", csr(ec_key(), "pump-3"), headers=basic("pump-3"))
    assert "is revoked" in assert_refused(plant, answer, 403)
    assert certificates_of(plant.ask("cacerts"))


def test_after_a_roll_over_those_with_a_password_come_in_again(plant: Plant) -> None:
    plant.device("pump-1")
    old = plant.enrol("pump-1")
    workspace, issuer_id = plant.workspace, issuer_of(plant, old)
    workspace.authority_revocation.revoke(ADMIN, issuer_id, RevocationReason.CA_COMPROMISE)
    key = KeyChoice(KeyAlgorithm.EC_P256)
    making = workspace.authority_making
    new = making.roll_over(ADMIN, issuer_id, "Operational 2", key, not_after=NEVER)
    plant.clock.advance(days=80)
    answer = plant.ask("simplereenroll", renewal(old), shows=[old])
    assert "is revoked, or one above it" in assert_refused(plant, answer, 403)
    answer = plant.ask("simpleenroll", csr(ec_key(), "pump-1"), headers=basic("pump-1"))
    assert answer.status == 200
    (issued,) = certificates_of(answer)
    der = issued.public_bytes(Encoding.DER)
    assert issuer_of(plant, der) == new.id
    plant.clock.advance(days=80)
    assert plant.ask("simplereenroll", renewal(der), shows=[der]).status == 200
