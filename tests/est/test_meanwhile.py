"""What changes between a device's being recognised and its certificate."""

import pytest
from cryptography import x509

from app.core.errors import AuthenticationError
from app.models.services.certificates.listed import CertificateQuery
from app.pki.certificates import read_certificate
from app.pki.csr import parse_csr
from app.pki.revocation import RevocationReason
from tests.plant import ADMIN, Plant, csr, ec_key


@pytest.mark.req("EST-AUT-11", "ATK-F03")
@pytest.mark.parametrize(
    "reason", [RevocationReason.KEY_COMPROMISE, RevocationReason.CERTIFICATE_HOLD]
)
@pytest.mark.parametrize("kind", ["factory", "operational"])
def test_a_certificate_revoked_meanwhile_gets_no_other(
    plant: Plant, kind: str, reason: RevocationReason
) -> None:
    shown, _key = plant.with_factory_certificate("pump-1")
    if kind == "operational":
        shown = plant.enrol("pump-1")
    enrolment = plant.workspace.enrolment
    authentication = plant.workspace.device_authentication
    caller = authentication.by_certificate(plant.server, (shown,), "192.0.2.7")
    query = CertificateQuery(text=read_certificate(shown).serial_hex)
    (row,) = plant.workspace.certificate_list.page(ADMIN, query, 0, 2)
    plant.workspace.revocation.revoke(ADMIN, row.id, reason)
    before = plant.count()
    subject = x509.load_der_x509_certificate(shown).subject
    for ask in (enrolment.enrol, enrolment.reenrol):
        with pytest.raises(AuthenticationError, match="revoked or on hold"):
            ask(plant.server, caller, parse_csr(csr(ec_key(), subject)))
    assert plant.count() == before
